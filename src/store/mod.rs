//! What the host remembers: runs, their rows, their effects, and the rules that they ran under. SQLite in one file, or PostgreSQL where
//! several machines share it; the same statements run on both.
//!
//! Architecture invariant: the store knows only `domain`. Who may do what at the same time is decided by [`Locks`]: with SQLite by the
//! operating system's file locks, with PostgreSQL by claims whose lease runs out. Neither is left behind by a killed process.

mod accounts;
mod audit;
mod copy;
mod creations;
mod database;
mod dead_letters;
mod deadline;
mod documents;
mod error;
mod events;
mod feeds;
mod firm_states;
mod firm_status;
mod health;
mod idempotency;
mod inbox;
mod instances;
mod jobs;
mod leases;
mod ledger;
mod limits;
mod locks;
mod migrations;
mod open;
mod outbox;
mod pauses;
mod process_lock;
mod receipts;
mod retention;
mod rows;
mod rule_files;
mod runs;
mod schedules;
mod sealed_secrets;
mod secret_destinations;
mod sessions;
mod tables;
mod tokens;
mod users;
mod values_not_kept;

pub use accounts::{AccountAt, AccountClaim, ClaimMode};
pub use audit::AuditFilter;
pub use copy::{CopiedTable, CopyError, CopyStep};
pub use documents::StoredDocument;
pub use error::StoreError;
pub use events::{EventEnd, EventTrack, WaitingEvent};
pub use firm_states::Disabled;
pub use firm_status::{FirmStatus, Totals};
pub use idempotency::StoredAnswer;
pub use inbox::{InboxState, StoredMessage};
pub use instances::{Instance, InstanceStanding};
pub use jobs::OrphanedRun;
pub use limits::{ReservedSlots, SlotRequest};
pub use locks::{LeaseWatch, LockGuard, Locks};
pub use open::{Store, private_folder};
pub use outbox::{OutboxEntry, OutboxState};
pub use pauses::{Pause, PauseReason};
pub use receipts::EditReceipt;
pub use retention::RetentionCutoffs;
pub use rows::{ClientImpact, RowFilter};
pub use rule_files::RuleFile;
pub use runs::RunFilter;
pub use schedules::{Handled, OccurrenceOutcome};
pub use sessions::{CountedTry, OpenSession};
