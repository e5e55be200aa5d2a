//! `casebridge plan FIRM [--case ID]`: a sync that writes nothing.

use super::watched::watched;
use super::{Context, Exit, Refusal, answer, rows};
use crate::domain::{CaseId, Row};
use crate::report::ClientNotices;
use crate::runs::{AcceptListing, SendAgain, sync_case, sync_firm};

pub(super) async fn plan(context: &Context, firm: &str, case: Option<CaseId>) -> Result<Exit, Refusal> {
    let rules = context.rules(firm).await?;
    let host = context.host().await?;
    let finished = match case {
        Some(case) => sync_case(&host, rules, case, true, SendAgain::Yes, &context.cancel).await?,
        None => watched(context.json, &host.progress, sync_firm(&host, rules, true, AcceptListing::No, &context.cancel)).await?,
    };
    host.store.close().await;
    let exit = rows::show(context, &finished);
    if !context.json {
        answer::text(notices(&finished.rows));
    }
    Ok(exit)
}

/// What clients would notice, in a sentence.
pub(super) fn notices<'a>(rows: impl IntoIterator<Item = &'a Row>) -> String {
    match ClientNotices::of(rows) {
        ClientNotices { stage_moves: 0, closures: 0, invitations: 0 } => "  Clients would notice nothing.\n".to_owned(),
        ClientNotices { stage_moves, closures, invitations } => {
            let invited = if invitations == 0 { String::new() } else { format!("; {invitations} invited to the app") };
            format!("  Clients would notice: {stage_moves} moved to another stage, each with a survey; {closures} closed{invited}.\n")
        }
    }
}
