//! What a firm's schedule is as one of Temporal's.

use std::time::Duration;

use jiff::tz::TimeZone;
use sha2::{Digest as _, Sha256};
use temporalio_client::schedules::{CreateScheduleOptions, ScheduleAction, ScheduleOverlapPolicy, ScheduleSpec, ScheduleUpdate};

use super::ids::WorkflowIds;
use super::occurrence::{Occurrence, OccurrenceInput};
use crate::domain::FirmId;
use crate::rules::{JobKind, Schedule};
use crate::runs::Lane;
use crate::scheduler::{ON_TIME, jitter};

/// A schedule as it should be in Temporal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredSchedule {
    /// Its id.
    pub id: String,
    cron: String,
    zone: String,
    /// How late one that was missed may still run.
    catch_up: Duration,
    enabled: bool,
    firm: String,
    schedule: String,
    /// How long after its time the firm starts.
    jitter: Duration,
    /// How far Temporal itself spreads starts.
    spread: Duration,
    task_queue: String,
}

impl DesiredSchedule {
    /// As the rules have it; firms that share a time start `spread` apart.
    pub fn new(
        names: &WorkflowIds,
        firm: &FirmId,
        zone: &TimeZone,
        what: &JobKind,
        schedule: &Schedule,
        spread: Duration,
    ) -> DesiredSchedule {
        // An occurrence that waits for its firm's place keeps the schedule's next one from starting. That is no matter once a day; what comes
        // every few minutes is spread by Temporal before it begins.
        let (jitter, spread) = match schedule.cron.interval() {
            Some(interval) => (Duration::ZERO, spread.min(interval)),
            None => (jitter(firm, spread), Duration::ZERO),
        };
        DesiredSchedule {
            id: names.schedule(firm, what),
            cron: schedule.cron.plain(),
            zone: zone.iana_name().unwrap_or("UTC").to_owned(),
            catch_up: schedule.catch_up.unwrap_or(ON_TIME).max(ON_TIME),
            enabled: schedule.enabled,
            firm: firm.to_string(),
            schedule: what.to_string(),
            jitter,
            spread,
            task_queue: names.task_queue(Lane::of_job(what)),
        }
    }

    /// What stands in the schedule's note: it says who keeps the schedule, and what it was set to.
    pub fn note(&self) -> String {
        let digest = Sha256::digest(format!("1 {self:?}"));
        let hash: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        format!("kept in step with the firm's rules by casebridge ({hash})")
    }

    /// What it is made of where there is none. It is not complete until [`DesiredSchedule::apply`] has set the rest.
    pub(super) fn create(&self) -> CreateScheduleOptions {
        CreateScheduleOptions::builder()
            .action(self.action())
            .spec(self.spec())
            .overlap_policy(ScheduleOverlapPolicy::Skip)
            .paused(!self.enabled)
            .note("casebridge is making it")
            .build()
    }

    /// Makes a schedule what it should be.
    pub(super) fn apply(&self, update: &mut ScheduleUpdate) {
        update
            .set_spec(self.spec())
            .set_action(self.action())
            .set_overlap_policy(ScheduleOverlapPolicy::Skip)
            .set_catchup_window(self.catch_up)
            .set_paused(!self.enabled)
            .set_note(self.note());
    }

    fn spec(&self) -> ScheduleSpec {
        ScheduleSpec::builder()
            .cron_strings(vec![self.cron.clone()])
            .timezone_name(self.zone.clone())
            .maybe_jitter((!self.spread.is_zero()).then_some(self.spread))
            .build()
    }

    fn action(&self) -> ScheduleAction {
        let jitter = u64::try_from(self.jitter.as_millis()).unwrap_or(u64::MAX);
        let occasion = OccurrenceInput { firm: self.firm.clone(), schedule: self.schedule.clone(), jitter };
        ScheduleAction::start_workflow(Occurrence::run, occasion, self.task_queue.clone(), self.id.clone())
    }
}
