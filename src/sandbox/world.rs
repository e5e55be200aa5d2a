//! What the two vendors hold of one firm: plain JSON in the shapes of the contracts, which demo and tests change in place.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::Content;

/// What both vendors hold of one firm.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The account at CASEpeer that the firm's key opens: id and name.
    pub casepeer_account: (String, String),
    /// The same at Case Status.
    pub case_status_account: (String, String),
    /// CASEpeer's cases by id.
    pub cases: BTreeMap<u64, Value>,
    /// CASEpeer's notes by case, in the order in which they came.
    pub notes: BTreeMap<u64, Vec<Value>>,
    /// The documents that CASEpeer was sent, by case. What they held is not kept.
    pub received_documents: BTreeMap<u64, Vec<Value>>,
    /// Which Case Status case each CASEpeer case was connected to, as CASEpeer was told.
    pub connections: BTreeMap<u64, String>,
    /// What staff typed with "Send Message to Case Status", oldest first. One with a receipt has left the outbox.
    pub outbox: Vec<Value>,
    /// The ids of messages that CASEpeer does not list in the outbox although they have no receipt.
    pub unlisted: BTreeSet<String>,
    /// The receipts of outbound messages, by their id.
    pub receipts: BTreeMap<String, Value>,
    /// Case Status's cases in the order in which they were created.
    pub existing: Vec<Value>,
    /// Whether Case Status derives the id of a new case from its integration ID, so that a test knows it beforehand.
    pub derives_ids: bool,
    /// Case Status's staff.
    pub staff: Vec<Value>,
    /// Case Status's practice areas.
    pub practice_areas: Vec<Value>,
    /// Case Status's messages in the order in which they were sent.
    pub messages: Vec<Value>,
    /// Case Status's documents in the order in which they were uploaded.
    pub documents: Vec<SandboxDocument>,
    /// What a repeated idempotency key is answered: status and body.
    pub answered: HashMap<String, (u16, Value)>,
}

/// A document that was shared over a case.
#[derive(Debug, Clone)]
pub struct SandboxDocument {
    /// What Case Status says about it.
    pub about: Value,
    /// What it holds.
    pub content: Content,
}

impl World {
    /// A firm of this name in CASEpeer and this one in Case Status, without anything.
    pub fn new(casepeer: &str, case_status: &str) -> World {
        let account = |kind: &str, name: &str| (format!("{kind}_{}", plain(name)), name.to_owned());
        World { casepeer_account: account("acct", casepeer), case_status_account: account("firm", case_status), ..World::default() }
    }

    /// The case of this integration ID in Case Status.
    pub fn existing_mut(&mut self, integration_id: u64) -> Option<&mut Value> {
        let id = integration_id.to_string();
        self.existing.iter_mut().find(|case| case["integration_id"] == *id)
    }

    /// Case Status's user with this address, in whatever case it is typed.
    pub fn user(&self, email: &str) -> Option<&Value> {
        self.staff.iter().find(|user| user["email"].as_str().is_some_and(|known| known.eq_ignore_ascii_case(email)))
    }

    /// Uploads a document to the case of this integration ID in Case Status; `None` if that has no such case.
    pub fn share(
        &mut self,
        integration_id: u64,
        file_name: &str,
        content_type: Option<&str>,
        content: Content,
    ) -> Option<&mut SandboxDocument> {
        let case_id = self.existing_mut(integration_id)?["id"].clone();
        let digest = content.digest();
        let mut about = json!({
            "id": format!("doc_{}", self.documents.len() + 1), "case_id": case_id, "integration_id": integration_id.to_string(),
            "file_name": file_name, "size": digest.size, "sha256": digest.sha256, "uploaded_at": now()
        });
        if let Some(content_type) = content_type {
            about["content_type"] = json!(content_type);
        }
        self.documents.push(SandboxDocument { about, content });
        self.documents.last_mut()
    }
}

/// A text of a JSON object; empty where there is none.
pub(super) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_default()
}

/// A person's first and last name.
pub(super) fn full_name(person: &Value) -> String {
    format!("{} {}", text(person, "first_name"), text(person, "last_name"))
}

fn plain(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("_")
}

/// This moment, to the second.
pub(super) fn now() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}
