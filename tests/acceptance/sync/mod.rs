//! Cases are synced, and what a run comes to.

mod case;
mod explain;
mod firm;
mod guard;
mod interrupt;
mod plan;
mod report;
mod runs;
mod same_firm;
mod stages;
mod status;
mod undo;
mod unknown_answer;
mod values_not_kept;
