//! A run: one sync, connect, migration or undo of a firm, from its start to its counts.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use super::named;
use super::{FirmId, Revision, Row, RowResult};

/// What a run is called, for instance `20261124-001705-x7k2`: its start and four random letters, or twelve that follow from what asked for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RunId(pub String);

impl RunId {
    /// An id for a run that starts at `now`; `random` makes two of the same second differ.
    pub fn new(now: Timestamp, random: u32) -> RunId {
        RunId::with_letters(now, random.into(), 4)
    }

    /// The id of the run that something asks for at `time`: whoever takes it up means the same run. Thousands of firms ask at the same time,
    /// so `hash` has to tell them apart.
    pub fn derived(time: Timestamp, hash: u64) -> RunId {
        RunId::with_letters(time, hash, 12)
    }

    fn with_letters(time: Timestamp, bits: u64, count: u32) -> RunId {
        const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz023456789";
        let suffix: String =
            (0..count).map(|at| char::from(LETTERS[usize::try_from((bits >> (5 * at)) % 32).unwrap_or_default()])).collect();
        RunId(format!("{}-{suffix}", time.strftime("%Y%m%d-%H%M%S")))
    }

    /// Reads an id typed by a person; `None` if it cannot be one, so that it never reaches a file name.
    pub fn parse(text: &str) -> Option<RunId> {
        let plain = |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
        (!text.is_empty() && text.len() <= 40 && text.bytes().all(plain)).then(|| RunId(text.to_owned()))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

named! {
    /// What a run does.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Kind {
        /// Makes all cases of the firm in Case Status match CASEpeer.
        Sync => "sync",
        /// The same for one case.
        SyncCase => "sync_case",
        /// Creates cases in Case Status.
        Connect => "connect",
        /// Runs a script of the firm's.
        Migration => "migration",
        /// Takes back what another run changed.
        Undo => "undo",
        /// Makes Case Status's messages case notes.
        Messages => "messages",
        /// Sends what staff typed in CASEpeer.
        Outbox => "outbox",
        /// Brings Case Status's documents to CASEpeer.
        Documents => "documents",
        /// Syncs the cases that changed in CASEpeer since the last time.
        StageSync => "stage_sync",
    }
}

named! {
    /// Where a run stands.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum RunStatus {
        /// Waits for its turn.
        Queued => "queued",
        /// At work.
        Running => "running",
        /// Its process ended before it did. Running the same again finishes the work.
        Interrupted => "interrupted",
        /// Every case came out well.
        Succeeded => "succeeded",
        /// Some cases failed.
        Partial => "partial",
        /// The run could not do its work.
        Failed => "failed",
        /// Waits for someone's approval; nothing was written.
        Held => "held",
        /// Someone stopped it.
        Cancelled => "cancelled",
    }
}

impl RunStatus {
    /// Whether it has yet to come to its end by itself.
    pub fn is_open(self) -> bool {
        matches!(self, RunStatus::Queued | RunStatus::Running)
    }
}

/// How many cases came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Counts {
    /// All but the skipped ones.
    pub attempted: u64,
    /// Created in Case Status.
    pub created: u64,
    /// Changed in Case Status.
    pub updated: u64,
    /// As they were.
    pub unchanged: u64,
    /// Lacking on one side.
    pub skipped: u64,
    /// Not written although they should have been.
    pub failed: u64,
    /// Waiting for an approval.
    pub held: u64,
}

impl Counts {
    /// Counts one more case.
    pub fn add(&mut self, result: RowResult, cases: u64) {
        let count = match result {
            RowResult::Created => &mut self.created,
            RowResult::Updated => &mut self.updated,
            RowResult::Unchanged => &mut self.unchanged,
            RowResult::Skipped => &mut self.skipped,
            RowResult::Failed => &mut self.failed,
            RowResult::Held => &mut self.held,
        };
        *count += cases;
        if result != RowResult::Skipped {
            self.attempted += cases;
        }
    }

    /// How many cases came out so.
    pub fn of_result(&self, result: RowResult) -> u64 {
        match result {
            RowResult::Created => self.created,
            RowResult::Updated => self.updated,
            RowResult::Unchanged => self.unchanged,
            RowResult::Skipped => self.skipped,
            RowResult::Failed => self.failed,
            RowResult::Held => self.held,
        }
    }

    /// The counts of these rows.
    pub fn of(rows: &[Row]) -> Counts {
        let mut counts = Counts::default();
        rows.iter().for_each(|row| counts.add(row.result, 1));
        counts
    }
}

impl Run {
    /// A run that waits for its turn from now on.
    pub fn queued(id: RunId, firm: FirmId, kind: Kind, revision: Revision, dry_run: bool) -> Run {
        // The store keeps whole milliseconds.
        let now = Timestamp::now();
        Run {
            id,
            firm,
            kind,
            revision,
            dry_run,
            status: RunStatus::Queued,
            reason: None,
            cases: Vec::new(),
            started_at: Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now),
            finished_at: None,
            would_hold: None,
            undoes: None,
            answer: None,
        }
    }
}

/// A run as the store keeps it.
#[derive(Debug, Clone)]
pub struct Run {
    /// What it is called.
    pub id: RunId,
    /// Whose cases.
    pub firm: FirmId,
    /// What it does.
    pub kind: Kind,
    /// The rules it runs under, from its first read to its last write.
    pub revision: Revision,
    /// Whether it only says what it would do.
    pub dry_run: bool,
    /// Where it stands.
    pub status: RunStatus,
    /// Why it failed as a whole, was held, or is queued, in a sentence.
    pub reason: Option<String>,
    /// The cases it was asked for; empty for all of the firm.
    pub cases: Vec<super::CaseId>,
    /// When it began; of a queued run, since when it waits.
    pub started_at: Timestamp,
    /// When it ended, if it has.
    pub finished_at: Option<Timestamp>,
    /// In a dry run of a sync: whether the guard would hold it.
    pub would_hold: Option<bool>,
    /// The run that this one takes back.
    pub undoes: Option<RunId>,
    /// What a script answered at its end.
    pub answer: Option<String>,
}
