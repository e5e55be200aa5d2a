//! The ledger of effects.

use casebridge::domain::{CaseId, Changes, EffectKind, EffectOutcome, Kind, LedgerEntry, RowResult, Run};
use casebridge::store::Store;

use super::scene::{at, hartwell, okafor, on_both, row, run, run_id, to_stage, update};

async fn settle(store: &Store, run: &str, key: &str, outcome: EffectOutcome) {
    store.put_outcomes(&run_id(run), &[], &[(key.to_owned(), outcome)], at(1)).await.unwrap();
}

#[test]
fn an_effect_keeps_its_first_intent_unless_nothing_came_of_it() {
    on_both(async |scene| {
        let (store, id) = (&scene.store, run_id("a"));
        store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        store.intend(&id, &[update("two", 2, 3), update("one", 1, 3)]).await.unwrap();
        store.intend(&id, &[update("one", 1, 5), update("two", 2, 5), update("three", 3, 5)]).await.unwrap();
        let effects = store.effects(&id).await.unwrap();
        assert_eq!(effects, [update("two", 2, 3), update("one", 1, 3), update("three", 3, 5)], "in the order of their intent");
        let settled = [("one".to_owned(), EffectOutcome::Done), ("two".to_owned(), EffectOutcome::Failed)];
        store.put_outcomes(&id, &[row("1", RowResult::Updated)], &settled, at(1)).await.unwrap();
        assert_eq!(store.rows(&id).await.unwrap().len(), 1);
        store.intend(&id, &[update("one", 1, 9), update("two", 2, 9)]).await.unwrap();
        let effects = store.effects(&id).await.unwrap();
        assert_eq!(effects[0], update("two", 2, 9));
        assert_eq!(effects[1], LedgerEntry { outcome: EffectOutcome::Done, ..update("one", 1, 3) });
    });
}

#[test]
fn updates_in_doubt_are_those_of_runs_that_no_process_is_at() {
    on_both(async |scene| {
        let (store, other_store) = (&scene.store, scene.beside().await);
        let run = |name| Run { firm: if name == "theirs" { okafor() } else { hartwell() }, ..run(name, Kind::Sync, 0) };
        for name in ["lost", "at-work", "taken-up", "theirs"] {
            store.begin_run(&run(name), "rules", None).await.unwrap();
            store.intend(&run_id(name), &[update("done", 1, 2), update("open", 2, 3)]).await.unwrap();
            settle(store, name, "done", EffectOutcome::Done).await;
        }
        let _at_work = other_store.locks.run(&run_id("at-work")).await.unwrap().unwrap();
        let _taken_up = store.locks.run(&run_id("taken-up")).await.unwrap().unwrap();
        let unsettled = store.unsettled_updates(&hartwell(), &run_id("taken-up")).await.unwrap();
        let expected = ["lost", "taken-up"].map(|name| (run_id(name), update("open", 2, 3)));
        assert_eq!(unsettled, expected);
        other_store.close().await;
    });
}

#[test]
fn the_guard_counts_each_moved_case_once_a_run_and_not_what_was_undone() {
    on_both(async |scene| {
        let store = &scene.store;
        store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        let still = LedgerEntry { after: Changes::default(), ..update("still", 4, 1) };
        let early = LedgerEntry { intended_at: at(-60), ..update("early", 5, 2) };
        let entries = [update("1", 1, 2), update("1 again", 1, 3), update("2", 2, 3), update("3", 3, 3), still, early];
        store.intend(&run_id("a"), &entries).await.unwrap();
        settle(store, "a", "3", EffectOutcome::Failed).await;
        assert_eq!(store.moves_since(&hartwell(), at(0)).await.unwrap(), 2);
        assert_eq!(store.moves_since(&hartwell(), at(-60)).await.unwrap(), 3);
        assert_eq!(store.moves_since(&okafor(), at(-60)).await.unwrap(), 0);
        let undo = Run { undoes: Some(run_id("a")), ..run("undo", Kind::Undo, 1) };
        store.begin_run(&undo, "rules", None).await.unwrap();
        let back = LedgerEntry { after: to_stage(1), intended_at: at(-90), ..update("back", 2, 1) };
        store.intend(&run_id("undo"), &[back]).await.unwrap();
        assert_eq!(store.moves_since(&hartwell(), at(0)).await.unwrap(), 2, "what an undo intends is not undone yet");
        settle(store, "undo", "back", EffectOutcome::Done).await;
        assert_eq!(store.moves_since(&hartwell(), at(0)).await.unwrap(), 1);
    });
}

#[test]
fn invitations_are_counted_of_migrations_and_of_lists() {
    on_both(async |scene| {
        let store = &scene.store;
        let listed = |name: &str, cases: &[u64]| Run { cases: cases.iter().copied().map(CaseId).collect(), ..run(name, Kind::Connect, 0) };
        for (run, case) in [(listed("one", &[1]), 1), (listed("list", &[2, 3]), 2), (run("script", Kind::Migration, 0), 4)] {
            store.begin_run(&run, "rules", None).await.unwrap();
            let created = LedgerEntry { kind: EffectKind::CreateCase, ..update("new", case, 1) };
            store.intend(&run.id, &[created]).await.unwrap();
        }
        assert_eq!(store.invitations_since(&hartwell(), at(0)).await.unwrap(), 2);
        settle(store, "list", "new", EffectOutcome::Failed).await;
        assert_eq!(store.invitations_since(&hartwell(), at(0)).await.unwrap(), 1);
        assert_eq!(store.invitations_since(&hartwell(), at(1)).await.unwrap(), 0);
    });
}
