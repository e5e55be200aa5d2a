//! `casebridge status`: where each firm stands, and by its exit code whether somebody is needed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::cli::rows::printable;
use crate::cli::serve::spread;
use crate::cli::table::{as_text, table};
use crate::cli::{Context, Exit, Refusal, output};
use crate::domain::{FirmId, FirmState};
use crate::ruleset::{BuiltFirm, Generation, RulesState, is_folder_gone};
use crate::scheduler::next_start;
use crate::store::{FirmStatus, Store, StoreError};

pub(super) async fn status(context: &Context) -> Result<Exit, Refusal> {
    let generation = context.generation();
    let store = context.existing_store().await?;
    let (gone, mut firm_statuses) = firms_with_gone_ones(store.as_ref(), &generation).await?;
    let (knows_firms, expects_firms) = match &store {
        Some(store) => (store.knows_firms().await?, store.expects_firms().await?),
        None => (false, false),
    };
    let is_store_strange = !generation.firms.is_empty() && !knows_firms;
    let is_folder_strange = !gone.is_empty() || generation.firms.is_empty() && expects_firms;
    let firms: Vec<(&FirmId, &BuiltFirm, FirmStatus)> =
        generation.firms.iter().map(|(id, firm)| (id, firm, firm_statuses.remove(id).unwrap_or_default())).collect();
    let needs_somebody = is_store_strange || is_folder_strange || firms.iter().any(|(_, firm, firm_status)| wants(firm, firm_status));
    if context.json {
        let spread = spread(context, firms.len());
        let without_files = gone.iter().map(|firm| gone_as_json(firm, &firm_statuses.remove(firm).unwrap_or_default()));
        let firms: Vec<Value> =
            firms.iter().map(|(id, firm, firm_status)| as_json(spread, id, firm, firm_status)).chain(without_files).collect();
        output::line(json!({ "store": { "knows_firms": knows_firms }, "firms": firms }));
    } else {
        let mut table = table(["firm", "state", "rules", "last sync", "held runs", "letters"]);
        for (id, firm, firm_status) in &firms {
            let last =
                firm_status.last_sync.as_ref().map_or("never".to_owned(), |run| format!("{} {}", run.status.as_str(), run.started_at));
            let (held, letters) = (firm_status.held_runs.to_string(), firm_status.letters.to_string());
            table.add_row([
                id.to_string(),
                firm_status.state().as_str().to_owned(),
                rules(firm, firm_status).to_owned(),
                last,
                held,
                letters,
            ]);
        }
        for firm in &gone {
            let state = firm_statuses.remove(firm).unwrap_or_default().state().as_str().to_owned();
            table.add_row([firm.to_string(), state, RulesState::Gone.as_str().to_owned(), String::new(), String::new(), String::new()]);
        }
        output::line(if firms.is_empty() && gone.is_empty() { "no firms yet: add rules/<firm>.yaml".to_owned() } else { as_text(&table) });
        for (id, _, firm_status) in &firms {
            if let Some(why) = why(firm_status) {
                output::line(format_args!("\n{id}: {why}"));
            }
        }
        if is_folder_strange {
            let folder = context.rules_folder().path().display().to_string();
            output::line(format_args!(
                "\nThe files of firms are gone from {folder}, perhaps a share that is not mounted. What `serve` knows goes on by its last good \
                 rules until they are back, or until `casebridge firm remove FIRM…`.",
            ));
        }
        if is_store_strange {
            output::line(
                "\nThe store knows none of these firms, and nothing runs for them by itself. If this is another store than before, \
                 put the old `database_url` back; else `casebridge firm enable FIRM`, or `--all`.",
            );
        }
    }
    Ok(if needs_somebody { Exit::Failed } else { Exit::Success })
}

/// The firms that go on although their files are gone, each with those of many others; and where all firms stand. Nothing where there is no
/// store yet.
pub(super) async fn firms_with_gone_ones(
    store: Option<&Store>,
    generation: &Generation,
) -> Result<(BTreeSet<FirmId>, BTreeMap<FirmId, FirmStatus>), StoreError> {
    let Some(store) = store else { return Ok((BTreeSet::new(), BTreeMap::new())) };
    let mut gone = store.firms_with_good_rules().await?;
    gone.retain(|firm| !generation.firms.contains_key(firm));
    if !is_folder_gone(generation.firms.len(), gone.len()) {
        // A file or two that were deleted while no host was there to see it.
        gone.clear();
    }
    let firm_statuses = store.firm_statuses(&generation.firms.keys().chain(&gone).collect::<Vec<_>>()).await?;
    Ok((gone, firm_statuses))
}

/// Why nothing runs for a firm by itself, where that is somebody's word or a key's fault.
pub(super) fn why(firm_status: &FirmStatus) -> Option<String> {
    if let Some(disabled) = &firm_status.disabled {
        return Some(format!("off since {}: {}", disabled.since, printable(&disabled.reason)));
    }
    let pause = firm_status.paused.as_ref()?;
    Some(format!("paused since {}: {}", pause.since, printable(&pause.what())))
}

/// Whether something of this firm waits for a person.
fn wants(firm: &BuiltFirm, firm_status: &FirmStatus) -> bool {
    firm.rules.is_none()
        || firm_status.rejected().is_some()
        || firm_status.state() == FirmState::Paused
        || firm_status.held_runs > 0
        || firm_status.letters > 0
}

/// Where the firm's rules stand.
pub(super) fn rules(firm: &BuiltFirm, firm_status: &FirmStatus) -> &'static str {
    if firm.rules.is_none() || firm_status.rejected().is_some() { "rejected" } else { "active" }
}

fn gone_as_json(id: &FirmId, firm_status: &FirmStatus) -> Value {
    json!({ "firm": id.as_str(), "state": firm_status.state().as_str(), "rules": { "state": RulesState::Gone.as_str() } })
}

fn as_json(spread: Duration, id: &FirmId, firm: &BuiltFirm, firm_status: &FirmStatus) -> Value {
    let nightly = firm
        .rules
        .as_ref()
        .filter(|_| firm_status.state() == FirmState::On)
        .and_then(|rules| next_start(id, &rules.schedule.nightly_sync, &rules.time_zone, spread, Timestamp::now()));
    json!({
        "firm": id.as_str(),
        "state": firm_status.state().as_str(),
        "rules": { "state": rules(firm, firm_status) },
        "paused": firm_status.paused.as_ref().map(|pause| json!({ "vendor": pause.vendor, "reason": pause.reason.as_str(), "since": pause.since.to_string(), "detail": pause.what() })),
        "disabled": firm_status.disabled.as_ref().map(|disabled| json!({ "reason": disabled.reason, "since": disabled.since.to_string() })),
        "last_sync": firm_status.last_sync.as_ref().map(|run| json!({
            "run_id": run.id.0.as_str(), "status": run.status.as_str(), "started_at": run.started_at.to_string(),
        })),
        "next": nightly.map(|next| next.to_string()),
        "held_runs": firm_status.held_runs,
        "letters": firm_status.letters,
    })
}
