//! Migrations: what they were to do, what is left to take up, what their scripts said.

use casebridge::domain::{Kind, LogLine, MigrationTask, Run, RunStatus};
use casebridge::store::Store;

use super::scene::{at, ended, hartwell, how_many, on_both, run, run_id};

fn task() -> MigrationTask {
    let map = |name: &str, value: &str| [(name.to_owned(), value.to_owned())].into();
    MigrationTask::new(&hartwell(), "import", map("year", "2026"), vec![map("case", "1"), map("case", "ü\"{")])
}

async fn begin(store: &Store, run: Run) {
    store.begin_run(&run, "rules", None).await.unwrap();
    store.begin_migration(&run.id, &task(), "h1").await.unwrap();
}

#[test]
fn a_migration_reads_as_it_was_asked_for_with_or_without_its_rows() {
    on_both(async |scene| {
        let store = &scene.store;
        begin(store, run("a", Kind::Migration, 0)).await;
        ended(store, run("b", Kind::Migration, 1), RunStatus::Failed).await;
        store.begin_migration(&run_id("b"), &MigrationTask::of_schedule(&hartwell(), "tidy"), "h2").await.unwrap();
        assert_eq!(store.migration(&run_id("a")).await.unwrap(), Some(task()));
        let request = store.migration_request(&run_id("a")).await.unwrap().unwrap();
        assert_eq!((request.hash, request.script, request.arguments, request.rows), (task().hash, "import".into(), task().arguments, 2));
        assert_eq!(store.script_hash(&run_id("a")).await.unwrap().as_deref(), Some("h1"));
        for (script, expected) in [(None, ["b", "a"].as_slice()), (Some("import"), &["a"])] {
            let runs = store.migration_runs(script, 9).await.unwrap();
            assert_eq!(runs.iter().map(|(run, _, _)| run.id.0.as_str()).collect::<Vec<_>>(), expected);
        }
        assert_eq!(store.migration_runs(None, 1).await.unwrap()[0].2, "tidy");
        let none = run_id("z");
        assert!(store.migration(&none).await.unwrap().is_none() && store.migration_request(&none).await.unwrap().is_none());
        assert_eq!(store.script_hash(&none).await.unwrap(), None);
    });
}

#[test]
fn a_dry_run_is_applied_once() {
    on_both(async |scene| {
        begin(&scene.store, Run { dry_run: true, ..run("a", Kind::Migration, 0) }).await;
        let applied = async || how_many(scene, async |store, _| store.apply_migration(&run_id("a")).await.unwrap()).await;
        assert_eq!((applied().await, applied().await), (1, 0));
        scene.store.unapply_migration(&run_id("a")).await.unwrap();
        assert_eq!(applied().await, 1);
    });
}

#[test]
fn the_latest_real_run_of_a_task_is_taken_up_until_its_script_has_ended_in_a_run_that_did() {
    on_both(async |scene| {
        let store = &scene.store;
        let hash = task().hash;
        let found = async || {
            let unfinished = store.unfinished_migration(&task()).await.unwrap().map(|run| run.id.0);
            assert_eq!(store.unfinished_of(&hash).await.unwrap().map(|run| run.id.0), unfinished);
            (unfinished, store.migration_to_take_up(&hash).await.unwrap().map(|run| run.id.0))
        };
        begin(store, Run { dry_run: true, ..run("dry", Kind::Migration, 5) }).await;
        assert_eq!(found().await, (None, None));
        begin(store, run("a", Kind::Migration, 0)).await;
        begin(store, run("b", Kind::Migration, 1)).await;
        assert_eq!(found().await, (Some("b".into()), Some("b".into())));
        let at_work = store.locks.run(&run_id("b")).await.unwrap().unwrap();
        assert_eq!(found().await, (None, Some("b".into())));
        at_work.release().await;
        store.end_migration(&run_id("b")).await.unwrap();
        assert_eq!(found().await, (Some("b".into()), Some("b".into())), "its run has not ended");
        store.end_run(&Run { status: RunStatus::Succeeded, finished_at: Some(at(9)), ..run("b", Kind::Migration, 1) }, None).await.unwrap();
        assert_eq!(found().await, (None, None));
    });
}

#[test]
fn what_a_script_said_takes_the_place_of_what_it_said_before() {
    on_both(async |scene| {
        let store = &scene.store;
        begin(store, run("a", Kind::Migration, 0)).await;
        let line = |warns, text: &str| LogLine { warns, text: text.to_owned() };
        store.put_log(&run_id("a"), &[line(false, "old"), line(false, "older"), line(false, "oldest")]).await.unwrap();
        let lines = [line(true, "b"), line(false, "a")];
        store.put_log(&run_id("a"), &lines).await.unwrap();
        assert_eq!(store.log(&run_id("a")).await.unwrap(), lines);
    });
}
