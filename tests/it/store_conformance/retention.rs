//! What is kept for so long and no longer.

use casebridge::domain::{Kind, LetterKind, RowResult, Run, RunStatus};
use casebridge::store::{EventEnd, InboxState, RetentionCutoffs, Store};

use super::copy::fill;
use super::scene::{Scene, ahead, at, ended, hartwell, message, on_both, on_postgres, row, run, run_id, update};

async fn purge(store: &Store, [rows, inbox, letters]: [i64; 3]) -> Vec<String> {
    let cutoffs = RetentionCutoffs { rows: ahead(rows), inbox: ahead(inbox), letters: ahead(letters) };
    store.purge(cutoffs).await.unwrap().into_iter().map(|run| run.0).collect()
}

async fn empty(scene: &Scene, tables: &[&'static str]) -> Vec<&'static str> {
    let mut empty = Vec::new();
    for table in tables {
        if scene.count(table).await == 0 {
            empty.push(*table);
        }
    }
    empty
}

#[test]
fn old_runs_go_with_all_that_is_theirs_and_the_rest_stays() {
    on_both(async |scene| {
        let store = &scene.store;
        for number in 0..50 {
            let name = format!("r{number:02}");
            let run = if number < 45 { run(&name, Kind::Sync, number) } else { Run { started_at: ahead(0), ..run(&name, Kind::Sync, 0) } };
            ended(store, run, RunStatus::Succeeded).await;
            store.put_rows(&run_id(&name), &[row("1", RowResult::Updated)], at(0)).await.unwrap();
            store.intend(&run_id(&name), &[update("one", 1, 2)]).await.unwrap();
        }
        let gone = purge(store, [-1, -1, -1]).await;
        assert_eq!(gone, (0..45).map(|number| format!("r{number:02}")).collect::<Vec<_>>(), "the oldest first");
        for table in ["runs", "rows", "effects"] {
            assert_eq!(scene.count(table).await, 5, "{table}");
        }
    });
}

#[test]
fn each_kind_of_record_has_its_own_time() {
    on_both(async |scene| {
        let store = &scene.store;
        fill(store).await;
        let of_runs = ["runs", "rows", "effects", "migrations", "log_lines", "occurrences", "receipts", "notices", "tokens"];
        let of_feeds = ["events", "inbox", "documents", "outbox", "letters"];
        assert_eq!(purge(store, [-1, -1, -1]).await, ["a"]);
        assert_eq!(empty(scene, &of_runs).await, ["runs", "rows", "effects", "migrations", "log_lines", "tokens"], "the rest is of now");
        store.end_sends(&hartwell(), "o2", EventEnd::Done).await.unwrap();
        purge(store, [-1, 1, -1]).await;
        assert_eq!(empty(scene, &of_feeds).await, ["events", "outbox"], "what waits and what has a letter stays");
        let number = store.waiting_messages(&hartwell(), 1).await.unwrap()[0].number;
        store.settle_messages(&[(number, InboxState::Done)]).await.unwrap();
        let number = store.waiting_documents(&hartwell(), 0, 1).await.unwrap()[0].number;
        store.settle_document(number, InboxState::LeftOut).await.unwrap();
        purge(store, [1, 1, -1]).await;
        assert_eq!(empty(scene, &of_runs).await, of_runs);
        assert_eq!((scene.count("inbox").await, scene.count("documents").await, scene.count("letters").await), (1, 1, 2));
        purge(store, [-1, -1, 1]).await;
        assert_eq!(empty(scene, &of_feeds).await, of_feeds);
    });
}

#[test]
fn a_dead_message_stays_as_long_as_its_letter() {
    on_both(async |scene| {
        let store = &scene.store;
        store.receive_messages(&hartwell(), &[message("a"), message("b")], None).await.unwrap();
        store.write_letter(&hartwell(), LetterKind::Note, "a", None, "why").await.unwrap();
        purge(store, [1, 1, -1]).await;
        assert_eq!(scene.texts("select message_id from inbox order by id").await, ["a", "b"]);
        purge(store, [-1, -1, 1]).await;
        assert_eq!(scene.texts("select message_id from inbox order by id").await, ["b"]);
    });
}

#[test]
fn claims_of_runs_go_and_those_of_firms_keep_their_epochs() {
    on_postgres(async |scene| {
        let store = &scene.store;
        ended(store, Run { started_at: ahead(0), ..run("new", Kind::Sync, 0) }, RunStatus::Succeeded).await;
        for name in ["old", "new"] {
            store.locks.run(&run_id(name)).await.unwrap().unwrap().release().await;
        }
        store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap().release().await;
        let _held = store.locks.run(&run_id("held")).await.unwrap().unwrap();
        purge(store, [-1, -1, -1]).await;
        assert_eq!(scene.texts("select name from claims order by name").await, ["hartwell.sync", "run-held", "run-new"]);
    });
}
