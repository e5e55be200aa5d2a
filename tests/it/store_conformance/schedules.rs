//! How far schedules have come.

use casebridge::store::{Handled, OccurrenceOutcome};

use super::scene::{at, hartwell, okafor, on_both};

#[test]
fn a_schedule_goes_on_behind_its_last_occurrence() {
    on_both(async |scene| {
        let store = &scene.store;
        let handled = |second, done| Handled { setting: "0 1 * * * America/Chicago".into(), at: at(second), done };
        let found = async || store.handled(&hartwell(), "sync").await.unwrap();
        assert_eq!(found().await, None);
        store.put_done(&hartwell(), "sync", at(0)).await.unwrap();
        assert_eq!(found().await, None, "nothing is recorded of a schedule that is not written down");
        for second in [0, 60] {
            store.put_handled(&hartwell(), "sync", &handled(second, false)).await.unwrap();
        }
        store.put_done(&hartwell(), "sync", at(0)).await.unwrap();
        assert_eq!(found().await, Some(handled(60, false)), "a later one stays as it is");
        store.put_done(&hartwell(), "sync", at(60)).await.unwrap();
        assert_eq!(found().await, Some(handled(60, true)));
        store.forget_schedule(&hartwell(), "sync").await.unwrap();
        assert_eq!(found().await, None);
    });
}

#[test]
fn occurrences_that_did_not_run_are_listed_the_latest_first() {
    on_both(async |scene| {
        let store = &scene.store;
        store.put_occurrence(&hartwell(), "sync", at(0), OccurrenceOutcome::Missed, u64::MAX).await.unwrap();
        store.put_occurrence(&okafor(), "sync", at(0), OccurrenceOutcome::Missed, 1).await.unwrap();
        store.put_occurrence(&hartwell(), "messages", at(60), OccurrenceOutcome::Skipped, 1).await.unwrap();
        let missed = ("sync".to_owned(), at(0), "missed".to_owned(), i64::MAX.unsigned_abs());
        let skipped = ("messages".to_owned(), at(60), "skipped".to_owned(), 1);
        assert_eq!(store.occurrences(&hartwell(), 1).await.unwrap(), std::slice::from_ref(&skipped));
        assert_eq!(store.occurrences(&hartwell(), 9).await.unwrap(), [skipped, missed]);
    });
}
