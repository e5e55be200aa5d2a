//! `casebridge plan FIRM [--case ID]`: a sync that writes nothing.

use super::execute::CommandRun;
use super::{Context, Exit, Refusal, output, rows};
use crate::domain::{Action, CaseId, Row};
use crate::jobs::Job;
use crate::report::ClientNotices;

pub(super) async fn plan(context: &Context, firm: &str, case: Option<CaseId>) -> Result<Exit, Refusal> {
    let rules = context.rules(firm).await?;
    let host = context.host().await?;
    let job = match case {
        Some(case) => Job::SyncCase { case: case.0, dry_run: true, by_event: false },
        None => Job::Sync { dry_run: true, accept_listing: false, mail_to: Vec::new() },
    };
    let finished = CommandRun::new(context, &host, rules, Action::RunBegun).execute(context, &job).await?;
    host.store.close().await;
    let Some(finished) = finished else { return Ok(Exit::Success) };
    let exit = rows::show(context, &finished);
    if !context.json {
        output::text(notices(&finished.rows));
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
