//! Firms whose names give one prefix of variables, as `a-b` and `a_b` do: the newer of them is at fault.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, variable_prefix};
use crate::rules::ResolveContext;

/// Every firm that has a file.
#[derive(Debug, Default)]
pub(super) struct FirmNames {
    /// Those that references may belong to.
    pub owners: BTreeSet<FirmId>,
    /// The others, with the older firm that has their prefix.
    pub newer: BTreeMap<FirmId, FirmId>,
}

impl FirmNames {
    /// The firms of these files. The older of two is the one whose rules were in use first; else the one whose file is older.
    pub(super) fn of(firms: impl IntoIterator<Item = (FirmId, PathBuf)>, resolve_context: &ResolveContext<'_>) -> FirmNames {
        let mut by_prefix: BTreeMap<String, Vec<(FirmId, PathBuf)>> = BTreeMap::new();
        for (firm, path) in firms {
            by_prefix.entry(variable_prefix(&firm)).or_default().push((firm, path));
        }
        let mut names = FirmNames::default();
        for mut firms in by_prefix.into_values() {
            if firms.len() > 1 {
                firms.sort_by_cached_key(|(firm, path)| ((resolve_context.since)(firm).unwrap_or(i64::MAX), file_age(path), firm.clone()));
            }
            let mut firms = firms.into_iter().map(|(firm, _)| firm);
            let Some(oldest) = firms.next() else { continue };
            names.newer.extend(firms.map(|newer| (newer, oldest.clone())));
            names.owners.insert(oldest);
        }
        names
    }

    /// What is wrong with the firm's name.
    pub(super) fn fault(&self, firm: &FirmId) -> Option<Diagnostic> {
        let older = self.newer.get(firm)?;
        let prefix = variable_prefix(firm);
        let message = format!("`{firm}` and `{older}` give one prefix of references, {prefix}_, and `{older}` was there first");
        Some(Diagnostic::without_place(message).help(format!("give {firm}.yaml another name")))
    }
}

/// Less for a file that is older.
pub(super) fn file_age(path: &Path) -> Duration {
    let changed = std::fs::metadata(path).and_then(|file| file.modified());
    changed.ok().and_then(|at| at.duration_since(SystemTime::UNIX_EPOCH).ok()).unwrap_or(Duration::MAX)
}
