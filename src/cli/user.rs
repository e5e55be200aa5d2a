//! `casebridge user add|list|role|password|disable|enable`: people who use the console.

use clap::{Args, Subcommand};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::role::{RoleName, role};
use super::table::{as_text, table};
use super::{Context, Exit, Refusal, output, secret_input};
use crate::auth::{Password, add_user, change_password};
use crate::domain::{Action, Email, FirmId, PasswordUse, User, sign_in_address};
use crate::store::Store;

/// The commands about people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user of the console; asks for a password, or reads it from standard input
    Add {
        #[command(flatten)]
        user: UserOptions,
        #[command(flatten)]
        password: PasswordOptions,
    },
    /// List users by address
    List,
    /// Change a user's role, from the next request on
    Role(UserOptions),
    /// Set a user's password and end their sessions; asks for it, or reads it from standard input
    Password {
        /// Their address
        #[arg(value_parser = email)]
        email: Email,
        #[command(flatten)]
        password: PasswordOptions,
    },
    /// Disable a user's sign-in and end their sessions
    Disable {
        /// Their address
        #[arg(value_parser = email)]
        email: Email,
    },
    /// Enable a user's sign-in again
    Enable {
        /// Their address
        #[arg(value_parser = email)]
        email: Email,
    },
}

/// Who somebody is and what they may do.
#[derive(Debug, Args)]
pub struct UserOptions {
    /// Their e-mail address, by which they sign in
    #[arg(value_parser = email)]
    pub email: Email,
    /// Their role
    #[arg(long)]
    pub role: RoleName,
    /// The one firm that staff, or a viewer, may see
    #[arg(long)]
    pub firm: Option<String>,
}

/// How long a password is good.
#[derive(Debug, Args)]
pub struct PasswordOptions {
    /// The password is for one sign-in: then they choose their own
    #[arg(long)]
    pub one_time: bool,
}

impl PasswordOptions {
    fn password_use(&self) -> PasswordUse {
        if self.one_time { PasswordUse::OneTime } else { PasswordUse::Own }
    }
}

pub(super) async fn user(context: &Context, command: UserCommand) -> Result<Exit, Refusal> {
    match command {
        UserCommand::Add { user, password } => add(context, user, password.password_use()).await,
        UserCommand::List => list(context).await,
        UserCommand::Role(options) => put_role(context, options).await,
        UserCommand::Password { email, password } => put_password(context, email, password.password_use()).await,
        UserCommand::Disable { email } => put_disabled(context, &email, true).await,
        UserCommand::Enable { email } => put_disabled(context, &email, false).await,
    }
}

async fn add(context: &Context, options: UserOptions, password_use: PasswordUse) -> Result<Exit, Refusal> {
    let role = role(context, options.role, options.firm.as_deref())?;
    let email = options.email;
    let store = context.host().await?.store;
    if store.user(&email).await?.is_some() {
        return Err(Refusal::failed(format!("{email} is there already; see `casebridge user role` and `casebridge user password`")));
    }
    let password = ask_for_password(&email)?;
    let after = format!("{} {}", role.as_str(), role.firm().map(FirmId::as_str).unwrap_or_default()).trim().to_owned();
    if !add_user(&store, email.clone(), role, password, password_use).await? {
        return Err(Refusal::failed(format!("{email} is there already")));
    }
    context.note(&store, Action::UserAdded, |entry| entry.to(email.as_str()).from_to(None, Some(after.clone()))).await?;
    store.close().await;
    Ok(said(context, &email, &format!("{email} may sign in now, as {after}")))
}

async fn list(context: &Context) -> Result<Exit, Refusal> {
    let users = context.host().await?.store.users().await?;
    if context.json {
        output::json(&users.iter().map(as_json).collect::<Vec<_>>());
        return Ok(Exit::Success);
    }
    let mut table = table(["user", "role", "firm", "state", "added"]);
    for user in &users {
        let firm = user.role.firm().map(FirmId::to_string).unwrap_or_default();
        let added = user.created_at.strftime("%Y-%m-%d %H:%M UTC").to_string();
        table.add_row([user.email.to_string(), user.role.as_str().to_owned(), firm, state(user).to_owned(), added]);
    }
    output::line(if users.is_empty() { "no users yet: `casebridge user add`".to_owned() } else { as_text(&table) });
    Ok(Exit::Success)
}

async fn put_role(context: &Context, options: UserOptions) -> Result<Exit, Refusal> {
    let (role, email) = (role(context, options.role, options.firm.as_deref())?, options.email);
    let store = context.host().await?.store;
    let (user, _) = known(&store, &email).await?;
    let shown = |role: &crate::domain::Role| format!("{} {}", role.as_str(), role.firm().map(FirmId::as_str).unwrap_or_default());
    store.put_role(&email, &role).await?;
    let (before, after) = (shown(&user.role), shown(&role));
    context.note(&store, Action::UserChanged, |entry| entry.to(email.as_str()).from_to(Some(before), Some(after))).await?;
    store.close().await;
    Ok(said(context, &email, &format!("{email} is {} now", role.as_str())))
}

async fn put_password(context: &Context, email: Email, password_use: PasswordUse) -> Result<Exit, Refusal> {
    let store = context.host().await?.store;
    known(&store, &email).await?;
    let password = ask_for_password(&email)?;
    change_password(&store, &email, password, password_use).await?;
    context.note(&store, Action::PasswordSet, |entry| entry.to(email.as_str())).await?;
    store.close().await;
    Ok(said(context, &email, &format!("{email} has another password now, and was signed out everywhere")))
}

async fn put_disabled(context: &Context, email: &Email, disabled: bool) -> Result<Exit, Refusal> {
    let store = context.host().await?.store;
    known(&store, email).await?;
    let changed = store.put_disabled(email, disabled.then(Timestamp::now)).await?;
    let (action, text) = if disabled {
        (Action::UserDisabled, format!("{email} may not sign in any more, and was signed out everywhere"))
    } else {
        (Action::UserEnabled, format!("{email} may sign in again"))
    };
    if changed {
        context.note(&store, action, |entry| entry.to(email.as_str())).await?;
    }
    store.close().await;
    Ok(said(context, email, &text))
}

async fn known(store: &Store, email: &Email) -> Result<(User, String), Refusal> {
    let missing = || Refusal::usage(format!("there is no user {email}"), "`casebridge user list` shows them");
    store.user(email).await?.ok_or_else(missing)
}

fn said(context: &Context, email: &Email, text: &str) -> Exit {
    if context.json {
        output::json(&json!({ "email": email.as_str(), "done": text }));
    } else {
        output::line(text);
    }
    Exit::Success
}

fn as_json(user: &User) -> serde_json::Value {
    json!({
        "email": user.email.as_str(), "role": user.role.as_str(), "firm": user.role.firm().map(FirmId::as_str), "state": state(user),
        "created_at": user.created_at.to_string(), "disabled_at": user.disabled_at.map(|at| at.to_string()),
    })
}

fn state(user: &User) -> &'static str {
    if user.disabled_at.is_some() { "disabled" } else { "active" }
}

/// Asks a person twice, without showing what is typed; a program says it once, as a line of standard input.
fn ask_for_password(email: &Email) -> Result<Password, Refusal> {
    let typed = if secret_input::by_a_person() {
        let first = secret_input::unseen(&format!("Password of {email}: "), "password")?;
        let second = secret_input::unseen("Repeat it: ", "password")?;
        if first.expose_secret() != second.expose_secret() {
            return Err(Refusal::failed("these are two different passwords; nothing was changed"));
        }
        first
    } else {
        secret_input::line("password")?
    };
    Password::new(typed, email.folded()).map_err(|weak| Refusal::usage(weak.to_string(), "nothing was changed"))
}

fn email(text: &str) -> Result<Email, String> {
    sign_in_address(text).ok_or_else(|| "write an e-mail address, such as jo@firm.example".to_owned())
}
