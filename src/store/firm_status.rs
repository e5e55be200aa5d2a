//! Where firms stand: what waits, what somebody should look at, and the last sync.

use std::collections::{BTreeMap, BTreeSet};

use super::database::{DbRow, QueryBuilder, query};
use super::firm_states::read_firm_state;
use super::pauses::read_pause;
use super::runs::COLUMNS;
use super::{Disabled, Pause, PauseReason, Store, StoreError};
use crate::domain::{FirmId, FirmState, Run};

/// Where one firm stands.
#[derive(Debug, Clone, Default)]
pub struct FirmStatus {
    /// Whether it was enabled, and not disabled since.
    pub enabled: bool,
    /// Why it is off, where somebody disabled it.
    pub disabled: Option<Disabled>,
    /// Why it is left alone, if it is.
    pub paused: Option<Pause>,
    /// Messages that are to become notes.
    pub waiting_messages: u64,
    /// Documents that are to be brought over.
    pub waiting_documents: u64,
    /// Dead letters.
    pub letters: u64,
    /// Runs that wait for somebody's approval.
    pub held_runs: u64,
    /// The last sync of all its cases, nightly or by hand.
    pub last_sync: Option<Run>,
}

impl FirmStatus {
    /// The first that fits.
    pub fn state(&self) -> FirmState {
        if self.disabled.is_some() {
            FirmState::Off
        } else if !self.enabled {
            FirmState::New
        } else if self.paused.is_some() {
            FirmState::Paused
        } else {
            FirmState::On
        }
    }

    /// Why the firm's rules are rejected although they have no fault: it has the account of another firm.
    pub fn rejected(&self) -> Option<&str> {
        self.paused.as_ref().filter(|pause| pause.reason == PauseReason::AccountTaken)?.detail.as_deref()
    }
}

/// The same of all firms together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Firms that are left alone because of their keys.
    pub paused_firms: u64,
    /// Messages that are to become notes.
    pub waiting_messages: u64,
    /// Documents that are to be brought over.
    pub waiting_documents: u64,
    /// Dead letters.
    pub letters: u64,
    /// Runs that wait for somebody's approval.
    pub held_runs: u64,
    /// Events of CASEpeer's that are to be carried out.
    pub waiting_events: u64,
}

const MESSAGES: &str = "inbox where state = 'waiting'";
const DOCUMENTS: &str = "documents where state = 'waiting'";
const LETTERS: &str = "letters where true";
const EVENTS: &str = "events where state = 'waiting'";
const HELD: &str = "runs where status = 'held'";

/// Firms a statement.
const BATCH: usize = 1_000;

/// One of the counts of a firm.
type Count = fn(&mut FirmStatus) -> &mut u64;

impl Store {
    /// Where these firms stand, each once. One of which there is nothing to say is not in the answer.
    ///
    /// A list of a thousand firms takes as many statements as one firm does.
    pub async fn firm_statuses(&self, firms: &[&FirmId]) -> Result<BTreeMap<FirmId, FirmStatus>, StoreError> {
        let mut firm_statuses: BTreeMap<FirmId, FirmStatus> = BTreeMap::new();
        let counted: [(&str, Count); 4] = [
            (MESSAGES, |firm_status| &mut firm_status.waiting_messages),
            (DOCUMENTS, |firm_status| &mut firm_status.waiting_documents),
            (LETTERS, |firm_status| &mut firm_status.letters),
            (HELD, |firm_status| &mut firm_status.held_runs),
        ];
        for (what, count) in counted {
            for row in self.of_firms(&format!("select firm, count(*) from {what}"), "group by firm", firms).await? {
                *count(firm_statuses.entry(named(&row)?).or_default()) = row.try_get::<i64, _>(1)?.unsigned_abs();
            }
        }
        self.look_at_states(firms, &mut firm_statuses).await?;
        for batch in firms.chunks(BATCH) {
            for run in self.last_syncs(batch).await? {
                let firm_status = firm_statuses.entry(run.firm.clone()).or_default();
                firm_status.last_sync = Some(run);
            }
        }
        let wanted: BTreeSet<&FirmId> = firms.iter().copied().collect();
        firm_statuses.retain(|firm, _| wanted.contains(firm));
        Ok(firm_statuses)
    }

    /// Whether these firms are on, one by one.
    pub async fn firm_states(&self, firms: &[&FirmId]) -> Result<Vec<FirmState>, StoreError> {
        let mut firm_statuses: BTreeMap<FirmId, FirmStatus> = BTreeMap::new();
        self.look_at_states(firms, &mut firm_statuses).await?;
        Ok(firms.iter().map(|firm| firm_statuses.get(*firm).map_or(FirmState::New, FirmStatus::state)).collect())
    }

    async fn look_at_states(&self, firms: &[&FirmId], firm_statuses: &mut BTreeMap<FirmId, FirmStatus>) -> Result<(), StoreError> {
        for row in self.of_firms("select firm, vendor, reason, detail, revision, since from pauses where true", "", firms).await? {
            firm_statuses.entry(named(&row)?).or_default().paused = Some(read_pause(&row)?);
        }
        for row in self.of_firms("select firm, state, reason, since from firm_states where true", "", firms).await? {
            let firm_status = firm_statuses.entry(named(&row)?).or_default();
            (firm_status.enabled, firm_status.disabled) = read_firm_state(&row)?;
        }
        Ok(())
    }

    /// What few rows of all firms, or those of one, say.
    async fn of_firms(&self, select: &str, end: &str, firms: &[&FirmId]) -> Result<Vec<DbRow>, StoreError> {
        let one = if let [firm] = firms { Some(firm.as_str()) } else { None };
        let whose = if one.is_some() { "firm = $1" } else { "$1 is null" };
        let sql = sqlx::AssertSqlSafe(format!("{select} and {whose} {end}"));
        query(sql).bind(one).fetch_all(&self.readers).await
    }

    /// The last sync of all cases of each of these firms: a look into the index for each, however many runs there are.
    async fn last_syncs(&self, firms: &[&FirmId]) -> Result<Vec<Run>, StoreError> {
        let mut query = QueryBuilder::new("with firms (firm) as (");
        query.push_values(firms, |mut values, firm| {
            values.push_bind(firm.as_str());
        });
        query.push(format!(
            ") select {COLUMNS} from runs where id in (select (select id from runs as own where own.firm = firms.firm
             and own.kind = 'sync' and own.dry_run = 0 and own.status <> 'queued' order by own.started_at desc limit 1) from firms)"
        ));
        self.read_runs(&query.build().fetch_all(&self.readers).await?).await
    }

    /// Where all firms stand together.
    pub async fn totals(&self) -> Result<Totals, StoreError> {
        let counts = ["pauses", MESSAGES, DOCUMENTS, LETTERS, HELD, EVENTS].map(|what| format!("(select count(*) from {what})"));
        let row = query(sqlx::AssertSqlSafe(format!("select {}", counts.join(", ")))).fetch_one(&self.readers).await?;
        let count = |column: usize| row.try_get::<i64, _>(column).map(i64::unsigned_abs);
        Ok(Totals {
            paused_firms: count(0)?,
            waiting_messages: count(1)?,
            waiting_documents: count(2)?,
            letters: count(3)?,
            held_runs: count(4)?,
            waiting_events: count(5)?,
        })
    }
}

fn named(row: &DbRow) -> Result<FirmId, StoreError> {
    FirmId::new(row.try_get("firm")?).ok_or(StoreError::Unreadable("firm"))
}
