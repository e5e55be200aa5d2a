//! What a migration is asked to do, and what its script says meanwhile.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::FirmId;

/// What a migration is asked to do. Asking the same again takes a run up that was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationTask {
    /// A hash of the firm, the script's name, its arguments and its input; not of the script's text, which may have been mended since.
    pub hash: String,
    /// The script's name in the scripts folder.
    pub script: String,
    /// What `run.arg` answers.
    pub arguments: BTreeMap<String, String>,
    /// What `run.input` is: the rows of a CSV, by its header.
    pub input: Vec<BTreeMap<String, String>>,
}

/// What a migration was asked to do, without the rows of its input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationRequest {
    /// As in [`MigrationTask`].
    pub hash: String,
    /// The script's name in the scripts folder.
    pub script: String,
    /// What `run.arg` answers.
    pub arguments: BTreeMap<String, String>,
    /// How many rows `run.input` has.
    pub rows: u64,
}

/// Something that a script says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// Whether somebody should look.
    pub warns: bool,
    /// What it says.
    pub text: String,
}

impl MigrationTask {
    /// What a script is asked to do for a firm, with these arguments and this input.
    pub fn new(firm: &FirmId, script: &str, arguments: BTreeMap<String, String>, input: Vec<BTreeMap<String, String>>) -> MigrationTask {
        // Maps of texts are always JSON.
        let task = serde_json::to_vec(&(firm.as_str(), script, &arguments, &input)).unwrap_or_default();
        let hash = Sha256::digest(&task).iter().map(|byte| format!("{byte:02x}")).collect();
        MigrationTask { hash, script: script.to_owned(), arguments, input }
    }

    /// What a script without arguments and input is asked to do for a firm.
    pub fn of_schedule(firm: &FirmId, script: &str) -> MigrationTask {
        MigrationTask {
            hash: format!("schedule:{firm}:{script}"),
            script: script.to_owned(),
            arguments: BTreeMap::new(),
            input: Vec::new(),
        }
    }
}
