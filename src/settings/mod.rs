//! The host's own settings: `casebridge.yaml`, then `CASEBRIDGE_<KEY>`, then flags, each over the one before.

mod always_on;
mod database;
mod engine;
mod mail;
mod references;
mod rules_source;
mod script_limits;
mod seal_key;
mod trusted_proxies;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use always_on::{JobSettings, Retention};
pub use database::store_address;
pub use engine::{TemporalSettings, TemporalTls};
pub use mail::{MailSettings, Smtp, address};
pub use rules_source::RulesSource;
pub use script_limits::ScriptSettings;
pub use seal_key::SealKeyReference;
pub use trusted_proxies::TrustedProxies;

use self::always_on::{Jobs, RetentionKeys, listen};
use self::database::Database;
use self::engine::{Engine, Temporal, Tls};
use self::mail::Mail;
use self::references::ReferredTo;
use self::rules_source::rules_source;
use self::script_limits::Scripts;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::domain::{ReferencePolicy, StoreAddress, VendorHost, VendorHosts};
use crate::yaml::{At, Decode as _, Named, Node, Reader, Value, is_secret, parse, shape};

/// Where the settings are when `--config` names no other file.
pub const FILE: &str = "casebridge.yaml";

shape! {
    /// The keys of `casebridge.yaml`.
    struct File {
        /// The folder of rules.
        ///
        /// Default: `rules`
        rules_dir: String,
        /// The folder of Rhai scripts.
        ///
        /// Default: `scripts`
        scripts_dir: String,
        /// Where rules and scripts are: `folder`, in these two; `store`, in the store, for [several
        /// machines](operations.md#rules-on-several-machines).
        ///
        /// Default: `folder`
        rules_source: At<String>,
        /// Where runs, reports and locks are.
        ///
        /// Default: `var`
        data_dir: String,
        /// The store: a file of SQLite, or `postgres://USER@HOST/DATABASE`, which [several instances](operations.md#postgresql) share.
        ///
        /// Default: `sqlite://<data_dir>/casebridge.db`
        database_url: At<String>,
        /// How the store is used.
        database: Database,
        /// The address and port at which `serve` answers.
        ///
        /// Default: `127.0.0.1:8080`
        listen: At<String>,
        /// How mail is sent.
        mail: Mail,
        /// Limits of scripts.
        scripts: Scripts,
        /// How schedules run.
        jobs: Jobs,
        /// What carries runs out.
        engine: Engine,
        /// How long things are kept.
        retention: RetentionKeys,
        /// Where `${file:NAME}` looks.
        ///
        /// Default: none
        secrets_dir: String,
        /// Where the key is that [seals secrets](operations.md#sealed-secrets) in the store: `${file:NAME}` or `${env:NAME}`, never the key
        /// itself.
        ///
        /// Default: none
        seal_key: At<String>,
        /// The only hosts that a `base_url` may name: names, `*.NAME` for all below one, addresses, and networks such as `10.1.0.0/16`. A
        /// name that leads to a private address is followed only if that address is listed too. `serve` logs the list at its start.
        ///
        /// Default: `*.casepeer.com`, `*.casestatus.com`, this machine, and the hosts of firms that the store knows
        vendor_hosts: Vec<At<String>>,
        /// The networks, such as `10.0.0.0/8`, of the proxies in front of `serve`: they have no [share of its
        /// connections](operations.md#connections), and their `X-Forwarded-For` says who signs in. Loopback always counts as one.
        ///
        /// Default: none
        trusted_proxies: Vec<At<String>>,
        /// References that several firms may use in `webhook_secret`: `{ "file:NAME": [hartwell, okafor] }`. Every other reference [begins
        /// with the name of its firm](rules.md#connections).
        ///
        /// Default: none
        shared_secrets: Named<Vec<String>>,
    }
}

/// The settings that this version of the host acts on.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The folder of rules.
    pub rules_dir: PathBuf,
    /// The folder of Rhai scripts.
    pub scripts_dir: PathBuf,
    /// Whether rules and scripts are kept in these folders or in the store.
    pub rules_source: RulesSource,
    /// What scripts may use up.
    pub scripts: ScriptSettings,
    /// Where the host keeps what it knows.
    pub data_dir: PathBuf,
    /// Where the store is.
    pub database: StoreAddress,
    /// Where the key is that seals secrets in the store.
    pub seal_key: Option<SealKeyReference>,
    /// The hosts that a `base_url` may name.
    pub vendor_hosts: VendorHosts,
    /// The networks of the proxies in front of the host.
    pub trusted_proxies: TrustedProxies,
    /// Where `${file:NAME}` looks, which references are the host's own, and which firms share.
    pub references: Arc<ReferencePolicy>,
    /// Where the host listens.
    pub listen: SocketAddr,
    /// How schedules run.
    pub jobs: JobSettings,
    /// Where Temporal is that carries runs out; `None` where this process does.
    pub temporal: Option<TemporalSettings>,
    /// How long things are kept.
    pub retention: Retention,
    /// How mail is sent and to whom notices go.
    pub mail: MailSettings,
}

/// The settings that flags can name, each over the file and the environment.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`
    pub config: Option<PathBuf>,
    /// `--rules-dir`
    pub rules_dir: Option<PathBuf>,
    /// `--scripts-dir`
    pub scripts_dir: Option<PathBuf>,
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
}

/// The keys of `casebridge.yaml` as a JSON Schema. Each description has the meaning and, in a paragraph of its own, the default.
pub fn schema() -> serde_json::Value {
    serde_json::Value::from(schemars::schema_for!(File))
}

impl Settings {
    /// Reads the settings. A missing `casebridge.yaml` is none, a missing `--config` file is a fault.
    pub fn read(flags: &Flags, environment: impl Iterator<Item = (String, String)>) -> Result<Settings, Vec<Diagnostic>> {
        let mut faults = Vec::new();
        let mut referred = ReferredTo::default();
        let mut keys = read_file(flags, &mut referred, &mut faults);
        read_environment(&mut keys, environment, &mut referred, &mut faults);
        let data_dir = flags.data_dir.clone().or(keys.data_dir.take().map(PathBuf::from)).unwrap_or_else(|| "var".into());
        let rules_source = rules_source(keys.rules_source.as_ref(), &mut faults);
        let database = database::address(
            keys.database_url.as_ref(),
            keys.database.take().unwrap_or_default(),
            &data_dir,
            keys.secrets_dir.as_deref().map(Path::new),
            &mut faults,
        );
        let listen = listen(keys.listen.as_ref(), &mut faults);
        let jobs = keys.jobs.take().unwrap_or_default().settings(&mut faults);
        let retention = keys.retention.take().unwrap_or_default().settings(&mut faults);
        let temporal = keys.engine.take().unwrap_or_default().settings(&mut faults);
        let scripts = keys.scripts.take().unwrap_or_default().limits(&mut faults);
        let seal_key = keys.seal_key.take().and_then(|at| seal_key::resolve(&at, &mut faults));
        let trusted_proxies = TrustedProxies::read(keys.trusted_proxies.take().unwrap_or_default(), &mut faults);
        let vendor_hosts = keys.vendor_hosts.take().map_or_else(VendorHosts::default, |hosts| vendor_hosts(hosts, &mut faults));
        let mail = keys.mail.take().unwrap_or_default().resolve(&mut faults);
        database.file().into_iter().for_each(|file| referred.add_file(file));
        let secrets_dir = keys.secrets_dir.map(PathBuf::from);
        let references = Arc::new(referred.policy(secrets_dir, keys.shared_secrets, &mut faults));
        if faults.iter().any(Diagnostic::is_error) {
            return Err(faults);
        }
        Ok(Settings {
            rules_dir: flags.rules_dir.clone().or(keys.rules_dir.map(PathBuf::from)).unwrap_or_else(|| "rules".into()),
            scripts_dir: flags.scripts_dir.clone().or(keys.scripts_dir.map(PathBuf::from)).unwrap_or_else(|| "scripts".into()),
            rules_source,
            scripts,
            data_dir,
            database,
            seal_key,
            vendor_hosts,
            trusted_proxies,
            references,
            listen,
            jobs,
            temporal,
            retention,
            mail,
        })
    }
}

fn vendor_hosts(written: Vec<At<String>>, faults: &mut Vec<Diagnostic>) -> VendorHosts {
    let read = |at: At<String>| {
        let host = VendorHost::read(&at.value);
        if host.is_none() {
            let help =
                "write a name such as my.casepeer.com, *.casepeer.com for all below one, an address, or a network such as 10.1.0.0/16";
            faults.push(at.error(format!("`{}` is no host", at.value)).help(help));
        }
        host
    };
    VendorHosts::of(written.into_iter().filter_map(read))
}

fn read_file(flags: &Flags, referred: &mut ReferredTo, faults: &mut Vec<Diagnostic>) -> File {
    let path = flags.config.as_deref().unwrap_or(Path::new(FILE));
    let name = path.display().to_string();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && flags.config.is_none() => return File::default(),
        Err(error) => {
            faults.push(Diagnostic::without_place(format!("{name} cannot be read: {}", error.kind())).help("check what --config names"));
            return File::default();
        }
    };
    match parse(&name, text) {
        Ok((source, node)) => {
            referred.add(&node);
            referred.add_file(path);
            File::decode(&node, &mut Reader { source, faults }).unwrap_or_default()
        }
        Err(fault) => {
            faults.push(fault);
            File::default()
        }
    }
}

/// Reads `CASEBRIDGE_<KEY>`; the keys under a heading are joined by `_`, as in `CASEBRIDGE_MAIL_FROM`, and lists are separated by commas.
fn read_environment(
    keys: &mut File,
    environment: impl Iterator<Item = (String, String)>,
    referred: &mut ReferredTo,
    faults: &mut Vec<Diagnostic>,
) {
    // A heading within headings is written with its way to it.
    const HEADINGS: [(&str, &[&str]); 7] = [
        ("mail", Mail::KEYS),
        ("scripts", Scripts::KEYS),
        ("jobs", Jobs::KEYS),
        ("engine.temporal", Temporal::KEYS),
        ("engine.temporal.tls", Tls::KEYS),
        ("retention", RetentionKeys::KEYS),
        ("database", Database::KEYS),
    ];
    const LISTS: [&str; 3] = ["vendor_hosts", "trusted_proxies", "mail_notices"];
    // Names with lists are for the file.
    let is_heading = |key: &str| key == "shared_secrets" || HEADINGS.iter().any(|(heading, _)| heading.split('.').next() == Some(key));
    let prefix = |heading: &str| heading.replace('.', "_");
    let under = |heading: &str, inner: Node| {
        let Some((outermost, deeper)) = heading.split_once('.') else { return entry(heading, inner) };
        entry(outermost, deeper.rsplit('.').fold(inner, |inner, key| map(vec![entry(key, inner)])))
    };
    for (variable, value) in environment {
        let Some(key) = variable.strip_prefix("CASEBRIDGE_") else { continue };
        let key = key.to_lowercase();
        let nested = HEADINGS.iter().find_map(|(heading, known)| {
            let inner = key.strip_prefix(&prefix(heading))?.strip_prefix('_')?;
            known.contains(&inner).then(|| (*heading, inner.to_owned()))
        });
        let name = nested.as_ref().map_or(key.as_str(), |(_, inner)| inner.as_str());
        let masked = is_secret(name, &value).then_some(0..value.len()).into_iter().collect();
        let entry = match &nested {
            Some((heading, inner)) if LISTS.contains(&key.as_str()) => under(heading, map(vec![entry(inner, list(&value))])),
            Some((heading, inner)) => under(heading, map(vec![entry(inner, number_or_text(&value))])),
            None if LISTS.contains(&key.as_str()) => entry(&key, list(&value)),
            None if File::KEYS.contains(&key.as_str()) && !is_heading(&key) => entry(&key, text(&value)),
            None => {
                let plain = File::KEYS.iter().filter(|key| !is_heading(key)).map(|key| (*key).to_owned());
                let plainly = |key: &str| !HEADINGS.iter().any(|(heading, _)| heading.ends_with(&format!(".{key}")));
                let nested = HEADINGS.iter().flat_map(|(heading, known)| {
                    known.iter().filter(|key| plainly(key)).map(move |key| format!("{}_{key}", prefix(heading)))
                });
                let known: Vec<String> = plain.chain(nested).map(|key| format!("CASEBRIDGE_{}", key.to_uppercase())).collect();
                let help = match nearest(&variable, known.iter().map(String::as_str)) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the settings are: {}", known.join(", ")),
                };
                faults.push(Diagnostic::without_place(format!("no setting is called `{variable}`")).help(help));
                continue;
            }
        };
        referred.add(&entry.1);
        let source = Arc::new(Source::new(&format!("environment variable {variable}"), value, masked));
        let layer = File::decode(&map(vec![entry]), &mut Reader { source, faults }).unwrap_or_default();
        *keys = crate::yaml::Layer::layer(std::mem::take(keys), layer);
    }
}

/// A value as a file would have it without quotes.
fn number_or_text(value: &str) -> Node {
    match value.parse() {
        Ok(number) => Node { span: 0..value.len(), value: Value::Int(number) },
        Err(_) => text(value),
    }
}

fn text(value: &str) -> Node {
    Node { span: 0..value.len(), value: Value::Text(value.to_owned()) }
}

/// The parts between commas, each with its place; empty ones are none.
fn list(value: &str) -> Node {
    let mut start = 0;
    let mut items = Vec::new();
    for part in value.split(',') {
        let begin = start + part.len() - part.trim_start().len();
        let span = begin..begin + part.trim().len();
        if !span.is_empty() {
            items.push(Node { span, value: Value::Text(part.trim().to_owned()) });
        }
        start += part.len() + 1;
    }
    Node { span: 0..value.len(), value: Value::List(items) }
}

fn map(entries: Vec<(Node, Node)>) -> Node {
    Node { span: 0..0, value: Value::Map(entries) }
}

fn entry(key: &str, value: Node) -> (Node, Node) {
    (text(key), value)
}
