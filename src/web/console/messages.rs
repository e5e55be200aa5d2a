//! Send Message to Case Status: typed here, sent as the case's primary attorney.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::cases::{said, typed_case};
use super::{Layout, NavItem, page};
use crate::domain::{Action, CaseId, FirmId, LONGEST_MESSAGE};
use crate::jobs::SentMessage;
use crate::store::{OutboxState, StoreError};
use crate::web::AppState;
use crate::web::access::{Access, Routes};
use crate::web::caller::{AuthorizedFirm, Caller};
use crate::web::problem::Problem;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/firms/{firm}/messages", Access::WorksForFirm, show).post("/firms/{firm}/messages", Access::WorksForFirm, send)
}

#[derive(Template)]
#[template(path = "messages.html")]
struct MessagesPage {
    frame: Layout,
    firm: FirmId,
    /// By which the form's message is the same however often it is sent.
    key: String,
    case: String,
    body: String,
    refusal: Option<String>,
    /// What became of a message that was sent from here.
    sent: Option<Sent>,
    waiting: u64,
}

enum Sent {
    Delivered,
    Refused(String),
    OnItsWay,
}

/// The message whose fate is asked for.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessagesQuery {
    case: String,
    sent: String,
}

/// The form, and what became of the message that was sent last.
pub(super) async fn show(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Query(asked): Query<MessagesQuery>,
) -> Result<Response, Problem> {
    let sent = match asked.sent.as_str() {
        "" => None,
        id => Some(match app.requests.message(&firm, id).await? {
            Some(OutboxState::Sent(_)) => Sent::Delivered,
            Some(OutboxState::Failed(error)) => Sent::Refused(error),
            Some(OutboxState::Intended) | None => Sent::OnItsWay,
        }),
    };
    let shown = MessagesPage { case: asked.case, sent, ..messages_page(&app, &caller, firm).await? };
    Ok(page(&shown))
}

async fn messages_page(app: &AppState, caller: &Caller, firm: FirmId) -> Result<MessagesPage, Problem> {
    let waiting = app.host.store.waiting_sends(&firm).await?.len() as u64;
    let key = getrandom::u64().map_err(|_| StoreError::NoRandomness)?;
    Ok(MessagesPage {
        frame: Layout::about(caller, &firm, app, NavItem::Messages),
        firm,
        key: format!("{key:016x}"),
        case: String::new(),
        body: String::new(),
        refusal: None,
        sent: None,
        waiting,
    })
}

/// A message, as the form has it.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct MessageForm {
    key: String,
    case: String,
    body: String,
}

/// Sends it, and shows what became of it.
pub(super) async fn send(
    State(app): State<AppState>,
    caller: Caller,
    AuthorizedFirm(firm): AuthorizedFirm,
    Form(typed): Form<MessageForm>,
) -> Result<Response, Problem> {
    // Browsers send line ends of their own, which would count twice.
    let body = typed.body.replace("\r\n", "\n");
    let read = || {
        let case = typed_case(&typed.case)?;
        let length = body.chars().count();
        if body.trim().is_empty() {
            return Err("the message is empty".to_owned());
        }
        if length > LONGEST_MESSAGE {
            return Err(format!("the message has {length} characters, and {LONGEST_MESSAGE} is the most"));
        }
        let is_key = typed.key.len() == 16 && typed.key.bytes().all(|letter| letter.is_ascii_hexdigit());
        if is_key { Ok(case) } else { Err("open the form again".to_owned()) }
    };
    let refusal = match read() {
        Ok(case) => match app.requests.send_message(&firm, case, &body, &named(&typed.key, case, &body)).await {
            // What was not sent is there to be put right and sent again, which is another message.
            Ok(SentMessage { state: Some(OutboxState::Failed(error)), .. }) => {
                let (case, sent) = (typed.case, Some(Sent::Refused(error)));
                let again = MessagesPage { case, body, sent, ..messages_page(&app, &caller, firm).await? };
                return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response());
            }
            Ok(message) => {
                app.note(caller.who, Action::MessageSent, |entry| entry.of_firm(&firm).to(case.to_string())).await?;
                return Ok(Redirect::to(&format!("/firms/{firm}/messages?sent={}", message.id)).into_response());
            }
            Err(declined) => said(declined)?,
        },
        Err(refusal) => refusal,
    };
    let again = MessagesPage { case: typed.case, body, refusal: Some(refusal), ..messages_page(&app, &caller, firm).await? };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response())
}

/// Under which a message is one however often its form is sent: another text, or another case, in the same form is another message.
fn named(key: &str, case: CaseId, body: &str) -> String {
    let digest = Sha256::digest(format!("{key}\n{case}\n{body}"));
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
