//! Whose the accounts are that firms' keys open.

use casebridge::domain::{Account, Kind, RunStatus};
use casebridge::store::{AccountAt, AccountClaim, ClaimMode, PauseReason};

use super::scene::{a_moment, ended, hartwell, okafor, on_both, revision, run};

fn account(id: &str) -> AccountAt {
    let account = Account { id: id.to_owned(), name: format!("Firm {id}") };
    AccountAt { vendor: "casepeer", origin: "https://casepeer.example".into(), account }
}

#[test]
fn an_account_is_the_firms_that_ran_first_and_not_of_the_one_that_looked() {
    on_both(async |scene| {
        let store = &scene.store;
        let (own, other) = (account("1"), account("2"));
        assert_eq!(store.claim_account(&hartwell(), &own, ClaimMode::Looks).await.unwrap(), AccountClaim::Own);
        assert!(!store.is_account_remembered(&hartwell(), "casepeer").await.unwrap());
        assert_eq!(store.claim_account(&hartwell(), &own, ClaimMode::Remembers).await.unwrap(), AccountClaim::Own);
        assert!(store.is_account_remembered(&hartwell(), "casepeer").await.unwrap());
        assert!(!store.is_account_remembered(&hartwell(), "case_status").await.unwrap());
        let of_other = store.claim_account(&hartwell(), &other, ClaimMode::Runs).await.unwrap();
        assert_eq!(of_other, AccountClaim::Other(own.account.clone()));
        a_moment().await;
        assert_eq!(store.claim_account(&okafor(), &own, ClaimMode::Remembers).await.unwrap(), AccountClaim::Taken(hartwell()));
        assert_eq!(store.claim_account(&okafor(), &own, ClaimMode::Runs).await.unwrap(), AccountClaim::Own, "the other never ran");
        a_moment().await;
        assert_eq!(store.claim_account(&hartwell(), &own, ClaimMode::Runs).await.unwrap(), AccountClaim::Taken(okafor()));
        ended(store, run("long-ago", Kind::Sync, -1), RunStatus::Succeeded).await;
        assert_eq!(store.claim_account(&hartwell(), &own, ClaimMode::Runs).await.unwrap(), AccountClaim::Own, "it ran before");
        let elsewhere = AccountAt { origin: "https://other.example".into(), ..own };
        assert_eq!(store.claim_account(&okafor(), &elsewhere, ClaimMode::Looks).await.unwrap(), AccountClaim::Own);
    });
}

#[test]
fn a_persons_word_outweighs_runs_unless_the_other_firm_is_still_there() {
    on_both(async |scene| {
        let store = &scene.store;
        let own = account("1");
        store.claim_account(&okafor(), &own, ClaimMode::Runs).await.unwrap();
        for reason in [PauseReason::KeyRefused, PauseReason::AccountTaken] {
            store.pause(&hartwell(), "CASEpeer", reason, None, &revision("r1")).await.unwrap();
        }
        let accounts = [own.clone()];
        assert_eq!(store.trust_accounts(&hartwell(), &accounts, |_| false).await.unwrap(), Some(okafor()));
        assert!(store.paused(&hartwell()).await.unwrap().is_some() && !store.is_account_trusted(&hartwell(), &own).await.unwrap());
        assert_eq!(store.trust_accounts(&hartwell(), &accounts, |_| true).await.unwrap(), None);
        assert!(store.paused(&hartwell()).await.unwrap().is_none() && store.is_account_trusted(&hartwell(), &own).await.unwrap());
        assert!(!store.is_account_trusted(&hartwell(), &account("2")).await.unwrap());
        assert!(!store.is_account_remembered(&okafor(), "casepeer").await.unwrap());
        assert_eq!(store.claim_account(&okafor(), &own, ClaimMode::Runs).await.unwrap(), AccountClaim::Taken(hartwell()));
    });
}
