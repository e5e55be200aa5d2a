//! The field's own words as plain values: cases on both sides, stages, staff, what would change, what became of it.
//!
//! Architecture invariant: nothing here does I/O, reads a clock, or knows HTTP, SQL, YAML or Rhai.

mod audit;
mod case;
mod changes;
mod changes_json;
mod directory;
mod document;
mod effect;
mod event;
mod existing;
mod file_name;
mod firm;
mod firm_state;
mod letter;
mod message;
mod migration;
mod names;
mod note;
mod reference;
mod reference_policy;
mod role;
mod row;
mod run;
mod sealed_secret;
mod store_address;
mod token;
mod user;

pub use audit::{Action, Actor, AuditEntry};
pub use case::{Case, CaseFilter, CaseId, CaseStatus, Client, Phone, StaffMember, StaffRole};
pub(crate) use changes::same_people;
pub use changes::{Attribute, Changes};
pub use changes_json::ChangesFault;
pub use directory::{Directory, PracticeArea, StaffUser, UserRole};
pub use document::Document;
pub use effect::{Content, Effect, EffectKind, EffectOutcome, LedgerEntry, NewDocument, NewMessage, NewNote};
pub use event::{Event, EventKind, Told};
pub use existing::{ExistingCase, ExistingStatus, NewCase, Stage};
pub use file_name::safe_file_name;
pub use firm::{FirmId, Revision};
pub use firm_state::FirmState;
pub use letter::{Letter, LetterKind};
pub use message::{Direction, LONGEST_MESSAGE, Message, OutboundMessage, Receipt, TYPED_HERE};
pub use migration::{LogLine, MigrationAsked, MigrationTask};
pub use names::{Email, Name, Names};
pub use note::{FixBy, Note, NoteCode, Origin};
pub use reference::{Reference, ReferenceKind, variable_prefix};
pub use reference_policy::ReferencePolicy;
pub use role::Role;
pub use row::{Row, RowResult};
pub use run::{Counts, Kind, Run, RunId, RunStatus};
pub use sealed_secret::{SealedSecret, SecretName};
pub use store_address::StoreAddress;
pub use token::{TOKEN_LIFETIME, Token, TokenHash, TokenName, TokenState, TokenText};
pub use user::{Session, User, sign_in_address};
