//! Firms whose rules are generated, built from YAML as a file would be.

use std::path::PathBuf;
use std::sync::Arc;

use casebridge::rules::{FirmRules, MissingSecret, ResolveContext, Secrets};
use casebridge::ruleset::build_from;
use casebridge::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};
use proptest::prelude::*;
use secrecy::SecretString;

/// Every attribute that a sync can keep in step.
pub const ATTRIBUTES: [&str; 9] = [
    "stage",
    "status",
    "primary_attorney",
    "additional_attorneys",
    "paralegals",
    "description",
    "practice_area",
    "case_date",
    "readable_id",
];

struct AnyKey;

impl Secrets for AnyKey {
    fn env(&self, _: &str) -> Result<SecretString, MissingSecret> {
        Ok(SecretString::from("key"))
    }

    fn file(&self, _: &str) -> Result<SecretString, MissingSecret> {
        Ok(SecretString::from("key"))
    }

    fn secret(&self, _: &str) -> Result<SecretString, MissingSecret> {
        Ok(SecretString::from("key"))
    }
}

/// The rules of these files; the test fails with their faults if there are any.
pub fn rules(files: &[(&str, String)]) -> Arc<FirmRules> {
    let files: Vec<_> = files.iter().map(|(name, text)| (PathBuf::from(format!("rules/{name}.yaml")), Ok(text.clone()))).collect();
    let conditions = RhaiConditions::default();
    let hooks = RhaiHooks { folder: ScriptFolder::shipped("scripts", &[]), limits: ScriptLimits::default() };
    let generation = build_from(
        &files,
        &ResolveContext { secrets: &AnyKey, conditions: &conditions, hooks: &hooks, vendor_hosts: None, since: &|_| None },
    );
    let rules = generation.firms.values().next().and_then(|firm| firm.rules.clone());
    rules.unwrap_or_else(|| panic!("{:#?}", generation.diagnostics()))
}

/// What every firm file here begins with.
pub const HEAD: &str = "name: Firm
connections:
  casepeer: { key: \"${env:FIRM_A}\" }
  case_status: { key: \"${env:FIRM_B}\" }
";

/// A firm whose attributes, stages and switches are anything that is allowed.
pub fn any_rules() -> impl Strategy<Value = Arc<FirmRules>> {
    let attributes = proptest::sample::subsequence(ATTRIBUTES.to_vec(), 0..=ATTRIBUTES.len());
    let switches = (any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>(), any::<bool>());
    (attributes, switches, 1..=12, 1..=12, 1..=12).prop_map(|(attributes, switches, first, second, own)| {
        let (reopen, release_hold, ignore_case, keep, same_name) = switches;
        let text = format!(
            "{HEAD}sync: {{ attributes: [{}], reopen: {reopen}, release_hold: {release_hold} }}
stages:
  match: {}
  unmapped: {}
  map:
    - {{ casepeer: [Intake, Treating], to: {first} }}
    - {{ casepeer: Negotiation, to: {second} }}
  by_case_type:
    Dog Bite: [{{ casepeer: Negotiation, to: {own} }}]
practice_areas:
  unmapped: {}
  map: [{{ casepeer: Auto Accident, to: Motor Vehicle }}]
",
            attributes.join(", "),
            if ignore_case { "ignore_case" } else { "exact" },
            if keep { "keep" } else { "fail" },
            if same_name { "same_name" } else { "fail" },
        );
        rules(&[("firm", text)])
    })
}
