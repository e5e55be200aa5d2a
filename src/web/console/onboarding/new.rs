//! A new firm: its name, its zone, and its two keys. Its file is made with everything switched off.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;

use super::key::{KeyForm, Reference, Which, forget, references};
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, FirmId};
use crate::ruleset::{SetError, WriteError};
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "onboarding/new.html")]
struct NewPage {
    frame: Layout,
    typed: NewFirmForm,
    refusal: Option<String>,
    faults: Vec<Diagnostic>,
    /// Why no key can be typed here, if none can.
    cannot_seal: Option<String>,
}

/// What was typed, as far as it is shown again.
#[derive(Default)]
struct NewFirmForm {
    firm: String,
    name: String,
    time_zone: String,
    casepeer_url: String,
    case_status_url: String,
    casepeer_reference: String,
    case_status_reference: String,
}

/// The form.
pub(super) async fn show(State(app): State<AppState>, caller: Caller) -> Response {
    let typed = NewFirmForm { time_zone: "America/New_York".to_owned(), ..NewFirmForm::default() };
    page(&new_page(&app, &caller, typed, None, Vec::new()))
}

fn new_page(app: &AppState, caller: &Caller, typed: NewFirmForm, refusal: Option<String>, faults: Vec<Diagnostic>) -> NewPage {
    let cannot_seal = app.reloader.vault.can_seal().err().map(|missing| format!("{}; {}", missing.problem, missing.help));
    NewPage { frame: Layout::of(caller, NavItem::Firms), typed, refusal, faults, cannot_seal }
}

/// The form, filled in.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct NewFirm {
    firm: String,
    name: String,
    time_zone: String,
    casepeer_url: String,
    casepeer_key: SecretString,
    casepeer_reference: String,
    case_status_url: String,
    case_status_key: SecretString,
    case_status_reference: String,
}

/// Makes the firm's file, and goes on to prove its keys.
pub(super) async fn create(State(app): State<AppState>, caller: Caller, Form(new): Form<NewFirm>) -> Result<Response, Problem> {
    let NewFirm {
        firm,
        name,
        time_zone,
        casepeer_url,
        casepeer_key,
        casepeer_reference,
        case_status_url,
        case_status_key,
        case_status_reference,
    } = new;
    let typed = NewFirmForm {
        firm: firm.trim().to_owned(),
        name: name.trim().to_owned(),
        time_zone: time_zone.trim().to_owned(),
        casepeer_url: casepeer_url.trim().to_owned(),
        case_status_url: case_status_url.trim().to_owned(),
        casepeer_reference: casepeer_reference.clone(),
        case_status_reference: case_status_reference.clone(),
    };
    let refused = |typed, refusal: String, faults| {
        let again = new_page(&app, &caller, typed, Some(refusal), faults);
        Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response())
    };
    let Some(id) = FirmId::new(&typed.firm).filter(|id| id.as_str() != "new") else {
        return refused(typed, "the id has a-z, 0-9, - and _, at most 64".to_owned(), Vec::new());
    };
    if app.registry.current().firms.contains_key(&id) {
        return refused(typed, "there is a firm of this id already".to_owned(), Vec::new());
    }
    let casepeer = KeyForm { typed: casepeer_key, reference: casepeer_reference };
    let case_status = KeyForm { typed: case_status_key, reference: case_status_reference };
    let keys = [(&casepeer, "CASEpeer"), (&case_status, "Case Status")];
    let wrong = keys.iter().find_map(|(form, vendor)| Some(format!("the key of {vendor}: {}", form.check().err()?)));
    let missing = keys.iter().find(|(form, _)| form.is_empty()).map(|(_, vendor)| format!("the key of {vendor} is missing"));
    if let Some(refusal) = wrong.or(missing) {
        return refused(typed, refusal, Vec::new());
    }
    let references = match references([(Which::CasePeer, casepeer), (Which::CaseStatus, case_status)], &id, &app, &caller).await? {
        Ok(references) => references,
        Err(refusal) => return refused(typed, refusal, Vec::new()),
    };
    let text = file(&typed, &references);
    let (registry, of) = (app.registry.clone(), id.clone());
    let made = tokio::task::spawn_blocking(move || registry.new_firm(&of, &text)).await.map_err(|_| Problem::own())?;
    match made {
        Ok(revision) => {
            app.reloader.look().await;
            let about =
                |entry: crate::domain::AuditEntry| entry.of_firm(&id).to(format!("{id}.yaml")).from_to(None, Some(revision.0.to_string()));
            app.note(caller.who, Action::FirmCreated, about).await?;
            Ok(Redirect::to(&format!("/firms/{id}/set-up")).into_response())
        }
        Err(WriteError::Set(SetError::Refused { diagnostics, .. })) => {
            forget(references, &app).await?;
            refused(typed, "the file would not be in order".to_owned(), diagnostics)
        }
        Err(WriteError::Set(error)) => {
            forget(references, &app).await?;
            Err(error.into())
        }
        Err(WriteError::IsThere | WriteError::Changed { .. } | WriteError::TestsChanged) => {
            forget(references, &app).await?;
            refused(typed, "there is a file of this firm already".to_owned(), Vec::new())
        }
    }
}

/// The file of a firm that is being set up.
fn file(typed: &NewFirmForm, references: &[Option<Reference>]) -> String {
    // A text in JSON is one in YAML.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let [casepeer, case_status] =
        [0, 1].map(|at| references.get(at).and_then(Option::as_ref).map(|reference| quoted(&reference.text)).unwrap_or_default());
    format!(
        "name: {name}
time_zone: {zone}
connections:
  casepeer:    {{ base_url: {casepeer_url}, key: {casepeer} }}
  case_status: {{ base_url: {case_status_url}, key: {case_status} }}

schedule:                # switched on at the end of the set-up
  nightly_sync:  {{ enabled: false }}
  stage_sync:    {{ enabled: false }}
  message_sync:  {{ enabled: false }}
  document_sync: {{ enabled: false }}
",
        name = quoted(&typed.name),
        zone = quoted(&typed.time_zone),
        casepeer_url = quoted(&typed.casepeer_url),
        case_status_url = quoted(&typed.case_status_url),
    )
}
