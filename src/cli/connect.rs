//! `casebridge connect FIRM ID…|--from FILE [--dry-run]`: the preview first, then the work.

use super::arguments::ConnectOptions;
use super::rows::printable;
use super::watched::watched;
use super::{Context, Exit, Refusal, answer, case_list, rows};
use crate::domain::{Effect, Email, NewCase};
use crate::runs::{ConnectRun, Planned};

pub(super) async fn connect(context: &Context, options: ConnectOptions) -> Result<Exit, Refusal> {
    let mut cases = options.cases;
    if let Some(file) = &options.from {
        cases.extend(case_list::read(file)?);
    }
    let rules = context.rules(&options.firm).await?;
    let host = context.host().await?;
    let preparing = ConnectRun::begin(&host, rules, cases, options.dry_run).await?;
    let connecting = preparing.prepare(&context.cancel).await;
    if !context.json {
        connecting.prepared.iter().for_each(|prepared| answer::text(preview(prepared)));
    }
    let finished = if options.dry_run {
        connecting.leave().await?
    } else {
        watched(context.json, &host.progress, Box::pin(connecting.confirm(&context.cancel))).await?
    };
    context.note_run(&host.store, &finished).await?;
    host.store.close().await;
    Ok(rows::show(context, &finished))
}

/// What will be pushed, as staff confirm it in the products.
fn preview(planned: &Planned) -> String {
    let Some(Effect::CreateCase(case)) = &planned.effect else { return String::new() };
    let case: &NewCase = case;
    let NewCase { integration_id, readable_id, practice_area, stage, primary_attorney, .. } = case;
    let people = |emails: &[Email]| {
        if emails.is_empty() { "nobody".to_owned() } else { emails.iter().map(Email::as_str).collect::<Vec<_>>().join(", ") }
    };
    let none = || "none".to_owned();
    let lines = [
        ("client", format!("{} {}", printable(&case.first_name), printable(&case.last_name))),
        ("phone", case.phone.clone().unwrap_or_else(none)),
        ("practice area", practice_area.to_string()),
        ("stage", stage.to_string()),
        ("primary attorney", primary_attorney.to_string()),
        ("attorneys", people(&case.additional_attorneys)),
        ("paralegals", people(&case.paralegals)),
        ("case date", case.case_date.map_or_else(none, |date| date.to_string())),
        ("description", case.description.as_deref().map_or_else(none, printable)),
    ];
    let lines: String = lines.iter().map(|(name, value)| format!("  {name:<17} {value}\n")).collect();
    format!("{integration_id} {} goes to Case Status as\n{lines}", printable(readable_id))
}
