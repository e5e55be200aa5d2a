//! What both vendors' listeners share: the firms, the faults, the journal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use super::journal::MOST;
use super::request::SandboxRequest;
use super::state::SandboxState;
use super::webhooks::WebhookSender;
use super::{Fault, Faults, JournalEntry, RetryAfter, SandboxFirm, SandboxVendor, World, webhook_secret};

pub(super) struct Shared {
    firms: Vec<KeyedFirm>,
    faults: RwLock<Faults>,
    journal: Mutex<Vec<JournalEntry>>,
    requests: AtomicU64,
    stopped: watch::Sender<bool>,
    /// Sends what happens in CASEpeer to a host.
    webhooks: OnceLock<WebhookSender>,
}

/// A firm's name and keys, and what the vendors hold of it.
pub(super) struct KeyedFirm {
    pub name: String,
    casepeer_key: String,
    case_status_key: String,
    state: Mutex<SandboxState>,
}

impl KeyedFirm {
    pub(super) fn lock(&self) -> MutexGuard<'_, SandboxState> {
        lock(&self.state)
    }
}

/// What was drawn for one request.
pub(super) struct Drawn {
    pub count: u64,
    pub fault: Option<Fault>,
    pub latency: Duration,
    pub retry_after: RetryAfter,
}

/// Nothing that we do panics while it holds a lock; what a caller's closure leaves behind is the caller's.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(firms: Vec<SandboxFirm>, faults: Faults) -> Shared {
        let firms = firms.into_iter().map(|firm| {
            let SandboxFirm { name, casepeer_key, case_status_key, world } = firm;
            KeyedFirm { name, casepeer_key, case_status_key, state: Mutex::new(SandboxState::new(world)) }
        });
        Shared {
            firms: firms.collect(),
            faults: RwLock::new(faults),
            journal: Mutex::default(),
            requests: AtomicU64::new(0),
            stopped: watch::Sender::new(false),
            webhooks: OnceLock::new(),
        }
    }

    pub(super) fn firm_of_key(&self, vendor: SandboxVendor, authorization: Option<&str>) -> Option<&KeyedFirm> {
        let key = authorization?.strip_prefix("Bearer ")?;
        self.firms.iter().find(|firm| match vendor {
            SandboxVendor::Casepeer => firm.casepeer_key == key,
            SandboxVendor::CaseStatus => firm.case_status_key == key,
        })
    }

    pub(super) fn world<T>(&self, firm: &str, look: impl FnOnce(&mut World) -> T) -> Option<T> {
        self.firms.iter().find(|known| known.name == firm).map(|firm| look(firm.lock().any_change()))
    }

    /// Sends what happens in CASEpeer from now on.
    pub(super) fn set_webhooks(&self, sender: WebhookSender) {
        let _ = self.webhooks.set(sender);
    }

    /// Sends an event of a firm if there is a host to send it to.
    pub(super) fn send_webhook(&self, firm: &str, event: &Value) {
        if let Some(sender) = self.webhooks.get() {
            sender.send(firm, webhook_secret(firm), event, self.stopped());
        }
    }

    pub(super) fn draw(&self) -> Drawn {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        let faults = self.faults.read().unwrap_or_else(PoisonError::into_inner);
        Drawn { count, fault: faults.draw(count), latency: faults.latency, retry_after: faults.retry_after }
    }

    /// Whether what is asked for is about a record that is refused. Listings, and what proves a key, are about none.
    pub(super) fn refuses_record(&self, request: &SandboxRequest) -> bool {
        let looked_up = request.query.get("integration_id").map(String::as_str);
        let record = request.path.split('/').nth(2).or(looked_up);
        record.is_some_and(|record| self.faults.read().unwrap_or_else(PoisonError::into_inner).refuses(record))
    }

    pub(super) fn set_faults(&self, faults: Faults) {
        *self.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    pub(super) fn journal<T>(&self, look: impl FnOnce(&mut Vec<JournalEntry>) -> T) -> T {
        look(&mut lock(&self.journal))
    }

    pub(super) fn note(&self, entry: JournalEntry) {
        self.journal(|journal| {
            if journal.len() < MOST {
                journal.push(entry);
            }
        });
    }

    pub(super) fn stop(&self) {
        self.stopped.send_replace(true);
    }

    pub(super) fn stopped(&self) -> watch::Receiver<bool> {
        self.stopped.subscribe()
    }
}
