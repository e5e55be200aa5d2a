//! What the host asks of CASEpeer.

use std::sync::Arc;

use reqwest::multipart::Part;
use serde::de::IgnoredAny;

use tokio_util::io::ReaderStream;

use super::wire::{WireAccount, WireConnection, WireNewNote, WireReceipt, WireTotal, document_form, read_case, read_outbound};
use crate::domain::{Account, Case, CaseFilter, CaseId, EffectContent, NamePool, NewDocument, NewNote, OutboundMessage, Receipt};
use crate::vendors::http::{About, Listing, Named, each_item};
use crate::vendors::{Failure, Listed, ListingSize, VendorHttp};

/// One firm's CASEpeer.
#[derive(Debug, Clone)]
pub struct CasePeer {
    http: Arc<VendorHttp>,
}

impl CasePeer {
    /// Over this way.
    pub fn new(http: Arc<VendorHttp>) -> CasePeer {
        CasePeer { http }
    }

    /// The way itself, for its limits.
    pub fn http(&self) -> &VendorHttp {
        &self.http
    }

    /// Which account the key opens; proves the key.
    pub async fn account(&self) -> Result<Account, Failure> {
        let account: WireAccount = self.http.get("/account".to_owned(), "its account", About::Nothing).await?;
        let unnamed = Failure::Malformed { vendor: self.http.vendor(), what: "its account" };
        crate::vendors::account::named(&account.account_id, account.firm_name).ok_or(unnamed)
    }

    /// Every case that the filter lets through, in the order of their ids. Phones and e-mails of clients are left out unless asked for: a sync
    /// of thousands of cases need not hold them.
    pub async fn cases(&self, filter: &CaseFilter, keep_contacts: bool, take: impl FnMut(Listed<Case>)) -> Result<ListingSize, Failure> {
        let path = format!("/cases{}", query(filter));
        let read = if keep_contacts {
            |json: &str, names: &mut NamePool| read_case(json, names, true).ok()
        } else {
            |json: &str, names: &mut NamePool| read_case(json, names, false).ok()
        };
        each_item(&self.http, Listing { path, what: "its cases", read }, take).await
    }

    /// One case with everything; `None` when CASEpeer has none of this id.
    pub async fn case(&self, id: CaseId) -> Result<Option<Case>, Failure> {
        let read = |body: Vec<u8>| {
            let json = std::str::from_utf8(&body).map_err(serde::de::Error::custom)?;
            read_case(json, &mut NamePool::default(), true)
        };
        match self.http.get_with(format!("/cases/{id}"), "a case", About::One(&[case_of(&id.to_string())]), read).await {
            Ok(case) => Ok(Some(case)),
            Err(Failure::Refused { status: 404, .. }) => Ok(None),
            Err(failure) => Err(failure),
        }
    }

    /// How many cases are connected to Case Status.
    pub async fn connected_total(&self) -> Result<u64, Failure> {
        let total: WireTotal = self.http.get("/cases?connected=true&limit=1".to_owned(), "its cases", About::Nothing).await?;
        Ok(total.total)
    }

    /// Marks a case as connected; doing it again changes nothing.
    pub async fn mark_connected(&self, id: CaseId, case_status_id: &str) -> Result<(), Failure> {
        let body = WireConnection { case_status_case_id: case_status_id };
        let case = id.to_string();
        let about = [case_of(&case)];
        self.http.put::<IgnoredAny>(format!("/cases/{id}/connection"), &body, "a connection", About::One(&about)).await.map(drop)
    }

    /// Adds a case note; adding one of the same external id again changes nothing.
    pub async fn add_note(&self, id: CaseId, note: &NewNote) -> Result<(), Failure> {
        let body = WireNewNote { external_id: &note.external_id, body: &note.text, occurred_at: note.occurred_at };
        let about = [Named { kind: "note", field: "external_id", is: &note.external_id }];
        self.http.post::<IgnoredAny>(format!("/cases/{id}/notes"), None, &body, "a case note", About::One(&about)).await.map(drop)
    }

    /// Adds a file to the case's document section; adding one of the same external id again changes nothing.
    pub async fn add_document(&self, id: CaseId, document: &NewDocument) -> Result<(), Failure> {
        let size = match &document.content {
            EffectContent::Bytes(bytes) => bytes.len() as u64,
            EffectContent::File { size, .. } => *size,
        };
        let form = || {
            let file = match &document.content {
                EffectContent::Bytes(bytes) => Part::bytes(bytes.clone()),
                EffectContent::File { path, size } => {
                    let file = tokio::fs::File::from_std(std::fs::File::open(path)?);
                    Part::stream_with_length(reqwest::Body::wrap_stream(ReaderStream::new(file)), *size)
                }
            };
            Ok(document_form(&document.external_id, &document.file_name, file.file_name(document.file_name.to_string())))
        };
        let about = [Named { kind: "document", field: "external_id", is: &document.external_id }];
        let path = format!("/cases/{id}/documents");
        self.http.upload::<IgnoredAny>(path, &form, size, "a document", About::One(&about)).await.map(drop)
    }

    /// Every message that staff typed and that has no receipt yet, the oldest first.
    pub async fn outbox(&self) -> Result<Vec<Listed<OutboundMessage>>, Failure> {
        let mut waiting = Vec::new();
        let listing = Listing { path: "/outbox".to_owned(), what: "its outbox", read: |json, (): &mut ()| read_outbound(json) };
        each_item(&self.http, listing, |message| waiting.push(message)).await?;
        Ok(waiting)
    }

    /// Says what became of a message of staff's, which then leaves the outbox; saying it again changes nothing.
    pub async fn put_receipt(&self, message_id: &str, receipt: &Receipt) -> Result<(), Failure> {
        let id: String = url::form_urlencoded::byte_serialize(message_id.as_bytes()).collect::<String>().replace('+', "%20");
        let about = [Named { kind: "message", field: "id", is: message_id }];
        let path = format!("/outbox/{id}/receipt");
        self.http.put_blindly(path, &WireReceipt::from(receipt), "a receipt", About::One(&about)).await
    }
}

fn case_of(id: &str) -> Named<'_> {
    Named { kind: "case", field: "id", is: id }
}

fn query(filter: &CaseFilter) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if let Some(connected) = filter.connected {
        query.append_pair("connected", if connected { "true" } else { "false" });
    }
    if let Some(status) = filter.status {
        query.append_pair("status", status.as_str());
    }
    if let Some(since) = filter.updated_since {
        query.append_pair("updated_since", &since.to_string());
    }
    let query = query.finish();
    if query.is_empty() { query } else { format!("?{query}") }
}
