//! People who use the console: seen, added, changed, kept out.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::Timestamp;
use secrecy::SecretString;
use serde::Deserialize;

use super::role_form::{RoleForm, firms, in_words};
use crate::auth::{Password, add_user, change_password};
use crate::domain::{Action, Actor, Email, PasswordUse, User, sign_in_address};
use crate::web::AppState;
use crate::web::caller::Caller;
use crate::web::console::{Layout, NavItem, page};
use crate::web::problem::Problem;

#[derive(Template)]
#[template(path = "people/users.html")]
struct UsersPage {
    frame: Layout,
    users: Vec<UserLine>,
    firms: Vec<String>,
    typed: UserForm,
    refusal: Option<String>,
}

struct UserLine {
    email: String,
    role: String,
    added: Timestamp,
    disabled: bool,
    /// The role as the form that changes it has it.
    form: RoleForm,
    /// Nobody keeps out themselves.
    is_self: bool,
}

/// What was typed, as far as it is shown again.
#[derive(Default)]
struct UserForm {
    email: String,
    role: RoleForm,
}

/// Everybody.
pub(super) async fn list(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    Ok(page(&users_page(&app, &caller, UserForm::default(), None).await?))
}

async fn users_page(app: &AppState, caller: &Caller, typed: UserForm, refusal: Option<String>) -> Result<UsersPage, Problem> {
    let own = |user: &User| matches!(&caller.who, Actor::User(email) if *email == user.email);
    let line = |user: &User| UserLine {
        email: user.email.as_str().to_owned(),
        role: in_words(&user.role),
        added: user.created_at,
        disabled: user.disabled_at.is_some(),
        form: RoleForm::of(&user.role),
        is_self: own(user),
    };
    let users = app.host.store.users().await?.iter().map(line).collect();
    Ok(UsersPage { frame: Layout::of(caller, NavItem::People), users, firms: firms(app), typed, refusal })
}

/// A form that adds somebody.
#[derive(Deserialize)]
pub(super) struct NewUser {
    email: String,
    password: SecretString,
    #[serde(flatten)]
    role: RoleForm,
}

/// Adds somebody.
pub(super) async fn add(State(app): State<AppState>, caller: Caller, Form(new): Form<NewUser>) -> Result<Response, Problem> {
    let NewUser { email: typed, password, role: form } = new;
    let read = || {
        let email = sign_in_address(&typed).ok_or_else(|| "write an e-mail address, such as jo@firm.example".to_owned())?;
        let role = form.read(&app)?;
        let password = Password::new(password, email.folded()).map_err(|weak| weak.to_string())?;
        Ok::<_, String>((email, role, password))
    };
    let refused = match read() {
        Ok((email, role, password)) => {
            let after = in_words(&role);
            if add_user(&app.host.store, email.clone(), role, password, PasswordUse::OneTime).await? {
                let about = |entry: crate::domain::AuditEntry| entry.to(email.as_str()).from_to(None, Some(after));
                app.note(caller.who, Action::UserAdded, about).await?;
                return Ok(Redirect::to("/people").into_response());
            }
            format!("{email} is there already")
        }
        Err(refused) => refused,
    };
    let typed = UserForm { email: typed, role: form };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&users_page(&app, &caller, typed, Some(refused)).await?)).into_response())
}

/// Gives somebody another role.
pub(super) async fn put_role(
    State(app): State<AppState>,
    caller: Caller,
    Path(email): Path<String>,
    Form(form): Form<RoleForm>,
) -> Result<Response, Problem> {
    let user = known(&app, &email).await?;
    if is_self(&caller, &user) {
        return Err(Problem::conflict("nobody changes their own role: ask somebody else of support"));
    }
    let role = form.read(&app).map_err(Problem::unprocessable)?;
    let (before, after) = (in_words(&user.role), in_words(&role));
    app.host.store.put_role(&user.email, &role).await?;
    app.note(caller.who, Action::UserChanged, |entry| entry.to(user.email.as_str()).from_to(Some(before), Some(after))).await?;
    Ok(Redirect::to("/people").into_response())
}

/// A form that sets a password.
#[derive(Deserialize)]
pub(super) struct ResetPasswordForm {
    password: SecretString,
}

/// Sets somebody's password for one sign-in, as when they have lost theirs.
pub(super) async fn put_password(
    State(app): State<AppState>,
    caller: Caller,
    Path(email): Path<String>,
    Form(form): Form<ResetPasswordForm>,
) -> Result<Response, Problem> {
    let user = known(&app, &email).await?;
    if is_self(&caller, &user) {
        return Err(Problem::conflict("change your own password under My account, where the current one is asked for"));
    }
    let password = Password::new(form.password, user.email.folded());
    let password = match password {
        Ok(password) => password,
        Err(weak) => {
            let refusal = Some(format!("the password of {} was not changed: {weak}", user.email));
            let again = users_page(&app, &caller, UserForm::default(), refusal).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&again)).into_response());
        }
    };
    change_password(&app.host.store, &user.email, password, PasswordUse::OneTime).await?;
    app.note(caller.who, Action::PasswordSet, |entry| entry.to(user.email.as_str())).await?;
    Ok(Redirect::to("/people").into_response())
}

/// Keeps somebody out.
pub(super) async fn disable(State(app): State<AppState>, caller: Caller, Path(email): Path<String>) -> Result<Response, Problem> {
    let user = known(&app, &email).await?;
    if is_self(&caller, &user) {
        return Err(Problem::conflict("nobody keeps out themselves: ask somebody else of support"));
    }
    if app.host.store.put_disabled(&user.email, Some(Timestamp::now())).await? {
        app.note(caller.who, Action::UserDisabled, |entry| entry.to(user.email.as_str())).await?;
    }
    Ok(Redirect::to("/people").into_response())
}

/// Lets somebody in again.
pub(super) async fn enable(State(app): State<AppState>, caller: Caller, Path(email): Path<String>) -> Result<Response, Problem> {
    let user = known(&app, &email).await?;
    if app.host.store.put_disabled(&user.email, None).await? {
        app.note(caller.who, Action::UserEnabled, |entry| entry.to(user.email.as_str())).await?;
    }
    Ok(Redirect::to("/people").into_response())
}

async fn known(app: &AppState, email: &str) -> Result<User, Problem> {
    let user = app.host.store.user(&Email::new(email)).await?;
    Ok(user.ok_or_else(|| Problem::not_there("there is no such user"))?.0)
}

fn is_self(caller: &Caller, user: &User) -> bool {
    matches!(&caller.who, Actor::User(email) if *email == user.email)
}
