//! People with a session each, as if they had signed in: one in ten is integration support, the others are staff of one firm each.

use casebridge::domain::{Email, FirmId, PasswordUse, Role, StoreAddress, TokenText, User};
use casebridge::store::Store;
use jiff::Timestamp;

use super::firms::Firms;

/// Somebody who has signed in.
#[derive(Clone)]
pub struct Person {
    /// What their browser shows.
    pub cookie: String,
    /// The firm whose pages they read: support reads those of all.
    pub firm: String,
    pub is_support: bool,
}

/// Lets so many in; the first is support.
pub async fn let_in(firms: &Firms, count: usize) -> Vec<Person> {
    let store = Store::open(&firms.path("var"), &StoreAddress::Sqlite(firms.path("var/casebridge.db"))).await.expect("the store");
    let mut people = Vec::new();
    for number in 0..count {
        let is_support = number % 10 == 0;
        let firm = firms.names[number % firms.names.len()].clone();
        let role = if is_support { Role::Support } else { Role::Staff(FirmId::new(&firm).expect("a firm's name")) };
        let email = Email::new(&format!("person-{number}@firms.example"));
        let user = User { email, role, created_at: Timestamp::now(), disabled_at: None, password_use: PasswordUse::Own };
        // Nobody signs in by a password here, which would measure its hash.
        assert!(store.put_user(&user, "").await.expect("the store"), "somebody is there already");
        let mut random = [0; 32];
        getrandom::fill(&mut random).expect("randomness");
        let text = TokenText::of_session(random);
        assert!(store.put_session(&text.hash(), &user.email, "", "", Timestamp::now()).await.expect("the store"), "a session");
        people.push(Person { cookie: format!("casebridge={}", text.expose()), firm, is_support });
    }
    store.close().await;
    people
}
