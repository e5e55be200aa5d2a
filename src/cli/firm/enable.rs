//! `casebridge firm enable FIRM` and `--all`: from then on the firm's schedules and webhooks work.

use serde_json::json;

use super::set::{refusal, write_down};
use crate::cli::{Context, Exit, Refusal, output, status};
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, FirmId, FirmState};
use crate::rules::raw::Start;
use crate::yaml::KeyPath;

/// Enables one firm, or all that nobody disabled.
pub(super) async fn enable(context: &Context, firm: Option<&str>, messages: Option<Start>) -> Result<Exit, Refusal> {
    let generation = context.generation_without_secrets();
    let store = context.host().await?.store;
    let asked: Vec<FirmId> = if let Some(name) = firm {
        vec![crate::cli::context::known_firm(&generation, name)?]
    } else {
        let firm_statuses = store.firm_statuses(&generation.firms.keys().collect::<Vec<_>>()).await?;
        let is_off = |firm: &&FirmId| firm_statuses.get(*firm).is_some_and(|firm_status| firm_status.disabled.is_some());
        generation.firms.keys().filter(|firm| !is_off(firm)).cloned().collect()
    };
    let same_keys = context.same_key_faults();
    let is_usable = |firm: &&FirmId| generation.firms[*firm].rules.is_some() && !same_keys.contains_key(*firm);
    let (usable, faulty): (Vec<&FirmId>, Vec<&FirmId>) = asked.iter().partition(is_usable);
    let is_silent = |firm: &&&FirmId| {
        let rules = generation.firms[**firm].rules.as_ref();
        messages.is_none() && rules.is_some_and(|rules| !rules.says_where_messages_start())
    };
    let silent: Vec<&str> = usable.iter().filter(is_silent).map(|firm| firm.as_str()).collect();
    if !silent.is_empty() {
        return Err(Refusal::usage(
            format!("nobody says with which message {} begins", silent.join(", ")),
            "add `--messages now` (nothing from before becomes a note) or `--messages beginning` (everything does); \
             it is written into the firm's file as `messages.start`",
        ));
    }
    if let (Some(_), Some(firm)) = (firm, faulty.first()) {
        return Err(Refusal::faulty({
            let all = generation.common.iter().chain(&generation.firms[*firm].diagnostics);
            all.chain(same_keys.get(*firm).into_iter().flatten()).cloned().collect()
        }));
    }
    for firm in &usable {
        if let Some(start) = messages {
            let key = KeyPath::of(&["messages", "start"]);
            let outcome = context.set(firm.as_str(), &[(key, start.as_str().to_owned())]).map_err(refusal)?;
            write_down(context, &store, &outcome).await?;
        }
        if !store.enable_firm(firm, messages == Some(Start::Now)).await? && messages.is_none() {
            continue;
        }
        let after = messages.map(|start| format!("messages: {}", start.as_str()));
        context.note(&store, Action::FirmEnabled, |entry| entry.of_firm(firm).from_to(None, after)).await?;
    }
    let firm_statuses = store.firm_statuses(&usable).await?;
    store.close().await;
    let enabled: Vec<&str> = usable.iter().map(|firm| firm.as_str()).collect();
    if context.json {
        output::line(json!({ "enabled": enabled, "faulty": faulty.iter().map(|firm| firm.as_str()).collect::<Vec<_>>() }));
    } else {
        for firm in &usable {
            let paused = firm_statuses.get(*firm).filter(|firm_status| firm_status.state() == FirmState::Paused);
            output::line(match paused.and_then(status::why) {
                Some(why) => format!("{firm} is enabled, and nothing runs for it yet: {why}"),
                None => format!("{firm} is on: its schedules and webhooks work under `casebridge serve`"),
            });
        }
        if enabled.is_empty() && faulty.is_empty() {
            output::line("there is no firm to enable");
        }
    }
    if faulty.is_empty() {
        return Ok(Exit::Success);
    }
    let found = faulty.iter().flat_map(|firm| generation.firms[*firm].diagnostics.clone());
    let found: Vec<Diagnostic> = generation.common.iter().cloned().chain(found).collect();
    eprintln!("{}", crate::diagnostic::render_all(&found, context.color));
    Ok(Exit::Failed)
}
