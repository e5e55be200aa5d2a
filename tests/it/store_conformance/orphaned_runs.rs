//! Runs with a job that no process is at.

use casebridge::domain::{Kind, MigrationTask, RunStatus};
use casebridge::store::Store;

use super::scene::{a_moment, ended, hartwell, how_many, on_both, run, run_id, status};

async fn orphaned(store: &Store) -> String {
    store.orphaned_runs().await.unwrap().into_iter().map(|run| run.id.0).collect()
}

#[test]
fn a_run_whose_process_is_gone_is_found_with_its_job_and_how_often_it_was_taken_up() {
    on_both(async |scene| {
        let (store, other_store) = (&scene.store, scene.beside().await);
        store.begin_run(&run("b", Kind::Sync, 0), "rules", Some("job of b")).await.unwrap();
        a_moment().await;
        store.begin_run(&run("a", Kind::Sync, 0), "rules", Some("job of a")).await.unwrap();
        store.begin_run(&run("c", Kind::Sync, 0), "rules", None).await.unwrap();
        assert_eq!(orphaned(store).await, "ba", "the earliest first, and none without a job");
        let at_work = store.locks.run(&run_id("b")).await.unwrap().unwrap();
        assert_eq!(orphaned(&other_store).await, "a");
        at_work.release().await;
        store.begin_run(&run("b", Kind::Sync, 0), "rules", None).await.unwrap();
        let found = &store.orphaned_runs().await.unwrap()[0];
        assert_eq!((found.job.as_str(), found.times_taken_up, found.is_queued), ("job of b", 1, false));
        assert_eq!(found.firm, hartwell());
        store.forget_job(&run_id("b")).await.unwrap();
        ended(store, run("a", Kind::Sync, 0), RunStatus::Succeeded).await;
        assert_eq!(orphaned(store).await, "");
        other_store.close().await;
    });
}

#[test]
fn what_waits_is_called_off_once() {
    on_both(async |scene| {
        let (store, id) = (&scene.store, run_id("a"));
        store.queue_run(&run("a", Kind::Sync, 0), "rules", "job", None).await.unwrap();
        store.note_wait(&id, "another run is at work").await.unwrap();
        assert_eq!(store.run(&id).await.unwrap().unwrap().reason.as_deref(), Some("another run is at work"));
        assert_eq!(how_many(scene, async |store, _| store.call_off(&id).await.unwrap()).await, 1);
        assert_eq!(status(store, &id).await, RunStatus::Cancelled);
        assert!(!store.take_queued(&id, jiff::Timestamp::now()).await.unwrap());
    });
}

#[test]
fn a_queued_migration_that_never_began_leaves_nothing_to_take_up() {
    on_both(async |scene| {
        let store = &scene.store;
        let task = MigrationTask::of_schedule(&hartwell(), "tidy");
        for name in ["a", "b"] {
            store.queue_run(&run(name, Kind::Migration, 0), "rules", "job", Some((&task, "hash"))).await.unwrap();
        }
        assert_eq!(store.migration(&run_id("a")).await.unwrap(), Some(task.clone()));
        assert!(store.unfinished_migration(&task).await.unwrap().is_none(), "what is queued is not begun");
        store.discard_queued(&run_id("a")).await.unwrap();
        assert!(store.run(&run_id("a")).await.unwrap().is_none() && store.migration(&run_id("a")).await.unwrap().is_none());
        store.refuse_queued(&run_id("b"), "no key").await.unwrap();
        let refused = store.run(&run_id("b")).await.unwrap().unwrap();
        assert_eq!((refused.status, refused.reason.as_deref()), (RunStatus::Failed, Some("no key")));
        assert!(refused.finished_at.is_some() && store.unfinished_migration(&task).await.unwrap().is_none());
    });
}
