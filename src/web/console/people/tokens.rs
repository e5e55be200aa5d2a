//! API tokens: seen, made and shown once, revoked.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::role_form::{RoleForm, firms, in_words};
use crate::domain::{Action, Actor, TOKEN_LIFETIME, Token, TokenName, TokenState, TokenText};
use crate::store::StoreError;
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "people/tokens.html")]
struct TokensPage {
    frame: Layout,
    tokens: Vec<TokenLine>,
    firms: Vec<String>,
    typed: NewToken,
    refusal: Option<String>,
    /// The text of a token that was just made, and its name.
    made: Option<(String, TokenText)>,
}

struct TokenLine {
    name: String,
    role: String,
    state: &'static str,
    is_active: bool,
    made: Timestamp,
    expires: Option<Timestamp>,
    owner: Option<String>,
    used: Option<Timestamp>,
}

/// Every token.
pub(super) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(page(&tokens_page(&app, &caller, NewToken::default(), None, None).await?))
}

async fn tokens_page(
    app: &AppState,
    caller: &Caller,
    typed: NewToken,
    refusal: Option<String>,
    made: Option<(String, TokenText)>,
) -> Result<TokensPage, Problem> {
    let now = Timestamp::now();
    let line = |token: &Token| TokenLine {
        name: token.name.to_string(),
        role: in_words(&token.role),
        state: token.state(now).as_str(),
        is_active: token.state(now) == TokenState::Active,
        made: token.created_at,
        expires: token.expires_at,
        owner: token.owner.as_ref().map(ToString::to_string),
        used: token.last_used_at,
    };
    let tokens = app.host.store.tokens().await?.iter().map(line).collect();
    Ok(TokensPage { frame: Layout::of(caller, NavItem::People), tokens, firms: firms(app), typed, refusal, made })
}

/// A form that makes a token.
#[derive(Default, Deserialize)]
pub(super) struct NewToken {
    name: String,
    #[serde(flatten)]
    role: RoleForm,
    #[serde(default)]
    days: String,
}

/// Makes a token, and shows its text this once.
pub(super) async fn create(State(app): State<AppState>, caller: Caller, Form(new): Form<NewToken>) -> Result<Response, Problem> {
    let read = || {
        let name = TokenName::new(&new.name).ok_or("letters, digits, - _ . and @ make a name, at most 64, a letter or digit first")?;
        let role = new.role.read(&app)?;
        let lasts = match new.days.trim() {
            "" => Some(TOKEN_LIFETIME),
            "never" => None,
            days => {
                let days = days.parse::<u16>().ok().filter(|days| *days > 0);
                Some(SignedDuration::from_hours(24 * i64::from(days.ok_or("it lasts for a whole number of days, or never ends")?)))
            }
        };
        Ok::<_, &str>((name, role, lasts))
    };
    let refusal = match read() {
        Ok((name, role, lasts)) => {
            let mut random = [0; 32];
            getrandom::fill(&mut random).map_err(|_| StoreError::NoRandomness)?;
            let text = TokenText::of(random);
            let now = Timestamp::now();
            let owner = match &caller.who {
                Actor::User(email) => Some(email.clone()),
                _ => None,
            };
            let (expires_at, last_used_at) = (lasts.map(|lasts| now + lasts), None);
            let token = Token { name, role, owner, is_orphaned: false, created_at: now, last_used_at, expires_at, revoked_at: None };
            if app.host.store.put_token(&token, &text.hash()).await? {
                let (name, after) = (token.name.to_string(), in_words(&token.role));
                let about = |entry: crate::domain::AuditEntry| entry.to(name.as_str()).from_to(None, Some(after));
                app.note(caller.who.clone(), Action::TokenCreated, about).await?;
                let made = Some((name, text));
                return Ok(page(&tokens_page(&app, &caller, NewToken::default(), None, made).await?));
            }
            "a token of this name is there: revoke it first, or choose another name".to_owned()
        }
        Err(refusal) => refusal.to_owned(),
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&tokens_page(&app, &caller, new, Some(refusal), None).await?)).into_response())
}

/// Makes a token worthless.
pub(super) async fn revoke(State(app): State<AppState>, caller: Caller, Path(token): Path<String>) -> Result<Response, Problem> {
    let name = TokenName::new(&token).ok_or_else(|| Problem::not_there("there is no such token"))?;
    if !app.host.store.revoke_token(&name).await? {
        return Err(Problem::not_there("there is no such token, or it was revoked before"));
    }
    app.note(caller.who, Action::TokenRevoked, |entry| entry.to(name.as_str())).await?;
    Ok(Redirect::to("/tokens").into_response())
}
