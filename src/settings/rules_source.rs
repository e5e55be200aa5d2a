//! Where rules and scripts are kept, as `rules_source` has it.

use crate::diagnostic::Diagnostic;
use crate::yaml::At;

/// Where rules and scripts are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RulesSource {
    /// In the folders `rules_dir` and `scripts_dir`.
    #[default]
    Folder,
    /// In the store, for several instances.
    Store,
}

/// Reads it.
pub(super) fn rules_source(at: Option<&At<String>>, faults: &mut Vec<Diagnostic>) -> RulesSource {
    match at.map(|at| at.value.as_str()) {
        None | Some("folder") => RulesSource::Folder,
        Some("store") => RulesSource::Store,
        Some(other) => {
            let fault = at.map(|at| at.error(format!("rules are not kept in `{other}`")).help("write folder or store"));
            faults.extend(fault);
            RulesSource::Folder
        }
    }
}
