//! Whose account a firm's keys open: remembered, and looked at before anything is written by them.

use std::sync::Arc;

use super::{CredentialCheck, RunError, VendorClients};
use crate::domain::{Account, FirmId, service_of};
use crate::rules::{Connection, FirmRules};
use crate::store::{AccountAt, AccountClaim, ClaimMode, Store, StoreError};
use crate::vendors::{Failure, Vendor};

/// The two vendors of a firm, with what its rules say of each.
fn vendors(rules: &FirmRules) -> [(Vendor, &Connection); 2] {
    [(Vendor::CasePeer, &rules.connections.casepeer), (Vendor::CaseStatus, &rules.connections.case_status)]
}

fn at(vendor: Vendor, connection: &Connection, account: Account) -> AccountAt {
    AccountAt { vendor: vendor.as_str(), origin: service_of(&connection.destination), account }
}

/// Asks both vendors which accounts the firm's keys open, before anything is written to these. A firm whose key opens another account than
/// before, or another firm's, is paused; that ends here too. Once an account is remembered, nothing is written while its vendor cannot say
/// whose account it is: the key may be another one by now. A vendor that never named one has perhaps no such request.
pub async fn check_accounts(store: &Store, rules: &Arc<FirmRules>, clients: &VendorClients) -> Result<(), RunError> {
    let paused = store.paused(&rules.firm).await?.filter(|pause| pause.reason.is_about_account());
    let (casepeer, case_status) = tokio::join!(clients.casepeer.account(), clients.case_status.account());
    for ((vendor, connection), answer) in vendors(rules).into_iter().zip([casepeer, case_status]) {
        let claimed = match answer {
            Ok(account) => claim(store, &rules.firm, vendor, connection, account).await,
            Err(failure) => {
                let is_paused = paused.as_ref().is_some_and(|pause| pause.vendor == vendor.to_string());
                if is_paused || store.is_account_remembered(&rules.firm, vendor.as_str()).await? {
                    tracing::warn!(firm = %rules.firm, %vendor, %failure, "account unknown: nothing is written");
                    Err(RunError::AccountUnknown { firm: rules.firm.clone(), vendor, failure })
                } else {
                    tracing::debug!(firm = %rules.firm, %vendor, %failure, "vendor names no account");
                    Ok(())
                }
            }
        };
        if let Err(error) = claimed {
            if let Some(reason) = error.pauses() {
                store.pause(&rules.firm, &vendor.to_string(), reason, Some(&error.to_string()), &rules.revision).await?;
            }
            return Err(error);
        }
    }
    if paused.is_some() {
        tracing::info!(firm = %rules.firm, "keys open the right accounts again");
        store.end_pause(&rules.firm).await?;
    }
    Ok(())
}

async fn claim(store: &Store, firm: &FirmId, vendor: Vendor, connection: &Connection, account: Account) -> Result<(), RunError> {
    let at = at(vendor, connection, account);
    let (firm, now) = (firm.clone(), at.account.to_string());
    match store.claim_account(&firm, &at, ClaimMode::Runs).await? {
        AccountClaim::Own => Ok(()),
        AccountClaim::Other(before) => Err(RunError::OtherAccount { firm, vendor, before: before.to_string(), now }),
        AccountClaim::Taken(by) => Err(RunError::AccountTaken { firm, vendor, account: now, by }),
    }
}

/// Whether a person said that these accounts are the firm's.
pub(super) async fn are_trusted(store: &Store, rules: &FirmRules, accounts: [&Account; 2]) -> Result<bool, StoreError> {
    for ((vendor, connection), account) in vendors(rules).into_iter().zip(accounts) {
        if !store.is_account_trusted(&rules.firm, &at(vendor, connection, account.clone())).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// What speaks against these accounts; where nothing does, they may be remembered.
pub(super) async fn doubtful_accounts(
    store: &Store,
    rules: &FirmRules,
    accounts: [&Account; 2],
    claim: ClaimMode,
) -> Result<Vec<String>, StoreError> {
    let accounts = vendors(rules).into_iter().zip(accounts).map(|((vendor, connection), account)| (vendor, account, connection));
    let accounts: Vec<_> =
        accounts.map(|(vendor, account, connection)| (vendor, account, at(vendor, connection, account.clone()))).collect();
    let mut doubts = Vec::new();
    for (vendor, account, at) in &accounts {
        match store.claim_account(&rules.firm, at, ClaimMode::Looks).await? {
            AccountClaim::Own => {}
            AccountClaim::Other(before) => doubts.push(format!(
                "{vendor} names another account than before: it is {account}, and it was {before}; nothing is written to it"
            )),
            AccountClaim::Taken(by) => doubts.push(format!(
                "{vendor}: the account {account} is that of {by}, which was there before {}; nothing is written to it for {}",
                rules.firm, rules.firm
            )),
        }
    }
    // Neither is remembered while one is doubtful: which of the two keys is wrong, nobody knows.
    if doubts.is_empty() && claim != ClaimMode::Looks {
        for (.., at) in &accounts {
            store.claim_account(&rules.firm, at, claim).await?;
        }
    }
    Ok(doubts)
}

/// The accounts that a person may say are the firm's: those that the vendors name now. One that has no such request names none.
pub fn nameable(rules: &FirmRules, proof: CredentialCheck) -> Result<Vec<AccountAt>, Failure> {
    let mut accounts = Vec::new();
    let mut names_none = None;
    for ((vendor, connection), answer) in vendors(rules).into_iter().zip([proof.casepeer, proof.case_status]) {
        match answer {
            Ok(account) => accounts.push(at(vendor, connection, account)),
            Err(failure @ Failure::Refused { status: 404, .. }) => names_none = Some(failure),
            Err(failure) => return Err(failure),
        }
    }
    names_none.filter(|_| accounts.is_empty()).map_or(Ok(accounts), Err)
}
