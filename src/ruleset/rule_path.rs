//! What files of rules and scripts are called in the store, and those that two folders on disk have.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use thiserror::Error;

use super::RulesFolder;
use crate::scripting::ScriptFolder;

/// What rules are kept under.
pub const RULES: &str = "rules";

/// What scripts are kept under.
pub const SCRIPTS: &str = "scripts";

/// Why the files of a folder cannot be kept.
#[derive(Debug, Error)]
pub enum RulePathFault {
    /// One of them, or the folder, cannot be read.
    #[error("{path} cannot be read: {problem}")]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        problem: std::io::ErrorKind,
    },
}

/// The name of a file within one of the two folders, by its path in the store.
pub(super) fn name_within<'p>(folder: &str, path: &'p str) -> Option<&'p str> {
    path.strip_prefix(folder)?.strip_prefix('/')
}

/// The scripts among the files of a store, by their names in the folder.
pub fn scripts_among(files: &BTreeMap<String, String>) -> impl Iterator<Item = (String, String)> {
    files.iter().filter_map(|(path, text)| Some((name_within(SCRIPTS, path)?.to_owned(), text.clone())))
}

/// Whether something of this name can be kept: a file of `rules`, or one of `scripts` or a folder in it.
pub fn is_rule_path(path: &str) -> bool {
    let parts: Option<Vec<&str>> = Path::new(path)
        .components()
        .map(|part| match part {
            Component::Normal(name) => name.to_str().filter(|name| !name.starts_with('.')),
            _ => None,
        })
        .collect();
    match parts.as_deref() {
        Some([RULES, name]) => Path::new(name).extension().is_some_and(|ending| ending == "yaml"),
        Some([SCRIPTS, .., name]) => Path::new(name).extension().is_some_and(|ending| ending == "rhai"),
        _ => false,
    }
}

/// Every file of these folders that can be kept, by the path that it is kept under. No folder of scripts is one without any.
pub fn folder_files(rules: &RulesFolder, scripts: &ScriptFolder) -> Result<BTreeMap<String, String>, RulePathFault> {
    let unreadable = |path: &Path| {
        let path = path.display().to_string();
        move |error: std::io::Error| RulePathFault::Unreadable { path, problem: error.kind() }
    };
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(rules.path()).map_err(unreadable(rules.path()))?.filter_map(Result::ok) {
        let kept = format!("{RULES}/{}", entry.file_name().to_string_lossy());
        // A link counts as what it leads to: a mounted folder of settings is full of them.
        if is_rule_path(&kept) && entry.path().is_file() {
            files.insert(kept, std::fs::read_to_string(entry.path()).map_err(unreadable(&entry.path()))?);
        }
    }
    for name in scripts.names() {
        let (kept, path) = (format!("{SCRIPTS}/{name}"), scripts.path().join(&name));
        if is_rule_path(&kept) {
            files.insert(kept, std::fs::read_to_string(&path).map_err(unreadable(&path))?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::is_rule_path;

    #[test]
    fn nothing_leads_out_of_the_two_folders() {
        for path in ["rules/hartwell.yaml", "rules/hartwell.test.yaml", "scripts/a.rhai", "scripts/hooks/a.rhai"] {
            assert!(is_rule_path(path), "{path}");
        }
        let others =
            ["hartwell.yaml", "rules/../x.yaml", "/rules/x.yaml", "rules/a/x.yaml", "rules/.x.yaml", "scripts/x.sh", "other/x.yaml"];
        for path in others {
            assert!(!is_rule_path(path), "{path}");
        }
    }
}
