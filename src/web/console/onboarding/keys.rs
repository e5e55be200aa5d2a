//! The keys of a firm: set anew, and proved by a call to each product.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use secrecy::SecretString;
use serde::Deserialize;

use super::Step;
use super::key::{KeyForm, Which, forget, references};
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, FirmId};
use crate::ruleset::SetError;
use crate::runs::CredentialCheck;
use crate::web::AppState;
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::console::cases::said;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;
use crate::yaml::KeyPath;

#[derive(Template)]
#[template(path = "onboarding/keys.html")]
struct KeysPage {
    frame: Layout,
    firm: FirmId,
    step: Step,
    /// Where each product is, and where the rules have its key.
    connections: Vec<(&'static str, String, String)>,
    proof: Option<CredentialCheck>,
    refusal: Option<String>,
    faults: Vec<Diagnostic>,
    cannot_seal: Option<String>,
    webhook_path: String,
    has_webhook_secret: bool,
}

/// The keys.
pub(super) async fn show(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    Ok(page(&keys_page(&app, &caller, firm)?))
}

fn keys_page(app: &AppState, caller: &Caller, firm: FirmId) -> Result<KeysPage, Problem> {
    let current = app.registry.current();
    let in_use = current.firms.get(&firm).ok_or_else(Problem::no_firm)?;
    let connections = in_use.rules.as_ref().map(|rules| &rules.connections);
    let shown = |name, connection: &crate::rules::Connection| (name, connection.base_url.to_string(), connection.key_origin.to_string());
    Ok(KeysPage {
        frame: Layout::about(caller, &firm, app, NavItem::SetUp),
        step: Step::Keys,
        connections: connections
            .map(|connections| vec![shown("CASEpeer", &connections.casepeer), shown("Case Status", &connections.case_status)])
            .unwrap_or_default(),
        proof: None,
        refusal: None,
        faults: if in_use.rules.is_none() { in_use.diagnostics.clone() } else { Vec::new() },
        cannot_seal: app.reloader.vault.can_seal().err().map(|missing| format!("{}; {}", missing.problem, missing.help)),
        webhook_path: format!("/hooks/casepeer/{firm}"),
        has_webhook_secret: connections.is_some_and(|connections| !connections.casepeer.webhook_secrets.is_empty()),
        firm,
    })
}

/// *Test connection*: a cheap call to each product.
pub(super) async fn test(State(app): State<AppState>, caller: Caller, AuthorizedFirm(firm): AuthorizedFirm) -> Result<Response, Problem> {
    let mut shown = keys_page(&app, &caller, firm.clone())?;
    match app.requests.check_credentials(&firm).await {
        Ok(proof) => shown.proof = Some(proof),
        Err(declined) => shown.refusal = Some(said(declined)?),
    }
    Ok(page(&shown))
}

/// The form, filled in. What is empty stays as it is.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Keys {
    casepeer_key: SecretString,
    casepeer_reference: String,
    case_status_key: SecretString,
    case_status_reference: String,
    webhook_key: SecretString,
    webhook_reference: String,
}

/// Sets what was given.
pub(super) async fn put(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(keys): Form<Keys>,
) -> Result<Response, Problem> {
    let given = [
        (Which::CasePeer, KeyForm { typed: keys.casepeer_key, reference: keys.casepeer_reference }),
        (Which::CaseStatus, KeyForm { typed: keys.case_status_key, reference: keys.case_status_reference }),
        (Which::Webhook, KeyForm { typed: keys.webhook_key, reference: keys.webhook_reference }),
    ];
    let references = match references(given, &firm, &app, &caller).await? {
        Ok(references) => references,
        Err(refusal) => {
            let again = KeysPage { refusal: Some(refusal), ..keys_page(&app, &caller, firm)? };
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response());
        }
    };
    let places = [["casepeer", "key"], ["case_status", "key"], ["casepeer", "webhook_secret"]];
    let changes: Vec<(KeyPath, String)> = places
        .iter()
        .zip(&references)
        .filter_map(|([vendor, key], reference)| {
            let text = serde_json::Value::from(reference.as_ref()?.text.as_str()).to_string();
            Some((KeyPath::of(&["connections", vendor, key]), text))
        })
        .collect();
    let (registry, of) = (app.registry.clone(), firm.clone());
    let set = tokio::task::spawn_blocking(move || registry.set(&of, &changes)).await.map_err(|_| Problem::own())?;
    match set {
        Ok(outcome) => {
            app.reloader.look().await;
            for setting in outcome.settings.iter().filter(|setting| setting.changed) {
                let values = (setting.before.as_ref().map(crate::yaml::Value::in_one_line), Some(setting.after.in_one_line()));
                let about =
                    |entry: crate::domain::AuditEntry| entry.of_firm(&firm).to(setting.key.keys().join(".")).from_to(values.0, values.1);
                app.note(caller.who.clone(), Action::FirmSet, about).await?;
            }
            Ok(Redirect::to(&format!("/firms/{firm}/set-up")).into_response())
        }
        Err(SetError::Refused { diagnostics, .. }) => {
            forget(references, &app).await?;
            let refusal = Some("the file would not be in order".to_owned());
            let again = KeysPage { refusal, faults: diagnostics, ..keys_page(&app, &caller, firm)? };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response())
        }
        Err(error) => {
            forget(references, &app).await?;
            Err(error.into())
        }
    }
}

impl KeysPage {
    /// Whether both keys were proved just now.
    fn is_proved(&self) -> bool {
        self.proof.as_ref().is_some_and(CredentialCheck::holds)
    }
}
