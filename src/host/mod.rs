//! The always-on host: what it does in the background, and who leads where several instances share one store.

mod edit_log;
mod leader;
mod retention;
mod rules_reloader;
mod serve;
mod stored_rules;

pub use edit_log::EditLog;
pub use rules_reloader::RulesReloader;
pub use serve::{Options, Serving};
pub use stored_rules::StoredRules;
