//! `casebridge firm disable FIRM --reason TEXT`: nothing runs for the firm by itself until it is enabled again.

use serde_json::json;

use crate::cli::{Context, Exit, Refusal, output};
use crate::domain::{Action, FirmId};

pub(super) async fn disable(context: &Context, firm: &str, reason: &str) -> Result<Exit, Refusal> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Refusal::usage(
            "the reason is empty",
            "say why, as others will read it: --reason \"the firm moves to another system\"",
        ));
    }
    let store = context.host().await?.store;
    // A firm whose file is gone can be disabled too.
    let known = match FirmId::new(firm) {
        Some(id) if store.is_firm_enabled(&id).await? => id,
        _ => crate::cli::context::known_firm(&context.generation_without_secrets(), firm)?,
    };
    store.disable_firm(&known, reason).await?;
    context.note(&store, Action::FirmDisabled, |entry| entry.of_firm(&known).from_to(None, Some(reason.to_owned()))).await?;
    store.close().await;
    if context.json {
        output::line(json!({ "firm": known.as_str(), "state": "off", "reason": reason }));
    } else {
        output::line(format_args!("{known} is off: nothing runs for it by itself until `casebridge firm enable {known}`"));
    }
    Ok(Exit::Success)
}
