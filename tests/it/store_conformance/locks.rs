//! Who may do what at the same time, of two instances; and the limits that they keep together.

use std::time::Duration;

use casebridge::domain::{Kind, RowResult};
use casebridge::store::{SlotRequest, StoreError};
use futures_util::future::join_all;
use tokio::time::timeout;

use super::scene::{at, hartwell, okafor, on_both, on_postgres, row, run, run_id, update};

#[test]
fn work_of_a_kind_for_a_firm_is_one_instances_until_it_lets_go() {
    on_both(async |scene| {
        let (store, other_store) = (&scene.store, scene.beside().await);
        let held = store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap();
        for kind in [Kind::Sync, Kind::SyncCase, Kind::StageSync, Kind::Undo] {
            assert!(other_store.locks.firm(&hartwell(), kind).await.unwrap().is_none(), "{kind:?}");
            assert!(store.locks.firm(&hartwell(), kind).await.unwrap().is_none(), "{kind:?} in the same process");
        }
        let connect = other_store.locks.firm(&hartwell(), Kind::Connect).await.unwrap();
        assert!(connect.is_some() && other_store.locks.firm(&okafor(), Kind::Sync).await.unwrap().is_some());
        let watch = held.hold();
        assert!(watch.is_held().await && watch.is_fresh() && !watch.lost().is_cancelled());
        assert!(timeout(Duration::from_millis(50), watch.is_over()).await.is_err(), "it is held still");
        held.release().await;
        let held = other_store.locks.firm(&hartwell(), Kind::Undo).await.unwrap();
        assert!(held.is_some() && store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().is_none());
        drop((held, connect));
        other_store.close().await;
        assert!(store.locks.firm(&hartwell(), Kind::Connect).await.unwrap().is_some(), "what is closed holds nothing");
    });
}

#[test]
fn of_eight_that_want_to_lead_or_to_run_at_once_one_does() {
    on_both(async |scene| {
        let (store, other_store) = (&scene.store, scene.beside().await);
        let stores = || (0..8).map(|number| if number % 2 == 0 { store } else { &other_store });
        let leaders = join_all(stores().map(async |store| store.locks.lead().await.unwrap())).await;
        assert_eq!(leaders.iter().flatten().count(), 1);
        let runners = join_all(stores().map(async |store| store.locks.run(&run_id("a")).await.unwrap())).await;
        assert_eq!(runners.iter().flatten().count(), 1);
        for store in [store, &other_store] {
            assert_eq!(store.locks.alive(&[run_id("a"), run_id("b")]).await.unwrap(), [run_id("a")].into());
        }
        let served = store.locks.serve().unwrap();
        assert!(served.is_some() && store.locks.serve().unwrap().is_none(), "one instance serves from a data folder");
        drop((leaders, runners));
        other_store.close().await;
    });
}

#[test]
fn whoever_is_taken_over_records_nothing_any_more() {
    on_postgres(async |scene| {
        let (store, other_store) = (&scene.store, scene.beside().await);
        let held = store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap();
        let fenced_store = store.fenced_by(&held);
        fenced_store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        fenced_store.intend(&run_id("a"), &[update("one", 1, 2)]).await.unwrap();
        // What its holder does not renew for 15 seconds.
        scene.execute("update claims set until = 1").await;
        fenced_store.move_cursor(&hartwell(), "messages", "1").await.unwrap();
        let taken = other_store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap();
        let rows = [row("1", RowResult::Updated)];
        let refused = [
            fenced_store.put_rows(&run_id("a"), &rows, at(1)).await,
            fenced_store.intend(&run_id("a"), &[update("two", 2, 2)]).await,
            fenced_store.end_run(&run("a", Kind::Sync, 0), None).await,
            fenced_store.move_cursor(&hartwell(), "messages", "2").await,
            fenced_store.request_cancel(&run_id("a")).await,
        ];
        assert!(refused.iter().all(|refused| matches!(refused, Err(StoreError::TakenOver))), "{refused:?}");
        assert!(store.rows(&run_id("a")).await.unwrap().is_empty() && store.effects(&run_id("a")).await.unwrap().len() == 1);
        assert_eq!(store.cursor(&hartwell(), "messages").await.unwrap().as_deref(), Some("1"));
        // Letting go of what one no longer has takes it from nobody.
        held.release().await;
        assert!(store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().is_none());
        other_store.fenced_by(&taken).put_rows(&run_id("a"), &rows, at(1)).await.unwrap();
        drop(taken);
        other_store.close().await;
    });
}

#[test]
fn a_watch_ends_once_its_lock_is_taken_over() {
    on_postgres(async |scene| {
        // Longer than the time between two renewals, and shorter than a lease: without a takeover nothing ends by then.
        const SOON: Duration = Duration::from_secs(8);
        let (store, other_store) = (&scene.store, scene.beside().await);
        let held = store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap();
        let connect = store.locks.firm(&hartwell(), Kind::Connect).await.unwrap().unwrap();
        let watch = held.hold();
        scene.execute("update claims set until = 1 where name = 'hartwell.sync'").await;
        let taken = other_store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap();
        timeout(SOON, watch.lost().cancelled()).await.expect("the next renewal finds out");
        timeout(SOON, watch.is_over()).await.expect("what is lost is over");
        assert!(!timeout(SOON, watch.is_held()).await.expect("what is lost is known") && !watch.is_fresh());
        for watch in [taken.hold(), connect.hold()] {
            assert!(watch.is_held().await && watch.is_fresh() && !watch.lost().is_cancelled());
        }
        drop((taken, connect));
        other_store.close().await;
    });
}

#[test]
fn who_holds_a_lock_again_is_another_holder_than_before() {
    on_postgres(async |scene| {
        let store = &scene.store;
        let first = store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap();
        let fenced_store = store.fenced_by(&first);
        first.release().await;
        let _second = store.locks.firm(&hartwell(), Kind::Sync).await.unwrap().unwrap();
        let refused = fenced_store.move_cursor(&hartwell(), "messages", "1").await;
        assert!(matches!(refused, Err(StoreError::TakenOver)), "{refused:?}");
    });
}

#[test]
fn instances_share_the_slots_of_a_limit_and_outlast_a_clock_that_is_set_back() {
    // Of one machine's store, each process keeps its own limits.
    on_postgres(async |scene| {
        const SPAN: i64 = 50_000_000;
        let (store, other_store) = (&scene.store, scene.beside().await);
        let wanted = SlotRequest { span: SPAN, ahead: 0 };
        let firm = hartwell();
        let reserved = join_all((0..8).map(async |number| {
            let store = if number % 2 == 0 { store } else { &other_store };
            store.reserve_slots(&firm, "casepeer", "all", wanted).await.unwrap()
        }));
        let mut reserved = reserved.await;
        reserved.sort_by_key(|slots| slots.first);
        assert!(reserved.windows(2).all(|pair| pair[1].first - pair[0].first >= SPAN), "{reserved:?}");
        assert!(!reserved[0].waits && reserved[7].waits);
        let apart = store.reserve_slots(&firm, "casepeer", "writes", wanted).await.unwrap();
        assert!(!apart.waits && apart.first >= apart.now - SPAN, "{apart:?}");
        scene.execute("update rate_limits set free_from = free_from + 3600000000000").await;
        let after = store.reserve_slots(&firm, "casepeer", "all", wanted).await.unwrap();
        assert!(after.first - after.now < SPAN, "{after:?}");
        other_store.close().await;
    });
}
