//! `casebridge plan FIRM [--case ID]`: a sync that writes nothing.

use super::watched::watched;
use super::{Context, Exit, Refusal, answer, rows};
use crate::domain::{CaseId, Row, RowResult};
use crate::sync::{sync_case, sync_firm};

pub(super) async fn plan(context: &Context, firm: &str, case: Option<CaseId>) -> Result<Exit, Refusal> {
    let rules = context.rules(firm)?;
    let host = context.host().await?;
    let finished = match case {
        Some(case) => sync_case(&host, rules, case, true, &context.cancel).await?,
        None => watched(context.json, async |progress| sync_firm(&host, rules, true, progress, &context.cancel).await).await?,
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
    let rows: Vec<&Row> = rows.into_iter().collect();
    let count = |what: fn(&Row) -> bool| rows.iter().filter(|row| what(row)).count();
    let invited = match count(|row| row.result == RowResult::Created) {
        0 => String::new(),
        invited => format!("; {invited} invited to the app"),
    };
    match (count(|row| row.stage_to.is_some()), count(|row| row.closes)) {
        (0, 0) if invited.is_empty() => "  Clients would notice nothing.\n".to_owned(),
        (moves, closed) => {
            format!("  Clients would notice: {moves} moved to another stage, each with a survey; {closed} closed{invited}.\n")
        }
    }
}
