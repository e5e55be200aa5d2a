//! Two instances over one PostgreSQL: one is killed, stands still or loses the database in the middle of its work, and every run comes to its
//! end, with every effect once.

mod database_restarted;
mod frozen;
mod killed;
mod leader;
mod messages;
mod rules;
#[cfg(feature = "temporal")]
mod temporal;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::support::host::{Host, Scene};
use crate::support::http::ask;
use crate::support::postgres::Postgres;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving};
use crate::support::store::owe_a_nightly_sync;
use crate::support::vendors::{Call, Fault, Gate, Vendors, World};
use crate::webhooks::sent::{SECRET, give_secret};

/// So many cases are to be moved.
const MOVED: u64 = 50;

/// A firm whose vendors and whose store two instances share.
pub struct Two {
    pub scene: Scene,
    pub second: Host,
    pub postgres: Arc<Postgres>,
    /// What carries the runs; without it, the two do.
    #[cfg(feature = "temporal")]
    pub temporal: Option<std::sync::Mutex<crate::temporal::Temporal>>,
    /// Whoever asks for a sync, where no schedule does.
    support: Option<String>,
}

impl Two {
    /// Sets it up.
    pub fn new(world: World, rules: &Rules) -> Two {
        let postgres = Arc::new(Postgres::durable());
        let vendors = Vendors::boot(world);
        let mut host = Host::on_postgres(&postgres);
        host.firm("hartwell", &vendors, rules);
        give_secret(&mut host, "hartwell", SECRET);
        let second = host.beside();
        Two {
            scene: Scene { vendors, host },
            second,
            postgres,
            #[cfg(feature = "temporal")]
            temporal: None,
            support: None,
        }
    }

    /// A firm all of whose cases are to be moved.
    fn to_be_moved() -> Two {
        Two::guarded("{ max_stage_changes: 100% }")
    }

    /// The same, with this guard.
    fn guarded(guard: &str) -> Two {
        let mut world = World::of(1..=MOVED);
        (1..=MOVED).for_each(|id| world.peer(id)["stage"] = json!("Negotiation"));
        let rules = Rules::new()
            .with("schedule", NIGHTLY_ALONE)
            .with("guard", guard)
            .with("limits", "{ requests_per_second: 100000, concurrency: 2 }");
        Two::new(world, &rules)
    }

    /// A nightly sync that is to move all cases and begins as soon as an instance serves.
    pub fn owing_a_night() -> Two {
        let two = Two::to_be_moved();
        owe_a_nightly_sync(&two.scene.host, "hartwell");
        two.scene.vendors.take_journal();
        two
    }

    /// Starts the first one, and asks it for a sync where no schedule does.
    pub fn start_first(&self) -> Serving {
        let mut first = Serving::start(&self.scene.host);
        if let Some(support) = &self.support {
            first.until_answer("the engine answers", "", "/readyz", |answer| answer.body == "ready\n");
            let address = first.address.clone();
            let headers = [("authorization", format!("Bearer {support}"))];
            let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
            // An engine that has only just been reached may be slow to answer: one is to ask again.
            let asked = || ask(&address, "POST", "/api/v1/firms/hartwell/sync", &headers);
            first.until("it takes the sync", || asked().is_some_and(|answer| answer.status == 202));
        }
        first
    }

    /// Starts the first one, waits until it is at the first of these requests that meets the fault, and starts the second one.
    pub fn at(&self, skip: u32, fault: Fault, at: impl Fn(&Call) -> bool + Clone + Send + 'static) -> [Serving; 2] {
        self.scene.vendors.after(skip, u32::MAX, fault, at.clone());
        let mut first = self.start_first();
        let asked = || self.scene.vendors.journal().iter().filter(|entry| at(&entry.call)).count();
        first.until("it is in the middle", || asked() > usize::try_from(skip).expect("a small number"));
        [first, Serving::start(&self.second)]
    }

    /// In the middle of writing: two writes are done and not answered until the gate opens.
    pub fn writing(&self) -> ([Serving; 2], Gate) {
        let gate = Gate::closed();
        let mut both = self.at(10, Fault::DoneThenWait(gate.clone()), Call::is_patch);
        let [first, _] = &mut both;
        first.until("two writes are in flight", || self.scene.vendors.journal().patches().len() == 12);
        self.scene.vendors.mend();
        (both, gate)
    }

    /// The firm's runs, latest first.
    pub fn runs(&self) -> Vec<Value> {
        let listed = self.second.run(&["runs", "list", "--json"]).exits(0).json();
        listed.as_array().expect("runs").clone()
    }

    /// Whether the run has succeeded.
    pub fn has_succeeded(&self) -> bool {
        crate::support::store::lines(&self.second, "select status from runs where status = 'succeeded'", &[]).len() == 1
    }

    /// Every case was moved, none of them twice. One run says so; what it took over reads as interrupted, and where Temporal carries runs it
    /// is the same one.
    #[track_caller]
    pub fn each_case_was_moved_once(&self) {
        let once: BTreeMap<String, u32> = (1..=MOVED).map(|id| (id.to_string(), 1)).collect();
        assert_eq!(self.scene.vendors.journal().stages_applied(), once);
        assert!(self.scene.vendors.world().existing.iter().all(|held| held["stage"] == 6));
        let runs = self.runs();
        assert!(runs.iter().skip(1).all(|run| run["status"] == "interrupted"), "{runs:#?}");
        assert!(runs.len() == 1 || self.support.is_none(), "{runs:#?}");
        assert_eq!((&runs[0]["status"], &runs[0]["counts"]["attempted"]), (&json!("succeeded"), &json!(MOVED)), "{runs:#?}");
        if self.support.is_none() {
            let nightly = "select cast(count(*) as text) from schedules where schedule = 'nightly_sync' and done = 1";
            assert_eq!(crate::support::store::number(&self.second, nightly, &[]), 1);
        }
    }
}
