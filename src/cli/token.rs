//! `casebridge token create|list|revoke`: what programs show to the API.

use std::time::Duration;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::json;

use super::role::{RoleName, role};
use super::table::{as_text, table};
use super::{Context, Exit, Refusal, output};
use crate::domain::{Action, FirmId, Token, TokenName, TokenText};
use crate::yaml::Span;

/// The commands about API tokens.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Print a new API token and nothing else, once
    Create(NewToken),
    /// List tokens, each with its name, owner and last use; never the token itself
    List,
    /// Revoke a token from now on
    Revoke {
        /// Its name
        #[arg(value_parser = name)]
        name: TokenName,
    },
}

/// What `token create` can be told.
#[derive(Debug, Args)]
pub struct NewToken {
    /// A name for the token: who or what will hold it
    #[arg(value_parser = name)]
    pub name: TokenName,
    /// The role of whoever holds it
    #[arg(long)]
    pub role: RoleName,
    /// The one firm that staff, or a viewer, may see
    #[arg(long)]
    pub firm: Option<String>,
    /// How long it is valid, such as `12h`, or `never`
    #[arg(long, value_name = "TIME", value_parser = lifetime, default_value = "90d")]
    pub expires: Lifetime,
}

/// How long a token is worth something.
#[derive(Debug, Clone, Copy)]
pub enum Lifetime {
    /// Until it is revoked.
    Endless,
    /// So long.
    Of(Duration),
}

pub(super) async fn token(context: &Context, command: TokenCommand) -> Result<Exit, Refusal> {
    match command {
        TokenCommand::Create(new) => create(context, new).await,
        TokenCommand::List => list(context).await,
        TokenCommand::Revoke { name } => revoke(context, &name).await,
    }
}

async fn create(context: &Context, new: NewToken) -> Result<Exit, Refusal> {
    let role = role(context, new.role, new.firm.as_deref())?;
    let mut random = [0; 32];
    // A token that could be guessed is worse than none.
    getrandom::fill(&mut random).map_err(|_| Refusal::failed("this machine has no random numbers to make a token of"))?;
    let text = TokenText::of(random);
    let now = now();
    let expires_at = match new.expires {
        Lifetime::Endless => None,
        Lifetime::Of(lifetime) => Some(now.checked_add(lifetime).unwrap_or(Timestamp::MAX)),
    };
    let token =
        Token { name: new.name, role, owner: None, is_orphaned: false, created_at: now, last_used_at: None, expires_at, revoked_at: None };
    let store = context.host().await?.store;
    if !store.put_token(&token, &text.hash()).await? {
        let name = &token.name;
        return Err(Refusal::failed(format!("there is a token `{name}` already; `casebridge token revoke {name}` makes room for another")));
    }
    let after = format!("{} {}", token.role.as_str(), token.role.firm().map(FirmId::as_str).unwrap_or_default()).trim().to_owned();
    context.note(&store, Action::TokenCreated, |entry| entry.to(token.name.as_str()).from_to(None, Some(after))).await?;
    // What is printed must work, so the store is closed before.
    store.close().await;
    if context.json {
        let mut shown = as_json(&token, now);
        shown["token"] = json!(text.expose());
        output::line(shown);
    } else {
        output::line(text.expose());
    }
    Ok(Exit::Success)
}

async fn list(context: &Context) -> Result<Exit, Refusal> {
    let (tokens, now) = (context.host().await?.store.tokens().await?, Timestamp::now());
    if context.json {
        output::json(&tokens.iter().map(|token| as_json(token, now)).collect::<Vec<_>>());
        return Ok(Exit::Success);
    }
    let mut table = table(["token", "role", "firm", "state", "owner", "made", "last used", "expires"]);
    let day = |moment: Timestamp| moment.strftime("%Y-%m-%d %H:%M UTC").to_string();
    for token in &tokens {
        let firm = token.role.firm().map(FirmId::to_string).unwrap_or_default();
        let expires = token.expires_at.map_or_else(|| "never".to_owned(), day);
        let [role, state] = [token.role.as_str(), token.state(now).as_str()].map(str::to_owned);
        let owner = token.owner.as_ref().map_or_else(|| "command line".to_owned(), ToString::to_string);
        let used = token.last_used_at.map_or_else(|| "never".to_owned(), day);
        table.add_row([token.name.to_string(), role, firm, state, owner, day(token.created_at), used, expires]);
    }
    output::line(if tokens.is_empty() { "no tokens yet: `casebridge token create`".to_owned() } else { as_text(&table) });
    Ok(Exit::Success)
}

async fn revoke(context: &Context, name: &TokenName) -> Result<Exit, Refusal> {
    let store = context.host().await?.store;
    if !store.revoke_token(name).await? {
        return Err(Refusal::usage(format!("there is no token `{name}`, or it was revoked before"), "`casebridge token list` shows them"));
    }
    context.note(&store, Action::TokenRevoked, |entry| entry.to(name.as_str())).await?;
    if context.json {
        output::json(&json!({ "name": name.as_str(), "state": "revoked" }));
    } else {
        output::line(format_args!("token {name} is revoked"));
    }
    Ok(Exit::Success)
}

fn as_json(token: &Token, now: Timestamp) -> serde_json::Value {
    json!({
        "name": token.name.as_str(), "role": token.role.as_str(), "firm": token.role.firm().map(FirmId::as_str),
        "state": token.state(now).as_str(), "owner": token.owner.as_ref().map(ToString::to_string),
        "last_used_at": token.last_used_at.map(|at| at.to_string()), "created_at": token.created_at.to_string(),
        "expires_at": token.expires_at.map(|at| at.to_string()), "revoked_at": token.revoked_at.map(|at| at.to_string()),
    })
}

/// In whole milliseconds, as the store keeps it.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

fn name(text: &str) -> Result<TokenName, String> {
    TokenName::new(text).ok_or_else(|| "letters, digits, - _ . and @ make a name, at most 64, a letter or digit first".to_owned())
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    if text == "never" {
        return Ok(Lifetime::Endless);
    }
    let lifetime = Span::parse(text).map(|span| span.0).filter(|lifetime| !lifetime.is_zero());
    lifetime.map(Lifetime::Of).ok_or_else(|| "write a length of time such as 90d or 12h, or never".to_owned())
}
