//! Jobs: what is to be done for a firm, in the form in which the store and other instances keep it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lettre::Address;
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest as _, Sha256};

use crate::domain::{Action, AuditEntry, FirmId, Kind, Requester, Run, RunId, RunStatus};
use crate::rules::{FirmRules, JobKind};
use crate::runs::Lane;

/// A job and the run that it is done in. Neither holds anything about a firm's clients: an engine keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobRequest {
    /// The run's id; where Temporal carries an occurrence out, it follows from its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// What is to be done.
    #[serde(flatten)]
    pub job: Job,
}

/// What is to be done for a firm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Job {
    /// What a schedule is due to do at one of its times.
    Occurrence {
        /// Which schedule, as [`JobKind`] is written.
        schedule: String,
        /// Its time, in milliseconds since 1970.
        nominal: i64,
    },
    /// A sync of all cases.
    Sync {
        /// Whether it only says what it would write.
        dry_run: bool,
        /// Whether a listing is accepted that does not fit.
        #[serde(default)]
        accept_listing: bool,
        /// Who gets its CSV.
        mail_to: Vec<String>,
    },
    /// A sync of one case.
    SyncCase {
        /// The case.
        case: u64,
        /// Whether it only says what it would write.
        dry_run: bool,
        /// Whether an event of CASEpeer's brought it, and not a person.
        #[serde(default)]
        by_event: bool,
    },
    /// Connecting cases.
    Connect {
        /// The cases.
        #[serde(alias = "case", deserialize_with = "one_or_more")]
        cases: Vec<u64>,
        /// Whether it only says what it would create.
        #[serde(default)]
        dry_run: bool,
        /// Who gets its CSV.
        mail_to: Vec<String>,
    },
    /// A migration; its input is with its run.
    Migration {
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
        /// The hash of the script, where it is to be this one whenever the run is resumed.
        #[serde(default)]
        script_hash: Option<String>,
    },
    /// The approval of the run, which is held.
    Approval,
    /// Undoing another run.
    Undo {
        /// The run that is undone.
        undone: String,
        /// Whether it only says what it would restore.
        dry_run: bool,
    },
    /// Reading a feed, or the cases that changed, once.
    Poll {
        /// What is read.
        feed: Polled,
        /// Whether nothing is recorded where there is nothing to do.
        quiet: bool,
    },
}

/// What is read again and again for what is new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polled {
    /// Messages of Case Status.
    Messages,
    /// What staff typed in CASEpeer.
    Outbox,
    /// Documents of Case Status.
    Documents,
    /// Cases whose stage changed in CASEpeer.
    Stages,
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
    /// A job of this run.
    pub fn of(run: &RunId, job: Job) -> JobRequest {
        JobRequest { run: Some(run.0.clone()), job }
    }

    /// What a schedule is due to do at this time.
    pub fn occurrence(kind: &JobKind, nominal: Timestamp) -> JobRequest {
        JobRequest { run: None, job: Job::Occurrence { schedule: kind.to_string(), nominal: nominal.as_millisecond() } }
    }

    /// The run that it is done in, if that is recorded before it begins. A poll records one only where it finds something to do, and its schedule may start several.
    pub fn run_of(&self, firm: &FirmId) -> Option<RunId> {
        match &self.job {
            Job::Occurrence { schedule, nominal } if self.run.is_none() => {
                let kind = JobKind::parse(schedule);
                kind.has_one_run().then(|| occurrence_run(firm, &kind, Timestamp::from_millisecond(*nominal).unwrap_or_default()))
            }
            _ => self.run.clone().map(RunId),
        }
    }

    /// The run of an occurrence, as it is recorded before it begins.
    pub fn queued(&self, rules: &FirmRules) -> Option<Run> {
        let Job::Occurrence { schedule, .. } = &self.job else { return None };
        let kind = JobKind::parse(schedule);
        let (run_kind, dry_run) = match &kind {
            JobKind::Script(name) => {
                let script = rules.schedule.scripts.iter().find(|script| *script.script == **name);
                (Kind::Migration, !script.is_some_and(|script| script.apply))
            }
            _ => (Kind::Sync, false),
        };
        Some(Run::queued(self.run_of(&rules.firm)?, rules.firm.clone(), run_kind, rules.revision.clone(), dry_run))
    }

    /// The lane that it goes by.
    pub fn lane(&self) -> Lane {
        match &self.job {
            Job::Occurrence { schedule, .. } => Lane::of_job(&JobKind::parse(schedule)),
            _ => Lane::Bulk,
        }
    }

    /// As the store keeps it.
    pub fn to_text(&self) -> String {
        // All of it are texts, numbers and flags, which JSON has.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether this requests what the other requests already: of a schedule one time waits, and of a run there is one.
    pub fn is_same(&self, other: &JobRequest) -> bool {
        match (&self.job, &other.job) {
            (Job::Occurrence { schedule, .. }, Job::Occurrence { schedule: other, .. }) => schedule == other,
            _ => self == other,
        }
    }

    /// What the audit log says of it; a dry run is not in there.
    pub fn audit(&self, who: &Requester, firm: &FirmId, run: &RunId) -> Option<AuditEntry> {
        let entry = |action| who.does(action).of_firm(firm);
        let in_run = || Some(format!("run {run}"));
        Some(match &self.job {
            Job::Sync { dry_run: true, .. }
            | Job::SyncCase { dry_run: true, .. }
            | Job::Undo { dry_run: true, .. }
            | Job::Connect { dry_run: true, .. }
            | Job::Migration { apply: false, .. }
            | Job::Occurrence { .. }
            | Job::Poll { .. } => return None,
            Job::Approval => entry(Action::RunApproved).to(run.0.as_str()),
            Job::Undo { undone, .. } => entry(Action::RunUndone).to(undone.as_str()).from_to(None, in_run()),
            Job::Connect { cases, .. } if let [case] = cases[..] => {
                entry(Action::CaseConnected).to(case.to_string()).from_to(None, in_run())
            }
            Job::Migration { script, .. } => entry(Action::RunBegun).to(run.0.as_str()).from_to(None, Some(format!("script {script}"))),
            Job::Sync { .. } | Job::SyncCase { .. } | Job::Connect { .. } => entry(Action::RunBegun).to(run.0.as_str()),
        })
    }
}

impl Job {
    /// Who gets the CSV of its run.
    pub fn mail_to(&self) -> Vec<Address> {
        match self {
            Job::Sync { mail_to, .. } | Job::Connect { mail_to, .. } => mail_to.iter().filter_map(|address| address.parse().ok()).collect(),
            _ => Vec::new(),
        }
    }
}

/// The run of a schedule's occurrence: it follows from the occurrence, so that whoever takes it up means the same run.
fn occurrence_run(firm: &FirmId, kind: &JobKind, nominal: Timestamp) -> RunId {
    let [b0, b1, b2, b3, b4, b5, b6, b7, ..] = <[u8; 32]>::from(Sha256::digest(format!("{firm} {kind} {nominal}")));
    RunId::derived(nominal, u64::from_be_bytes([b0, b1, b2, b3, b4, b5, b6, b7]))
}

/// Earlier versions wrote the one case of a connect.
fn one_or_more<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Cases {
        One(u64),
        More(Vec<u64>),
    }
    Ok(match Cases::deserialize(from)? {
        Cases::One(case) => vec![case],
        Cases::More(cases) => cases,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_read_as_it_was_written() {
        let asked = [
            r#"{"kind":"occurrence","schedule":"script:close_old","nominal":1795000000000}"#,
            r#"{"run":"20261124-001705-x7k2","kind":"sync","dry_run":true,"accept_listing":false,"mail_to":["a@b.example"]}"#,
            r#"{"run":"20261124-001705-x7k2","kind":"approval"}"#,
            r#"{"run":"20261124-001705-x7k2","kind":"undo","undone":"20261123-001705-x7k2","dry_run":false}"#,
        ];
        for asked in asked {
            assert_eq!(serde_json::from_str::<JobRequest>(asked).unwrap().to_text(), asked);
        }
    }

    #[test]
    fn what_earlier_versions_wrote_is_read() {
        let read = |text| serde_json::from_str::<JobRequest>(text).unwrap();
        let connect = read(r#"{"kind":"connect","run":"20261124-001705-x7k2","case":48221,"mail_to":[]}"#);
        assert_eq!(connect.job, Job::Connect { cases: vec![48221], dry_run: false, mail_to: Vec::new() });
        let sync = read(r#"{"kind":"sync","run":"20261124-001705-x7k2","dry_run":false,"mail_to":[]}"#);
        assert_eq!(
            sync,
            JobRequest::of(
                &RunId("20261124-001705-x7k2".to_owned()),
                Job::Sync { dry_run: false, accept_listing: false, mail_to: Vec::new() }
            )
        );
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
        let run = |number: u32| occurrence_run(&FirmId::new(&format!("firm-{number}")).unwrap(), &JobKind::NightlySync, night).0;
        let runs: std::collections::HashSet<String> = (0..20_000).map(run).collect();
        assert_eq!(runs.len(), 20_000);
        assert_eq!(RunId::parse(&run(1)), Some(RunId(run(1))), "people can type it");
    }

    #[test]
    fn one_time_of_a_schedule_waits_whatever_its_time() {
        let at = |nominal| JobRequest { run: None, job: Job::Occurrence { schedule: "nightly_sync".to_owned(), nominal } };
        assert!(at(1).is_same(&at(2)));
        let approval = |run: &str| JobRequest::of(&RunId(run.to_owned()), Job::Approval);
        assert!(!approval("a").is_same(&approval("b")));
    }
}
