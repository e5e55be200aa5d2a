//! Where the store is: a file of SQLite's, or a database of PostgreSQL's.

use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::always_on::within;
use super::seal_key::SealKeyReference;
use crate::diagnostic::Diagnostic;
use crate::domain::StoreAddress;
use crate::yaml::{At, Span, shape};

/// Connections of one instance unless told otherwise.
const CONNECTIONS: u32 = 16;

/// How long runs wait for a database that is away unless told otherwise.
const WAIT: Duration = Duration::from_mins(10);

shape! {
    /// How the store is used.
    pub(super) struct Database {
        /// PostgreSQL: the most connections at a time, 2 to 1000.
        ///
        /// Default: `16`
        pool: At<u64>,
        /// PostgreSQL: where the password is, if it is not in the address: `${file:NAME}` or `${env:NAME}`, never the password itself.
        ///
        /// Default: none
        password: At<String>,
        /// PostgreSQL: how long runs wait while it is away, up to `24h`.
        ///
        /// Default: `10m`
        wait: At<Span>,
    }
}

/// Reads the address of a store, which is used by as many connections as is usual; `None` if it names neither database.
pub fn store_address(text: &str) -> Option<StoreAddress> {
    if let Some(rest) = text.strip_prefix("sqlite://") {
        let path = rest.split('?').next().unwrap_or(rest);
        return (!path.is_empty()).then(|| StoreAddress::Sqlite(path.into()));
    }
    let is_postgres = text.starts_with("postgres://") || text.starts_with("postgresql://");
    is_postgres.then(|| StoreAddress::Postgres { url: SecretString::from(text), connections: CONNECTIONS, wait: WAIT })
}

/// Reads where the store is. The address of a database may hold a password: it is never quoted.
pub(super) fn address(
    url: Option<&At<String>>,
    keys: Database,
    data_dir: &Path,
    secrets_dir: Option<&Path>,
    faults: &mut Vec<Diagnostic>,
) -> StoreAddress {
    let connections = keys.pool.map_or(u64::from(CONNECTIONS), |at| {
        if !(2..=1_000).contains(&at.value) {
            faults.push(at.error(format!("{} is out of range", at.value)).help("it goes from 2 to 1000"));
        }
        at.value
    });
    let wait = keys.wait.map_or(WAIT, |at| within(&at, Duration::ZERO, Duration::from_hours(24), faults));
    let Some(url) = url else { return StoreAddress::Sqlite(data_dir.join("casebridge.db")) };
    match store_address(&url.value) {
        Some(StoreAddress::Postgres { url, .. }) => {
            let password = keys.password.and_then(|at| password(&at, secrets_dir, faults));
            let url = password.map_or_else(|| url.clone(), |password| with_password(&url, &password));
            return StoreAddress::Postgres { url, connections: u32::try_from(connections).unwrap_or(u32::MAX), wait };
        }
        Some(file) => return file,
        None => {}
    }
    let message = format!("{}: `database_url` names neither a SQLite file nor a PostgreSQL database", url.source.name);
    let help = "write sqlite://PATH, such as sqlite://var/casebridge.db, or postgres://USER@HOST/DATABASE";
    faults.push(Diagnostic::without_place(message).help(help));
    StoreAddress::Sqlite(data_dir.join("casebridge.db"))
}

/// What `password` stands for.
fn password(at: &At<String>, secrets_dir: Option<&Path>, faults: &mut Vec<Diagnostic>) -> Option<SecretString> {
    let text = match SealKeyReference::read(&at.value) {
        Some(SealKeyReference::Env(name)) => std::env::var(&name).map_err(|_| format!("the environment variable {name} is not set")),
        Some(SealKeyReference::File(name)) => match secrets_dir {
            Some(folder) => {
                std::fs::read_to_string(folder.join(&name)).map_err(|_| format!("the file {name} under secrets_dir cannot be read"))
            }
            None => Err("no `secrets_dir` is set".to_owned()),
        },
        None => {
            let help =
                "write ${file:NAME} for a file under secrets_dir, or ${env:NAME} for an environment variable; the password stands there";
            faults.push(at.error("`database.password` says where the password is, and is not the password").help(help));
            return None;
        }
    };
    match text {
        Ok(text) => Some(SecretString::from(text.trim_end_matches(['\r', '\n']))),
        Err(problem) => {
            faults.push(at.error(format!("`database.password`: {problem}")).help("put the password there, readable for casebridge's user"));
            None
        }
    }
}

fn with_password(url: &SecretString, password: &SecretString) -> SecretString {
    let Ok(mut parsed) = Url::parse(url.expose_secret()) else {
        // What is wrong with it is said when the store is opened.
        return url.clone();
    };
    match parsed.set_password(Some(password.expose_secret())) {
        Ok(()) => SecretString::from(String::from(parsed)),
        Err(()) => url.clone(),
    }
}
