//! Verify a firm: both keys proved by a cheap call, and the mapping held against what is there.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::VendorPool;
use super::accounts::{are_trusted, doubtful_accounts};
use crate::diagnostic::nearest;
use crate::domain::{Account, CaseFilter, CaseId, Directory, Kind, Name, Stage, share_a_word};
use crate::rules::FirmRules;
use crate::store::{ClaimMode, Store, StoreError};
use crate::vendors::case_status::ListedExisting;
use crate::vendors::{Failure, Listed};

/// What verifying a firm found.
#[derive(Debug)]
pub struct Verification {
    /// The firm's account in CASEpeer.
    pub casepeer: Result<Account, Failure>,
    /// The firm's account in Case Status.
    pub case_status: Result<Account, Failure>,
    /// Every CASEpeer stage seen, by case type; those that need someone first.
    pub stages: Vec<SeenStage>,
    /// Every CASEpeer case type seen.
    pub practice_areas: Vec<SeenPracticeArea>,
    /// Targets of the mapping that Case Status does not have, each with its line.
    pub missing_targets: Vec<String>,
    /// What makes it doubtful that both accounts are this firm's, unless a person has said that they are.
    pub doubts: Vec<String>,
    /// Who and what Case Status knows of the firm.
    pub directory: Directory,
}

/// Whether a firm's two keys are good, each with the account that it opens.
#[derive(Debug)]
pub struct CredentialCheck {
    /// The firm's account in CASEpeer.
    pub casepeer: Result<Account, Failure>,
    /// The firm's account in Case Status.
    pub case_status: Result<Account, Failure>,
}

impl CredentialCheck {
    /// Whether both are.
    pub fn holds(&self) -> bool {
        self.casepeer.is_ok() && self.case_status.is_ok()
    }
}

/// A stage seen in the firm's cases.
#[derive(Debug)]
pub struct SeenStage {
    /// The case type.
    pub case_type: String,
    /// CASEpeer's name of the stage.
    pub stage: String,
    /// In how many cases.
    pub cases: u64,
    /// What it becomes: the number, and its name in the practice area.
    pub becomes: Option<String>,
    /// The number of it.
    pub to: Option<Stage>,
    /// Whether a line of this case type's own says so.
    pub is_own: bool,
    /// Where nothing maps it: the stage that it is most likely meant to become.
    pub suggestion: Option<Stage>,
    /// The line that says so.
    pub rule: Option<String>,
    /// What is wrong.
    pub problem: Option<String>,
}

/// A case type seen in the firm's cases.
#[derive(Debug)]
pub struct SeenPracticeArea {
    /// The case type.
    pub case_type: String,
    /// In how many cases.
    pub cases: u64,
    /// The practice area.
    pub becomes: Option<String>,
    /// What is wrong.
    pub problem: Option<String>,
}

impl Verification {
    /// Whether the firm is ready: both keys are proved, both accounts are the firm's, and every target of the mapping exists.
    pub fn is_ready(&self) -> bool {
        self.casepeer.is_ok() && self.case_status.is_ok() && self.missing_targets.is_empty() && self.doubts.is_empty()
    }
}

/// Asks whether both keys are good now, by a cheap call each.
pub async fn check_credentials(vendor_pool: &VendorPool, rules: &Arc<FirmRules>) -> CredentialCheck {
    let clients = vendor_pool.clients(rules, Kind::Messages);
    let (casepeer, case_status) = tokio::join!(clients.casepeer.account(), clients.case_status.account());
    CredentialCheck { casepeer, case_status }
}

/// Why a firm could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// What a vendor refused after both keys were proved.
    #[error(transparent)]
    Vendor(#[from] Failure),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Verifies a firm, and remembers the accounts that its keys open.
pub async fn verify(vendor_pool: &VendorPool, store: &Store, rules: &Arc<FirmRules>) -> Result<Verification, VerifyError> {
    let clients = vendor_pool.clients(rules, Kind::Sync);
    let CredentialCheck { casepeer, case_status } = check_credentials(vendor_pool, rules).await;
    let mut verification = Verification {
        casepeer,
        case_status,
        stages: Vec::new(),
        practice_areas: Vec::new(),
        missing_targets: Vec::new(),
        doubts: Vec::new(),
        directory: Directory::default(),
    };
    let (Ok(casepeer), Ok(case_status)) = (&verification.casepeer, &verification.case_status) else { return Ok(verification) };
    let accounts = [casepeer, case_status];
    let mut ids: HashSet<CaseId> = HashSet::new();
    let mut seen: BTreeMap<(String, String), u64> = BTreeMap::new();
    let count = |listed| {
        if let Listed::Read(case) = listed {
            let case: crate::domain::Case = case;
            ids.insert(case.id);
            *seen.entry((case.case_type.to_string(), case.stage.to_string())).or_default() += 1;
        }
    };
    let all = CaseFilter::default();
    let (directory, _) = tokio::try_join!(clients.case_status.directory(), clients.casepeer.cases(&all, false, count))?;
    let (mut existing, mut on_both) = (0_u64, false);
    let hold = |listed| {
        existing += 1;
        on_both |= matches!(&listed, ListedExisting::Case(case) if ids.contains(&case.integration_id));
    };
    if !are_trusted(store, rules, accounts).await? {
        verification.doubts = doubtful_names(rules, accounts);
        clients.case_status.cases(None, hold).await?;
        if !on_both && existing > 0 && !ids.is_empty() {
            verification.doubts.push(format!(
                "CASEpeer has {} cases and Case Status {existing} with an integration ID, and none is on both sides: are the keys of two firms?",
                ids.len()
            ));
        }
    }
    // What is doubtful is not remembered: the right key may be on its way.
    let claim = if verification.doubts.is_empty() { ClaimMode::Remembers } else { ClaimMode::Looks };
    let doubts = doubtful_accounts(store, rules, accounts, claim).await?;
    verification.doubts.extend(doubts);
    let mut case_types: BTreeMap<&str, u64> = BTreeMap::new();
    seen.iter().for_each(|((case_type, _), cases)| *case_types.entry(case_type).or_default() += cases);
    verification.practice_areas =
        case_types.into_iter().map(|(case_type, cases)| practice_area(rules, &directory, case_type, cases)).collect();
    verification.stages = seen.iter().map(|((case_type, name), cases)| stage(rules, &directory, case_type, name, *cases)).collect();
    verification.stages.sort_by_key(|stage| (stage.problem.is_none(), std::cmp::Reverse(stage.cases)));
    verification.practice_areas.sort_by_key(|area| (area.problem.is_none(), std::cmp::Reverse(area.cases)));
    verification.missing_targets = missing_targets(rules, &directory);
    verification.directory = directory;
    Ok(verification)
}

/// The firm's name in its file and at both vendors, where two of them are of different firms by their words.
fn doubtful_names(rules: &FirmRules, [casepeer, case_status]: [&Account; 2]) -> Vec<String> {
    let names = [("its file", &*rules.name), ("CASEpeer", casepeer.name.as_str()), ("Case Status", case_status.name.as_str())];
    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(one, other)| (names[one], names[other]));
    let unlike = pairs.into_iter().filter(|((_, one), (_, other))| !share_a_word(one, other));
    unlike.map(|((at, one), (there, other))| format!("{at} calls it \"{one}\" and {there} \"{other}\": is that one firm?")).collect()
}

fn practice_area(rules: &FirmRules, directory: &Directory, case_type: &str, cases: u64) -> SeenPracticeArea {
    let found = rules.practice_area_of(directory, &Name::new(case_type));
    let (becomes, problem) = match found {
        Ok(area) => (Some(area.name.to_string()), None),
        Err(problem) => (None, Some(problem)),
    };
    SeenPracticeArea { case_type: case_type.to_owned(), cases, becomes, problem }
}

fn stage(rules: &FirmRules, directory: &Directory, case_type: &str, stage: &str, cases: u64) -> SeenStage {
    let (case_type_name, stage_name) = (Name::new(case_type), Name::new(stage));
    let mut seen = SeenStage {
        case_type: case_type.to_owned(),
        stage: stage.to_owned(),
        cases,
        becomes: None,
        to: None,
        is_own: false,
        suggestion: None,
        rule: None,
        problem: None,
    };
    let Some(target) = rules.stages.target(&case_type_name, &stage_name) else {
        seen.suggestion = suggestion(rules, directory, &case_type_name, &stage_name);
        seen.problem = Some(match rules.stages.nearest(&case_type_name, &stage_name) {
            Some(near) => format!("not mapped: did you mean \"{near}\"?"),
            None => "not mapped".to_owned(),
        });
        return seen;
    };
    seen.rule = Some(target.origin.to_string());
    seen.to = Some(target.value);
    seen.is_own = rules.stages.own_target(&case_type_name, &stage_name).is_some();
    match rules.practice_area_of(directory, &case_type_name) {
        Ok(area) => {
            if let Some((number, name)) = area.stages.iter().find(|(number, _)| *number == target.value) {
                seen.becomes = Some(format!("{number} {name}"));
            } else {
                seen.becomes = Some(target.value.to_string());
                seen.problem = Some(format!("practice area \"{}\" has no stage {}", area.name, target.value));
            }
        }
        Err(_) => seen.becomes = Some(target.value.to_string()),
    }
    seen
}

/// What an unmapped stage is most likely meant to become: what one of nearly the same name becomes, or the Case Status stage that is
/// called nearly so.
fn suggestion(rules: &FirmRules, directory: &Directory, case_type: &Name, stage: &Name) -> Option<Stage> {
    if let Some(near) = rules.stages.nearest(case_type, stage) {
        return rules.stages.target(case_type, &Name::new(near)).map(|target| target.value);
    }
    let area = rules.practice_area_of(directory, case_type).ok()?;
    let near = nearest(stage.as_str(), area.stages.iter().map(|(_, name)| &**name))?;
    area.stages.iter().find(|(_, name)| **name == *near).map(|(number, _)| *number)
}

fn missing_targets(rules: &FirmRules, directory: &Directory) -> Vec<String> {
    let mut missing = Vec::new();
    for (case_type, target) in rules.practice_areas.map.entries() {
        if directory.practice_area(&target.value).is_none() {
            missing.push(format!(
                "{}: case type \"{case_type}\" becomes practice area \"{}\", which Case Status does not have",
                target.origin, target.value
            ));
        }
    }
    let own = rules.stages.by_case_type.entries().flat_map(|(_, own)| own.value.entries());
    for (stage, target) in rules.stages.map.entries().chain(own) {
        if !directory.practice_areas.iter().any(|area| area.has(target.value)) {
            missing.push(format!("{}: stage \"{stage}\" becomes {}, which no practice area has", target.origin, target.value));
        }
    }
    missing
}
