//! Which firms are on, and where they stand.

use casebridge::domain::{CaseId, Event, EventPayload, FirmState, Kind, LetterKind, Run, RunStatus};
use casebridge::store::{PauseReason, Totals};

use super::scene::{at, document, ended, firm, hartwell, how_many, message, okafor, on_both, revision, run};

#[test]
fn a_firm_is_enabled_once_and_its_messages_are_skipped_only_then() {
    on_both(async |scene| {
        let store = &scene.store;
        assert!(!store.knows_firms().await.unwrap() && !store.expects_firms().await.unwrap());
        store.move_cursor(&hartwell(), "messages", "1").await.unwrap();
        assert_eq!(how_many(scene, async |store, _| store.enable_firm(&hartwell(), false).await.unwrap()).await, 1);
        assert!(!store.enable_firm(&hartwell(), true).await.unwrap());
        assert!(store.cursor(&hartwell(), "messages").await.unwrap().is_some());
        assert_eq!(store.enabled_firms().await.unwrap(), [hartwell()].into());
        assert!(store.is_firm_enabled(&hartwell()).await.unwrap() && !store.is_firm_disabled(&hartwell()).await.unwrap());
        store.disable_firm(&hartwell(), "moves").await.unwrap();
        assert!(!store.is_firm_enabled(&hartwell()).await.unwrap() && store.is_firm_disabled(&hartwell()).await.unwrap());
        assert!(store.knows_firms().await.unwrap() && store.expects_firms().await.unwrap());
        assert!(store.enable_firm(&hartwell(), true).await.unwrap());
        assert_eq!(store.cursor(&hartwell(), "messages").await.unwrap(), None);
        store.remove_firm(&hartwell()).await.unwrap();
        assert!(store.knows_firms().await.unwrap() && !store.expects_firms().await.unwrap());
    });
}

#[test]
fn firms_stand_as_what_is_stored_of_each_says() {
    on_both(async |scene| {
        let store = &scene.store;
        let (hartwell, okafor, new, unknown) = (hartwell(), okafor(), firm("new"), firm("unknown"));
        store.enable_firm(&hartwell, false).await.unwrap();
        store.disable_firm(&okafor, "moves").await.unwrap();
        store.receive_messages(&hartwell, &[message("a"), message("b")], None).await.unwrap();
        store.receive_documents(&okafor, &[document("a")], None).await.unwrap();
        store.write_letter(&new, LetterKind::Note, "a", None, "why").await.unwrap();
        store.put_event(&new, &Event { id: "e".into(), payload: EventPayload::Closed(CaseId(1)) }, at(0)).await.unwrap();
        ended(store, run("a", Kind::Sync, 0), RunStatus::Succeeded).await;
        ended(store, run("b", Kind::Sync, 1), RunStatus::Held).await;
        ended(store, Run { dry_run: true, ..run("c", Kind::Sync, 2) }, RunStatus::Succeeded).await;
        let all = [&hartwell, &okafor, &new, &unknown];
        let states = [FirmState::On, FirmState::Off, FirmState::New, FirmState::New];
        assert_eq!(store.firm_states(&all).await.unwrap(), states);
        store.pause(&hartwell, "CASEpeer", PauseReason::KeyRefused, None, &revision("r1")).await.unwrap();
        let mut statuses = store.firm_statuses(&all).await.unwrap();
        let own = statuses.remove(&hartwell).unwrap();
        assert_eq!((own.state(), own.waiting_messages, own.held_runs, own.letters), (FirmState::Paused, 2, 1, 0));
        assert_eq!(own.last_sync.unwrap().id.0, "b");
        let theirs = statuses.remove(&okafor).unwrap();
        assert_eq!((theirs.waiting_documents, theirs.disabled.unwrap().reason.as_str()), (1, "moves"));
        assert_eq!((statuses.remove(&new).unwrap().letters, statuses.len()), (1, 0));
        let alone = store.firm_statuses(&[&okafor]).await.unwrap();
        assert_eq!((alone.len(), alone[&okafor].waiting_documents), (1, 1));
        let totals = Totals { paused_firms: 1, waiting_messages: 2, waiting_documents: 1, letters: 1, held_runs: 1, waiting_events: 1 };
        assert_eq!(store.totals().await.unwrap(), totals);
    });
}
