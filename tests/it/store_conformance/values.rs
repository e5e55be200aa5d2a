//! What is known of single cases: the numbers of their creations, and values that Case Status did not keep.

use casebridge::domain::{CaseId, Changes};
use jiff::SignedDuration;

use super::scene::{at, hartwell, how_many, on_both, run_id, to_stage};

#[test]
fn a_creation_repeats_its_number_within_its_run_and_until_it_has_settled() {
    on_both(async |scene| {
        let store = &scene.store;
        let take = async |run: &str, second| {
            let settle = SignedDuration::from_mins(1);
            store.take_creation(&hartwell(), CaseId(7), &run_id(run), settle, at(second)).await.unwrap()
        };
        assert_eq!((take("a", 0).await, take("a", 600).await), (1, 1), "the same run");
        assert_eq!(take("b", 659).await, 1, "it may have been done and not be shown yet");
        assert_eq!((take("c", 720).await, take("d", 721).await), (2, 2));
        store.end_creation(&hartwell(), CaseId(7)).await.unwrap();
        assert_eq!(take("e", 722).await, 3, "a read proved that nothing came of it");
        store.end_creation(&hartwell(), CaseId(7)).await.unwrap();
        let fourth = how_many(scene, async |store, number| {
            let (run, settle) = (run_id(&number.to_string()), SignedDuration::from_mins(1));
            store.take_creation(&hartwell(), CaseId(7), &run, settle, at(800)).await.unwrap() == 4
        });
        assert_eq!(fourth.await, 8, "eight at once repeat one number");
    });
}

#[test]
fn values_that_were_not_kept_are_noted_in_place_of_earlier_ones() {
    on_both(async |scene| {
        let store = &scene.store;
        let found = async |case| store.values_not_kept(&hartwell(), case).await.unwrap();
        for (case, changes) in [(7, to_stage(3)), (8, to_stage(4)), (7, to_stage(5))] {
            store.put_values_not_kept(&hartwell(), CaseId(case), &changes, at(0)).await.unwrap();
        }
        assert_eq!(found(None).await, [(CaseId(7), to_stage(5)), (CaseId(8), to_stage(4))].into());
        assert_eq!(found(Some(CaseId(8))).await, [(CaseId(8), to_stage(4))].into());
        store.put_values_not_kept(&hartwell(), CaseId(8), &Changes::default(), at(1)).await.unwrap();
        assert!(found(Some(CaseId(8))).await.is_empty());
    });
}
