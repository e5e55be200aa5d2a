//! Use cases: sync a firm or a case, connect cases, run a migration, approve or undo a run, explain, verify. Each gathers, plans, lets the guard look,
//! performs, and records what became of every case.

mod approve;
mod begun;
mod cancel;
mod carry_out;
mod cases;
mod connect;
mod documents;
mod error;
mod explain;
mod firm;
mod gather;
mod guard;
mod messages;
mod migration;
mod outbox;
mod perform;
mod planned;
mod progress;
mod reach;
mod recorder;
mod single_case;
mod stage_sync;
mod undo;
mod verify;
mod ways;
mod write;

pub use approve::{Approving, approve};
pub use begun::{Finished, Host};
pub use cancel::{Cancelled, cancel};
pub use connect::{ConnectPreview, Connecting, Preparing, look_at_connect};
pub use documents::pass_documents;
pub use error::SyncError;
pub use explain::{Explanation, explain_case};
pub use firm::sync_firm;
pub use messages::pass_messages;
pub use migration::{Apply, Listener, Migrating, migrate};
pub use outbox::pass_outbox;
pub use planned::Planned;
pub use progress::{Phase, Progress, UnderWay};
pub use reach::Reach;
pub use single_case::sync_case;
pub use stage_sync::pass_stages;
pub use undo::Undoing;
pub use verify::{Proof, SeenPracticeArea, SeenStage, Verification, prove, verify};
pub use ways::{Lane, Ways};
