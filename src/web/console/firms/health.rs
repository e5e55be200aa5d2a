//! What is wrong with a firm, since when, and what to do: the same on its own page and among all firms.

use jiff::Timestamp;

use crate::domain::{FirmId, FirmState, RunStatus};
use crate::ruleset::{FirmEntry, RulesState};
use crate::store::FirmStatus;

/// Something that somebody should look at.
#[derive(Debug, Clone)]
pub(in crate::web::console) struct Trouble {
    /// How bad it is: a badge's word.
    pub badge: &'static str,
    /// What, in a sentence without a full stop.
    pub what: String,
    /// Since when, where that is known.
    pub since: Option<Timestamp>,
    /// Where to go.
    pub to: String,
    /// What that is called.
    pub go: &'static str,
}

/// What is wrong with a firm, the worst first.
pub(in crate::web::console) fn troubles(
    firm: &FirmId,
    in_use: &FirmEntry,
    firm_status: &FirmStatus,
    left_alone: &[(FirmId, String)],
) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let mut add = |badge, what: String, since, to: String, go| troubles.push(Trouble { badge, what, since, to, go });
    let rules = format!("/firms/{firm}/rules");
    match in_use.state {
        RulesState::Active => {}
        RulesState::Rejected => {
            add("rejected", "Its rules have faults, and nothing runs for it".to_owned(), None, rules, "See the faults");
        }
        RulesState::Gone => {
            let what = "Its file is gone with those of other firms; the last rules that were in order stay in use".to_owned();
            add("gone", what, None, "/".to_owned(), "See what to do");
        }
        RulesState::Held => {
            let what = "Its file has faults; the last rules that were in order stay in use".to_owned();
            add("held", what, None, rules, "See the faults");
        }
    }
    match (firm_status.state(), &firm_status.disabled) {
        (FirmState::Off, Some(disabled)) => {
            let what = format!("It is off, and nothing runs by itself: {}", disabled.reason);
            add("off", what, Some(disabled.since), format!("/firms/{firm}"), "Enable it");
        }
        (FirmState::New, _) => {
            add("new", "It is new: nothing runs by itself until it is enabled".to_owned(), None, format!("/firms/{firm}"), "Enable it");
        }
        _ => {}
    }
    if let Some(pause) = &firm_status.paused {
        add("paused", pause.what(), Some(pause.since), format!("/firms/{firm}/set-up"), "Set the key");
    }
    for (_, vendor) in left_alone.iter().filter(|(other, _)| other == firm) {
        let what = format!("{vendor} keeps failing; requests are paused for 30 seconds");
        add("waiting", what, None, format!("/firms/{firm}/runs"), "See its runs");
    }
    if firm_status.held_runs > 0 {
        let what = match firm_status.held_runs {
            1 => "A run waits for approval".to_owned(),
            more => format!("{more} runs wait for approval"),
        };
        add("held", what, None, format!("/firms/{firm}/runs?status=held"), "Look at it");
    }
    if let Some(sync) = &firm_status.last_sync
        && matches!(sync.status, RunStatus::Failed | RunStatus::Partial | RunStatus::Interrupted)
    {
        let why = sync.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
        let what = match sync.status {
            RunStatus::Partial => format!("Some cases of the last sync failed{why}"),
            RunStatus::Interrupted => "The last sync was cut off".to_owned(),
            _ => format!("The last sync failed{why}"),
        };
        add(sync.status.as_str(), what, Some(sync.started_at), format!("/runs/{}", sync.id), "See why");
    }
    if firm_status.letters > 0 {
        let what = match firm_status.letters {
            1 => "A message or document could not be delivered".to_owned(),
            more => format!("{more} messages or documents could not be delivered"),
        };
        add("failed", what, None, "/letters".to_owned(), "See them");
    }
    troubles
}
