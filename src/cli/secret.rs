//! `casebridge secret set|list|remove|new-key`: what `${secret:NAME}` stands for in rules.

use clap::Subcommand;
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::table::{as_text, table};
use super::{Context, Exit, Refusal, output, secret_input};
use crate::domain::{Action, SecretName};
use crate::rules::MissingSecret;
use crate::secrets::{SealKey, SecretStatus, Vault, VaultError};
use crate::store::Store;

/// The commands about sealed secrets.
#[derive(Debug, Subcommand)]
pub enum SecretCommand {
    /// Seal a secret in the store, for ${secret:NAME}; asks for its value, or reads it from standard input
    Set {
        /// Its name in the rules
        // Not parsed here: a refusal by the parser of arguments would show what was typed, which may be the secret.
        name: String,
        #[arg(hide = true)]
        more: Vec<String>,
    },
    /// List sealed secrets, each with its name and the time when it was set, never its value
    List,
    /// Remove a secret from the store
    Remove {
        /// Its name in the rules
        #[arg(value_parser = name)]
        name: SecretName,
    },
    /// Print a new key for `seal_key` and nothing else
    NewKey,
}

pub(super) async fn secret(context: &Context, command: SecretCommand) -> Result<Exit, Refusal> {
    match command {
        SecretCommand::Set { name, more } => {
            if !more.is_empty() {
                return Err(Refusal::usage(
                    "a secret is no argument, which others could read",
                    "type it when asked, or write it to standard input",
                ));
            }
            let name = SecretName::new(&name).ok_or_else(|| Refusal::usage("no secret can be called so", SecretName::FORM))?;
            set(context, &name).await
        }
        SecretCommand::List => list(context).await,
        SecretCommand::Remove { name } => remove(context, &name).await,
        SecretCommand::NewKey => new_key(context),
    }
}

async fn set(context: &Context, name: &SecretName) -> Result<Exit, Refusal> {
    let (vault, store) = vault(context).await?;
    // Whoever has typed a key wants to have done it for something.
    vault.can_seal().map_err(refusal)?;
    let value = if secret_input::by_a_person() {
        secret_input::unseen(&format!("Value of {name}: "), "secret")?
    } else {
        secret_input::line("secret")?
    };
    let set = vault.set(name, value).await.map_err(|error| match error {
        VaultError::Refused(missing) => refusal(missing),
        VaultError::Store(error) => error.into(),
    })?;
    let before = set.before.map(|at| format!("set {}", minute(at)));
    context.note(&store, Action::SecretSet, |entry| entry.to(name.as_str()).from_to(before, None)).await?;
    store.close().await;
    if context.json {
        output::json(&json!({ "name": name.as_str(), "set_at": set.at.to_string(), "replaced": set.before.is_some() }));
    } else {
        let again = if set.before.is_some() { " in place of the one before" } else { "" };
        output::line(format_args!("secret {name} is sealed{again}; ${{secret:{name}}} stands for it"));
    }
    Ok(Exit::Success)
}

async fn list(context: &Context) -> Result<Exit, Refusal> {
    let secrets = vault(context).await?.0.names().await?;
    if context.json {
        output::json(&secrets.iter().map(as_json).collect::<Vec<_>>());
        return Ok(Exit::Success);
    }
    let mut table = table(["secret", "set", "state"]);
    for SecretStatus { name, set_at, fault } in &secrets {
        let state = fault.as_ref().map_or_else(|| "opens".to_owned(), |fault| fault.problem.clone());
        table.add_row([name.to_string(), minute(*set_at), state]);
    }
    output::line(if secrets.is_empty() { "no secrets yet: `casebridge secret set`".to_owned() } else { as_text(&table) });
    Ok(Exit::Success)
}

async fn remove(context: &Context, name: &SecretName) -> Result<Exit, Refusal> {
    let (vault, store) = vault(context).await?;
    if !vault.remove(name).await? {
        return Err(Refusal::usage(format!("there is no secret `{name}`"), "`casebridge secret list` shows them"));
    }
    context.note(&store, Action::SecretRemoved, |entry| entry.to(name.as_str())).await?;
    store.close().await;
    if context.json {
        output::json(&json!({ "name": name.as_str(), "removed": true }));
    } else {
        output::line(format_args!("secret {name} is removed; rules that refer to it are faulty from now on"));
    }
    Ok(Exit::Success)
}

fn new_key(context: &Context) -> Result<Exit, Refusal> {
    let key = SealKey::fresh()?.to_text();
    if context.json {
        output::json(&json!({ "key": key.expose_secret() }));
    } else {
        output::line(key.expose_secret());
    }
    Ok(Exit::Success)
}

async fn vault(context: &Context) -> Result<(Vault, Store), Refusal> {
    let store = context.host().await?.store;
    Ok((Vault::open(store.clone(), context.key_source()).await?, store))
}

fn as_json(secret: &SecretStatus) -> serde_json::Value {
    json!({
        "name": secret.name.as_str(), "set_at": secret.set_at.to_string(),
        "fault": secret.fault.as_ref().map(|fault| fault.problem.as_str()),
    })
}

fn refusal(missing: MissingSecret) -> Refusal {
    Refusal::usage(missing.problem, missing.help)
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn name(text: &str) -> Result<SecretName, String> {
    SecretName::new(text).ok_or_else(|| SecretName::FORM.to_owned())
}
