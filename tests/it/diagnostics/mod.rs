//! Every diagnostic that rules and settings can give, word for word as a terminal shows it.

mod files;
mod leaks;
mod mapping;
mod scripts;
mod settings;
mod shapes;
mod values;

use std::path::PathBuf;

use casebridge::diagnostic::{Diagnostic, render_all};
use casebridge::domain::{VendorHost, VendorHosts};
use casebridge::rules::{MissingSecret, ResolveContext, Secrets};
use casebridge::ruleset::{Generation, MachineSecrets, build_from};
use casebridge::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};
use secrecy::SecretString;

/// This machine's secrets, and a variable of two firms that is set.
#[derive(Default)]
struct WithKeys(MachineSecrets);

impl Secrets for WithKeys {
    fn env(&self, name: &str) -> Result<SecretString, MissingSecret> {
        if ["HARTWELL_KEY", "OKAFOR_KEY"].contains(&name) { Ok(SecretString::from("key")) } else { self.0.env(name) }
    }

    fn file(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.0.file(name)
    }

    fn secret(&self, name: &str) -> Result<SecretString, MissingSecret> {
        self.0.secret(name)
    }
}

/// A firm file that has nothing wrong, but for what `rest` adds to it.
fn firm(rest: &str) -> String {
    format!(
        "name: Hartwell Injury Law
connections:
  casepeer: {{ key: \"${{env:HARTWELL_KEY}}\" }}
  case_status: {{ key: \"${{env:HARTWELL_KEY}}\" }}
{rest}"
    )
}

/// The generation of these files.
fn generation(files: &[(&str, &str)]) -> Generation {
    with_scripts(files, &[])
}

/// The generation of these files, with these scripts.
fn with_scripts(files: &[(&str, &str)], scripts: &'static [(&'static str, &'static str)]) -> Generation {
    let files: Vec<_> = files.iter().map(|(path, text)| (PathBuf::from(path), Ok((*text).to_owned()))).collect();
    let (secrets, conditions) = (WithKeys::default(), RhaiConditions::default());
    let hooks = RhaiHooks { folder: ScriptFolder::shipped("scripts", scripts), limits: ScriptLimits::default() };
    let hosts = VendorHosts::of(["api.casestatus.com", "my.casepeer.com", "127.0.0.1"].iter().filter_map(|host| VendorHost::read(host)));
    build_from(
        &files,
        &ResolveContext { secrets: &secrets, conditions: &conditions, hooks: &hooks, vendor_hosts: Some(&hosts), since: &|_| None },
    )
}

/// What `casebridge check` shows of a firm file.
fn check(text: &str) -> String {
    rendered(&generation(&[("rules/hartwell.yaml", text)]).diagnostics())
}

fn rendered(diagnostics: &[Diagnostic]) -> String {
    render_all(diagnostics, false)
}
