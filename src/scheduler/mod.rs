//! The scheduler: looks now and then which schedules are due, hands their jobs in, and records what was missed or skipped.
//!
//! Architecture invariant: [`due()`], [`jitter()`] and [`Occurrences`] are pure. The time is a parameter, so that a year passes in a test
//! within a second.

mod due;
mod jitter;
mod next_start;
mod occurrences;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use crate::jobs::{Engine, JobRequest, Queue, QueuedJob, Submitted};
use crate::rules::{FirmRules, JobKind, Schedule};
pub use due::{Due, DueOccurrence, MOST_COUNTED, Missed, ON_TIME, due};
pub use jitter::jitter;
pub use next_start::next_start;
pub use occurrences::Occurrences;

use crate::domain::FirmId;
use crate::ruleset::RulesRegistry;
use crate::store::{Handled, LeaseWatch, LockGuard, OccurrenceOutcome, Store, StoreError};

/// A schedule that comes more often than this is not written down at each time: after a pause it simply goes on.
const OFTEN: Duration = Duration::from_hours(6);

/// What was handled later than this from now was not: the clock was wrong when it was written down.
const AHEAD: SignedDuration = SignedDuration::from_hours(24);

/// What is known of one firm's schedule.
struct ScheduleState {
    /// What it was set to ([`setting`]): another setting begins anew.
    setting: String,
    enabled: bool,
    since: Timestamp,
    /// Nothing is due before.
    next: Option<Timestamp>,
}

/// A firm's schedule, as it is looked at.
#[derive(Clone, Copy)]
struct Entry<'a> {
    firm: &'a FirmId,
    rules: &'a FirmRules,
    what: &'a JobKind,
    schedule: &'a Schedule,
    /// Whether it and its firm are.
    enabled: bool,
}

/// Looks which schedules are due.
pub struct Scheduler<E> {
    registry: Arc<RulesRegistry>,
    store: Store,
    queue: Queue<E>,
    /// The lease that it works under.
    lead: LeaseWatch,
    /// How far apart firms that share a time start.
    spread: Duration,
    schedule_states: HashMap<(FirmId, JobKind), ScheduleState>,
    /// The firms that were enabled when it was looked last.
    on: HashSet<FirmId>,
}

impl<E: Engine> Scheduler<E> {
    /// A clockwork for these rules and this queue. It writes as long as this process leads: one that stood still and wakes writes nothing.
    pub fn new(registry: Arc<RulesRegistry>, store: &Store, queue: Queue<E>, lead: &LockGuard, spread: Duration) -> Scheduler<E> {
        Scheduler {
            registry,
            store: store.fenced_by(lead),
            queue,
            lead: lead.hold(),
            spread,
            schedule_states: HashMap::new(),
            on: HashSet::new(),
        }
    }

    /// Looks at every schedule at this moment.
    pub async fn tick(&mut self, now: Timestamp) -> Result<(), StoreError> {
        let current = self.registry.current();
        let on = self.store.enabled_firms().await?;
        let mut seen = HashSet::new();
        let mut trouble = None;
        for (firm, in_use) in &current.firms {
            let Some(rules) = &in_use.rules else { continue };
            // A firm that is not enabled any more stops at once; what ran by itself is taken up by the next run.
            if self.on.contains(firm) && !on.contains(firm) {
                self.stop_firm(firm).await?;
            }
            for (what, schedule) in JobKind::of(rules) {
                let entry = Entry { firm, rules, what: &what, schedule, enabled: schedule.enabled && on.contains(firm) };
                // One that cannot be written down is tried again at the next look, and keeps no other from its turn.
                if let Err(error) = self.look(entry, now).await {
                    trouble.get_or_insert(error);
                }
                seen.insert((firm.clone(), what));
            }
        }
        self.on = on;
        // Firms and scripts that are gone take what waits along.
        let gone: Vec<(FirmId, JobKind)> = self.schedule_states.keys().filter(|key| !seen.contains(*key)).cloned().collect();
        for key in gone {
            self.schedule_states.remove(&key);
            self.queue.forget(&key.0, &key.1);
            if !current.firms.contains_key(&key.0) {
                self.stop_firm(&key.0).await?;
            }
        }
        trouble.map_or(Ok(()), Err)
    }

    /// Stops what is under way for a firm, whoever began it.
    async fn stop_firm(&self, firm: &FirmId) -> Result<(), StoreError> {
        self.queue.cancel_firm(firm);
        self.store.request_cancel_of_firm(firm).await
    }

    async fn look(&mut self, entry: Entry<'_>, now: Timestamp) -> Result<(), StoreError> {
        let Entry { firm, rules, what, schedule, enabled } = entry;
        let key = (firm.clone(), what.clone());
        let setting = setting(schedule, &rules.time_zone);
        let known = self.schedule_states.get(&key).filter(|dial| dial.setting == setting && dial.enabled == enabled);
        if known.is_none() {
            let Some(dial) = self.set(entry, &setting, now).await? else { return Ok(()) };
            self.schedule_states.insert(key.clone(), dial);
        }
        let Some(dial) = self.schedule_states.get_mut(&key) else { return Ok(()) };
        // A clock that was set back must not keep still what comes every few minutes, nor for days what comes daily.
        if dial.since > now + if is_written_down(schedule) { AHEAD } else { SignedDuration::ZERO } {
            (dial.since, dial.next) = (now, None);
        }
        if !enabled || dial.next.is_some_and(|next| now < next) {
            return Ok(());
        }
        let spread = schedule.cron.interval().map_or(self.spread, |interval| self.spread.min(interval));
        let due = due(schedule, &rules.time_zone, dial.since, now, jitter(firm, spread));
        // What is written down before the job begins is taken up again if the host ends meanwhile. Where that cannot be written, the dial
        // stays, and the next look finds the same due.
        if is_written_down(schedule) && due.handled > dial.since {
            self.store.put_handled(firm, &what.to_string(), &Handled { setting, at: due.handled, done: due.run.is_none() }).await?;
        }
        if let Some(missed) = due.missed {
            tracing::warn!(%firm, %what, first = %missed.first, times = missed.count, "occurrence missed: the host was down");
            self.store.put_occurrence(firm, &what.to_string(), missed.first, OccurrenceOutcome::Missed, missed.count as u64).await?;
        }
        (dial.since, dial.next) = (due.handled, due.next.map(|next| next.start));
        let Some(occurrence) = due.run else { return Ok(()) };
        let submitted = self.submit(rules, what, occurrence.nominal).await;
        if submitted.is_err() {
            // It is written down as due, and taken up at the next look.
            self.schedule_states.remove(&(firm.clone(), what.clone()));
        }
        if !submitted? {
            tracing::info!(%firm, %what, "occurrence skipped: the last one is running");
            self.store.put_occurrence(firm, &what.to_string(), occurrence.nominal, OccurrenceOutcome::Skipped, 1).await?;
        }
        Ok(())
    }

    /// Hands an occurrence to the queue, its run recorded before; `false` where the last one is there still.
    async fn submit(&self, rules: &FirmRules, kind: &JobKind, nominal: Timestamp) -> Result<bool, StoreError> {
        if self.queue.has(&rules.firm, kind) {
            return Ok(false);
        }
        let mut request = JobRequest::occurrence(kind, nominal);
        let mut run = None;
        if kind.has_one_run() {
            run = Some(self.store.unused_run_id().await?);
            request.run = run.as_ref().map(|run| run.0.clone());
            if let Some(queued) = request.queued(rules) {
                self.store.queue_run(&queued, &rules.text, &request.to_text(), None).await?;
            }
        }
        let job = QueuedJob { lead: self.lead.clone(), ..QueuedJob::new(&rules.firm, request) };
        if let (Submitted::Waiting(reason), Some(run)) = (self.queue.submit(job), run) {
            self.store.note_wait(&run, &reason).await?;
        }
        Ok(true)
    }

    /// Sets a dial for a schedule that is new, was edited, or is looked at for the first time since the host started.
    async fn set(&mut self, entry: Entry<'_>, setting: &str, now: Timestamp) -> Result<Option<ScheduleState>, StoreError> {
        let Entry { firm, rules, what, schedule, enabled } = entry;
        let dial = |since| Some(ScheduleState { setting: setting.to_owned(), enabled, since, next: None });
        let name = what.to_string();
        if !enabled {
            self.queue.forget(firm, what);
            self.store.forget_schedule(firm, &name).await?;
            return Ok(dial(now));
        }
        if !is_written_down(schedule) {
            return Ok(dial(now));
        }
        match self.store.handled(firm, &name).await? {
            // A clock that was far ahead and was set right again would otherwise keep the schedule still until then.
            Some(known) if known.setting == setting && known.at <= now + AHEAD => {
                if !known.done {
                    // What this instance began while it led before may be under way. Whether it comes to its end is seen at the next look.
                    if !self.submit(rules, what, known.at).await? {
                        return Ok(None);
                    }
                    tracing::info!(%firm, %what, nominal = %known.at, "occurrence resumed");
                }
                Ok(dial(known.at))
            }
            _ => {
                self.store.put_handled(firm, &name, &Handled { setting: setting.to_owned(), at: now, done: true }).await?;
                Ok(dial(now))
            }
        }
    }
}

/// Whether each occurrence is written down: not where they come every few minutes and none is caught up.
fn is_written_down(schedule: &Schedule) -> bool {
    schedule.catch_up.is_some() || schedule.cron.interval().is_none_or(|interval| interval >= OFTEN)
}

/// What a schedule is set to: its expression, and the clock that it goes by.
fn setting(schedule: &Schedule, zone: &TimeZone) -> String {
    format!("{} {}", schedule.cron.text, zone.iana_name().unwrap_or("UTC"))
}
