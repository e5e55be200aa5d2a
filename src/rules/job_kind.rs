//! What a firm's schedules run.

use std::fmt;

use super::{FirmRules, Schedule};

/// A kind of work that a schedule starts. A firm has at most one run of each at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum JobKind {
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

impl JobKind {
    /// Every schedule of a firm.
    pub fn of(rules: &FirmRules) -> impl Iterator<Item = (JobKind, &Schedule)> {
        let schedules = &rules.schedule;
        let own = schedules.scripts.iter().map(|script| (JobKind::Script(script.script.to_string()), &script.schedule));
        [
            (JobKind::NightlySync, &schedules.nightly_sync),
            (JobKind::StageSync, &schedules.stage_sync),
            (JobKind::MessageSync, &schedules.message_sync),
            (JobKind::DocumentSync, &schedules.document_sync),
        ]
        .into_iter()
        .chain(own)
    }

    /// Whether each time of it is one run, recorded before it begins. A poll records a run only where it finds something to do.
    pub fn has_one_run(&self) -> bool {
        matches!(self, JobKind::NightlySync | JobKind::Script(_))
    }

    /// Whether a time that finds the firm at work is waited with, instead of being left to the next one.
    pub fn matters_each_time(&self) -> bool {
        self.has_one_run() || *self == JobKind::DocumentSync
    }

    /// Reads what it is written as; whatever is no schedule of the host's is a script.
    pub fn parse(text: &str) -> JobKind {
        match text {
            "nightly_sync" => JobKind::NightlySync,
            "stage_sync" => JobKind::StageSync,
            "message_sync" => JobKind::MessageSync,
            "document_sync" => JobKind::DocumentSync,
            _ => JobKind::Script(text.strip_prefix("script:").unwrap_or(text).to_owned()),
        }
    }

    /// Whether a firm's work of this kind waits while the other is under way: both syncs write the same cases, under one lock.
    pub fn waits_for(&self, other: &JobKind) -> bool {
        let is_sync = |what: &JobKind| matches!(what, JobKind::NightlySync | JobKind::StageSync);
        self == other || is_sync(self) && is_sync(other)
    }
}

impl fmt::Display for JobKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            JobKind::NightlySync => formatter.write_str("nightly_sync"),
            JobKind::StageSync => formatter.write_str("stage_sync"),
            JobKind::MessageSync => formatter.write_str("message_sync"),
            JobKind::DocumentSync => formatter.write_str("document_sync"),
            JobKind::Script(name) => write!(formatter, "script:{name}"),
        }
    }
}
