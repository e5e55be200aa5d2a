//! What the two vendors hold of one firm, spelt as the contracts spell it.

#![allow(missing_docs)] // the contracts describe the fields

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

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
    pub notes: Vec<(u64, Note)>,
    /// CASEpeer's outbox, oldest first.
    pub outbox: Vec<OutboundMessage>,
    /// Case Status's cases in the order in which they were created.
    pub existing: Vec<ExistingCase>,
    /// Case Status's staff.
    pub staff: Vec<StaffUser>,
    /// Case Status's practice areas.
    pub practice_areas: Vec<PracticeArea>,
    /// Case Status's messages in the order in which they were sent.
    pub messages: Vec<Message>,
    /// What a repeated idempotency key is answered: status and body.
    pub answered: HashMap<String, (u16, Vec<u8>)>,
}

impl World {
    /// The case of this integration ID in Case Status.
    pub fn existing_mut(&mut self, integration_id: u64) -> Option<&mut ExistingCase> {
        let id = integration_id.to_string();
        self.existing.iter_mut().find(|case| case.integration_id.as_ref() == Some(&id))
    }
}

/// A case in CASEpeer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CasepeerCase {
    pub id: u64,
    pub case_number: String,
    pub name: String,
    pub case_type: String,
    pub stage: String,
    pub status: &'static str,
    pub description: Option<String>,
    pub opened_on: Option<String>,
    pub closed_on: Option<String>,
    pub connected: bool,
    pub client: CasepeerClient,
    pub staff: Vec<CasepeerStaff>,
    pub updated_at: String,
}

/// A client in CASEpeer.
#[derive(Debug, Clone, Default, Serialize)]
pub struct CasepeerClient {
    pub id: u64,
    pub first_name: String,
    pub last_name: String,
    pub email: Option<String>,
    pub phones: Vec<CasepeerPhone>,
}

/// A phone number as a person typed it.
#[derive(Debug, Clone, Serialize)]
pub struct CasepeerPhone {
    pub label: String,
    pub number: String,
}

/// Someone who works on a case.
#[derive(Debug, Clone, Serialize)]
pub struct CasepeerStaff {
    pub role: &'static str,
    pub name: String,
    pub email: Option<String>,
}

/// A case note.
#[derive(Debug, Clone, Serialize)]
pub struct Note {
    pub id: u64,
    pub external_id: String,
    pub body: String,
    pub created_at: String,
}

/// A message that staff typed in CASEpeer.
#[derive(Debug, Clone, Serialize)]
pub struct OutboundMessage {
    pub id: String,
    pub case_id: u64,
    pub body: String,
    pub author_email: String,
    pub created_at: String,
}

/// A case in Case Status.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExistingCase {
    pub id: String,
    pub integration_id: Option<String>,
    pub readable_id: String,
    pub practice_area: String,
    pub stage: i64,
    pub status: String,
    pub primary_attorney_email: String,
    pub additional_attorney_emails: Vec<String>,
    pub paralegal_emails: Vec<String>,
    pub description: Option<String>,
    pub case_date: Option<String>,
    pub closed_date: Option<String>,
    pub client: ExistingClient,
    pub updated_at: String,
}

/// A client in Case Status.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ExistingClient {
    pub first_name: String,
    pub last_name: String,
    pub phone: String,
    pub email: Option<String>,
}

/// A staff user of Case Status.
#[derive(Debug, Clone, Serialize)]
pub struct StaffUser {
    pub id: String,
    pub email: String,
    pub first_name: String,
    pub last_name: String,
    pub role: &'static str,
    pub active: bool,
}

/// A practice area of Case Status.
#[derive(Debug, Clone, Serialize)]
pub struct PracticeArea {
    pub id: String,
    pub name: String,
    pub stages: Vec<PracticeStage>,
}

/// A stage of a practice area.
#[derive(Debug, Clone, Serialize)]
pub struct PracticeStage {
    pub number: i64,
    pub name: String,
}

/// A message between a firm and a client.
#[derive(Debug, Clone, Serialize)]
pub struct Message {
    pub id: String,
    pub case_id: String,
    pub integration_id: Option<String>,
    pub direction: &'static str,
    pub sender_name: String,
    pub sender_email: Option<String>,
    pub body: String,
    pub sent_at: String,
    pub idempotency_key: Option<String>,
}
