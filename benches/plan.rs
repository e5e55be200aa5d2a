//! How fast an unchanged case is planned in full: every attribute compared, every rule asked. `cargo bench --bench plan`

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;

use casebridge::domain::{
    Case, CaseId, Client, Directory, Email, ExistingCase, ExistingStatus, Name, NamePool, PeerCaseStatus, PracticeArea, StaffMember,
    StaffRole, StaffUser, Stage, UserRole,
};
use casebridge::rules::{FirmRules, MissingSecret, ResolveContext, Secrets, plan};
use casebridge::ruleset::build_from;
use casebridge::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};
use divan::Bencher;
use divan::counter::ItemsCount;
use jiff::civil::date;
use secrecy::SecretString;

fn main() {
    divan::main();
}

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

/// A script of the kind that firms have, and nothing else: what a `map_case` hook costs a case.
const SCRIPTS: [(&str, &str); 1] = [(
    "hooks.rhai",
    r#"
fn map_case(c, wanted) {
    if c.stage == "Litigation" && c.description != () && c.description.contains("trial set") {
        wanted.stage = 9;
    }
    if c.case_type == "Auto Accident" && c.description != () && c.description.contains("red light") {
        wanted.description = `${c.description} (${c.case_number})`;
    }
    wanted
}
"#,
)];

/// The shipped rules of Hartwell, without its own expression and script: those are Rhai's time, not the plan's.
fn rules(rest: &str) -> Arc<FirmRules> {
    let text = include_str!("../rules/hartwell.yaml").split("\nvalidation:").next().unwrap_or_default().to_owned() + rest;
    let files = [(PathBuf::from("rules/hartwell.yaml"), Ok(text))];
    let conditions = RhaiConditions::default();
    let hooks = RhaiHooks { folder: ScriptFolder::shipped("scripts", &SCRIPTS), limits: ScriptLimits::default() };
    let generation = build_from(
        &files,
        &ResolveContext { secrets: &AnyKey, conditions: &conditions, hooks: &hooks, vendor_hosts: None, since: &|_| None },
    );
    let firm = generation.firms.values().next().and_then(|firm| firm.rules.clone());
    firm.expect("the shipped rules are in order")
}

fn directory() -> Directory {
    let user = |email: &str, role| StaffUser { email: Email::new(email), role, active: true };
    let stages = (1..=12).filter_map(Stage::new).map(|stage| (stage, "A stage".into())).collect();
    let staff = vec![user("hartwell@hartwell.example", UserRole::Attorney), user("reyes@hartwell.example", UserRole::Paralegal)];
    Directory::new(staff, vec![PracticeArea { name: Name::new("Motor Vehicle"), stages }])
}

fn pair() -> (Case, ExistingCase) {
    let (mut in_casepeer, mut in_case_status) = (NamePool::default(), NamePool::default());
    let member =
        |role, email: &str, names: &mut NamePool| StaffMember { role, name: names.name("Someone"), email: Some(names.email(email)) };
    let staff = vec![
        member(StaffRole::PrimaryAttorney, "hartwell@hartwell.example", &mut in_casepeer),
        member(StaffRole::Paralegal, "reyes@hartwell.example", &mut in_casepeer),
    ];
    let case = Case {
        id: CaseId(48_201),
        case_number: "PI-2024-0113".into(),
        name: Some("Doe v. Acme Trucking".into()),
        case_type: in_casepeer.name("Auto Accident"),
        stage: in_casepeer.name("Treating"),
        status: PeerCaseStatus::Open,
        description: Some("Rear-ended at a red light on the way to work".into()),
        opened_on: Some(date(2024, 2, 3)),
        closed_on: None,
        connected: true,
        updated_at: None,
        client: Client::default(),
        staff,
    };
    let existing = ExistingCase {
        id: "cs_1".into(),
        integration_id: case.id,
        readable_id: case.case_number.clone(),
        practice_area: in_case_status.name("Motor Vehicle"),
        stage: Stage::new(3).expect("3 is a stage"),
        status: ExistingStatus::Open,
        primary_attorney: in_case_status.email("hartwell@hartwell.example"),
        additional_attorneys: Vec::new(),
        paralegals: vec![in_case_status.email("reyes@hartwell.example")],
        description: case.description.clone(),
        case_date: case.opened_on,
        closed_date: None,
        client: "Jane Doe".into(),
    };
    (case, existing)
}

#[divan::bench]
fn an_unchanged_case(bencher: Bencher<'_, '_>) {
    let (rules, directory, (case, existing)) = (rules(""), directory(), pair());
    assert!(plan(&rules, &directory, &case, &existing).changes.is_empty());
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| plan(black_box(&rules), &directory, black_box(&case), black_box(&existing)));
}

#[divan::bench]
fn a_case_that_moved(bencher: Bencher<'_, '_>) {
    let (rules, directory, (case, existing)) = (rules(""), directory(), pair());
    let existing = ExistingCase { stage: Stage::new(1).expect("1 is a stage"), ..existing };
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| plan(black_box(&rules), &directory, black_box(&case), black_box(&existing)));
}

#[divan::bench]
fn a_case_with_a_hook(bencher: Bencher<'_, '_>) {
    let (rules, directory, (case, existing)) = (rules("\nhooks: hooks.rhai\n"), directory(), pair());
    assert!(plan(&rules, &directory, &case, &existing).changes.description.is_some());
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| plan(black_box(&rules), &directory, black_box(&case), black_box(&existing)));
}
