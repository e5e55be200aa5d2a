//! People who use the console.

use casebridge::domain::{Email, PasswordUse, Role, TokenHash, User};
use casebridge::store::Store;
use jiff::Timestamp;

use super::scene::{at, how_many, jo, on_both, staff};

pub fn user(email: Email) -> User {
    User { email, role: staff(), created_at: at(0), disabled_at: None, password_use: PasswordUse::Own }
}

async fn has_session(store: &Store) -> bool {
    store.session(&TokenHash::of("s"), at(0)).await.unwrap().is_some()
}

async fn sign_in(store: &Store, password: &str) -> bool {
    store.put_session(&TokenHash::of("s"), &jo(), password, "origin", at(0)).await.unwrap()
}

#[test]
fn an_address_is_one_users_however_it_is_written() {
    on_both(async |scene| {
        let store = &scene.store;
        let capital = Email::new("Jo@Hartwell.example");
        let added = how_many(scene, async |store, number| {
            let email = if number < 4 { jo() } else { capital.clone() };
            store.put_user(&user(email), "hash").await.unwrap()
        });
        assert_eq!(added.await, 1);
        assert!(store.put_user(&user(Email::new("al@hartwell.example")), "other").await.unwrap());
        assert_eq!(store.user(&capital).await.unwrap(), Some((user(jo()), "hash".to_owned())));
        let emails: Vec<_> = store.users().await.unwrap().into_iter().map(|user| user.email).collect();
        assert_eq!(emails, [Email::new("al@hartwell.example"), jo()]);
        assert!(store.put_role(&capital, &Role::Support).await.unwrap());
        assert_eq!(store.user(&jo()).await.unwrap().unwrap().0.role, Role::Support);
        let nobody = Email::new("nobody@hartwell.example");
        assert!(!store.put_role(&nobody, &staff()).await.unwrap() && store.user(&nobody).await.unwrap().is_none());
    });
}

#[test]
fn a_new_password_ends_all_sessions_and_is_set_once_in_place_of_an_old_one() {
    on_both(async |scene| {
        let store = &scene.store;
        store.put_user(&user(jo()), "old").await.unwrap();
        assert!(sign_in(store, "old").await && has_session(store).await);
        assert!(!store.put_password(&jo(), "new", PasswordUse::Own, Some("wrong")).await.unwrap() && has_session(store).await);
        let set = how_many(scene, async |store, number| {
            store.put_password(&jo(), &number.to_string(), PasswordUse::Own, Some("old")).await.unwrap()
        });
        assert_eq!(set.await, 1);
        assert!(!has_session(store).await && !sign_in(store, "old").await);
        assert!(store.put_password(&jo(), "last", PasswordUse::OneTime, None).await.unwrap());
        assert_eq!(store.user(&jo()).await.unwrap().unwrap().0.password_use, PasswordUse::OneTime);
    });
}

#[test]
fn who_is_disabled_has_no_session_and_begins_none() {
    on_both(async |scene| {
        let store = &scene.store;
        store.put_user(&user(jo()), "old").await.unwrap();
        assert!(sign_in(store, "old").await);
        let disabled = async |at: Option<Timestamp>| how_many(scene, async |store, _| store.put_disabled(&jo(), at).await.unwrap()).await;
        assert_eq!(disabled(None).await, 0);
        assert_eq!((disabled(Some(at(5))).await, disabled(Some(at(6))).await), (1, 0));
        assert!(!has_session(store).await && !sign_in(store, "old").await);
        assert_eq!(store.user(&jo()).await.unwrap().unwrap().0.disabled_at, Some(at(5)));
        assert_eq!(disabled(None).await, 1);
        assert!(sign_in(store, "old").await);
    });
}
