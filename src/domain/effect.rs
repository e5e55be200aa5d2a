//! Effects: everything that the host does to a vendor. A plan makes them, one place performs them.

use super::{Changes, ExistingCase, NewCase};

/// Something to do to a vendor about one case.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Change a case in Case Status.
    UpdateCase {
        /// As Case Status held it when the changes were planned.
        existing: Box<ExistingCase>,
        /// What differs.
        changes: Box<Changes>,
    },
    /// Create a case in Case Status, then mark it as connected in CASEpeer.
    CreateCase(Box<NewCase>),
    /// Mark a case as connected in CASEpeer that Case Status has already.
    MarkConnected {
        /// Case Status's id of it.
        case_status_id: String,
    },
}
