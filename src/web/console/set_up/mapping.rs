//! The mapping table: every stage and case type seen in the firm's cases, what each becomes, and a choice for each; what nobody mapped
//! comes first. Saving changes the lines of the firm's file that are meant, and keeps everything else of it.

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::Step;
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, FirmId};
use crate::live::{Mapping, SetError};
use crate::sync::Verification;
use crate::web::Served;
use crate::web::caller::{Caller, SeenFirm};
use crate::web::console::cases::said;
use crate::web::console::{Frame, Here, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "set_up/mapping.html")]
struct MappingPage {
    frame: Frame,
    firm: FirmId,
    step: Step,
    refusal: Option<String>,
    faults: Vec<Diagnostic>,
    stages: Vec<StageLine>,
    areas: Vec<AreaLine>,
    attorneys: Vec<String>,
    practice_areas: Vec<(String, Vec<(u8, String)>)>,
    missing_targets: Vec<String>,
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
    suggestion: Option<u8>,
    problem: Option<String>,
    /// Stages of its practice area; every number where nobody knows that.
    options: Vec<(u8, String)>,
}

// Templates hand over references.
#[allow(clippy::trivially_copy_pass_by_ref)]
impl StageLine {
    fn is_now(&self, stage: &u8) -> bool {
        self.to == Some(*stage)
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
    problem: Option<String>,
}

/// The table.
pub(super) async fn show(State(served): State<Served>, caller: Caller, SeenFirm(firm): SeenFirm) -> Result<Response, Problem> {
    let shown = mapping_page(&served, &caller, firm).await?;
    let status = if shown.refusal.is_some() { StatusCode::BAD_GATEWAY } else { StatusCode::OK };
    Ok((status, page(&shown)).into_response())
}

async fn mapping_page(served: &Served, caller: &Caller, firm: FirmId) -> Result<MappingPage, Problem> {
    if !served.live.current().firms.contains_key(&firm) {
        return Err(Problem::no_firm());
    }
    let mut shown = MappingPage {
        frame: Frame::about(caller, &firm, served, Here::SetUp),
        step: Step::Mapping,
        refusal: None,
        faults: Vec::new(),
        stages: Vec::new(),
        areas: Vec::new(),
        attorneys: Vec::new(),
        practice_areas: Vec::new(),
        missing_targets: Vec::new(),
        unmapped: 0,
        firm,
    };
    match served.requests.verify(&shown.firm).await {
        Ok(Verification { casepeer: Err(failure), .. } | Verification { case_status: Err(failure), .. }) => {
            shown.refusal = Some(failure.to_string());
        }
        Ok(verification) => shown.fill(verification),
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
            problem: seen.problem.clone(),
        });
        self.areas = areas.collect();
        self.unmapped =
            self.stages.iter().filter(|line| line.to.is_none()).count() + self.areas.iter().filter(|line| line.to.is_none()).count();
        self.missing_targets = verification.missing_targets;
    }
}

/// Saves what was chosen and is another than before.
pub(super) async fn put(
    State(served): State<Served>,
    caller: Caller,
    SeenFirm(firm): SeenFirm,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Result<Response, Problem> {
    let mappings = chosen(&fields);
    if mappings.is_empty() {
        return Ok(Redirect::to(&format!("/firms/{firm}/set-up/mapping")).into_response());
    }
    let before = served.live.current().firms.get(&firm).and_then(|in_use| in_use.rules.clone()).map(|rules| rules.revision.0.to_string());
    let (live, of) = (served.live.clone(), firm.clone());
    let set = tokio::task::spawn_blocking(move || live.map(&of, &mappings)).await.map_err(|_| Problem::own())?;
    match set {
        Ok(revision) => {
            served.keeper.look().await;
            let about = |entry: crate::domain::AuditEntry| entry.of_firm(&firm).to("mapping").from_to(before, Some(revision.0.to_string()));
            served.note(caller.who, Action::FirmSet, about).await?;
            Ok(Redirect::to(&format!("/firms/{firm}/set-up/mapping")).into_response())
        }
        Err(SetError::Refused { diagnostics, .. }) => {
            let again = MappingPage { faults: diagnostics, ..mapping_page(&served, &caller, firm).await? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response())
        }
        Err(error) => Err(error.into()),
    }
}

/// The lines that were changed: of each, the form says what it was and what was chosen. A stage is mapped for all case types, unless its
/// line says that it is for this one alone.
fn chosen(fields: &BTreeMap<String, String>) -> Vec<Mapping> {
    let field = |name: &str, number: &str| fields.get(&format!("{name}-{number}")).map(String::as_str).unwrap_or_default();
    let stages = fields.iter().filter_map(|(name, to)| {
        let number = name.strip_prefix("to-")?;
        let to = to.parse::<u8>().ok().filter(|to| (1..=12).contains(to))?;
        let alone = field("alone", number) == "on";
        let is_changed = field("was", number) != to.to_string() || alone;
        let case_type = alone.then(|| field("type", number).to_owned());
        is_changed.then(|| Mapping::Stage { case_type, stage: field("stage", number).to_owned(), to })
    });
    let areas = fields.iter().filter_map(|(name, to)| {
        let number = name.strip_prefix("area-")?;
        let is_changed = !to.is_empty() && field("area_was", number) != to;
        is_changed.then(|| Mapping::PracticeArea { case_type: field("area_type", number).to_owned(), to: to.clone() })
    });
    stages.chain(areas).collect()
}
