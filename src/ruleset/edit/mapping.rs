//! Rows of a firm's mapping as somebody set them: the firm's file with exactly these lines changed, and the rules before and after.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::check::{check, rules_as_they_are};
use super::replace::{Etag, WriteError, read};
use super::set::{SetError, file_of};
use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Name};
use crate::rules::{FirmRules, Mapping, ResolveContext};
use crate::ruleset::{RulesRegistry, RulesSources};
use crate::yaml::{KeyPath, Value, map_to};

/// A row of the mapping that gets another target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingRow {
    /// A stage of CASEpeer, in cases of one type, becomes this one of Case Status, 1 to 12.
    Stage {
        /// The type of the cases.
        case_type: String,
        /// As CASEpeer calls it.
        stage: String,
        /// Its number.
        to: u8,
        /// Whether it is so in cases of this type alone. A row that has a line of its type's own keeps to that in any case.
        alone: bool,
    },
    /// A case type of CASEpeer becomes this practice area of Case Status.
    PracticeArea {
        /// As CASEpeer calls it.
        case_type: String,
        /// As Case Status calls it.
        to: String,
    },
}

/// A firm's file with rows of its mapping changed. Nothing is written yet.
#[derive(Debug)]
pub struct MappingEdit {
    /// The whole text.
    pub text: String,
    /// What is written.
    pub lines: Vec<MappingLine>,
    /// The rules as the file is.
    pub before: Arc<FirmRules>,
    /// The rules with the edit.
    pub after: Arc<FirmRules>,
}

/// A line of a mapping: where it stands, what it maps, and to what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappingLine {
    /// Whether it maps a stage, and not a case type.
    pub is_stage: bool,
    /// The case type whose line it is; `None` for all that have none of their own.
    pub case_type: Option<String>,
    /// As CASEpeer calls it.
    pub from: String,
    /// As Case Status calls it.
    pub to: String,
}

impl RulesRegistry {
    /// A firm's file with these rows changed: see [`edit_mapping`].
    pub fn edit_mapping(&self, firm: &FirmId, held: &Etag, rows: &[MappingRow], tests: Option<&str>) -> Result<MappingEdit, WriteError> {
        self.with_resolve_context(|sources, resolve_context| edit_mapping(sources, firm, held, rows, tests, resolve_context))
    }
}

/// A firm's file with these rows changed, if it still is the one of `held`; its rules are held to `tests` where these are given.
///
/// # Errors
/// Two rows contradict each other, the edit would change anything else, or its result would not be the firm's rules.
pub fn edit_mapping(
    sources: &RulesSources,
    firm: &FirmId,
    held: &Etag,
    rows: &[MappingRow],
    tests: Option<&str>,
    resolve_context: &ResolveContext<'_>,
) -> Result<MappingEdit, WriteError> {
    let (firm, path) = file_of(&sources.rules, firm.as_str())?;
    let now = read(&sources.rules, path.clone())?;
    if now.etag != *held {
        return Err(WriteError::Changed { now: Box::new(now) });
    }
    let refused = |faults| SetError::faulty(&path, faults);
    let before = rules_as_they_are(sources, &firm, &path, &now.text, resolve_context)?;
    let places = places(&before, rows).map_err(|fault| refused(vec![fault]))?;
    let text = edited(&path, &now.text, &places).map_err(|fault| refused(vec![fault]))?;
    let after = check(sources, &firm, Some(&now.text), &text, tests, resolve_context)?.rules;
    proved(&before, &after, &places).map_err(|fault| refused(vec![fault]))?;
    let lines = places.into_iter().map(|(Place { list, own, from }, (to, _))| {
        let is_stage = list == List::Stages;
        MappingLine { is_stage, case_type: own, from, to: to.shown() }
    });
    Ok(MappingEdit { text, lines: lines.collect(), before, after })
}

/// Where a line stands, by the names as the rules write them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    list: List,
    own: Option<String>,
    from: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum List {
    Stages,
    PracticeAreas,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Stage(u8),
    PracticeArea(String),
}

impl Target {
    fn shown(&self) -> String {
        match self {
            Target::Stage(number) => number.to_string(),
            Target::PracticeArea(name) => name.clone(),
        }
    }
}

impl Place {
    fn of<'r>(rules: &FirmRules, row: &'r MappingRow) -> (Place, Target, &'r str) {
        match row {
            MappingRow::Stage { case_type, stage, to, alone } => {
                let (stages, of, name) = (&rules.stages, Name::new(case_type), Name::new(stage));
                let is_own = *alone || stages.own_target(&of, &name).is_some();
                let list = if is_own { stages.by_case_type.get(&of).map(|own| &own.value) } else { Some(&stages.map) };
                let place =
                    Place { list: List::Stages, own: is_own.then(|| written(Some(&stages.by_case_type), &of)), from: written(list, &name) };
                (place, Target::Stage(*to), case_type)
            }
            MappingRow::PracticeArea { case_type, to } => {
                let from = written(Some(&rules.practice_areas.map), &Name::new(case_type));
                (Place { list: List::PracticeAreas, own: None, from }, Target::PracticeArea(to.clone()), case_type)
            }
        }
    }

    fn path(&self) -> KeyPath {
        match (self.list, &self.own) {
            (List::Stages, None) => KeyPath::of(&["stages", "map"]),
            (List::Stages, Some(case_type)) => KeyPath::of(&["stages", "by_case_type", case_type]),
            (List::PracticeAreas, _) => KeyPath::of(&["practice_areas", "map"]),
        }
    }

    fn words(&self) -> String {
        match (self.list, &self.own) {
            (List::Stages, None) => format!("stage \"{}\"", self.from),
            (List::Stages, Some(case_type)) => format!("stage \"{}\" of {case_type}", self.from),
            (List::PracticeAreas, _) => format!("case type \"{}\"", self.from),
        }
    }
}

/// A name as the rules write it, so that where letter case does not count, the line that is there is the one that changes.
fn written<T>(list: Option<&Mapping<T>>, name: &Name) -> String {
    list.and_then(|list| list.written(name)).unwrap_or(name.as_str()).to_owned()
}

/// The lines that rows mean, each with the case type of the row that says so; an error where two rows mean one line otherwise.
fn places<'r>(rules: &FirmRules, rows: &'r [MappingRow]) -> Result<BTreeMap<Place, (Target, &'r str)>, Diagnostic> {
    let mut places: BTreeMap<Place, (Target, &str)> = BTreeMap::new();
    for row in rows {
        let (place, to, case_type) = Place::of(rules, row);
        match places.get(&place) {
            Some((other, of)) if *other != to => {
                let (other, to) = (other.shown(), to.shown());
                let message = format!("{} gets two targets: {other} in the row of {of}, and {to} in that of {case_type}", place.words());
                let help = "choose the same in both rows, or tick \"Only this case type\" in one of them";
                return Err(Diagnostic::without_place(message).help(help));
            }
            _ => drop(places.insert(place, (to, case_type))),
        }
    }
    Ok(places)
}

fn edited(file: &Path, text: &str, places: &BTreeMap<Place, (Target, &str)>) -> Result<String, Diagnostic> {
    let name = file.display().to_string();
    places.iter().try_fold(text.to_owned(), |text, (place, (to, _))| {
        let to = match to {
            Target::Stage(number) => Value::Int(i64::from(*number)),
            Target::PracticeArea(name) => Value::Text(name.clone()),
        };
        map_to(&name, &text, &place.path(), &place.from, &to)
    })
}

/// Every line of a mapping, those that all firms share included.
fn lines_of(rules: &FirmRules) -> BTreeMap<Place, Target> {
    let mut lines = BTreeMap::new();
    let mut put = |list, own: Option<&str>, from: &str, to| {
        lines.insert(Place { list, own: own.map(str::to_owned), from: from.to_owned() }, to);
    };
    for (from, to) in rules.stages.map.entries() {
        put(List::Stages, None, from, Target::Stage(to.value.number()));
    }
    for (case_type, own) in rules.stages.by_case_type.entries() {
        own.value.entries().for_each(|(from, to)| put(List::Stages, Some(case_type), from, Target::Stage(to.value.number())));
    }
    for (from, to) in rules.practice_areas.map.entries() {
        put(List::PracticeAreas, None, from, Target::PracticeArea(to.value.to_string()));
    }
    lines
}

/// Whether the edit changed these lines and no other: a list that a firm's file begins takes the place of the one that all firms share.
fn proved(before: &FirmRules, after: &FirmRules, places: &BTreeMap<Place, (Target, &str)>) -> Result<(), Diagnostic> {
    let mut wanted = lines_of(before);
    wanted.extend(places.iter().map(|(place, (to, _))| (place.clone(), to.clone())));
    let came_out = lines_of(after);
    let differs = wanted.keys().chain(came_out.keys()).find(|place| wanted.get(place) != came_out.get(place));
    let Some(place) = differs else { return Ok(()) };
    let shown = |to: Option<&Target>| to.map_or_else(|| "not mapped".to_owned(), Target::shown);
    let (from, to) = (shown(wanted.get(place)), shown(came_out.get(place)));
    let message = format!("the mapping cannot be changed here alone: {} would change too, from {from} to {to}", place.words());
    Err(Diagnostic::without_place(message).help("edit the file by hand"))
}
