//! What the host asks of Case Status.

use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use super::wire::{
    ReadCase, WireFirm, WireId, WireNewCase, WireNewMessage, WirePatch, WirePracticeAreas, WireTotal, read_case, read_document,
    read_message, read_user,
};
use crate::domain::{Account, CaseId, Changes, Directory, Document, ExistingCase, ExistingStatus, Message, NamePool, NewCase, NewMessage};
use crate::vendors::http::{About, Listing, Named, each_item};
use crate::vendors::{DownloadFailure, Downloaded, Failure, Feed, Listed, ListingSize, Unreadable, Vendor, VendorHttp};

/// One firm's Case Status.
#[derive(Debug, Clone)]
pub struct CaseStatus {
    http: Arc<VendorHttp>,
}

/// A case that Case Status lists.
#[derive(Debug)]
pub enum ListedExisting {
    /// One of CASEpeer's.
    Case(ExistingCase),
    /// One whose integration ID is no CASEpeer id.
    Foreign {
        /// As Case Status has it.
        integration_id: String,
        /// What people call it.
        readable_id: String,
        /// The client's full name.
        client: String,
    },
    /// Not as the contract says.
    Unreadable(Unreadable),
}

/// What a create came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It exists now; Case Status's id of it.
    Now(String),
    /// A case of this integration ID existed already.
    Before,
}

#[derive(Deserialize)]
struct Found<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

impl CaseStatus {
    /// Over this way.
    pub fn new(http: Arc<VendorHttp>) -> CaseStatus {
        CaseStatus { http }
    }

    /// The way itself, for its limits.
    pub fn http(&self) -> &VendorHttp {
        &self.http
    }

    /// Which account the key opens; proves the key.
    pub async fn account(&self) -> Result<Account, Failure> {
        let firm: WireFirm = self.http.get("/firm".to_owned(), "its firm", About::Nothing).await?;
        let unnamed = Failure::Malformed { vendor: self.http.vendor(), what: "its firm" };
        crate::vendors::account::named(&firm.id, firm.name).ok_or(unnamed)
    }

    /// The firm's staff and practice areas.
    ///
    /// # Errors
    /// Why they could not be read. A user who is not as the contract says is left out, as if unknown.
    pub async fn directory(&self) -> Result<Directory, Failure> {
        let mut staff = Vec::new();
        let take = |user| {
            if let Listed::Read(user) = user {
                staff.push(user);
            }
        };
        let listing = Listing { path: "/staff".to_owned(), what: "its staff", read: |json, (): &mut ()| read_user(json) };
        let staff_read = each_item(&self.http, listing, take);
        let areas_read = self.http.get::<WirePracticeAreas>("/practice-areas".to_owned(), "its practice areas", About::Nothing);
        let (staff_read, areas) = tokio::join!(staff_read, areas_read);
        staff_read?;
        Ok(Directory::new(staff, areas?.into()))
    }

    /// Every case that CASEpeer may know, or those of one status, in the order in which they were created. Those without an integration ID are left out.
    pub async fn cases(&self, status: Option<ExistingStatus>, mut take: impl FnMut(ListedExisting)) -> Result<ListingSize, Failure> {
        let path = status.map_or_else(|| "/cases".to_owned(), |status| format!("/cases?status={status}"));
        let listing = Listing { path, what: "its cases", read: read_case };
        each_item(&self.http, listing, |case| match case {
            Listed::Read(ReadCase::Integrated(case)) => take(ListedExisting::Case(case)),
            Listed::Read(ReadCase::Foreign { integration_id, readable_id, client }) => {
                take(ListedExisting::Foreign { integration_id, readable_id, client });
            }
            Listed::Read(ReadCase::Unconnected) => {}
            Listed::Unreadable(item) => take(ListedExisting::Unreadable(item)),
        })
        .await
    }

    /// How many cases there are, with an integration ID or without.
    pub async fn total(&self) -> Result<u64, Failure> {
        let total: WireTotal = self.http.get("/cases?limit=1".to_owned(), "its cases", About::Nothing).await?;
        Ok(total.total)
    }

    /// The case of this integration ID, if Case Status has it.
    pub async fn case_of(&self, id: CaseId) -> Result<Option<ExistingCase>, Failure> {
        let malformed = || serde::de::Error::custom("not a case");
        let read = |body: Vec<u8>| {
            let found: Found<'_> = serde_json::from_slice(&body)?;
            let read = found.data.iter().map(|case| read_case(case.get(), &mut NamePool::default()).ok_or_else(malformed));
            read.collect::<serde_json::Result<Vec<ReadCase>>>()
        };
        let mut others = None;
        for case in self.http.get_with(format!("/cases?integration_id={id}"), "a case", About::Nothing, read).await? {
            match case {
                ReadCase::Integrated(case) if case.integration_id == id => return Ok(Some(case)),
                ReadCase::Integrated(case) => others = Some(case.integration_id.to_string()),
                ReadCase::Foreign { integration_id, .. } => others = Some(integration_id),
                ReadCase::Unconnected => others = Some(String::new()),
            }
        }
        // A vendor that answers others instead has not said that it has no such case.
        others.map_or(Ok(None), |other| Err(Failure::other(Vendor::CaseStatus, "case", &id.to_string(), &other)))
    }

    /// A case by Case Status's own id, which is to be of this integration ID; `None` when it is gone.
    pub async fn case(&self, case_status_id: &str, id: CaseId) -> Result<Option<ExistingCase>, Failure> {
        let read = |body: Vec<u8>| {
            let json: &RawValue = serde_json::from_slice(&body)?;
            match read_case(json.get(), &mut NamePool::default()) {
                Some(ReadCase::Integrated(case)) => Ok(case),
                _ => Err(serde::de::Error::custom("not a case of CASEpeer's")),
            }
        };
        let integration_id = id.to_string();
        let about = both_ids(case_status_id, &integration_id);
        match self.http.get_with(format!("/cases/{}", segment(case_status_id)), "a case", About::One(&about), read).await {
            Ok(case) => Ok(Some(case)),
            Err(Failure::Refused { status: 404, .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// Sends these changes of a case once, and answers the case as it is after that, where the answer shows it. A failure that leaves it
    /// unsure is for the caller to settle by reading the case.
    pub async fn update_once(&self, case: &ExistingCase, changes: &Changes) -> Result<Option<ExistingCase>, Failure> {
        let integration_id = case.integration_id.to_string();
        let about = both_ids(&case.id, &integration_id);
        let read = |body: Vec<u8>| {
            let json: &RawValue = serde_json::from_slice(&body)?;
            match read_case(json.get(), &mut NamePool::default()) {
                Some(ReadCase::Integrated(case)) => Ok(Some(case)),
                _ => Ok(None),
            }
        };
        let path = format!("/cases/{}", segment(&case.id));
        self.http.patch_once(path, &WirePatch::from(changes), "an update", About::One(&about), read).await
    }

    /// Says that an update used up its tries without an answer.
    pub fn note_exhausted(&self) {
        self.http.note_exhausted();
    }

    /// Creates a case and invites its client, under a key that makes repeating it harmless: the same content under the same number is the
    /// same creation, and what was answered to it once may be answered again without anything being done.
    pub async fn create(&self, case: &NewCase, attempt: u32) -> Result<Created, Failure> {
        let body = WireNewCase::from(case);
        let about = [of_integration_id(&body.integration_id)];
        let key = idempotency_key(&body, attempt);
        match self.http.post::<WireId>("/cases".to_owned(), Some(&key), &body, "a new case", About::One(&about)).await {
            Ok(created) => Ok(Created::Now(created.id)),
            Err(Failure::Refused { status: 409, .. }) => Ok(Created::Before),
            Err(failure) => Err(failure),
        }
    }

    /// Sends the clients of a case a message, as its primary attorney; sending one of the same key again within a day does nothing.
    /// Answers Case Status's id of it.
    pub async fn send_message(&self, message: &NewMessage) -> Result<String, Failure> {
        let path = format!("/cases/{}/messages", segment(&message.case_status_id));
        let body = WireNewMessage { body: &message.text };
        let case = Named { kind: "case", field: "case_id", is: &message.case_status_id };
        let about = [case, Named { kind: "message", field: "idempotency_key", is: &message.key }];
        Ok(self.http.post::<WireId>(path, Some(&message.key), &body, "a message", About::One(&about)).await?.id)
    }

    /// The firm's messages in the order in which they were sent, after that cursor; from the first one without.
    pub fn messages(&self, after: Option<&str>) -> Feed<Message> {
        Feed::new(&self.http, "/messages", after, "its messages", read_message)
    }

    /// The firm's shared documents in the order in which they were uploaded, after that cursor.
    pub fn documents(&self, after: Option<&str>) -> Feed<Document> {
        Feed::new(&self.http, "/documents", after, "its documents", read_document)
    }

    /// Downloads a document to a file; given up once it is longer than `most` bytes.
    pub async fn download(&self, document_id: &str, to: &Path, most: u64) -> Result<Downloaded, DownloadFailure> {
        self.http.download(&format!("/documents/{}/content", segment(document_id)), "a document", to, most).await
    }
}

/// The same for the same content and no other: a case that was refused, corrected and sent again is a new request, while one that
/// was done without an answer is not done twice. A later connect of a case that is not there any more has another number. Beyond that, Case Status takes no second case of one integration ID.
fn idempotency_key(body: &WireNewCase<'_>, attempt: u32) -> String {
    let content = serde_json::to_vec(body).unwrap_or_default();
    let digest: String = Sha256::digest(&content).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    let number = if attempt > 1 { format!("-{attempt}") } else { String::new() };
    format!("connect-{}-{digest}{number}", body.integration_id)
}

fn of_integration_id(id: &str) -> Named<'_> {
    Named { kind: "case", field: "integration_id", is: id }
}

/// What a case is known by. Its integration ID, which people know too, comes first.
fn both_ids<'a>(case_status_id: &'a str, integration_id: &'a str) -> [Named<'a>; 2] {
    [of_integration_id(integration_id), Named { kind: "case", field: "id", is: case_status_id }]
}

/// One segment of a path, whatever the vendor's id is made of.
fn segment(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}
