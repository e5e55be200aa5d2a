//! Rows of runs.

use casebridge::domain::{FixBy, Kind, Row, RowResult, Stage};
use casebridge::store::{ClientImpact, RowFilter, Store};

use super::scene::{at, on_both, row, run, run_id};

async fn cases(store: &Store, filter: RowFilter, from: u32, most: u32) -> Vec<String> {
    let rows = store.some_rows(&run_id("a"), filter, from, most).await.unwrap();
    rows.into_iter().map(|row| row.integration_id.to_string()).collect()
}

#[test]
fn a_row_reads_as_it_was_recorded_over_the_earlier_one_of_its_case() {
    on_both(async |scene| {
        let (store, id) = (&scene.store, run_id("a"));
        store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        let full = Row {
            changes: "stage: 3 → 4".into(),
            reason: Some("why".into()),
            rule: Some("rules/hartwell.yaml:12".into()),
            fix_by: Some(FixBy::Support),
            stage_to: Stage::new(4),
            closes: true,
            ..row("7", RowResult::Updated)
        };
        store.put_rows(&id, &[row("7", RowResult::Held)], at(0)).await.unwrap();
        store.put_rows(&id, &[row("7", RowResult::Failed), full.clone()], at(1)).await.unwrap();
        assert_eq!(store.rows(&id).await.unwrap(), [full]);
    });
}

#[test]
fn rows_are_listed_by_the_number_of_their_case_and_what_is_no_number_first() {
    on_both(async |scene| {
        let (store, id) = (&scene.store, run_id("a"));
        store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        let names = ["10", "x9", "2", "12abc", "Ä", "99999999999999999999"];
        store.put_rows(&id, &names.map(|case| row(case, RowResult::Unchanged)), at(0)).await.unwrap();
        let sorted = ["12abc", "99999999999999999999", "x9", "Ä", "2", "10"];
        assert_eq!(cases(store, RowFilter::All, 0, 9).await, sorted);
        assert_eq!(cases(store, RowFilter::All, 3, 2).await, sorted[3..5]);
    });
}

#[test]
fn rows_of_a_kind_are_found_counted_and_cleared() {
    on_both(async |scene| {
        let (store, id) = (&scene.store, run_id("a"));
        store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        let moved = Row { stage_to: Stage::new(3), ..row("1", RowResult::Updated) };
        let closed = Row { closes: true, ..row("2", RowResult::Held) };
        store.put_rows(&id, &[moved, closed, row("3", RowResult::Created), row("4", RowResult::Failed)], at(0)).await.unwrap();
        assert_eq!(cases(store, RowFilter::Moves, 0, 9).await, ["1", "2"]);
        assert_eq!(cases(store, RowFilter::Result(RowResult::Failed), 0, 9).await, ["4"]);
        assert_eq!(store.noticed(&id).await.unwrap(), ClientImpact { stage_moves: 1, closures: 1, invitations: 1 });
        store.clear_unwritten_rows(&id).await.unwrap();
        assert_eq!(cases(store, RowFilter::All, 0, 9).await, ["1", "3"]);
    });
}

#[test]
fn thousands_of_rows_are_recorded_at_once() {
    on_both(async |scene| {
        let (store, id) = (&scene.store, run_id("a"));
        store.begin_run(&run("a", Kind::Sync, 0), "rules", None).await.unwrap();
        let rows: Vec<Row> = (0..2_500).map(|case: u32| row(&case.to_string(), RowResult::Unchanged)).collect();
        store.put_rows(&id, &rows, at(0)).await.unwrap();
        assert_eq!(store.counts(&id).await.unwrap().unchanged, 2_500);
        assert_eq!(cases(store, RowFilter::All, 2_499, 9).await, ["2499"]);
    });
}
