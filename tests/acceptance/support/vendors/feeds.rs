//! What a test adds to notes, documents, messages and outbox, and what it reads there.

use axum::body::Bytes;
use casebridge::sandbox::Content;
use serde_json::{Value, json};

use super::world::{ANN, World, minute, surname};

impl World {
    /// The notes of CASEpeer's case, in the order in which they came.
    pub fn notes(&self, id: u64) -> &[Value] {
        self.notes.get(&id).map_or(&[], Vec::as_slice)
    }

    /// The texts of these notes.
    pub fn note_bodies(&self, id: u64) -> Vec<&str> {
        self.notes(id).iter().filter_map(|note| note["body"].as_str()).collect()
    }

    /// The documents that CASEpeer's case was given, in the order in which they came. Their bytes are not kept.
    pub fn received(&self, id: u64) -> &[Value] {
        self.received_documents.get(&id).map_or(&[], Vec::as_slice)
    }

    /// Shares a document in a case. Answers its id.
    pub fn document(&mut self, id: u64, file_name: &str, bytes: impl Into<Bytes>) -> String {
        self.shared(id, file_name, Content::Stored(bytes.into()))
    }

    /// Shares a document of so many bytes, however many; no two have the same. Answers its id.
    pub fn large_document(&mut self, id: u64, file_name: &str, length: u64) -> String {
        let seed = self.documents.len() as u64;
        self.shared(id, file_name, Content::Generated { seed, length })
    }

    fn shared(&mut self, id: u64, file_name: &str, content: Content) -> String {
        let number = self.documents.len() + 1;
        let document = self.share(id, file_name, Some("application/pdf"), content).expect("Case Status has the case");
        document.about["id"] = json!(format!("doc-{number}"));
        document.about["uploaded_at"] = json!(minute(number));
        format!("doc-{number}")
    }

    /// Adds a message that nobody sent by the API; `direction` is `from_client` or `from_firm`. Answers its id.
    pub fn message(&mut self, id: u64, direction: &str, body: &str) -> String {
        let case = self.status(id).clone();
        let is_firms = direction == "from_firm";
        let number = self.messages.len() + 1;
        let named = format!("msg-{number}");
        self.messages.push(json!({
            "id": named, "case_id": case["id"], "integration_id": case["integration_id"], "direction": direction,
            "sender_name": if is_firms { "A B".to_owned() } else { format!("Jane {}", surname(id)) },
            "sender_email": is_firms.then(|| &case["primary_attorney_email"]), "body": body, "sent_at": minute(number),
            "idempotency_key": null
        }));
        named
    }

    /// The messages of a case that came in by the API, in the order in which they were sent.
    pub fn sent(&self, id: u64) -> Vec<&Value> {
        let wanted = json!(id.to_string());
        self.messages.iter().filter(|held| held["integration_id"] == wanted && held["idempotency_key"].is_string()).collect()
    }

    /// Staff type a message in CASEpeer's case. Answers its id.
    pub fn outbound(&mut self, case: u64, body: &str) -> String {
        let number = self.outbox.len() + 1;
        let id = format!("out-{number}");
        self.outbox.push(json!({ "id": id, "case_id": case, "body": body, "author_email": ANN, "created_at": minute(number) }));
        id
    }

    /// What CASEpeer was told about an outbound message.
    pub fn receipt(&self, message: &str) -> Option<&Value> {
        self.receipts.get(message)
    }
}
