//! Sealed secrets, and where keys go.

use casebridge::domain::{Reference, SecretName};
use casebridge::store::Store;

use super::scene::{at, how_many, on_both};

fn name(text: &str) -> SecretName {
    SecretName::new(text).unwrap()
}

fn reference(text: &str) -> Reference {
    Reference::read(text).unwrap()
}

async fn destination(store: &Store, of: &str) -> Option<String> {
    store.secret_destinations().await.unwrap().remove(&reference(of))
}

#[test]
fn a_secret_is_set_sealed_anew_once_and_removed_once_and_each_change_is_counted() {
    on_both(async |scene| {
        let store = &scene.store;
        assert_eq!(store.put_sealed_secret(&name("b"), b"\x00\xff", at(0)).await.unwrap(), None);
        assert_eq!(store.put_sealed_secret(&name("a"), b"2", at(1)).await.unwrap(), None);
        assert_eq!(store.put_sealed_secret(&name("b"), b"\x00\xfe", at(2)).await.unwrap(), Some(at(0)));
        let secrets = store.sealed_secrets().await.unwrap();
        let [a, b] = secrets.as_slice() else { panic!("{secrets:?}") };
        assert_eq!((a.change, b.change, b.set_at, &*b.sealed, &b.origin), (2, 3, at(2), [0, 0xfe].as_slice(), &None));
        let resealed = how_many(scene, async |store, number| {
            store.reseal_secret(b, &[u8::try_from(number).unwrap()], "https://casepeer.example").await.unwrap()
        });
        assert_eq!(resealed.await, 1);
        assert_eq!(store.sealed_secrets().await.unwrap()[1].origin.as_deref(), Some("https://casepeer.example"));
        assert!(!store.reseal_secret(b, b"3", "https://other.example").await.unwrap(), "it was sealed anew meanwhile");
        let changes = store.sealed_secret_changes().await.unwrap();
        assert_eq!(how_many(scene, async |store, _| store.remove_sealed_secret(&name("b")).await.unwrap()).await, 1);
        assert_eq!(store.sealed_secret_changes().await.unwrap(), changes + 1);
        assert_eq!(store.sealed_secrets().await.unwrap().len(), 1);
    });
}

#[test]
fn a_key_goes_to_its_first_destination_until_a_person_says_another() {
    on_both(async |scene| {
        let store = &scene.store;
        let changes = store.sealed_secret_changes().await.unwrap();
        let env = reference("${env:HARTWELL_KEY}");
        for origin in ["https://first.example", "https://second.example"] {
            store.first_destinations(&[(env.clone(), origin.to_owned())], at(0)).await.unwrap();
            assert_eq!(destination(store, "${env:HARTWELL_KEY}").await.as_deref(), Some("https://first.example"));
        }
        store.put_destination(&env, "https://third.example", at(1)).await.unwrap();
        assert_eq!(destination(store, "${env:HARTWELL_KEY}").await.as_deref(), Some("https://third.example"));
        assert!(store.sealed_secret_changes().await.unwrap() > changes, "other processes see that there is something new");
    });
}

#[test]
fn what_the_seal_says_of_a_destination_holds_and_a_new_secret_forgets_it() {
    on_both(async |scene| {
        let store = &scene.store;
        let (sealed, written) = (reference("${secret:a}"), "${secret:a}");
        store.put_sealed_secret(&name("a"), b"1", at(0)).await.unwrap();
        store.first_destinations(&[(sealed.clone(), "https://noted.example".to_owned())], at(0)).await.unwrap();
        assert_eq!(destination(store, written).await.as_deref(), Some("https://noted.example"));
        let secret = store.sealed_secrets().await.unwrap().remove(0);
        assert!(store.reseal_secret(&secret, b"2", "https://sealed.example").await.unwrap());
        assert_eq!(destination(store, written).await.as_deref(), Some("https://sealed.example"));
        store.put_sealed_secret(&name("a"), b"3", at(1)).await.unwrap();
        assert_eq!(destination(store, written).await, None);
        store.put_destination(&sealed, "https://noted.example", at(1)).await.unwrap();
        store.remove_sealed_secret(&name("a")).await.unwrap();
        assert_eq!(destination(store, written).await, None);
    });
}
