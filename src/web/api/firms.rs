//! Firms: their rules, their schedules, and where they stand.

use std::borrow::Cow;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::extract::JsonBody;
use super::instances::{ServingInstance, of_firm};
use super::schemas::FaultShape;
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, AuditEntry, FirmId, Run};
use crate::rules::{FirmRules, Schedule};
use crate::ruleset::{FirmEntry, RulesSnapshot, RulesState};
use crate::scheduler::next_start;
use crate::store::{Disabled, FirmStatus, Pause};
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;
use crate::yaml::{KeyPath, Value};

/// Every firm that the caller may see, by name.
#[utoipa::path(get, path = "/api/v1/firms", tag = "Firms", operation_id = "list_firms",
    responses((status = 200, description = "The firms.", body = Firms)))]
pub(super) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let current = app.registry.current();
    let seen: Vec<(&FirmId, &FirmEntry)> = current.firms.iter().filter(|(firm, _)| caller.role.may_see(firm)).collect();
    let mut firm_statuses = app.host.store.firm_statuses(&seen.iter().map(|(firm, _)| *firm).collect::<Vec<_>>()).await?;
    let looking = Looking::now(&app, &current);
    let firms: Vec<FirmView> =
        seen.iter().map(|(firm, in_use)| looking.at(firm, in_use, firm_statuses.remove(firm).unwrap_or_default())).collect();
    Ok(Json(Firms { firms }).into_response())
}

/// One firm: its rules, its schedules, and where it stands.
#[utoipa::path(get, path = "/api/v1/firms/{firm}", tag = "Firms", operation_id = "show_firm",
    responses((status = 200, description = "The firm.", body = FirmView)))]
pub(super) async fn show(State(app): State<AppState>, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    answer(&app, &firm).await
}

/// Sets keys of the firm's file, as `casebridge firm set` does: comments and order stay, and nothing is written that would not be in order.
///
/// The body is an object of keys and values, each key with dots between its parts.
#[utoipa::path(patch, path = "/api/v1/firms/{firm}", tag = "Firms", operation_id = "set_firm",
    request_body(content = Keys, description = "Keys of the firm's file, and their values.",
        example = json!({ "schedule.nightly_sync.enabled": false })),
    responses((status = 200, description = "The firm as it is now.", body = FirmView)))]
pub(super) async fn set(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    JsonBody(Keys(keys)): JsonBody<Keys>,
) -> Result<Response, Problem> {
    if keys.is_empty() {
        return Err(Problem::bad("the body names no key to set"));
    }
    let path = |key: &String| KeyPath::parse(key).map_err(|error| Problem::bad(format!("`{key}` is no key: {error}")));
    let changes: Vec<_> = keys.iter().map(|(key, value)| Ok((path(key)?, value.to_string()))).collect::<Result<_, Problem>>()?;
    let (registry, of) = (app.registry.clone(), firm.clone());
    let outcome = tokio::task::spawn_blocking(move || registry.set(&of, &changes)).await.map_err(|_| Problem::own())??;
    app.reloader.look().await;
    for setting in outcome.settings.iter().filter(|setting| setting.changed) {
        let (before, after) = (setting.before.as_ref().map(Value::in_one_line), Some(setting.after.in_one_line()));
        let about = |entry: AuditEntry| entry.of_firm(&firm).to(setting.key.to_string()).from_to(before, after);
        app.note(caller.who.clone(), Action::FirmSet, about).await?;
    }
    answer(&app, &firm).await
}

/// Keys of a firm's file, and their values.
#[derive(Deserialize, ToSchema)]
#[schema(value_type = std::collections::BTreeMap<String, serde_json::Value>)]
pub(super) struct Keys(serde_json::Map<String, serde_json::Value>);

/// The firm as it is now.
pub(super) async fn answer(app: &AppState, firm: &FirmId) -> Result<Response, Problem> {
    let current = app.registry.current();
    let in_use = current.firms.get(firm).ok_or_else(Problem::no_firm)?;
    let firm_status = app.host.store.firm_statuses(&[firm]).await?.remove(firm).unwrap_or_default();
    let instances = Some(of_firm(app, firm, in_use).await?).filter(|instances| instances.len() > 1);
    Ok(Json(FirmView { instances, ..Looking::now(app, &current).at(firm, in_use, firm_status) }).into_response())
}

/// What all firms of one answer share.
struct Looking<'a> {
    app: &'a AppState,
    current: &'a RulesSnapshot,
    left_alone: Vec<(FirmId, String)>,
    now: Timestamp,
}

/// Firms.
#[derive(Serialize, ToSchema)]
struct Firms<'a> {
    firms: Vec<FirmView<'a>>,
}

/// A firm as JSON. Nothing of its connections is in it, since keys are.
#[derive(Serialize, ToSchema)]
#[schema(as = Firm)]
pub(super) struct FirmView<'a> {
    firm: &'a str,
    /// `off` (disabled), `new` (never enabled), `paused` (a vendor refuses its key, or names a wrong account) or `on`: only then does anything run by itself.
    state: &'static str,
    /// Why it is off, where somebody disabled it.
    disabled: Option<DisabledView>,
    /// As its rules in use say; nobody knows it where there are none.
    name: Option<&'a str>,
    /// Of the rules in use.
    revision: Option<&'a str>,
    time_zone: Option<&'a str>,
    rules: RulesView<'a>,
    schedule: Option<SchedulesView<'a>>,
    /// What is wrong with one of the firm's keys, so that nothing runs for it.
    paused: Option<PauseView>,
    /// The vendors that fail for everything, and are left alone for a while.
    left_alone: Vec<&'a str>,
    waiting: Waiting,
    letters: u64,
    held_runs: u64,
    last_sync: Option<LastSync>,
    /// Where several instances serve, each with the revision of the firm's rules that it goes by; not in lists of firms.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    instances: Option<Vec<ServingInstance>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FirmRules)]
struct RulesView<'a> {
    state: &'static str,
    #[schema(value_type = Vec<FaultShape>)]
    diagnostics: Vec<Cow<'a, Diagnostic>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FirmSchedules)]
struct SchedulesView<'a> {
    nightly_sync: ScheduleView<'a>,
    stage_sync: ScheduleView<'a>,
    message_sync: ScheduleView<'a>,
    document_sync: ScheduleView<'a>,
    scripts: Vec<ScriptView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = FirmSchedule)]
struct ScheduleView<'a> {
    enabled: bool,
    cron: &'a str,
    /// When it starts next; null where it or its firm is not on.
    next: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ScriptSchedule)]
struct ScriptView<'a> {
    script: &'a str,
    apply: bool,
    #[serde(flatten)]
    schedule: ScheduleView<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Disabled)]
struct DisabledView {
    reason: String,
    since: String,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Pause)]
struct PauseView {
    vendor: String,
    /// `key`: it is refused. `account`: it opens another account than before. `account_taken`: it opens that of an older firm.
    reason: &'static str,
    detail: Option<String>,
    since: String,
}

#[derive(Serialize, ToSchema)]
struct Waiting {
    messages: u64,
    documents: u64,
}

#[derive(Serialize, ToSchema)]
struct LastSync {
    run_id: String,
    status: &'static str,
    started_at: String,
    finished_at: Option<String>,
}

impl<'a> Looking<'a> {
    fn now(app: &'a AppState, current: &'a RulesSnapshot) -> Looking<'a> {
        Looking { app, current, left_alone: app.host.vendor_pool.left_alone(), now: Timestamp::now() }
    }

    fn at<'v>(&'v self, firm: &'v FirmId, in_use: &'v FirmEntry, firm_status: FirmStatus) -> FirmView<'v> {
        let rules = in_use.rules.as_deref();
        FirmView {
            firm: firm.as_str(),
            state: firm_status.state().as_str(),
            name: rules.map(|rules| &*rules.name),
            revision: rules.map(|rules| &*rules.revision.0),
            time_zone: rules.and_then(|rules| rules.time_zone.iana_name()),
            rules: self.rules_view(in_use, firm_status.rejected()),
            schedule: rules.map(|rules| self.schedules(rules, firm_status.enabled)),
            disabled: firm_status.disabled.map(DisabledView::from),
            paused: firm_status.paused.map(PauseView::from),
            left_alone: self.left_alone.iter().filter(|(other, _)| other == firm).map(|(_, vendor)| vendor.as_str()).collect(),
            waiting: Waiting { messages: firm_status.waiting_messages, documents: firm_status.waiting_documents },
            letters: firm_status.letters,
            held_runs: firm_status.held_runs,
            last_sync: firm_status.last_sync.as_ref().map(LastSync::from),
            instances: None,
        }
    }

    /// What the firm's own files have wrong, and what all firms share, if that is why its rules are not in use; `rejected` where it has
    /// another firm's account.
    fn rules_view<'v>(&'v self, in_use: &'v FirmEntry, rejected: Option<&str>) -> RulesView<'v> {
        let shared = self.current.shared_faults().filter(|_| in_use.state != RulesState::Active);
        let rejected = rejected.map(Diagnostic::without_place);
        let state = if rejected.is_some() { RulesState::Rejected } else { in_use.state };
        let diagnostics = rejected.map(Cow::Owned).into_iter().chain(shared.chain(&in_use.diagnostics).map(Cow::Borrowed)).collect();
        RulesView { state: state.as_str(), diagnostics }
    }

    fn schedules<'v>(&'v self, rules: &'v FirmRules, is_on: bool) -> SchedulesView<'v> {
        let view = |schedule: &'v Schedule| {
            let next = next_start(&rules.firm, schedule, &rules.time_zone, self.app.spread, self.now);
            ScheduleView { enabled: schedule.enabled, cron: &schedule.cron.text, next: next.filter(|_| is_on).map(to_the_second) }
        };
        let schedules = &rules.schedule;
        SchedulesView {
            nightly_sync: view(&schedules.nightly_sync),
            stage_sync: view(&schedules.stage_sync),
            message_sync: view(&schedules.message_sync),
            document_sync: view(&schedules.document_sync),
            scripts: schedules
                .scripts
                .iter()
                .map(|script| ScriptView { script: &script.script, apply: script.apply, schedule: view(&script.schedule) })
                .collect(),
        }
    }
}

/// Firms are spread by fractions of a second, which nobody wants to read.
fn to_the_second(moment: Timestamp) -> String {
    moment.round(jiff::TimestampRound::new().smallest(Unit::Second).mode(jiff::RoundMode::Floor)).unwrap_or(moment).to_string()
}

impl From<Disabled> for DisabledView {
    fn from(disabled: Disabled) -> DisabledView {
        DisabledView { reason: disabled.reason, since: disabled.since.to_string() }
    }
}

impl From<Pause> for PauseView {
    fn from(pause: Pause) -> PauseView {
        PauseView { vendor: pause.vendor, reason: pause.reason.as_str(), detail: pause.detail, since: pause.since.to_string() }
    }
}

impl From<&Run> for LastSync {
    fn from(run: &Run) -> LastSync {
        LastSync {
            run_id: run.id.0.clone(),
            status: run.status.as_str(),
            started_at: run.started_at.to_string(),
            finished_at: run.finished_at.map(|at| at.to_string()),
        }
    }
}
