//! `casebridge demo`: the main job on embedded defaults, with nothing to set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Context, Exit, Refusal, demo_console, output, rows};
use crate::domain::{CaseId, StoreAddress, VendorHosts};
use crate::rules::{BUILT_IN, FirmRules, MissingSecret, ResolveContext, Secrets};
use crate::ruleset::{Generation, build_from};
use crate::runs::{AcceptListing, ConnectPlan, Host, RunError, RunReport, VendorPool, sync_firm};
use crate::sandbox::{Config, Faults, Sandbox, SandboxFirm, data};
use crate::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};
use crate::store::Store;

/// The shipped rules, by the names of their files.
pub(super) const FIRMS: [(&str, &str); 3] = [
    ("hartwell.yaml", include_str!("../../rules/hartwell.yaml")),
    ("hartwell.test.yaml", include_str!("../../rules/hartwell.test.yaml")),
    ("okafor.yaml", include_str!("../../rules/okafor.yaml")),
];
/// The shipped scripts.
pub(super) const SCRIPTS: [(&str, &str); 2] = [
    ("hartwell.rhai", include_str!("../../scripts/hartwell.rhai")),
    ("connect_open_auto_cases.rhai", include_str!("../../scripts/connect_open_auto_cases.rhai")),
];

/// The case that the demo connects: a dog bite in negotiation.
const TO_CONNECT: CaseId = CaseId(48_213);

pub(super) async fn demo(context: &Context, serve: bool) -> Result<Exit, Refusal> {
    let folder = context.settings.data_dir.join("demo");
    if folder.exists() {
        let cannot = |error: std::io::Error| Refusal::failed(format!("{} cannot be emptied: {}", folder.display(), error.kind()));
        std::fs::remove_dir_all(&folder).map_err(cannot)?;
    }
    let firms = vec![data::hartwell(), data::okafor()];
    let keys = Keys(firms.clone());
    let served = serve.then(|| firms.clone());
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config { casepeer: anywhere, case_status: anywhere, firms, faults: Faults::none() };
    let sandbox = Sandbox::start(config).await.map_err(|error| Refusal::failed(format!("the sandbox cannot listen: {}", error.kind())))?;
    let generation = generation(&sandbox, &keys);
    let store = Store::open(&folder, &StoreAddress::Sqlite(folder.join("casebridge.db"))).await?;
    let host = Host::new(store, &folder, VendorPool::of_a_command(&VendorHosts::default(), None).map_err(RunError::from)?);

    let steps = Steps { context, host: &host };
    steps.say(format_args!(
        "Two law firms, both vendors simulated on this machine: CASEpeer at {}, Case Status at {}.\n",
        sandbox.casepeer_url(),
        sandbox.case_status_url()
    ));
    let mut runs = vec![steps.connect(rules(&generation, "hartwell")?).await?];
    for (step, firm) in [("2", "hartwell"), ("3", "okafor")] {
        steps.say(format_args!("{step}. The sync of {firm}: what CASEpeer has goes to Case Status\n"));
        let finished = steps.sync(rules(&generation, firm)?).await?;
        steps.say(rows::as_text(&finished));
        runs.push(finished);
    }
    steps.say(who_is_needed(&runs));
    sandbox.clear_journal();
    steps.say("4. Both firms once more: what is the same on both sides is not written\n");
    for firm in ["hartwell", "okafor"] {
        let finished = steps.sync(rules(&generation, firm)?).await?;
        steps.say(format_args!("  {firm}: {} updated, {} unchanged", finished.counts.updated, finished.counts.unchanged));
        runs.push(finished);
    }
    let journal = sandbox.journal();
    let writes = journal.iter().filter(|entry| entry.wrote).count();
    steps.say(format_args!("  The vendors saw {} requests, {writes} of them writes.\n", journal.len()));
    if served.is_none() {
        steps.say(next(&folder));
    }
    host.store.close().await;
    if context.json {
        output::json(&runs.iter().map(rows::view).collect::<Vec<_>>());
    }
    if let Some(firms) = served {
        return demo_console::go_on(context, &folder, &sandbox, &firms).await;
    }
    Ok(Exit::Success)
}

/// The demo's steps, shown as they happen; with `--json` the runs alone are answered, at the end.
struct Steps<'a> {
    context: &'a Context,
    host: &'a Host,
}

impl Steps<'_> {
    fn say(&self, text: impl std::fmt::Display) {
        if !self.context.json {
            output::line(text);
        }
    }

    async fn connect(&self, rules: Arc<FirmRules>) -> Result<RunReport, Refusal> {
        self.say(format_args!("1. Hartwell connects case {TO_CONNECT}, a dog bite in negotiation\n"));
        let run = self.host.context(rules, &self.context.cancel);
        let finished = ConnectPlan::prepare(run, vec![TO_CONNECT], false).await?.confirm().await?;
        self.say(rows::as_text(&finished));
        Ok(finished)
    }

    async fn sync(&self, rules: Arc<FirmRules>) -> Result<RunReport, Refusal> {
        Ok(sync_firm(self.host.context(rules, &self.context.cancel), false, AcceptListing::No).await?)
    }
}

/// The shipped rules, pointed at where the sandbox listens.
fn generation(sandbox: &Sandbox, keys: &Keys) -> Generation {
    let own = FIRMS.into_iter().filter(|(name, _)| !name.ends_with(".test.yaml"));
    let files = std::iter::once(("_defaults.yaml", BUILT_IN)).chain(own);
    let files: Vec<_> = files.map(|(name, text)| (Path::new("rules").join(name), Ok(at_the_sandbox(sandbox, text)))).collect();
    let hooks = RhaiHooks { folder: ScriptFolder::shipped("scripts", &SCRIPTS), limits: ScriptLimits::default() };
    build_from(
        &files,
        &ResolveContext { secrets: keys, conditions: &RhaiConditions::default(), hooks: &hooks, vendor_hosts: None, since: &|_| None },
    )
}

/// A text whose addresses are those that the sandbox listens at.
pub(super) fn at_the_sandbox(sandbox: &Sandbox, text: &str) -> String {
    text.replace("http://127.0.0.1:7101", &sandbox.casepeer_url()).replace("http://127.0.0.1:7102", &sandbox.case_status_url())
}

fn rules(generation: &Generation, name: &str) -> Result<Arc<FirmRules>, Refusal> {
    let firm = generation.firms.iter().find(|(id, _)| id.as_str() == name).and_then(|(_, firm)| firm.rules.clone());
    firm.ok_or_else(|| generation.diagnostics().into())
}

/// The rows that wait for somebody, by whom they wait for.
fn who_is_needed(synced: &[RunReport]) -> String {
    let mut text = String::from("Who is needed\n\n");
    for (fix_by, who) in [("support", "Integration support, in the rules"), ("firm", "The firm's staff, in CASEpeer or Case Status")] {
        text.push_str(&format!("  {who}:\n"));
        for finished in synced {
            let waiting = finished.rows.iter().filter(|row| row.fix_by.is_some_and(|by| by.as_str() == fix_by));
            let waiting: Vec<&str> = waiting.map(|row| row.integration_id.as_str()).collect();
            if !waiting.is_empty() {
                text.push_str(&format!("    {:<9} {}\n", finished.run.firm.as_str(), waiting.join(", ")));
            }
        }
    }
    text
}

fn next(folder: &std::path::Path) -> String {
    format!(
        "Open {reports} in a spreadsheet: every case and what became of it.

What to try next, in the folder that has rules/:
  casebridge demo --serve                the same, and then the console in a browser
  casebridge sandbox                     keeps the two vendors up and says which keys to export; then, in another terminal:
  casebridge check                       rules/hartwell.yaml and rules/okafor.yaml; break one and check again
  casebridge explain hartwell 48214      why the stage of this case was left as it is
  casebridge plan hartwell               what a sync would write; add `- {{ casepeer: Lien Resolution, to: 8 }}` to its map and plan again
  casebridge connect hartwell 48238      a client without a valid phone number
(casebridge is target/release/casebridge, or `cargo run --release --`)",
        reports = folder.join("reports").display()
    )
}

/// The sandbox's own keys, in place of the environment.
struct Keys(Vec<SandboxFirm>);

impl Secrets for Keys {
    fn env(&self, name: &str) -> Result<SecretString, MissingSecret> {
        let key = self.0.iter().find_map(|firm| {
            let which = name.strip_prefix(&firm.name.to_uppercase())?;
            match which {
                "_CASEPEER_KEY" => Some(&firm.casepeer_key),
                "_CASE_STATUS_KEY" => Some(&firm.case_status_key),
                _ => None,
            }
        });
        let missing = || MissingSecret { problem: format!("the demo has no {name}"), help: "use the shipped rules".to_owned() };
        key.map(|key| SecretString::from(key.clone())).ok_or_else(missing)
    }

    fn file(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.env(name)
    }

    fn secret(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.env(name)
    }
}
