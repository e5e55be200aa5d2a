//! A run as `--json` prints it and as its CSV has it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::host::Host;

/// The columns of the CSV, which are also the keys of a row.
pub const COLUMNS: [&str; 8] = ["integration_id", "readable_id", "client", "result", "changes", "reason", "rule", "fix_by"];

/// The names of `counts`.
pub const COUNTS: [&str; 7] = ["attempted", "created", "updated", "unchanged", "skipped", "failed", "held"];

/// What a run answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Run(pub Value);

impl Run {
    /// Its id.
    pub fn id(&self) -> &str {
        self.text("run_id")
    }

    /// How it ended.
    pub fn status(&self) -> &str {
        self.text("status")
    }

    /// One of the texts at its top.
    #[track_caller]
    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_else(|| panic!("`{key}` is no text in {:#}", self.0))
    }

    /// One of the counts.
    #[track_caller]
    pub fn count(&self, name: &str) -> u64 {
        self.0["counts"][name].as_u64().unwrap_or_else(|| panic!("no count `{name}` in {:#}", self.0))
    }

    /// Asserts all counts; those not named are 0.
    #[track_caller]
    pub fn counts(&self, expected: &[(&str, u64)]) {
        let expected: BTreeMap<&str, u64> = COUNTS.into_iter().map(|name| (name, 0)).chain(expected.iter().copied()).collect();
        let counts: BTreeMap<&str, u64> = COUNTS.into_iter().map(|name| (name, self.count(name))).collect();
        assert_eq!(counts, expected, "{:#}", self.0);
    }

    /// Its rows.
    pub fn rows(&self) -> &[Value] {
        self.0["rows"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The row of a case.
    #[track_caller]
    pub fn row(&self, id: u64) -> Row {
        let id = id.to_string();
        let found: Vec<&Value> = self.rows().iter().filter(|row| row["integration_id"] == id.as_str()).collect();
        assert_eq!(found.len(), 1, "rows of {id} in {:#}", self.0);
        Row(found[0].clone())
    }

    /// The lines of its CSV, by column.
    #[track_caller]
    pub fn report(&self, host: &Host) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(host.path(self.text("report"))).expect("the report is there");
        assert_eq!(reader.headers().expect("a header"), COLUMNS.as_slice());
        reader.deserialize().map(|line| line.expect("a line")).collect()
    }

    /// The cases that the CSV has with this result.
    #[track_caller]
    pub fn reported(&self, host: &Host, result: &str) -> BTreeSet<String> {
        self.report(host).into_iter().filter(|line| line["result"] == result).map(|line| line["integration_id"].clone()).collect()
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row(pub Value);

impl Row {
    /// How the case came out.
    #[track_caller]
    pub fn result(&self) -> &str {
        self.0["result"].as_str().unwrap_or_else(|| panic!("no result in {:#}", self.0))
    }

    /// What was changed.
    #[track_caller]
    pub fn changes(&self) -> &str {
        self.0["changes"].as_str().unwrap_or_else(|| panic!("no changes in {:#}", self.0))
    }

    /// Why; empty where there is nothing to say.
    pub fn reason(&self) -> &str {
        self.0["reason"].as_str().unwrap_or_default()
    }

    /// The rule behind it; empty where there is none.
    pub fn rule(&self) -> &str {
        self.0["rule"].as_str().unwrap_or_default()
    }

    /// Asserts who can put it right.
    #[track_caller]
    pub fn is_for(&self, who: &str) {
        assert_eq!(self.0["fix_by"], *who, "fix_by of {:#}", self.0);
    }

    /// Asserts that the reason says something about this, whatever the case of its letters, and who can put it right.
    #[track_caller]
    pub fn blames(&self, word: &str) {
        assert!(self.reason().to_lowercase().contains(&word.to_lowercase()), "no `{word}` in the reason of {:#}", self.0);
        assert!(["firm", "support"].iter().any(|who| self.0["fix_by"] == *who), "fix_by of {:#}", self.0);
    }
}
