//! What the settings say of references: which are the host's own and no firm's, and which several firms share.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{FirmId, Reference};

/// What the settings say of references.
#[derive(Debug, Clone, Default)]
pub struct ReferencePolicy {
    /// The folder that files are looked up in.
    pub folder: Option<PathBuf>,
    /// What settings refer to: never a firm's.
    pub of_host: BTreeSet<Reference>,
    /// The files that settings name by their path: never a firm's.
    pub files: BTreeSet<PathBuf>,
    /// What several firms share, keys aside, and which.
    pub shared: BTreeMap<Reference, BTreeSet<FirmId>>,
}

impl ReferencePolicy {
    /// Whether the firm is among those that share it.
    pub fn is_shared_with(&self, reference: &Reference, firm: &FirmId) -> bool {
        self.shared.get(reference).is_some_and(|firms| firms.contains(firm))
    }
}
