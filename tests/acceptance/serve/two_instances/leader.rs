//! The lead changes while the instance that had it lives on, since it or PostgreSQL stood still: each occurrence of a schedule has one run,
//! and what it is to write is written once.
//!
//! `CASEBRIDGE_FREEZES` says how often, two times if it is not set, half of them the one and half the other; `./test --long` sets it.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::time::{Duration, Instant};

use serde_json::json;

use super::Two;
use crate::support::rules::Rules;
use crate::support::serving::Serving;
use crate::support::store::{execute, number};
use crate::support::vendors::World;

/// Longer than whoever waits for a firm's lock waits between two looks.
const AFTER: Duration = Duration::from_secs(5);

/// So many cases are moved, so many clients get a message of the script, and so many one that staff typed.
const CASES: u64 = 24;

const SCRIPT: &str = "for id in 1..=24 { case_status.send_message(id, `News of case ${id}`); }";

/// All of it is written down and is taken up.
const SCHEDULE: &str = "{ stage_sync: { enabled: false }, document_sync: { enabled: false }, \
                        nightly_sync: { cron: \"0 3 1 1 *\", catch_up: 1h }, message_sync: { cron: \"0 3 1 1 *\", catch_up: 1h }, \
                        scripts: [{ script: work.rhai, cron: \"0 3 1 1 *\", apply: true }] }";

/// What stands still, after how many writes, and for how long.
#[derive(Debug)]
struct Freeze {
    is_postgres: bool,
    after: usize,
    still: Duration,
}

impl Freeze {
    /// When and for how long is chance.
    fn by_chance(is_postgres: bool) -> Freeze {
        let chance = RandomState::new().hash_one(is_postgres);
        Freeze {
            is_postgres,
            after: usize::try_from(chance % 40).expect("a small number"),
            still: Duration::from_millis(16_000 + chance / 64 % 8_000),
        }
    }
}

/// A night, a script and messages that begin as soon as an instance serves, and take some seconds.
fn owing_all() -> Two {
    let mut world = World::of(1..=CASES);
    for id in 1..=CASES {
        world.peer(id)["stage"] = json!("Negotiation");
        world.outbound(id, &format!("Typed for case {id}"));
    }
    let rules = Rules::new()
        .with("schedule", SCHEDULE)
        .with("guard", "{ max_stage_changes: 100% }")
        .with("limits", "{ requests_per_second: 16, concurrency: 4 }");
    let two = Two::new(world, &rules);
    two.scene.host.folder("scripts");
    two.scene.host.write("scripts/work.rhai", SCRIPT);
    let mut serving = Serving::start(&two.scene.host);
    serving.until("its schedules are on record", || number(&two.second, "select cast(count(*) as text) from schedules", &[]) == 3);
    serving.stop();
    execute(&two.second, "update schedules set done = 0", &[]);
    two.scene.vendors.take_journal();
    two
}

fn all_is_written_once(freeze: &Freeze) {
    let two = owing_all();
    let writes = || two.scene.vendors.journal().iter().filter(|entry| entry.call.is_write()).count();
    let mut first = Serving::start(&two.scene.host);
    first.until("it is at work", || writes() > freeze.after);
    let mut second = Serving::start(&two.second);
    if freeze.is_postgres {
        two.postgres.freeze();
    } else {
        first.running.freeze();
    }
    let since = Instant::now();
    second.until("it has stood still for long", || since.elapsed() >= freeze.still);
    if freeze.is_postgres {
        two.postgres.wake();
    } else {
        first.running.wake();
    }
    let done = "select cast(count(*) as text) from schedules where done = 1";
    second.until("all occurrences are done", || number(&two.second, done, &[]) == 3);
    let since = Instant::now();
    second.until("nobody waits any more", || since.elapsed() >= AFTER);
    first.stop();
    second.stop();

    let sent = |id: u64| {
        let world = two.scene.vendors.world();
        let mut bodies: Vec<String> =
            world.sent(id).iter().map(|message| message["body"].as_str().unwrap_or_default().to_owned()).collect();
        bodies.sort();
        bodies
    };
    for id in 1..=CASES {
        assert_eq!(sent(id), [format!("News of case {id}"), format!("Typed for case {id}")], "{freeze:?}");
    }
    let once: BTreeMap<String, u32> = (1..=CASES).map(|id| (id.to_string(), 1)).collect();
    assert_eq!(two.scene.vendors.journal().stages_applied(), once, "{freeze:?}");
    // What was cut off reads as interrupted. Of what came to its end there is one of each.
    for kind in ["sync", "migration"] {
        let ended = two.runs().iter().filter(|run| run["kind"] == kind && run["status"] == "succeeded").count();
        assert_eq!(ended, 1, "{freeze:?}: {:#?}", two.runs());
    }
}

/// Half as often as is asked for, and at least once.
fn all_is_written_once_each_time(is_postgres: bool) {
    let times = std::env::var("CASEBRIDGE_FREEZES").map_or(2, |times| times.parse().expect("a number of freezes"));
    assert!(times >= 2, "of each at least one");
    for round in 0..times / 2 {
        let freeze = Freeze::by_chance(is_postgres);
        println!("freeze {} of {}: {freeze:?}", round + 1, times / 2);
        all_is_written_once(&freeze);
    }
}

#[test]
fn each_occurrence_has_one_run_when_an_instance_stands_still() {
    all_is_written_once_each_time(false);
}

#[test]
fn each_occurrence_has_one_run_when_postgresql_stands_still() {
    all_is_written_once_each_time(true);
}
