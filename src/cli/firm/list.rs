//! `casebridge firm list`: every firm and the state of its rules.

use serde_json::json;

use crate::cli::table::{as_text, table};
use crate::cli::{Context, Exit, Refusal, output, status};
use crate::diagnostic::Diagnostic;
use crate::domain::FirmId;
use crate::ruleset::RulesState;

pub(super) async fn list(context: &Context) -> Result<Exit, Refusal> {
    let generation = context.generation();
    let (gone, mut firm_statuses) = status::firms_with_gone_ones(context.existing_store().await?.as_ref(), &generation).await?;
    if generation.firms.is_empty() && gone.is_empty() && generation.common.iter().any(Diagnostic::is_error) {
        return Err(generation.common.into());
    }
    let mut firm_status = |firm: &FirmId| firm_statuses.remove(firm).unwrap_or_default();
    if context.json {
        let mut firms: Vec<_> = generation
            .firms
            .iter()
            .map(|(id, firm)| {
                let rules = firm.rules.as_ref();
                let firm_status = firm_status(id);
                json!({
                    "firm": id.as_str(),
                    "state": firm_status.state().as_str(),
                    "name": rules.map(|rules| &*rules.name),
                    "revision": rules.map(|rules| rules.revision.to_string()),
                    "rules": { "state": status::rules(firm, &firm_status), "diagnostics": firm.diagnostics },
                    "schedule": rules.map(|rules| json!({ "nightly_sync": {
                        "enabled": rules.schedule.nightly_sync.enabled, "cron": &*rules.schedule.nightly_sync.cron.text,
                    } })),
                })
            })
            .collect();
        firms.extend(gone.iter().map(|id| {
            let rules = json!({ "state": RulesState::Gone.as_str(), "diagnostics": [] });
            json!({ "firm": id.as_str(), "state": firm_status(id).state().as_str(), "name": null, "revision": null, "rules": rules, "schedule": null })
        }));
        output::line(json!(firms));
        return Ok(Exit::Success);
    }
    let mut table = table(["firm", "state", "name", "rules", "nightly sync"]);
    for (id, firm) in &generation.firms {
        let firm_status = firm_status(id);
        let state = firm_status.state().as_str().to_owned();
        let row = match &firm.rules {
            Some(rules) if firm_status.rejected().is_some() => [
                id.to_string(),
                state,
                rules.name.to_string(),
                "another firm's account: see `casebridge firm verify`".to_owned(),
                String::new(),
            ],
            Some(rules) => {
                let nightly = &rules.schedule.nightly_sync;
                let when = if nightly.enabled { format!("{} ({})", nightly.cron.text, zone(rules)) } else { "off".to_owned() };
                [id.to_string(), state, rules.name.to_string(), rules.revision.to_string(), when]
            }
            None => [id.to_string(), state, String::new(), "faulty: see `casebridge check`".to_owned(), String::new()],
        };
        table.add_row(row);
    }
    for id in &gone {
        let state = firm_status(id).state().as_str().to_owned();
        table.add_row([id.to_string(), state, String::new(), "its file is gone: see `casebridge status`".to_owned(), String::new()]);
    }
    output::line(if generation.firms.is_empty() && gone.is_empty() {
        "no firms yet: add rules/<firm>.yaml".to_owned()
    } else {
        as_text(&table)
    });
    Ok(Exit::Success)
}

fn zone(rules: &crate::rules::FirmRules) -> &str {
    rules.time_zone.iana_name().unwrap_or("UTC")
}
