//! Sessions of the console, and tries to sign in.

use casebridge::domain::{Email, PasswordUse, TokenHash, User};
use casebridge::store::Store;
use futures_util::future::join_all;

use super::scene::{at, how_many, jo, on_both};
use super::users::user;

const HOUR: i64 = 3_600;

async fn begin(store: &Store, name: &str, second: i64) {
    assert!(store.put_session(&TokenHash::of(name), &jo(), "hash", "origin", at(second)).await.unwrap());
}

#[test]
fn a_one_time_password_begins_one_session() {
    on_both(async |scene| {
        let once = User { password_use: PasswordUse::OneTime, ..user(jo()) };
        scene.store.put_user(&once, "hash").await.unwrap();
        let begun = how_many(scene, async |store, number| {
            store.put_session(&TokenHash::of(&number.to_string()), &jo(), "hash", "origin", at(0)).await.unwrap()
        });
        assert_eq!(begun.await, 1);
        assert_eq!(scene.store.user(&jo()).await.unwrap().unwrap().0.password_use, PasswordUse::Used);
    });
}

#[test]
fn a_session_lasts_as_long_as_it_is_used_and_at_most_a_week() {
    on_both(async |scene| {
        let store = &scene.store;
        store.put_user(&user(jo()), "hash").await.unwrap();
        begin(store, "s", 0).await;
        let seen = async |second| store.session(&TokenHash::of("s"), at(second)).await.unwrap().map(|session| session.seen_at);
        assert_eq!((seen(60).await, seen(61).await), (Some(at(0)), Some(at(0))));
        assert_eq!(seen(70).await, Some(at(61)), "it is noted by the minute");
        assert_eq!(seen(61 + 12 * HOUR).await, None);
        for hour in (0..7 * 24).step_by(11) {
            assert!(seen(61 + hour * HOUR).await.is_some(), "{hour}");
        }
        assert_eq!(seen(7 * 24 * HOUR).await, None);
        let session = store.session(&TokenHash::of("s"), at(100 * HOUR)).await.unwrap().unwrap();
        assert_eq!((session.user, session.created_at), (user(jo()), at(0)));
    });
}

#[test]
fn sessions_are_listed_and_ended_one_by_one_all_together_and_by_time() {
    on_both(async |scene| {
        let store = &scene.store;
        store.put_user(&user(jo()), "hash").await.unwrap();
        for (name, second) in [("a", 0), ("b", 60), ("c", 120), ("d", 180), ("e", 240)] {
            begin(store, name, second).await;
        }
        let listed = async |second| {
            let sessions = store.sessions(&jo(), at(second)).await.unwrap();
            assert!(sessions.iter().all(|session| session.origin == "origin" && session.created_at == session.seen_at));
            sessions.into_iter().map(|session| session.hash).collect::<Vec<_>>()
        };
        let hashes = |names: &[&str]| names.iter().map(|name| TokenHash::of(name).as_str().to_owned()).collect::<Vec<_>>();
        assert_eq!(listed(300).await, hashes(&["e", "d", "c", "b", "a"]));
        assert_eq!(listed(12 * HOUR + 100).await, hashes(&["e", "d", "c"]));
        store.end_session(&TokenHash::of("e")).await.unwrap();
        let d = TokenHash::of("d");
        assert!(!store.end_session_of(&Email::new("al@hartwell.example"), d.as_str()).await.unwrap());
        assert!(store.end_session_of(&jo(), d.as_str()).await.unwrap() && !store.end_session_of(&jo(), d.as_str()).await.unwrap());
        store.forget_old_sessions(at(12 * HOUR + 100)).await.unwrap();
        assert_eq!(listed(300).await, hashes(&["c"]));
        assert_eq!((store.end_sessions(&jo()).await.unwrap(), store.end_sessions(&jo()).await.unwrap()), (1, 0));
    });
}

#[test]
fn of_tries_at_once_each_knows_those_before_it() {
    on_both(async |scene| {
        let (store, other_store) = (&scene.store, scene.beside().await);
        let tries = join_all((0..8).map(async |number| {
            let store = if number % 2 == 0 { store } else { &other_store };
            store.count_sign_in(&jo(), "origin", at(0), at(1)).await.unwrap()
        }));
        let mut tries = tries.await;
        tries.sort_by_key(|counted| counted.number);
        let before: Vec<usize> = tries.iter().map(|counted| counted.by_both.len()).collect();
        assert_eq!(before, [0, 1, 2, 3, 4, 5, 6, 7]);
        store.forget_sign_in(tries[0].number).await.unwrap();
        store.count_sign_in(&jo(), "elsewhere", at(0), at(2)).await.unwrap();
        store.count_sign_in(&Email::new("al@hartwell.example"), "origin", at(0), at(3)).await.unwrap();
        let counted = store.count_sign_in(&jo(), "origin", at(0), at(4)).await.unwrap();
        assert_eq!((counted.by_both.len(), counted.by_origin.len(), counted.by_address.len()), (7, 8, 8));
        assert_eq!((counted.by_origin[0], counted.by_address[0], counted.is_known), (at(3), at(2), false));
        store.forget_failed_sign_ins(&jo(), Some("origin")).await.unwrap();
        let counted = store.count_sign_in(&jo(), "origin", at(0), at(5)).await.unwrap();
        assert_eq!((counted.by_both.len(), counted.by_address.len()), (0, 1));
        store.forget_failed_sign_ins(&jo(), None).await.unwrap();
        store.put_user(&user(jo()), "hash").await.unwrap();
        begin(store, "s", 6).await;
        let counted = store.count_sign_in(&jo(), "origin", at(0), at(7)).await.unwrap();
        assert!(counted.is_known && counted.by_address.is_empty());
        store.forget_old_sessions(at(91 * 24 * HOUR)).await.unwrap();
        let counted = store.count_sign_in(&jo(), "origin", at(0), at(92 * 24 * HOUR)).await.unwrap();
        assert!(!counted.is_known && counted.by_both.is_empty());
        other_store.close().await;
    });
}
