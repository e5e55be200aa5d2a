//! `casebridge status`: where each firm stands, and by its exit code whether somebody is needed.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::serve::spread;
use crate::cli::table::{as_text, table};
use crate::cli::{Context, Exit, Refusal, answer};
use crate::domain::{FirmId, FirmState};
use crate::jobs::next_start;
use crate::live::Firm;
use crate::store::Standing;

pub(super) async fn status(context: &Context) -> Result<Exit, Refusal> {
    let generation = context.generation();
    let (mut standings, knows_firms) = match context.existing_store().await? {
        Some(store) => (store.standings(&generation.firms.keys().collect::<Vec<_>>()).await?, store.knows_firms().await?),
        None => (BTreeMap::new(), false),
    };
    let is_store_strange = !generation.firms.is_empty() && !knows_firms;
    let firms: Vec<(&FirmId, &Firm, Standing)> =
        generation.firms.iter().map(|(id, firm)| (id, firm, standings.remove(id).unwrap_or_default())).collect();
    let needs_somebody = is_store_strange || firms.iter().any(|(_, firm, standing)| wants(firm, standing));
    if context.json {
        let spread = spread(context, firms.len());
        let firms: Vec<Value> = firms.iter().map(|(id, firm, standing)| as_json(spread, id, firm, standing)).collect();
        answer::line(json!({ "store": { "knows_firms": knows_firms }, "firms": firms }));
    } else {
        let mut table = table(["firm", "state", "rules", "last sync", "held runs", "letters"]);
        for (id, firm, standing) in &firms {
            let last = standing.last_sync.as_ref().map_or("never".to_owned(), |run| format!("{} {}", run.status.as_str(), run.started_at));
            let (held, letters) = (standing.held_runs.to_string(), standing.letters.to_string());
            table.add_row([id.to_string(), standing.state().as_str().to_owned(), rules(firm, standing).to_owned(), last, held, letters]);
        }
        answer::line(if firms.is_empty() { "no firms yet: add rules/<firm>.yaml".to_owned() } else { as_text(&table) });
        if is_store_strange {
            answer::line(
                "\nThe store knows none of these firms, and nothing runs for them by itself. If this is another store than before, \
                 put the old `database_url` back; else `casebridge firm enable FIRM`, or `--all`.",
            );
        }
    }
    Ok(if needs_somebody { Exit::Failed } else { Exit::Well })
}

/// Whether something of this firm waits for a person.
fn wants(firm: &Firm, standing: &Standing) -> bool {
    firm.rules.is_none()
        || standing.rejected().is_some()
        || standing.state() == FirmState::Paused
        || standing.held_runs > 0
        || standing.letters > 0
}

fn rules(firm: &Firm, standing: &Standing) -> &'static str {
    if firm.rules.is_none() || standing.rejected().is_some() { "rejected" } else { "active" }
}

fn as_json(spread: Duration, id: &FirmId, firm: &Firm, standing: &Standing) -> Value {
    let nightly = firm
        .rules
        .as_ref()
        .filter(|_| standing.state() == FirmState::On)
        .and_then(|rules| next_start(id, &rules.schedule.nightly_sync, &rules.time_zone, spread, Timestamp::now()));
    json!({
        "firm": id.as_str(),
        "state": standing.state().as_str(),
        "rules": { "state": rules(firm, standing) },
        "paused": standing.paused.as_ref().map(|pause| json!({ "vendor": pause.vendor, "reason": pause.reason.as_str(), "since": pause.since.to_string() })),
        "last_sync": standing.last_sync.as_ref().map(|run| json!({
            "run_id": run.id.0.as_str(), "status": run.status.as_str(), "started_at": run.started_at.to_string(),
        })),
        "next": nightly.map(|next| next.to_string()),
        "held_runs": standing.held_runs,
        "letters": standing.letters,
    })
}
