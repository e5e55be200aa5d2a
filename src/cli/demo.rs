//! `casebridge demo`: the main job on embedded defaults, with nothing to set up.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Context, Exit, Refusal, rows};
use crate::domain::{CaseId, RowResult};
use crate::live::{Generation, build_from};
use crate::rules::{BUILT_IN, FirmRules, MissingSecret, Secrets, Surroundings};
use crate::sandbox::{Config, Faults, Firm, Sandbox, data};
use crate::scripting::RhaiConditions;
use crate::store::Store;
use crate::sync::{Finished, Host, Preparing, Progress, sync_firm};

const HARTWELL: &str = include_str!("../../rules/hartwell.yaml");
const OKAFOR: &str = include_str!("../../rules/okafor.yaml");

/// The case that the demo connects: a dog bite in negotiation.
const TO_CONNECT: CaseId = CaseId(48_213);

pub(super) async fn demo(context: &Context) -> Result<Exit, Refusal> {
    let folder = context.settings.data_dir.join("demo");
    if folder.exists() {
        let cannot = |error: std::io::Error| Refusal::failed(format!("{} cannot be emptied: {}", folder.display(), error.kind()));
        std::fs::remove_dir_all(&folder).map_err(cannot)?;
    }
    let firms = vec![data::hartwell(), data::okafor()];
    let keys = Keys(firms.clone());
    let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let config = Config { casepeer: anywhere, case_status: anywhere, firms, faults: Faults::none() };
    let sandbox = Sandbox::start(config).await.map_err(|error| Refusal::failed(format!("the sandbox cannot listen: {}", error.kind())))?;
    let generation = generation(&sandbox, &keys);
    let host = Host { store: Store::open(&folder, &folder.join("casebridge.db")).await?, reports_dir: folder.join("reports") };

    println!(
        "Two law firms, both vendors simulated on this machine: CASEpeer at {}, Case Status at {}.\n",
        sandbox.casepeer_url(),
        sandbox.case_status_url()
    );
    connect_one(context, &host, rules(&generation, "hartwell")?).await?;
    let mut synced = Vec::new();
    for (step, firm) in [("2", "hartwell"), ("3", "okafor")] {
        println!("{step}. The sync of {firm}, as every night\n");
        let finished = sync(context, &host, rules(&generation, firm)?).await?;
        println!("{}", rows::as_text(&finished));
        synced.push(finished);
    }
    println!("{}", who_is_needed(&synced));
    again(context, &host, &sandbox, &generation).await?;
    host.store.close().await;
    println!("{}", next(&folder));
    Ok(Exit::Well)
}

/// The shipped rules, pointed at where the sandbox listens.
fn generation(sandbox: &Sandbox, keys: &Keys) -> Generation {
    let at_the_sandbox = |text: &str| {
        text.replace("http://127.0.0.1:7101", &sandbox.casepeer_url()).replace("http://127.0.0.1:7102", &sandbox.case_status_url())
    };
    let files = [("rules/_defaults.yaml", BUILT_IN), ("rules/hartwell.yaml", HARTWELL), ("rules/okafor.yaml", OKAFOR)]
        .map(|(path, text)| (PathBuf::from(path), Ok(at_the_sandbox(text))));
    build_from(&files, &Surroundings { secrets: keys, conditions: &RhaiConditions::default(), vendor_hosts: None })
}

fn rules(generation: &Generation, name: &str) -> Result<Arc<FirmRules>, Refusal> {
    let firm = generation.firms.iter().find(|(id, _)| id.as_str() == name).and_then(|(_, firm)| firm.rules.clone());
    firm.ok_or_else(|| generation.diagnostics().into())
}

async fn connect_one(context: &Context, host: &Host, rules: Arc<FirmRules>) -> Result<(), Refusal> {
    println!("1. Hartwell connects case {TO_CONNECT}, a dog bite in negotiation\n");
    let connecting = Preparing::begin(host, rules, vec![TO_CONNECT], false).await?.prepare(&context.cancel).await;
    let finished = connecting.confirm(&Progress::default(), &context.cancel).await?;
    println!("{}", rows::as_text(&finished));
    Ok(())
}

async fn sync(context: &Context, host: &Host, rules: Arc<FirmRules>) -> Result<Finished, Refusal> {
    Ok(sync_firm(host, rules, false, &Progress::default(), &context.cancel).await?)
}

/// The rows that wait for somebody, by whom they wait for.
fn who_is_needed(synced: &[Finished]) -> String {
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

/// A second sync has nothing to write.
async fn again(context: &Context, host: &Host, sandbox: &Sandbox, generation: &Generation) -> Result<(), Refusal> {
    sandbox.clear_journal();
    println!("4. Both firms once more: what is the same on both sides is not written\n");
    for firm in ["hartwell", "okafor"] {
        let finished = sync(context, host, rules(generation, firm)?).await?;
        let updated = finished.rows.iter().filter(|row| row.result == RowResult::Updated).count();
        println!("  {firm}: {updated} updated, {} unchanged", finished.counts.unchanged);
    }
    let journal = sandbox.journal();
    let writes = journal.iter().filter(|entry| entry.wrote).count();
    println!("  The vendors saw {} requests, {writes} of them writes.\n", journal.len());
    Ok(())
}

fn next(folder: &std::path::Path) -> String {
    format!(
        "Open {reports} in a spreadsheet: every case and what became of it.

What to try next:
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
struct Keys(Vec<Firm>);

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
}
