//! Runs: recorded, read back, taken once, held, superseded, asked to stop.

use casebridge::domain::{CaseId, Counts, Kind, MigrationTask, RowResult, Run, RunId, RunStatus};
use casebridge::store::{Handled, RunFilter};

use super::scene::{at, ended, hartwell, how_many, okafor, on_both, row, run, run_id, status};

#[test]
fn a_run_reads_as_it_was_recorded_and_ends_its_schedule_with_it() {
    on_both(async |scene| {
        let store = &scene.store;
        let id = store.unused_run_id().await.unwrap();
        assert!(RunId::parse(&id.0).is_some() && store.run(&id).await.unwrap().is_none());
        let begun = Run { cases: vec![CaseId(7), CaseId(8)], undoes: Some(run_id("x1")), dry_run: true, ..run(&id.0, Kind::Undo, 0) };
        let handled = Handled { setting: "0 0 * * *".into(), at: at(0), done: false };
        store.put_handled(&hartwell(), "sync", &handled).await.unwrap();
        store.begin_run(&begun, "rules", None).await.unwrap();
        let at_work = store.locks.run(&id).await.unwrap().unwrap();
        assert_eq!(format!("{:?}", store.run(&id).await.unwrap().unwrap()), format!("{begun:?}"));
        assert_eq!(store.running_runs().await.unwrap(), 1);
        at_work.release().await;
        assert_eq!((status(store, &id).await, store.running_runs().await.unwrap()), (RunStatus::Interrupted, 0));
        let (reason, answer) = (Some("why".to_owned()), Some("{}".to_owned()));
        let end = Run { status: RunStatus::Partial, reason, answer, finished_at: Some(at(9)), would_hold: Some(true), ..begun };
        store.end_run(&end, Some("sync")).await.unwrap();
        assert_eq!(format!("{:?}", store.run(&id).await.unwrap().unwrap()), format!("{end:?}"));
        assert!(store.handled(&hartwell(), "sync").await.unwrap().unwrap().done);
    });
}

#[test]
fn the_latest_runs_come_first_by_pages_and_by_what_is_asked_for() {
    on_both(async |scene| {
        let store = &scene.store;
        for (name, kind, second) in [("a", Kind::Sync, 1), ("b", Kind::Connect, 2), ("c", Kind::Sync, 2)] {
            ended(store, run(name, kind, second), RunStatus::Succeeded).await;
        }
        store.begin_run(&run("d", Kind::Sync, 4), "rules", None).await.unwrap();
        ended(store, Run { firm: okafor(), dry_run: true, ..run("e", Kind::Sync, 5) }, RunStatus::Failed).await;
        store.put_rows(&run_id("c"), &[row("1", RowResult::Updated), row("2", RowResult::Skipped)], at(3)).await.unwrap();
        let names = |runs: Vec<(Run, Counts)>| runs.iter().map(|(run, _)| run.id.0.as_str()).collect::<String>();
        assert_eq!(names(store.runs(None, 10).await.unwrap()), "edcba");
        let own = store.runs(Some(&hartwell()), 2).await.unwrap();
        assert_eq!(own[1].1, Counts { attempted: 1, updated: 1, skipped: 1, ..Counts::default() });
        let last = own[1].0.clone();
        assert_eq!(names(own), "dc");
        let found = async |filter: RunFilter| names(store.runs_before(&filter, Some(&last), 10).await.unwrap());
        assert_eq!(found(RunFilter::default()).await, "ba");
        assert_eq!(found(RunFilter { kind: Some(Kind::Sync), firm: Some(hartwell()), ..RunFilter::default() }).await, "a");
        let interrupted = RunFilter { status: Some(RunStatus::Interrupted), ..RunFilter::default() };
        assert_eq!(names(store.runs_before(&interrupted, None, 10).await.unwrap()), "d");
        let dry = RunFilter { dry_run: Some(true), ..RunFilter::default() };
        assert_eq!(names(store.runs_before(&dry, None, 10).await.unwrap()), "e");
        assert_eq!(store.counts(&run_id("c")).await.unwrap().updated, 1);
    });
}

#[test]
fn a_queued_run_is_taken_once_and_queued_once() {
    on_both(async |scene| {
        let store = &scene.store;
        let (run, id) = (run("a", Kind::Sync, 0), run_id("a"));
        for job in ["first", "second"] {
            store.queue_run(&run, "rules", job, None).await.unwrap();
        }
        assert_eq!(store.orphaned_runs().await.unwrap()[0].job, "first");
        store.request_cancel(&id).await.unwrap();
        assert_eq!(how_many(scene, async |store, _| store.take_queued(&id, at(5)).await.unwrap()).await, 1);
        assert_eq!(store.run(&id).await.unwrap().unwrap().started_at, at(5));
        assert!(!store.is_cancel_requested(&id).await.unwrap(), "the request was of the time before");
    });
}

#[test]
fn a_held_run_is_approved_once_queued_once_and_held_again_if_it_cannot_begin() {
    on_both(async |scene| {
        let (store, id) = (&scene.store, run_id("a"));
        ended(store, run("a", Kind::Sync, 0), RunStatus::Held).await;
        let queued = how_many(scene, async |store, number| store.queue_approved(&id, &number.to_string(), "job").await.unwrap());
        assert_eq!(queued.await, 1);
        assert!(!store.put_away(&id).await.unwrap() && !store.take_held(&id, "x", false).await.unwrap());
        store.note_wait(&id, "waits").await.unwrap();
        store.discard_queued(&id).await.unwrap();
        store.refuse_queued(&id, "no key").await.unwrap();
        let held = store.run(&id).await.unwrap().unwrap();
        assert_eq!((held.status, held.reason), (RunStatus::Held, None), "an approval is not used up");
        let taken = how_many(scene, async |store, number| store.take_held(&id, &format!("by {number}"), false).await.unwrap());
        assert_eq!(taken.await, 1);
        assert!(store.approved(&id).await.unwrap().unwrap().starts_with("by "));
        assert_eq!(store.approved(&run_id("z")).await.unwrap(), None);
        ended(store, run("b", Kind::Sync, 1), RunStatus::Held).await;
        assert_eq!(how_many(scene, async |store, _| store.put_away(&run_id("b")).await.unwrap()).await, 1);
        assert_eq!(status(store, &run_id("b")).await, RunStatus::Cancelled);
    });
}

#[test]
fn a_run_takes_the_place_of_held_ones_of_the_same_work_alone() {
    on_both(async |scene| {
        let store = &scene.store;
        let connect = |name: &str, case: u64| Run { cases: vec![CaseId(case)], ..run(name, Kind::Connect, 0) };
        let undo = |name: &str, of: &str| Run { undoes: Some(run_id(of)), ..run(name, Kind::Undo, 0) };
        let held = [run("sync", Kind::StageSync, 0), connect("c7", 7), connect("c8", 8), undo("u1", "x1"), undo("u2", "x2")];
        let others = Run { firm: okafor(), ..run("theirs", Kind::Sync, 0) };
        for run in held.into_iter().chain([others, run("m1", Kind::Migration, 0), run("m2", Kind::Migration, 0)]) {
            ended(store, run, RunStatus::Held).await;
        }
        for (run, script) in [("m1", "one"), ("m2", "two"), ("m3", "one")] {
            if run == "m3" {
                store.begin_run(&super::scene::run(run, Kind::Migration, 1), "rules", None).await.unwrap();
            }
            store.begin_migration(&run_id(run), &MigrationTask::of_schedule(&hartwell(), script), "h").await.unwrap();
        }
        ended(store, run("failed", Kind::Sync, 1), RunStatus::Failed).await;
        assert_eq!(status(store, &run_id("sync")).await, RunStatus::Held);
        for newer in [run("new", Kind::Sync, 1), connect("c9", 7), undo("u3", "x2"), run("m3", Kind::Migration, 1)] {
            ended(store, newer, RunStatus::Succeeded).await;
        }
        let held = RunFilter { status: Some(RunStatus::Held), ..RunFilter::default() };
        let mut left: Vec<_> = store.runs_before(&held, None, 10).await.unwrap().into_iter().map(|(run, _)| run.id.0).collect();
        left.sort();
        assert_eq!(left, ["c8", "m2", "theirs", "u1"]);
        let reason = store.run(&run_id("sync")).await.unwrap().unwrap().reason;
        assert_eq!(reason.as_deref(), Some("run new is newer and takes its place"));
    });
}

#[test]
fn a_run_is_asked_to_stop_in_whatever_process_it_is() {
    on_both(async |scene| {
        let (store, other_store) = (&scene.store, scene.beside().await);
        let at_work = store.locks.run(&run_id("a")).await.unwrap().unwrap();
        store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        store.note_progress(&run_id("a"), "3 of 9").await.unwrap();
        let noted = other_store.progress(&run_id("a")).await.unwrap();
        assert_eq!(noted.as_deref(), store.is_shared().then_some("3 of 9"), "one machine's processes have it in memory");
        assert!(!store.is_cancel_requested(&run_id("a")).await.unwrap());
        other_store.request_cancel(&run_id("a")).await.unwrap();
        assert!(store.is_cancel_requested(&run_id("a")).await.unwrap());
        at_work.release().await;
        store.queue_run(&run("b", Kind::Sync, 0), "rules", "job", None).await.unwrap();
        ended(store, run("c", Kind::Sync, 0), RunStatus::Held).await;
        store.queue_approved(&run_id("c"), "approved", "job").await.unwrap();
        store.begin_run(&run("d", Kind::Sync, 0), "rules", None).await.unwrap();
        other_store.request_cancel_of_firm(&hartwell()).await.unwrap();
        assert!(store.is_cancel_requested(&run_id("d")).await.unwrap());
        assert_eq!(status(store, &run_id("b")).await, RunStatus::Cancelled);
        assert_eq!(status(store, &run_id("c")).await, RunStatus::Held);
        other_store.close().await;
    });
}
