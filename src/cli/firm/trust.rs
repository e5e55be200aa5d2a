//! `casebridge firm trust FIRM --origin`: lets the firm's keys go where its rules send them now.

use serde_json::json;

use crate::cli::{Context, Exit, Refusal, output, secret_input};
use crate::domain::{Action, Reference};
use crate::rules::FirmRules;
use crate::secrets::{Vault, VaultError};

/// A key that would go elsewhere than it was given for.
struct Change {
    reference: Reference,
    from: Option<String>,
    to: String,
}

/// Accepts where keys would go: what was read, shown and agreed to, whatever the rules say by then. `expected` are the origins that the
/// caller names, none if they are to be asked about.
pub(super) async fn origins(context: &Context, firm: &str, expected: &[String]) -> Result<Exit, Refusal> {
    let rules = context.rules_for_any_destination(firm)?;
    let store = context.store().await?;
    let vault = Vault::open(store.clone(), context.key_source()).await?;
    let changes: Vec<Change> = rules
        .connections
        .destinations()
        .map(|(reference, to)| Change { from: vault.destination(&reference), reference, to })
        .filter(|change| change.from.as_ref() != Some(&change.to))
        .collect();
    refuse_others(&rules, &changes, expected)?;
    let text = as_text(firm, &changes);
    if context.json {
        eprint!("{text}");
    } else {
        output::text(text);
    }
    if expected.is_empty() && !changes.is_empty() {
        secret_input::accepted()?;
    }
    for Change { reference, from, to } in &changes {
        vault.trust(reference, to).await.map_err(|error| match error {
            VaultError::Refused(missing) => Refusal::usage(missing.problem, missing.help),
            VaultError::Store(error) => error.into(),
        })?;
        let about =
            |entry: crate::domain::AuditEntry| entry.of_firm(&rules.firm).to(reference.to_string()).from_to(from.clone(), Some(to.clone()));
        context.note(&store, Action::OriginTrusted, about).await?;
    }
    store.close().await;
    if context.json {
        let accepted = |Change { reference, from, to }: &Change| json!({ "reference": reference.to_string(), "from": from, "to": to });
        output::line(json!({ "firm": firm, "accepted": changes.iter().map(accepted).collect::<Vec<_>>() }));
    }
    Ok(Exit::Success)
}

/// Where the caller names origins, these alone are accepted.
fn refuse_others(rules: &FirmRules, changes: &[Change], expected: &[String]) -> Result<(), Refusal> {
    let as_origin = |url: &String| url::Url::parse(url).map_or_else(|_| url.clone(), |url| url.origin().ascii_serialization());
    let expected: Vec<String> = expected.iter().map(as_origin).collect();
    if expected.is_empty() {
        return Ok(());
    }
    if let Some(unused) = expected.iter().find(|url| !rules.connections.destinations().any(|(_, to)| to == **url)) {
        return Err(Refusal::failed(format!("the rules of {} send no key to {unused}; nothing was accepted", rules.firm)));
    }
    match changes.iter().find(|change| !expected.contains(&change.to)) {
        None => Ok(()),
        Some(Change { reference, to, .. }) => Err(Refusal::failed(format!(
            "the key of {reference} would be sent to {to}, which --origin does not name; nothing was accepted"
        ))),
    }
}

fn as_text(firm: &str, changes: &[Change]) -> String {
    if changes.is_empty() {
        return format!("{firm}: every key goes where it went before\n");
    }
    let line = |Change { reference, from, to }: &Change| {
        let from = from.as_ref().map_or_else(String::new, |from| format!(" and no longer to {from}"));
        format!("{firm}: the key of {reference} is to be sent to {to}{from}\n")
    };
    changes.iter().map(line).collect()
}
