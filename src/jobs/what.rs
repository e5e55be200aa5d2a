//! What a firm's schedules run.

use std::fmt;

use crate::rules::{FirmRules, Schedule};
use crate::sync::Lane;

/// A kind of work that a schedule starts. A firm has at most one run of each at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// Every case.
    NightlySync,
    /// The cases that changed.
    StageSync,
    /// Messages both ways.
    MessageSync,
    /// Documents.
    DocumentSync,
    /// A script, by its name.
    Script(String),
}

impl What {
    /// Every schedule of a firm.
    pub fn of(rules: &FirmRules) -> impl Iterator<Item = (What, &Schedule)> {
        let schedules = &rules.schedule;
        let own = schedules.scripts.iter().map(|script| (What::Script(script.script.to_string()), &script.schedule));
        [
            (What::NightlySync, &schedules.nightly_sync),
            (What::StageSync, &schedules.stage_sync),
            (What::MessageSync, &schedules.message_sync),
            (What::DocumentSync, &schedules.document_sync),
        ]
        .into_iter()
        .chain(own)
    }

    /// Reads what it is written as; whatever is no schedule of the host's is a script.
    pub fn parse(text: &str) -> What {
        match text {
            "nightly_sync" => What::NightlySync,
            "stage_sync" => What::StageSync,
            "message_sync" => What::MessageSync,
            "document_sync" => What::DocumentSync,
            _ => What::Script(text.strip_prefix("script:").unwrap_or(text).to_owned()),
        }
    }

    /// The lane that it goes by.
    pub fn lane(&self) -> Lane {
        if *self == What::MessageSync { Lane::Messages } else { Lane::Bulk }
    }

    /// Whether a firm's work of this kind waits while the other is under way: both syncs write the same cases, under one lock.
    pub fn waits_for(&self, other: &What) -> bool {
        let is_sync = |what: &What| matches!(what, What::NightlySync | What::StageSync);
        self == other || is_sync(self) && is_sync(other)
    }
}

impl fmt::Display for What {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::NightlySync => formatter.write_str("nightly_sync"),
            What::StageSync => formatter.write_str("stage_sync"),
            What::MessageSync => formatter.write_str("message_sync"),
            What::DocumentSync => formatter.write_str("document_sync"),
            What::Script(name) => write!(formatter, "script:{name}"),
        }
    }
}
