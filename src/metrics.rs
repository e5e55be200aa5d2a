//! What is seen of the work from outside: numbers for Prometheus, without anything that names a firm's client.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use crate::background::BackgroundTask;
use crate::domain::{EventKind, FirmState, RowResult, RunStatus};
use crate::rules::JobKind;
use crate::ruleset::RulesLag;
use crate::runs::{Lane, RunReport};
use crate::store::Totals;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRun {
    kind: &'static str,
    status: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfCase {
    kind: &'static str,
    result: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSchedule {
    schedule: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLane {
    lane: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfState {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEdit {
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfEvent {
    r#type: &'static str,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfTask {
    task: &'static str,
}

type Gauges<L> = Family<L, Gauge<f64, AtomicU64>>;

/// The numbers.
pub struct Metrics {
    registry: Registry,
    runs: Family<OfRun, Counter>,
    cases: Family<OfCase, Counter>,
    jobs: Family<OfSchedule, Histogram, fn() -> Histogram>,
    errors: Family<OfSchedule, Counter>,
    waiting: Gauges<OfLane>,
    under_way: Gauges<OfLane>,
    firms: Gauges<OfState>,
    firm_states: Gauges<OfState>,
    left_alone: Gauge<f64, AtomicU64>,
    engine_away: Gauge<f64, AtomicU64>,
    totals: [Gauge<f64, AtomicU64>; 6],
    edits: Family<OfEdit, Counter>,
    rules_lag: Gauge<f64, AtomicU64>,
    rules_change: Gauge,
    events: Family<OfEvent, Counter>,
    tasks: Family<OfTask, Gauge>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let histogram: fn() -> Histogram = || Histogram::new(exponential_buckets(0.05, 3.0, 10));
        let mut metrics = Metrics {
            registry: Registry::with_prefix("casebridge"),
            runs: Family::default(),
            cases: Family::default(),
            jobs: Family::new_with_constructor(histogram),
            errors: Family::default(),
            waiting: Family::default(),
            under_way: Family::default(),
            firms: Family::default(),
            firm_states: Family::default(),
            left_alone: Gauge::default(),
            engine_away: Gauge::default(),
            totals: Default::default(),
            edits: Family::default(),
            rules_lag: Gauge::default(),
            rules_change: Gauge::default(),
            events: Family::default(),
            tasks: Family::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("runs", "Runs that ended, by kind and status", metrics.runs.clone());
        registry.register("cases", "Cases of runs that ended, by kind of run and result", metrics.cases.clone());
        registry.register_with_unit("job_duration", "How long jobs of schedules took", Unit::Seconds, metrics.jobs.clone());
        registry.register("job_errors", "Jobs of schedules that could not be carried out", metrics.errors.clone());
        registry.register("jobs_waiting", "Jobs that wait for their turn, by lane", metrics.waiting.clone());
        registry.register("jobs_under_way", "Jobs under way, by lane", metrics.under_way.clone());
        registry.register("firms", "Firms, by the state of their rules", metrics.firms.clone());
        registry.register("firm_states", "Firms, by whether they are on", metrics.firm_states.clone());
        registry.register("vendors_left_alone", "Firms' vendors that fail for everything and are left alone", metrics.left_alone.clone());
        registry.register("engine_away", "Whether Temporal is unreachable", metrics.engine_away.clone());
        let totals = [
            ("firms_paused", "Firms that are left alone because a vendor refuses their key"),
            ("messages_waiting", "Messages of Case Status that are to become notes"),
            ("documents_waiting", "Documents of Case Status that are to be brought over"),
            ("letters", "Messages and documents that could not be delivered and that somebody should look at"),
            ("runs_held", "Runs that wait for somebody's approval"),
            ("events_waiting", "Events of CASEpeer's that are to be carried out"),
        ];
        totals.iter().zip(&metrics.totals).for_each(|((name, help), gauge)| registry.register(*name, *help, gauge.clone()));
        registry.register("rules_edits", "Edits of rules, by what became of them", metrics.edits.clone());
        registry.register_with_unit(
            "rules_lag",
            "For how long the rules in use have not been the newest",
            Unit::Seconds,
            metrics.rules_lag.clone(),
        );
        registry.register(
            "rules_change",
            "The change of the store's rules that is in use; 0 where rules are in folders",
            metrics.rules_change.clone(),
        );
        registry.register("events", "Events of CASEpeer's, by type and by what became of them", metrics.events.clone());
        registry.register("task_failing", "Whether a background task fails, by its name", metrics.tasks.clone());
        metrics
    }
}

impl Metrics {
    /// A run ended.
    pub fn run_ended(&self, finished: &RunReport) {
        let kind = finished.run.kind.as_str();
        self.runs.get_or_create(&OfRun { kind, status: finished.run.status.as_str() }).inc();
        // A dry run did nothing of what it counts.
        if finished.run.dry_run {
            return;
        }
        let counts = finished.counts;
        let numbers = [
            (RowResult::Created, counts.created),
            (RowResult::Updated, counts.updated),
            (RowResult::Unchanged, counts.unchanged),
            (RowResult::Skipped, counts.skipped),
            (RowResult::Failed, counts.failed),
            (RowResult::Held, counts.held),
        ];
        for (result, number) in numbers {
            if number > 0 {
                self.cases.get_or_create(&OfCase { kind, result: result.as_str() }).inc_by(number);
            }
        }
        debug_assert!(finished.run.status != RunStatus::Running);
    }

    /// A job of a schedule ended.
    pub fn job_ended(&self, what: &JobKind, took: Duration, well: bool) {
        let schedule = match what {
            // Scripts are many, and their names the users' own.
            JobKind::Script(_) => "script".to_owned(),
            what => what.to_string(),
        };
        self.jobs.get_or_create(&OfSchedule { schedule: schedule.clone() }).observe(took.as_secs_f64());
        if !well {
            self.errors.get_or_create(&OfSchedule { schedule }).inc();
        }
    }

    /// A background task, which shows here whether it fails.
    pub fn task(&self, name: &'static str, period: Duration) -> BackgroundTask {
        BackgroundTask::new(name, period, self.tasks.get_or_create_owned(&OfTask { task: name }))
    }

    /// An edit of rules was looked at.
    pub fn edited(&self, outcome: &'static str) {
        self.edits.get_or_create(&OfEdit { outcome }).inc();
    }

    /// How fresh the rules in use are.
    pub fn rules_lag(&self, rules_lag: &RulesLag) {
        self.rules_lag.set(rules_lag.lag().as_secs_f64());
        self.rules_change.set(rules_lag.change());
    }

    /// An event of CASEpeer's came, or ended. Of one that nobody can read, or may, there is no kind.
    pub fn event(&self, kind: Option<EventKind>, outcome: &'static str) {
        self.events.get_or_create(&OfEvent { r#type: kind.map_or("unknown", EventKind::as_str), outcome }).inc();
    }

    /// How many jobs wait and are under way in a lane.
    #[allow(clippy::cast_precision_loss)] // far below 2^53
    pub fn load(&self, lane: Lane, (waiting, under_way): (usize, usize)) {
        let lane = match lane {
            Lane::Bulk => "bulk",
            Lane::Messages => "messages",
        };
        self.waiting.get_or_create(&OfLane { lane }).set(waiting as f64);
        self.under_way.get_or_create(&OfLane { lane }).set(under_way as f64);
    }

    /// How many firms' rules are in which state.
    #[allow(clippy::cast_precision_loss)] // far below 2^53
    pub fn firms(&self, states: &[(&'static str, usize)]) {
        for (state, count) in states {
            self.firms.get_or_create(&OfState { state }).set(*count as f64);
        }
    }

    /// How many firms are in which state; `None` where the store does not say.
    #[allow(clippy::cast_precision_loss)] // far below 2^53
    pub fn firm_states(&self, states: Option<&[FirmState]>) {
        for state in FirmState::ALL {
            let count = states.map_or(f64::NAN, |states| states.iter().filter(|other| **other == state).count() as f64);
            self.firm_states.get_or_create(&OfState { state: state.as_str() }).set(count);
        }
    }

    /// Whether an engine of its own carries runs out, and does not answer.
    pub fn engine_away(&self, is_away: bool) {
        self.engine_away.set(if is_away { 1.0 } else { 0.0 });
    }

    /// How many firms' vendors are left alone.
    #[allow(clippy::cast_precision_loss)] // far below 2^53
    pub fn left_alone(&self, count: usize) {
        self.left_alone.set(count as f64);
    }

    /// Where all firms stand together; `None` where the store does not say.
    #[allow(clippy::cast_precision_loss)] // far below 2^53
    pub fn totals(&self, totals: Option<Totals>) {
        let numbers = totals.map(|totals| {
            let Totals { paused_firms, waiting_messages, waiting_documents, letters, held_runs, waiting_events } = totals;
            [paused_firms, waiting_messages, waiting_documents, letters, held_runs, waiting_events].map(|number| number as f64)
        });
        self.totals.iter().zip(numbers.unwrap_or([f64::NAN; 6])).for_each(|(gauge, number)| _ = gauge.set(number));
    }

    /// All of it, in the text of OpenMetrics.
    pub fn as_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
