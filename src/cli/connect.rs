//! `casebridge connect FIRM ID…|--from FILE [--dry-run]`: the preview first, then the work.

use super::arguments::ConnectOptions;
use super::execute::{CommandRun, Preview};
use super::rows::printable;
use super::{Context, Exit, Refusal, case_list, rows};
use crate::domain::{Action, Effect, Email, NewCase};
use crate::jobs::Job;
use crate::runs::Planned;

pub(super) async fn connect(context: &Context, options: ConnectOptions) -> Result<Exit, Refusal> {
    let mut cases = options.cases;
    if let Some(file) = &options.from {
        cases.extend(case_list::read(file)?);
    }
    let rules = context.rules(&options.firm).await?;
    let host = context.host().await?;
    let job = Job::Connect { cases: cases.iter().map(|case| case.0).collect(), dry_run: options.dry_run, mail_to: Vec::new() };
    let previews: Preview = |planned| planned.iter().map(preview).collect();
    let finished = CommandRun::previewed(context, &host, rules, Action::RunBegun, Some(previews)).execute(context, &job).await?;
    host.store.close().await;
    Ok(finished.map_or(Exit::Success, |finished| rows::show(context, &finished)))
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
