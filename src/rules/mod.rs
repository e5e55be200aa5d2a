//! A firm's rules: from the YAML shapes ([`raw`]) to values that are valid by construction ([`FirmRules`]), and what follows
//! from them for a case (`plan`, `draft`, `explain`).
//!
//! Architecture invariant: everything here is pure. Secrets and the firm's own expressions come in through [`Secrets`],
//! [`Conditions`] and [`HookScripts`], which later rooms implement.

pub mod raw;

mod conditions;
mod connect_hook;
mod cron;
mod defaults;
mod draft;
mod explain;
mod firm_rules;
mod hooks;
mod job_kind;
mod mapping;
mod note_text;
mod phone;
mod plan;
mod resolve;
mod secrets;
mod update;

pub use conditions::{Condition, ConditionFault, Conditions};
pub use cron::{Cron, CronFault};
pub use defaults::{BUILT_IN, built_in};
pub use draft::{Draft, draft};
pub use explain::{Explained, explain};
pub use firm_rules::{
    Attributes, AuthHeader, Connection, Connections, DocumentRules, FirmRules, Guard, Limits, MessageRules, PhoneRules, PracticeAreaRules,
    RequiredField, Ruled, Schedule, Schedules, ScriptSchedule, StageRules, SyncRules, ValidationRule, ValidationRules,
};
pub use hooks::{Hook, HookFault, HookScripts, Hooks};
pub use job_kind::JobKind;
pub use mapping::Mapping;
pub use note_text::note_text;
pub use phone::cell_phone;
pub use plan::{CasePlan, in_step, plan};
pub use resolve::{ExistingReferences, ReferenceOwner, ResolveContext, resolve};
pub use secrets::{MissingSecret, Secrets};
pub use update::update;
