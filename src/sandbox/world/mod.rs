//! What the two vendors hold of one firm.

mod case_status;
mod casepeer;
mod content;

use std::collections::{BTreeMap, HashMap};

pub use case_status::{ExistingClient, Invitation, PracticeStage, SandboxArea, SandboxCase, SandboxDocument, SandboxMessage, SandboxStaff};
pub use casepeer::{
    CasepeerCase, CasepeerClient, CasepeerPhone, CasepeerStaff, ReceivedDocument, SandboxNote, SandboxOutbound, SandboxReceipt,
};
pub use content::Content;

/// What both vendors hold of one firm.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The firm's name in CASEpeer.
    pub casepeer_firm_name: String,
    /// The firm's name in Case Status.
    pub case_status_firm_name: String,
    /// CASEpeer's cases by id.
    pub cases: BTreeMap<u64, CasepeerCase>,
    /// CASEpeer's notes, by the case they belong to.
    pub notes: Vec<(u64, SandboxNote)>,
    /// The documents that CASEpeer was sent, by the case they belong to.
    pub received_documents: Vec<(u64, ReceivedDocument)>,
    /// Which Case Status case each CASEpeer case was connected to, as CASEpeer was told.
    pub connections: BTreeMap<u64, String>,
    /// What staff typed with "Send Message to Case Status", oldest first. One with a receipt has left the outbox.
    pub outbox: Vec<SandboxOutbound>,
    /// The receipts of outbound messages, by their id.
    pub receipts: BTreeMap<String, SandboxReceipt>,
    /// Case Status's cases in the order in which they were created.
    pub existing: Vec<SandboxCase>,
    /// Case Status's staff.
    pub staff: Vec<SandboxStaff>,
    /// Case Status's practice areas.
    pub practice_areas: Vec<SandboxArea>,
    /// Case Status's messages in the order in which they were sent.
    pub messages: Vec<SandboxMessage>,
    /// Case Status's documents in the order in which they were uploaded.
    pub documents: Vec<SandboxDocument>,
    /// The clients that were invited to the app, in order.
    pub invitations: Vec<Invitation>,
    /// What a repeated idempotency key is answered: status and body.
    pub answered: HashMap<String, (u16, Content)>,
}

impl World {
    /// The case of this integration ID in Case Status.
    pub fn existing_mut(&mut self, integration_id: u64) -> Option<&mut SandboxCase> {
        let id = integration_id.to_string();
        self.existing.iter_mut().find(|case| case.integration_id.as_ref() == Some(&id))
    }

    /// Case Status's user with this address, in whatever case it is typed.
    pub fn user(&self, email: &str) -> Option<&SandboxStaff> {
        self.staff.iter().find(|user| user.email.eq_ignore_ascii_case(email))
    }

    /// Uploads a document to the case of this integration ID in Case Status; `None` if that has no such case.
    pub fn share(
        &mut self,
        integration_id: u64,
        file_name: &str,
        content_type: Option<&str>,
        content: Content,
    ) -> Option<&mut SandboxDocument> {
        let case = self.existing_mut(integration_id)?;
        let (case_id, integration_id) = (case.id.clone(), case.integration_id.clone());
        let digest = content.digest();
        self.documents.push(SandboxDocument {
            id: format!("doc_{}", self.documents.len() + 1),
            case_id,
            integration_id,
            file_name: file_name.to_owned(),
            content_type: content_type.map(str::to_owned),
            size: digest.size,
            sha256: digest.sha256,
            uploaded_at: now(),
            content,
        });
        self.documents.last_mut()
    }

    pub(super) fn casepeer_account_id(&self) -> String {
        format!("acct_{}", plain(&self.casepeer_firm_name))
    }

    pub(super) fn case_status_firm_id(&self) -> String {
        format!("firm_{}", plain(&self.case_status_firm_name))
    }
}

fn plain(name: &str) -> String {
    let words: Vec<String> = name.split(|letter: char| !letter.is_ascii_alphanumeric()).map(str::to_ascii_lowercase).collect();
    words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join("_")
}

/// This moment, to the second.
pub(super) fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}
