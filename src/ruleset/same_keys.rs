//! Two firms with one key at a vendor would do everything twice to the same cases: the newer of them is rejected.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use secrecy::ExposeSecret as _;

use super::build::BuiltFirm;
use super::twins::file_age;
use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, service_of};
use crate::rules::{Connection, FirmRules};

/// For each firm of whose keys an older one has some, what is wrong with each. `age` is less for a firm that is older.
pub(super) fn same_keys<'a, Age: Ord>(
    rules: impl Iterator<Item = (&'a FirmId, &'a Arc<FirmRules>)>,
    age: impl Fn(&FirmId, &FirmRules) -> Age,
) -> BTreeMap<FirmId, Vec<Diagnostic>> {
    let mut rules: Vec<_> = rules.collect();
    rules.sort_by_cached_key(|(firm, rules)| (age(firm, rules), (*firm).clone()));
    let mut owners: HashMap<(&str, String, &str), &FirmId> = HashMap::new();
    let mut faults = BTreeMap::new();
    for (firm, rules) in rules {
        let sides = [("CASEpeer", &rules.connections.casepeer), ("Case Status", &rules.connections.case_status)];
        let key = |(vendor, connection): (&'static str, &'a Connection)| {
            (vendor, service_of(&connection.destination), connection.key.expose_secret())
        };
        let shared = sides.into_iter().filter_map(|side| Some(fault(firm, owners.get(&key(side))?, side.0, side.1)));
        let shared: Vec<Diagnostic> = shared.collect();
        if shared.is_empty() {
            owners.extend(sides.map(|side| (key(side), firm)));
        } else {
            faults.insert(firm.clone(), shared);
        }
    }
    faults
}

fn fault(firm: &FirmId, older: &FirmId, vendor: &str, connection: &Connection) -> Diagnostic {
    Diagnostic::without_place(format!("{}: {firm} has the same key at {vendor} as {older}", connection.key_origin))
        .help(format!("give {firm} a key of its own, or remove its file if it is a copy of {older}'s; {older} was there first and goes on"))
}

/// What is wrong with those firms whose key an older one has. When firms came is looked at only where two have the same.
pub fn same_key_faults(firms: &BTreeMap<FirmId, BuiltFirm>, since: impl Fn(&FirmId) -> Option<i64>) -> BTreeMap<FirmId, Vec<Diagnostic>> {
    let rules = || firms.iter().filter_map(|(firm, built)| Some((firm, built.rules.as_ref()?)));
    if same_keys(rules(), |_, _| ()).is_empty() {
        return BTreeMap::new();
    }
    same_keys(rules(), |firm, rules| age(firm, rules, &since))
}

/// Takes the rules of those firms whose key an older one has.
pub fn reject_same_keys(firms: &mut BTreeMap<FirmId, BuiltFirm>, since: impl Fn(&FirmId) -> Option<i64>) {
    for (firm, faults) in same_key_faults(firms, since) {
        if let Some(built) = firms.get_mut(&firm) {
            *built = built.without_rules(faults);
        }
    }
}

/// Less for a firm that has been in use for longer; of those that never were, for one whose file is older.
pub(super) fn age(firm: &FirmId, rules: &FirmRules, since: impl Fn(&FirmId) -> Option<i64>) -> (i64, Duration) {
    let file = Path::new(&*rules.connections.casepeer.key_origin.file);
    (since(firm).unwrap_or(i64::MAX), file_age(file))
}
