//! What only a store in a file can come to: it is backed up by copying, its disk is full, another program holds it, somebody removes it.
//! These tests are left out where hosts keep their store in PostgreSQL.

mod backup;
mod copy;

use std::time::Duration;

use crate::serve::machine::{moved, written};
use crate::support::serving::Serving;
use crate::support::store;

const MOVED: u64 = 600;

#[test]
fn a_disk_that_is_full_half_way_stops_the_run_and_the_next_does_the_rest() {
    // How much the tables alone take depends on the schema: the first disk that has room for more is the one.
    let (scene, before) = (600..1_400)
        .step_by(20)
        .find_map(|room| {
            let scene = moved(MOVED);
            let finished = scene.host.start_on_a_small_disk(room, &["sync", "hartwell", "--json"]).wait().exits(1);
            let said = finished.json()["error"].as_str().unwrap().to_owned();
            assert!(said.contains("store") && (said.contains("disk") || said.contains("full")), "{said}");
            let before = written(&scene);
            (!before.is_empty()).then_some((scene, before))
        })
        .expect("a disk that is full half-way");
    assert!((before.len() as u64) < MOVED, "{} were written", before.len());

    // There is room again: each case is moved, and none was moved twice.
    scene.sync().exits(0).run().counts(&[
        ("attempted", MOVED),
        ("updated", MOVED - before.len() as u64),
        ("unchanged", before.len() as u64),
    ]);
    assert_eq!(scene.vendors.journal().stages_applied(), (1..=MOVED).map(|id| (id.to_string(), 1)).collect());
    let sound = store::with(&scene.host, async |store| sqlx::query_scalar::<_, String>("pragma integrity_check").fetch_one(store).await);
    assert_eq!(sound.unwrap(), "ok");
}

#[test]
fn a_store_that_another_program_holds_is_waited_for() {
    let scene = moved(2);
    scene.host.run(&["runs", "list"]).exits(0);
    let finished = store::with(&scene.host, async |store| {
        sqlx::query("begin immediate").execute(&mut *store).await.unwrap();
        let mut running = scene.host.start(&["sync", "hartwell", "--json"]);
        // It waits, and nothing is asked for that could not be recorded.
        std::thread::sleep(Duration::from_secs(3));
        assert!(running.is_running());
        assert_eq!(written(&scene).len(), 0);
        sqlx::query("rollback").execute(&mut *store).await.unwrap();
        running.wait()
    });
    finished.exits(0).run().counts(&[("attempted", 2), ("updated", 2)]);
}

#[test]
fn a_host_whose_file_is_gone_is_not_ready() {
    let scene = moved(1);
    let serving = Serving::start(&scene.host);
    // What is written to a file that was removed is lost, although SQLite goes on with it.
    let (store, aside) = (scene.host.path("var/casebridge.db"), scene.host.path("var/aside.db"));
    std::fs::rename(&store, &aside).unwrap();
    serving.get("/readyz").answers(503);
    serving.get("/healthz").answers(200);
    std::fs::copy(&aside, &store).unwrap();
    serving.get("/readyz").answers(503);
    std::fs::rename(&aside, &store).unwrap();
    serving.get("/readyz").answers(200);
    let stopped = serving.stop();
    assert!(stopped.stderr.contains("removed or replaced"), "{}", stopped.stderr);
}
