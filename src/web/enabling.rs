//! Enabling and disabling a firm, for the API and the console alike.

use super::AppState;
use super::caller::Caller;
use super::problem::Problem;
use crate::domain::{Action, AuditEntry, FirmId};
use crate::rules::raw::Start;
use crate::yaml::{KeyPath, Value};

/// Enables a firm. Where its messages begin is written into its file, if it is said here.
pub(super) async fn enable(app: &AppState, caller: &Caller, firm: &FirmId, messages: Option<Start>) -> Result<(), Problem> {
    let current = app.registry.current();
    let rules = current.firms.get(firm).ok_or_else(Problem::no_firm)?.rules.clone();
    let rules = rules.ok_or_else(|| Problem::conflict("the firm has no rules in use: its file is gone or has faults"))?;
    if messages.is_none() && !rules.says_where_messages_start() {
        let detail = "say with which message the firm begins: `messages` is `now` (nothing from before becomes a note) or `beginning` (everything does)";
        return Err(Problem::unprocessable(detail));
    }
    if let Some(start) = messages {
        let changes = vec![(KeyPath::of(&["messages", "start"]), start.as_str().to_owned())];
        let (registry, of) = (app.registry.clone(), firm.clone());
        let outcome = tokio::task::spawn_blocking(move || registry.set(&of, &changes)).await.map_err(|_| Problem::own())??;
        app.reloader.look().await;
        for setting in outcome.settings.iter().filter(|setting| setting.changed) {
            let (before, after) = (setting.before.as_ref().map(Value::in_one_line), Some(setting.after.in_one_line()));
            let about = |entry: AuditEntry| entry.of_firm(firm).to(setting.key.to_string()).from_to(before, after);
            app.note(caller.who.clone(), Action::FirmSet, about).await?;
        }
    }
    if !app.host.store.enable_firm(firm, messages == Some(Start::Now)).await? && messages.is_none() {
        return Ok(());
    }
    let after = messages.map(|start| format!("messages: {}", start.as_str()));
    app.note(caller.who.clone(), Action::FirmEnabled, |entry| entry.of_firm(firm).from_to(None, after)).await?;
    Ok(())
}

/// Disables a firm.
pub(super) async fn disable(app: &AppState, caller: &Caller, firm: &FirmId, reason: &str) -> Result<(), Problem> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Problem::unprocessable("the reason is empty; say why, as others will read it"));
    }
    app.host.store.disable_firm(firm, reason).await?;
    let about = |entry: AuditEntry| entry.of_firm(firm).from_to(None, Some(reason.to_owned()));
    app.note(caller.who.clone(), Action::FirmDisabled, about).await?;
    Ok(())
}
