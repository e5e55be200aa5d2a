//! Every request that reached a vendor, in order, and what came of it.

use std::collections::BTreeMap;
use std::ops::Deref;

use jiff::Timestamp;

use super::Vendor;
use super::call::Call;

/// One request.
#[derive(Debug, Clone)]
pub struct Entry {
    pub call: Call,
    pub at: Timestamp,
    /// `None` as long as there is no answer, and for good where the caller gave up.
    pub status: Option<u16>,
    /// Whether it changed what the vendor holds, whatever the answer says.
    pub applied: bool,
    /// With 429: when the vendor may be asked again.
    pub retry_at: Option<Timestamp>,
}

impl Entry {
    /// The case that the path names: `48213` in `/cases/cs-48213` and in `/cases/48213/connection`.
    pub fn case(&self) -> &str {
        let segment = self.call.path.split('/').nth(2).unwrap_or_default();
        segment.strip_prefix("cs-").unwrap_or(segment)
    }
}

/// Requests in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Journal(pub Vec<Entry>);

impl Deref for Journal {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.0
    }
}

impl Journal {
    /// Requests that ask for a change.
    pub fn writes(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_write()).collect()
    }

    /// Updates of cases in Case Status.
    pub fn patches(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_patch()).collect()
    }

    /// Updates of one case in Case Status.
    pub fn patches_of(&self, id: u64) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_patch() && entry.case() == id.to_string()).collect()
    }

    /// Creations in Case Status.
    pub fn posts(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is(Vendor::CaseStatus, "POST", "/cases")).collect()
    }

    /// Marks of a connection in CASEpeer.
    pub fn marks(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_mark()).collect()
    }

    /// Notes for CASEpeer.
    pub fn notes(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_note()).collect()
    }

    /// Documents for CASEpeer.
    pub fn documents(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_upload()).collect()
    }

    /// Looks into documents in Case Status.
    pub fn downloads(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_download()).collect()
    }

    /// Messages sent in Case Status.
    pub fn messages_sent(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_message()).collect()
    }

    /// Receipts for CASEpeer's outbox.
    pub fn receipts(&self) -> Vec<&Entry> {
        self.iter().filter(|entry| entry.call.is_receipt()).collect()
    }

    /// Cases, by integration id, that were given a stage, and how often.
    pub fn stages_applied(&self) -> BTreeMap<String, u32> {
        let mut times = BTreeMap::new();
        for entry in self.iter().filter(|entry| entry.call.is_patch() && entry.applied && entry.call.body.get("stage").is_some()) {
            *times.entry(entry.case().to_owned()).or_default() += 1;
        }
        times
    }
}
