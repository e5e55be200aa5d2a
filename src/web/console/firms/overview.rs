//! A firm at a glance: what is wrong, what runs when, and what ran.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;

use super::health::{Trouble, troubles};
use crate::diagnostic::Diagnostic;
use crate::domain::{Counts, FirmId, FirmState, Run};
use crate::rules::JobKind;
use crate::ruleset::FirmEntry;
use crate::scheduler::next_start;
use crate::store::FirmStatus;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

/// Runs shown.
const RUNS: u32 = 6;

/// Occurrences shown that did not simply run.
const MISSED: u32 = 5;

#[derive(Template)]
#[template(path = "firms/overview.html")]
pub(super) struct OverviewPage {
    frame: Layout,
    firm: FirmId,
    rules_state: &'static str,
    state: FirmState,
    /// Whether whoever enables it has to say with which message it begins.
    wants_message_start: bool,
    revision: String,
    /// Whether there are rules to run by.
    has_rules: bool,
    troubles: Vec<Trouble>,
    firm_status: FirmStatus,
    schedules: Vec<ScheduleLine>,
    missed: Vec<(String, Timestamp, String, u64)>,
    runs: Vec<(Run, Counts)>,
    /// Why a schedule was not set.
    faults: Vec<Diagnostic>,
}

struct ScheduleLine {
    /// As the rules name it.
    key: String,
    title: String,
    cron: String,
    enabled: bool,
    next: Option<Timestamp>,
    /// Whether it is switched here; scripts are in the file alone.
    switched_here: bool,
}

/// The firm.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    Ok(page(&overview(&app, &caller, firm, Vec::new()).await?))
}

pub(super) async fn overview(app: &AppState, caller: &Caller, firm: FirmId, faults: Vec<Diagnostic>) -> Result<OverviewPage, Problem> {
    let current = app.registry.current();
    let in_use = current.firms.get(&firm).ok_or_else(Problem::no_firm)?;
    let store = &app.host.store;
    let firm_status = store.firm_statuses(&[&firm]).await?.remove(&firm).unwrap_or_default();
    let mut troubles = troubles(&firm, in_use, &firm_status, &app.host.vendor_pool.left_alone());
    if !caller.role.is_support() {
        // Where only support can go, others are not sent.
        troubles.retain_mut(|trouble| {
            if !trouble.to.starts_with("/runs/") && !trouble.to.ends_with("/runs") && !trouble.to.contains("/runs?") {
                trouble.to.clear();
            }
            true
        });
    }
    let rules = in_use.rules.as_ref();
    Ok(OverviewPage {
        frame: Layout::about(caller, &firm, app, NavItem::Overview),
        rules_state: in_use.state.as_str(),
        state: firm_status.state(),
        wants_message_start: rules.is_some_and(|rules| !rules.says_where_messages_start()),
        revision: rules.map(|rules| rules.revision.0.to_string()).unwrap_or_default(),
        has_rules: rules.is_some(),
        troubles,
        schedules: schedules(app, in_use, firm_status.enabled),
        missed: store.occurrences(&firm, MISSED).await?,
        runs: store.runs(Some(&firm), RUNS).await?,
        firm_status,
        firm,
        faults,
    })
}

fn schedules(app: &AppState, in_use: &FirmEntry, is_on: bool) -> Vec<ScheduleLine> {
    let Some(rules) = &in_use.rules else { return Vec::new() };
    let now = Timestamp::now();
    let lines = JobKind::of(rules).map(|(what, schedule)| ScheduleLine {
        key: what.to_string(),
        title: title(&what),
        cron: in_words(&schedule.cron.text),
        enabled: schedule.enabled,
        next: next_start(&rules.firm, schedule, &rules.time_zone, app.spread, now).filter(|_| is_on),
        switched_here: !matches!(what, JobKind::Script(_)),
    });
    lines.collect()
}

fn title(what: &JobKind) -> String {
    match what {
        JobKind::NightlySync => "Nightly sync".to_owned(),
        JobKind::StageSync => "Stage changes".to_owned(),
        JobKind::MessageSync => "Messages, both ways".to_owned(),
        JobKind::DocumentSync => "Documents".to_owned(),
        JobKind::Script(name) => format!("Script {name}"),
    }
}

/// The usual expressions in words; any other as it is written.
fn in_words(cron: &str) -> String {
    let fields: Vec<&str> = cron.split_whitespace().collect();
    let number = |text: &str| text.parse::<u8>().ok();
    match fields[..] {
        ["*", "*", "*", "*", "*"] => "every minute".to_owned(),
        [minute, "*", "*", "*", "*"] if minute.strip_prefix("*/").and_then(number).is_some() => {
            format!("every {} minutes", minute.trim_start_matches("*/"))
        }
        [minute, hour, "*", "*", days] => match (number(minute), number(hour), days) {
            (Some(minute), Some(hour), "*") => format!("daily at {}", clock(hour, minute)),
            (Some(minute), Some(hour), "1-5") => format!("weekdays at {}", clock(hour, minute)),
            _ => cron.to_owned(),
        },
        _ => cron.to_owned(),
    }
}

fn clock(hour: u8, minute: u8) -> String {
    let half = if hour < 12 { "AM" } else { "PM" };
    format!("{}:{minute:02} {half}", if hour.is_multiple_of(12) { 12 } else { hour % 12 })
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn usual_schedules_are_said_in_words_and_others_as_written() {
        let said = ["0 21 * * *", "*/2 * * * *", "30 0 * * 1-5", "* * * * *", "5 12 * * *"].map(in_words);
        assert_eq!(said, ["daily at 9:00 PM", "every 2 minutes", "weekdays at 12:30 AM", "every minute", "daily at 12:05 PM"]);
        assert_eq!(in_words("0 9 1 * *"), "0 9 1 * *");
    }
}
