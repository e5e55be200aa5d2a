//! First answers to requests that a program may repeat.

use casebridge::domain::TokenHash;
use casebridge::store::StoredAnswer;

use super::scene::{at, on_both};

const DAY: i64 = 24 * 3_600;

pub fn answer(asked: &str) -> StoredAnswer {
    StoredAnswer { asked: asked.into(), status: 201, content_type: Some("application/json".into()), body: vec![0, 0xff] }
}

#[test]
fn an_answer_is_its_callers_for_a_day() {
    on_both(async |scene| {
        let (store, jo, al) = (&scene.store, TokenHash::of("jo"), TokenHash::of("al"));
        let found = async |caller, second| store.stored_answer(caller, "k", at(second)).await.unwrap();
        store.keep_answer(&jo, "k", &StoredAnswer { content_type: None, ..answer("first") }, at(-9)).await.unwrap();
        store.keep_answer(&jo, "k", &answer("again"), at(0)).await.unwrap();
        store.keep_answer(&al, "k", &answer("theirs"), at(5)).await.unwrap();
        assert_eq!((found(&jo, DAY - 1).await, found(&jo, DAY).await), (Some(answer("again")), None));
        assert_eq!(store.stored_answer(&jo, "other", at(0)).await.unwrap(), None);
        store.forget_old_answers(at(DAY)).await.unwrap();
        assert_eq!((found(&jo, 0).await, found(&al, 0).await), (None, Some(answer("theirs"))));
    });
}
