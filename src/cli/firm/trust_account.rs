//! `casebridge firm trust FIRM --account`: the accounts that the firm's keys open now are the firm's.

use serde_json::json;

use crate::cli::rows::printable;
use crate::cli::{Context, Exit, Refusal, output, secret_input};
use crate::domain::{Account, Action, FirmId};
use crate::runs::{RunError, check_credentials, nameable};
use crate::store::{AccountClaim, ClaimMode};
use crate::vendors::Vendor;

pub(super) async fn accounts(context: &Context, firm: &str) -> Result<Exit, Refusal> {
    let rules = context.rules(firm).await?;
    let host = context.host().await?;
    let accounts =
        nameable(&rules, check_credentials(&host.vendor_pool, &rules).await).map_err(|failure| Refusal::failed(failure.to_string()))?;
    for vendor in [Vendor::CasePeer, Vendor::CaseStatus].map(Vendor::as_str) {
        let line = match accounts.iter().find(|at| at.vendor == vendor) {
            Some(at) => format!("{vendor}: the account {} is to be {}'s", printable(&at.account.to_string()), rules.firm),
            None => format!("{vendor}: it names no account, and none is to be remembered"),
        };
        if context.json { eprintln!("{line}") } else { output::line(line) }
    }
    secret_input::accepted()?;
    let mut before = Vec::new();
    for at in &accounts {
        let claim = host.store.claim_account(&rules.firm, at, ClaimMode::Looks).await.map_err(RunError::from)?;
        before.push(if let AccountClaim::Other(before) = claim { Some(before) } else { None });
    }
    let generation = context.generation_without_secrets();
    let is_gone = |other: &FirmId| !generation.firms.contains_key(other);
    if let Some(by) = host.store.trust_accounts(&rules.firm, &accounts, is_gone).await.map_err(RunError::from)? {
        let refusal = format!("{by} has one of these accounts, and its file is there: two firms cannot have one account");
        return Err(Refusal::failed(format!("{refusal}; remove the file of the one that is not to go on")));
    }
    for (at, before) in accounts.iter().zip(before) {
        let named = |account: &Account| format!("{}: {account}", at.vendor);
        let (before, now) = (before.as_ref().map(named), named(&at.account));
        context.note(&host.store, Action::FirmTrusted, |entry| entry.of_firm(&rules.firm).from_to(before, Some(now))).await?;
    }
    host.store.close().await;
    if context.json {
        let view = accounts.iter().map(|at| (at.vendor, json!({ "account": at.account.id, "firm_name": at.account.name })));
        output::line(json!({ "firm": rules.firm.as_str(), "accounts": view.collect::<std::collections::BTreeMap<_, _>>() }));
    } else {
        output::line(format_args!("accepted for {}", rules.firm));
    }
    Ok(Exit::Success)
}
