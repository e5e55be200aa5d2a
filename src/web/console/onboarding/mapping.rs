//! The mapping table: every stage and case type seen in the firm's cases, what each becomes, and a choice for each; what nobody mapped
//! comes first. Saving shows first what it would move, then changes the lines of the firm's file that are meant, and keeps everything
//! else of it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Step;
use super::mapping_preview::MappingPreview;
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, AuditEntry, FirmId};
use crate::ruleset::{Etag, MappingRow, SetError, TestsEdit, WriteError};
use crate::runs::Verification;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::cases::said;
use crate::web::console::rules::failed_tests::{FailedTests, typed_tests};
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "onboarding/mapping.html")]
struct MappingPage {
    frame: Layout,
    firm: FirmId,
    step: Step,
    refusal: Option<String>,
    faults: Vec<Diagnostic>,
    /// Whether somebody else changed the file meanwhile.
    is_overtaken: bool,
    failed: Option<FailedTests>,
    /// By which the file is known again when it is saved.
    etag: Etag,
    stages: Vec<StageLine>,
    areas: Vec<AreaLine>,
    attorneys: Vec<String>,
    practice_areas: Vec<(String, Vec<(u8, String)>)>,
    missing_targets: Vec<String>,
    doubts: Vec<String>,
    unmapped: usize,
}

/// A stage of CASEpeer in cases of one type.
struct StageLine {
    /// Names its field.
    number: usize,
    case_type: String,
    stage: String,
    cases: u64,
    to: Option<u8>,
    /// What stands in its field: that, or what was chosen and not saved.
    chosen: Option<u8>,
    /// Whether a line of its case type's own maps it.
    is_own: bool,
    /// Whether it is to get one.
    alone: bool,
    suggestion: Option<u8>,
    problem: Option<String>,
    /// Stages of its practice area; every number where nobody knows that.
    options: Vec<(u8, String)>,
}

// Templates hand over references.
#[allow(clippy::trivially_copy_pass_by_ref)]
impl StageLine {
    fn is_now(&self, stage: &u8) -> bool {
        self.chosen == Some(*stage)
    }

    fn is_suggested(&self, stage: &u8) -> bool {
        self.suggestion == Some(*stage)
    }

    /// Whether the choice has this stage.
    fn has_option(&self, stage: &u8) -> bool {
        self.options.iter().any(|(number, _)| number == stage)
    }
}

/// A case type of CASEpeer.
struct AreaLine {
    number: usize,
    case_type: String,
    cases: u64,
    to: Option<String>,
    chosen: Option<String>,
    problem: Option<String>,
}

/// The table.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    let shown = mapping_page(&app, &caller, firm, &BTreeMap::new()).await?;
    let status = if shown.refusal.is_some() { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    Ok((status, page(&shown)).into_response())
}

/// The table, with what `fields` chose.
async fn mapping_page(app: &AppState, caller: &Caller, firm: FirmId, fields: &BTreeMap<String, String>) -> Result<MappingPage, Problem> {
    if !app.registry.current().firms.contains_key(&firm) {
        return Err(Problem::no_firm());
    }
    let (registry, of) = (app.registry.clone(), firm.clone());
    let file = tokio::task::spawn_blocking(move || registry.firm_file(&of)).await.map_err(|_| Problem::own())??;
    let mut shown = MappingPage {
        frame: Layout::about(caller, &firm, app, NavItem::SetUp),
        step: Step::Mapping,
        refusal: None,
        faults: Vec::new(),
        is_overtaken: false,
        failed: None,
        etag: file.etag,
        stages: Vec::new(),
        areas: Vec::new(),
        attorneys: Vec::new(),
        practice_areas: Vec::new(),
        missing_targets: Vec::new(),
        doubts: Vec::new(),
        unmapped: 0,
        firm,
    };
    match app.requests.verify(&shown.firm).await {
        Ok(Verification { casepeer: Err(failure), .. } | Verification { case_status: Err(failure), .. }) => {
            shown.refusal = Some(failure.to_string());
        }
        Ok(verification) => {
            shown.fill(verification);
            shown.choose(fields);
        }
        Err(declined) => shown.refusal = Some(said(declined)?),
    }
    Ok(shown)
}

impl MappingPage {
    fn fill(&mut self, verification: Verification) {
        let directory = &verification.directory;
        let named =
            |stages: &[(crate::domain::Stage, Box<str>)]| stages.iter().map(|(number, name)| (number.number(), name.to_string())).collect();
        self.practice_areas = directory.practice_areas.iter().map(|area| (area.name.to_string(), named(&area.stages))).collect();
        let mut attorneys: Vec<String> =
            directory.staff().filter(|user| user.is_active_attorney()).map(|user| user.email.to_string()).collect();
        attorneys.sort();
        self.attorneys = attorneys;
        let area_of: BTreeMap<&str, &str> =
            verification.practice_areas.iter().filter_map(|area| Some((area.case_type.as_str(), area.becomes.as_deref()?))).collect();
        let any = || (1..=12).map(|number| (number, String::new())).collect();
        let options = |case_type: &str| {
            let area = area_of.get(case_type).and_then(|name| self.practice_areas.iter().find(|(area, _)| area == name));
            area.map_or_else(any, |(_, stages)| stages.clone())
        };
        let stages = verification.stages.iter().enumerate().map(|(number, seen)| StageLine {
            number,
            case_type: seen.case_type.clone(),
            stage: seen.stage.clone(),
            cases: seen.cases,
            to: seen.to.map(crate::domain::Stage::number),
            chosen: seen.to.map(crate::domain::Stage::number),
            is_own: seen.is_own,
            alone: false,
            suggestion: seen.suggestion.map(crate::domain::Stage::number),
            problem: seen.problem.clone(),
            options: options(&seen.case_type),
        });
        self.stages = stages.collect();
        let areas = verification.practice_areas.iter().enumerate().map(|(number, seen)| AreaLine {
            number,
            case_type: seen.case_type.clone(),
            cases: seen.cases,
            to: seen.becomes.clone(),
            chosen: seen.becomes.clone(),
            problem: seen.problem.clone(),
        });
        self.areas = areas.collect();
        self.unmapped =
            self.stages.iter().filter(|line| line.to.is_none()).count() + self.areas.iter().filter(|line| line.to.is_none()).count();
        self.missing_targets = verification.missing_targets;
        self.doubts = verification.doubts;
    }

    /// Puts what was chosen into the fields of the same rows, whose order may be another by now.
    fn choose(&mut self, fields: &BTreeMap<String, String>) {
        for number in fields.keys().filter_map(|name| name.strip_prefix("to-")) {
            let (case_type, stage) = (field(fields, "type", number), field(fields, "stage", number));
            let row = self.stages.iter_mut().find(|line| line.case_type == case_type && line.stage == stage);
            if let (Some(row), Ok(to)) = (row, field(fields, "to", number).parse()) {
                (row.chosen, row.alone) = (Some(to), field(fields, "alone", number) == "on");
            }
        }
        for number in fields.keys().filter_map(|name| name.strip_prefix("area-")) {
            let (case_type, to) = (field(fields, "area_type", number), field(fields, "area", number));
            if let Some(row) = self.areas.iter_mut().find(|line| line.case_type == case_type && !to.is_empty()) {
                row.chosen = Some(to.to_owned());
            }
        }
    }
}

/// Shows what saving would move, and saves what was chosen once that was looked at.
pub(super) async fn put(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let rows = chosen(&fields);
    if rows.is_empty() {
        return Ok(Redirect::to(&format!("/firms/{firm}/set-up/mapping")).into_response());
    }
    let etag = Etag::shown(fields.get("etag").map(String::as_str).unwrap_or_default());
    let tests = tests_in(&fields);
    let (registry, of, held, given) = (app.registry.clone(), firm.clone(), etag.clone(), tests.clone());
    let edit = move || registry.edit_mapping(&of, &held, &rows, given.as_ref().map(|tests| tests.text.as_str()));
    let edit = tokio::task::spawn_blocking(edit).await.map_err(|_| Problem::own())?;
    let edit = match edit {
        Ok(edit) => edit,
        Err(error) => return refused(&app, &caller, firm, &fields, error).await,
    };
    if !fields.contains_key("looked") {
        return match app.requests.mapping_impact(&edit.before, &edit.after).await {
            Ok(impact) => Ok(page(&MappingPreview::new(&app, &caller, firm, &fields, edit.lines, impact))),
            Err(declined) => {
                let again = MappingPage { refusal: Some(said(declined)?), ..mapping_page(&app, &caller, firm, &fields).await? };
                Ok((StatusCode::BAD_GATEWAY, page(&again)).into_response())
            }
        };
    }
    let (registry, of) = (app.registry.clone(), firm.clone());
    let (before, text, has_tests) = (edit.before.revision.0.to_string(), edit.text, tests.is_some());
    let saved =
        tokio::task::spawn_blocking(move || registry.replace(&of, &etag, &text, tests.as_ref())).await.map_err(|_| Problem::own())?;
    match saved {
        Ok((revision, _)) => {
            app.reloader.look().await;
            let about = |entry: AuditEntry| entry.of_firm(&firm).to("mapping").from_to(Some(before), Some(revision.0.to_string()));
            app.note(caller.who.clone(), Action::FirmSet, about).await?;
            if has_tests {
                let about = |entry: AuditEntry| entry.of_firm(&firm).to(format!("{firm}.test.yaml"));
                app.note(caller.who, Action::RulesEdited, about).await?;
            }
            Ok(Redirect::to(&format!("/firms/{firm}/set-up/mapping")).into_response())
        }
        Err(error) => refused(&app, &caller, firm, &fields, error).await,
    }
}

/// The table with what was chosen, and why that was not saved.
async fn refused(
    app: &AppState,
    caller: &Caller,
    firm: FirmId,
    fields: &BTreeMap<String, String>,
    error: WriteError,
) -> Result<Response, Problem> {
    let mut tests = Vec::new();
    let are_tests_overtaken = matches!(error, WriteError::TestsChanged);
    let (status, mut faults, is_overtaken) = match error {
        WriteError::Changed { .. } => (StatusCode::CONFLICT, Vec::new(), true),
        WriteError::TestsChanged => (StatusCode::CONFLICT, Vec::new(), false),
        WriteError::Set(SetError::Refused { diagnostics, failed_tests, .. }) => {
            tests = failed_tests;
            (StatusCode::UNPROCESSABLE_ENTITY, diagnostics, false)
        }
        WriteError::Set(error) => return Err(error.into()),
        WriteError::IsThere => return Err(Problem::own()),
    };
    // A test that fails is shown with its file.
    faults.retain(|fault| !tests.iter().any(|test| test.fault.as_ref() == Some(fault)));
    let failed = FailedTests::of(app, &firm, tests, tests_in(fields), are_tests_overtaken).await?;
    let again = MappingPage { faults, is_overtaken, failed, ..mapping_page(app, caller, firm, fields).await? };
    Ok((status, page(&again)).into_response())
}

fn tests_in(fields: &BTreeMap<String, String>) -> Option<TestsEdit> {
    typed_tests(fields.get("tests").map(String::as_str), fields.get("tests_etag").map(String::as_str))
}

/// Those rows whose target is another than the form says that it was, or that are to be for their case type alone.
fn chosen(fields: &BTreeMap<String, String>) -> Vec<MappingRow> {
    let stages = fields.iter().filter_map(|(name, to)| {
        let number = name.strip_prefix("to-")?;
        let to = to.parse::<u8>().ok().filter(|to| (1..=12).contains(to))?;
        let alone = field(fields, "alone", number) == "on";
        let is_changed = field(fields, "was", number) != to.to_string() || alone;
        let (case_type, stage) = (field(fields, "type", number).to_owned(), field(fields, "stage", number).to_owned());
        is_changed.then_some(MappingRow::Stage { case_type, stage, to, alone })
    });
    let areas = fields.iter().filter_map(|(name, to)| {
        let number = name.strip_prefix("area-")?;
        let is_changed = !to.is_empty() && field(fields, "area_was", number) != to;
        is_changed.then(|| MappingRow::PracticeArea { case_type: field(fields, "area_type", number).to_owned(), to: to.clone() })
    });
    stages.chain(areas).collect()
}

fn field<'f>(fields: &'f BTreeMap<String, String>, name: &str, number: &str) -> &'f str {
    fields.get(&format!("{name}-{number}")).map(String::as_str).unwrap_or_default()
}
