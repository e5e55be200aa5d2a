//! What a firm is asked to do, in the form in which one instance asks it of another.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::{FirmId, RunId, RunStatus};
use crate::rules::JobKind;
use crate::runs::Lane;

/// Work that may take long, for one firm. It holds nothing about a firm's clients: it is kept where the engine keeps what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum JobRequest {
    /// What a schedule asks for at one of its times.
    Occurrence {
        /// Which schedule, as [`JobKind`] is written.
        schedule: String,
        /// Its time, in milliseconds since 1970.
        nominal: i64,
    },
    /// A sync of all cases.
    Sync {
        /// The run's id.
        run: String,
        /// Whether it only says what it would write.
        dry_run: bool,
        /// Who gets its CSV.
        mail_to: Vec<String>,
    },
    /// A sync of one case.
    SyncCase {
        /// The run's id.
        run: String,
        /// The case.
        case: u64,
        /// Whether it only says what it would write.
        dry_run: bool,
    },
    /// Connecting a case, as a person has confirmed it.
    Connect {
        /// The run's id.
        run: String,
        /// The case.
        case: u64,
        /// Who gets its CSV.
        mail_to: Vec<String>,
    },
    /// A migration; its input is not asked for again, but kept with its run.
    Migration {
        /// The run's id.
        run: String,
        /// The script's name.
        script: String,
        /// What `run.arg` answers.
        arguments: BTreeMap<String, String>,
        /// Whether it writes.
        apply: bool,
        /// Whether it begins anew where an earlier one was cut off.
        afresh: bool,
        /// Whether the script has an input.
        #[serde(default)]
        has_input: bool,
        /// The hash of the script, where it is to be this one whenever the run is taken up.
        #[serde(default)]
        script_hash: Option<String>,
    },
    /// The approval of a held run.
    Approval {
        /// The run's id.
        run: String,
    },
    /// Taking back a run.
    Undo {
        /// The id of the run that does it.
        run: String,
        /// The run that is taken back.
        undone: String,
        /// Whether it only says what it would restore.
        dry_run: bool,
    },
}

/// How far a slice of work has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SliceOutcome {
    /// Another slice takes it up.
    Continue,
    /// Nothing is left to do; there is a status if there was a run.
    Done(Option<RunStatus>),
}

impl JobRequest {
    /// The lane that it goes by.
    pub fn lane(&self) -> Lane {
        match self {
            JobRequest::Occurrence { schedule, .. } => Lane::of_job(&JobKind::parse(schedule)),
            _ => Lane::Bulk,
        }
    }

    /// The run that it names; an occurrence names none.
    pub(super) fn run(&mut self) -> Option<&mut String> {
        match self {
            JobRequest::Occurrence { .. } => None,
            JobRequest::Sync { run, .. }
            | JobRequest::SyncCase { run, .. }
            | JobRequest::Connect { run, .. }
            | JobRequest::Migration { run, .. }
            | JobRequest::Approval { run }
            | JobRequest::Undo { run, .. } => Some(run),
        }
    }

    /// Whether this asks for what the other asks for already: of a schedule one time waits, and of a run there is one.
    pub fn is_same(&self, other: &JobRequest) -> bool {
        match (self, other) {
            (JobRequest::Occurrence { schedule, .. }, JobRequest::Occurrence { schedule: other, .. }) => schedule == other,
            _ => self == other,
        }
    }
}

/// The run of a schedule's occurrence: it follows from the occurrence, so that whoever takes it up means the same run.
pub(super) fn run_of(firm: &FirmId, what: &JobKind, nominal: Timestamp) -> RunId {
    let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = <[u8; 32]>::from(Sha256::digest(format!("{firm} {what} {nominal}")));
    RunId::derived(nominal, u64::from_be_bytes([b0, b1, b2, b3, b4, b5, b6, b7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_as_it_was_written() {
        let asked = [
            JobRequest::Occurrence { schedule: "script:close_old".to_owned(), nominal: 1_795_000_000_000 },
            JobRequest::Sync { run: "20261124-001705-x7k2".to_owned(), dry_run: true, mail_to: vec!["a@b.example".to_owned()] },
            JobRequest::Approval { run: "20261124-001705-x7k2".to_owned() },
        ];
        for asked in asked {
            let text = serde_json::to_string(&asked).unwrap();
            assert_eq!(serde_json::from_str::<JobRequest>(&text).unwrap(), asked, "{text}");
        }
    }

    #[test]
    fn every_schedule_is_read_as_it_is_written() {
        for what in [
            JobKind::NightlySync,
            JobKind::StageSync,
            JobKind::MessageSync,
            JobKind::DocumentSync,
            JobKind::Script("nightly_sync".to_owned()),
        ] {
            assert_eq!(JobKind::parse(&what.to_string()), what);
        }
    }

    #[test]
    fn firms_that_share_a_night_have_runs_of_their_own() {
        let night = "2026-11-24T21:00:00Z".parse().unwrap();
        let run = |number: u32| run_of(&FirmId::new(&format!("firm-{number}")).unwrap(), &JobKind::NightlySync, night).0;
        let runs: std::collections::HashSet<String> = (0..20_000).map(run).collect();
        assert_eq!(runs.len(), 20_000);
        assert_eq!(RunId::parse(&run(1)), Some(RunId(run(1))), "people can type it");
    }

    #[test]
    fn one_time_of_a_schedule_waits_whatever_its_time() {
        let at = |nominal| JobRequest::Occurrence { schedule: "nightly_sync".to_owned(), nominal };
        assert!(at(1).is_same(&at(2)));
        assert!(!JobRequest::Approval { run: "a".to_owned() }.is_same(&JobRequest::Approval { run: "b".to_owned() }));
    }
}
