//! `casebridge firm set FIRM KEY=VALUE…`: a firm's file edited in place, its comments and order kept.

use serde_json::json;

use crate::cli::{Context, Exit, Refusal, output};
use crate::diagnostic::{Diagnostic, render_all};
use crate::domain::{Action, AuditEntry};
use crate::ruleset::{SetError, SetOutcome, Setting};
use crate::store::Store;
use crate::yaml::{KeyPath, Value};

pub(super) async fn set(context: &Context, firm: &str, settings: &[String]) -> Result<Exit, Refusal> {
    let changes = settings.iter().enumerate().map(|(position, setting)| change(position, setting)).collect::<Result<Vec<_>, _>>()?;
    let outcome = context.set(firm, &changes).map_err(refusal)?;
    if !outcome.warnings.is_empty() {
        eprintln!("{}", render_all(&outcome.warnings, context.color));
    }
    if outcome.settings.iter().any(|setting| setting.changed) {
        let store = context.store().await?;
        write_down(context, &store, &outcome).await?;
        store.close().await;
    }
    if context.json {
        output::line(as_json(&outcome));
    } else {
        output::text(as_text(&outcome));
    }
    Ok(Exit::Success)
}

/// Writes into the audit log what was changed.
pub(super) async fn write_down(context: &Context, store: &Store, outcome: &SetOutcome) -> Result<(), Refusal> {
    for setting in outcome.settings.iter().filter(|setting| setting.changed) {
        let values = (setting.before.as_ref().map(Value::in_one_line), Some(setting.after.in_one_line()));
        let about = |entry: AuditEntry| entry.of_firm(&outcome.firm).to(setting.key.to_string()).from_to(values.0, values.1);
        context.note(store, Action::FirmSet, about).await?;
    }
    Ok(())
}

/// A key and its value. A refusal says which argument is meant and shows nothing of it: a secret may have slipped in.
fn change(position: usize, setting: &str) -> Result<(KeyPath, String), Refusal> {
    match KeyPath::parse_setting(setting) {
        Ok((key, value)) => Ok((key, value.to_owned())),
        Err(fault) => {
            let help = "write KEY=VALUE, such as schedule.nightly_sync.enabled=false; quote it in a shell where it has blanks or brackets";
            Err(Refusal::usage(format!("argument {} after the firm sets no key: {fault}", position + 1), help))
        }
    }
}

pub(super) fn refusal(error: SetError) -> Refusal {
    match error {
        SetError::NoSuchFirm { ref nearest, .. } => {
            let help = match nearest {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`casebridge firm list` shows them".to_owned(),
            };
            Refusal::usage(error.to_string(), help)
        }
        SetError::Folder(fault) => vec![fault].into(),
        SetError::Refused { ref file, ref diagnostics, .. } => {
            eprintln!("{} was not changed; the edit would make it invalid:\n", file.display());
            Refusal::faulty(diagnostics.clone())
        }
        SetError::KeepsChanging { .. } => {
            Refusal::faulty(vec![Diagnostic::without_place(error.to_string()).help("find out what else writes it, and try again")])
        }
        SetError::Write { .. } => {
            let help = "run casebridge as the owner of the file, who may write in its folder too";
            Refusal::faulty(vec![Diagnostic::without_place(error.to_string()).help(help)])
        }
    }
}

fn as_json(outcome: &SetOutcome) -> serde_json::Value {
    let changes: Vec<_> = outcome
        .settings
        .iter()
        .filter(|setting| setting.changed)
        .map(|setting| json!({ "key": setting.key.to_string(), "before": setting.before, "after": setting.after }))
        .collect();
    json!({ "firm": outcome.firm.as_str(), "changes": changes, "revision": &*outcome.revision.0 })
}

fn as_text(outcome: &SetOutcome) -> String {
    let file = outcome.file.display();
    let heading = if outcome.settings.iter().any(|setting| setting.changed) {
        format!("{}: {file} was changed; rules {}\n", outcome.firm, outcome.revision)
    } else {
        format!("{}: nothing to change; {file} is as it was; rules {}\n", outcome.firm, outcome.revision)
    };
    std::iter::once(heading).chain(outcome.settings.iter().map(line)).collect()
}

fn line(setting: &Setting) -> String {
    let after = setting.after.in_one_line();
    if !setting.changed {
        return format!("  {} is {after} already\n", setting.key);
    }
    let before = setting.before.as_ref().map_or("not in the file".to_owned(), Value::in_one_line);
    format!("  {}: {before} → {after}\n", setting.key)
}
