//! API tokens.

use casebridge::domain::{Role, Token, TokenHash, TokenName};

use super::scene::{at, how_many, jo, on_both, staff};
use super::users::user;

fn name() -> TokenName {
    TokenName::new("grafana").unwrap()
}

pub fn token(created: i64) -> Token {
    let (last_used_at, expires_at, revoked_at) = (None, Some(at(created + 60)), None);
    Token {
        name: name(),
        role: staff(),
        owner: Some(jo()),
        is_orphaned: false,
        created_at: at(created),
        last_used_at,
        expires_at,
        revoked_at,
    }
}

#[test]
fn a_name_is_one_tokens_until_that_is_revoked() {
    on_both(async |scene| {
        let store = &scene.store;
        let put = async |created: i64| {
            how_many(scene, async |store, number| {
                store.put_token(&token(created), &TokenHash::of(&format!("{created} {number}"))).await.unwrap()
            })
            .await
        };
        assert_eq!(put(0).await, 1);
        assert_eq!(how_many(scene, async |store, _| store.revoke_token(&name()).await.unwrap()).await, 1);
        assert_eq!(put(1).await, 1);
        let bare = Token { name: TokenName::new("bare").unwrap(), role: Role::Viewer(None), owner: None, expires_at: None, ..token(0) };
        assert!(store.put_token(&bare, &TokenHash::of("bare")).await.unwrap());
        let tokens = store.tokens().await.unwrap();
        assert_eq!(tokens[..2], [bare, token(1)]);
        assert!(tokens.len() == 3 && tokens[2].revoked_at.is_some() && tokens[2].created_at == at(0));
    });
}

#[test]
fn a_token_is_found_by_what_is_shown_and_noted_by_the_minute() {
    on_both(async |scene| {
        let (store, hash) = (&scene.store, TokenHash::of("shown"));
        store.put_token(&token(0), &hash).await.unwrap();
        assert_eq!(store.token(&TokenHash::of("other")).await.unwrap(), None);
        for (second, noted) in [(0, 0), (59, 0), (60, 60)] {
            let found = store.token(&hash).await.unwrap().unwrap();
            store.note_token_used(&hash, &found, at(second)).await.unwrap();
            assert_eq!(store.token(&hash).await.unwrap().unwrap().last_used_at, Some(at(noted)));
        }
        store.put_user(&user(jo()), "hash").await.unwrap();
        assert!(!store.token(&hash).await.unwrap().unwrap().is_orphaned);
        store.put_disabled(&jo(), Some(at(0))).await.unwrap();
        assert!(store.token(&hash).await.unwrap().unwrap().is_orphaned);
    });
}
