//! The rules that are in use: one owner of them, who builds a new generation beside them and swaps it in whole.
//!
//! Architecture invariant: nothing else decides which rules are in use. A run takes an `Arc` once and keeps it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;

use super::absence::{Absences, Absent, ON_ITS_WAY};
use super::build::{BuiltFirm, DEFAULTS, build_from};
use super::files::Files;
use super::receipt::{Edit, EditOutcome, taken_over};
use super::rule_path::scripts_among;
use super::same_keys::{age, same_keys};
use super::{MachineSecrets, RulesFolder};
use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Revision, VendorHosts};
use crate::rules::{FirmRules, ResolveContext};
use crate::scripting::{RhaiConditions, RhaiHooks, ScriptFolder, ScriptLimits};

/// Where rules come from.
#[derive(Debug, Clone)]
pub struct RulesSources {
    /// The folder of rules.
    pub rules: RulesFolder,
    /// The folder of scripts.
    pub scripts: ScriptFolder,
    /// Where `${env:…}` and `${file:…}` come from.
    pub secrets: MachineSecrets,
    /// What scripts may use up.
    pub limits: ScriptLimits,
    /// The hosts that a `base_url` may name.
    pub vendor_hosts: VendorHosts,
}

impl RulesSources {
    /// The same, but what storage has stays as it is now while it is read: rules and scripts that were pushed together come together.
    fn at_one_moment(&self) -> RulesSources {
        let Some(files) = self.rules.stored_files() else { return self.clone() };
        let scripts = self.scripts.with(scripts_among(&files));
        RulesSources { rules: self.rules.with_files(files), scripts, ..self.clone() }
    }
}

/// Every firm, as it is in use.
#[derive(Debug, Default)]
pub struct RulesSnapshot {
    /// By name.
    pub firms: BTreeMap<FirmId, FirmEntry>,
    /// Faults that belong to no firm alone.
    pub common: Vec<Diagnostic>,
}

impl RulesSnapshot {
    /// The firms that go on although their files are gone.
    pub fn gone(&self) -> impl Iterator<Item = &FirmId> {
        self.firms.iter().filter(|(_, in_use)| in_use.state == RulesState::Gone).map(|(firm, _)| firm)
    }

    /// The faults of what lies under every firm's own file: while there are any, no edit can be used. Not those of other files, which are
    /// nothing to a firm.
    pub fn shared_faults(&self) -> impl Iterator<Item = &Diagnostic> {
        let of_all = |fault: &&Diagnostic| match &fault.place {
            Some(place) => Path::new(&place.file).ends_with(DEFAULTS),
            None => fault.message.contains(DEFAULTS),
        };
        self.common.iter().filter(of_all)
    }
}

/// A firm as it is in use.
#[derive(Debug, Clone)]
pub struct FirmEntry {
    /// Its rules; `None` for a firm that never had any in order.
    pub rules: Option<Arc<FirmRules>>,
    /// Whether they are what the files say.
    pub state: RulesState,
    /// What the files have wrong.
    pub diagnostics: Vec<Diagnostic>,
}

/// Whether a firm's rules in use are what its files say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RulesState {
    /// They are.
    Active,
    /// The files have faults, and the last rules that were in order stay in use.
    Held,
    /// The files have faults, and there are no rules to use: the firm is disabled.
    Rejected,
    /// The file is gone with those of many other firms, or of all, and the last rules that were in order stay in use.
    Gone,
}

impl RulesState {
    /// Each of them.
    pub const ALL: [RulesState; 4] = [RulesState::Active, RulesState::Held, RulesState::Rejected, RulesState::Gone];

    /// As the API writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            RulesState::Active => "active",
            RulesState::Held => "held",
            RulesState::Rejected => "rejected",
            RulesState::Gone => "gone",
        }
    }
}

/// The one owner of the rules in use.
pub struct RulesRegistry {
    sources: RulesSources,
    current: ArcSwap<RulesSnapshot>,
    builder: Mutex<Builder>,
}

/// What the owner remembers between edits.
#[derive(Default)]
struct Builder {
    /// What each firm was last built from, and what came of it.
    built: HashMap<FirmId, (u64, BuiltFirm)>,
    absences: Absences,
    /// Whether there were common defaults when all firms' files were there the last time.
    had_defaults: bool,
}

impl RulesRegistry {
    /// Builds the first generation. A firm whose files have faults gets its last rules that were in order from `good`, by path and text.
    pub fn start(sources: RulesSources, good: &BTreeMap<FirmId, BTreeMap<String, String>>) -> (RulesRegistry, Vec<Edit>) {
        let registry = RulesRegistry { sources, current: ArcSwap::from_pointee(RulesSnapshot::default()), builder: Mutex::default() };
        let unchanged = registry.built_from(good);
        let before: BTreeMap<FirmId, FirmEntry> = good
            .iter()
            .filter_map(|(firm, files)| {
                let rules = unchanged.get(firm).cloned().or_else(|| registry.rebuilt(firm, files))?;
                Some((firm.clone(), FirmEntry { rules: Some(rules), state: RulesState::Active, diagnostics: Vec::new() }))
            })
            .collect();
        registry.current.store(Arc::new(RulesSnapshot { firms: before, common: Vec::new() }));
        registry.builder().had_defaults =
            good.values().flatten().any(|(path, text)| Path::new(path).ends_with(DEFAULTS) && !text.trim().is_empty());
        let (edits, _) = registry.reload();
        (registry, edits)
    }

    /// The rules in use.
    pub fn current(&self) -> Arc<RulesSnapshot> {
        self.current.load_full()
    }

    /// Where rules come from.
    pub fn sources(&self) -> &RulesSources {
        &self.sources
    }

    fn builder(&self) -> MutexGuard<'_, Builder> {
        self.builder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the files anew and swaps in what came of them. Only firms whose files changed are built; answers what became of their edits,
    /// and whether to look again soon. Blocks: for a thread that may.
    pub fn reload(&self) -> (Vec<Edit>, Option<Duration>) {
        let mut builder = self.builder();
        let before = self.current();
        let conditions = RhaiConditions::default();
        let sources = self.sources.at_one_moment();
        let hooks = RhaiHooks { folder: sources.scripts.clone(), limits: sources.limits.clone() };
        let since = |firm: &FirmId| self.since(firm);
        let resolve_context = self.resolve_context(&conditions, &hooks, &since);
        let mut files = match Files::read(&sources, &resolve_context) {
            Ok(files) => files,
            Err(fault) => {
                let (mut next, mut edits) = (RulesSnapshot { firms: BTreeMap::new(), common: vec![fault] }, Vec::new());
                self.settle_absent(&mut builder, &before, &BTreeSet::new(), &mut next, &mut edits);
                self.current.store(Arc::new(next));
                return (edits, Some(ON_ITS_WAY));
            }
        };
        // Without the common defaults that it had, a firm would run by other rules. In a store, whoever takes them away means it.
        let lacks_defaults = builder.had_defaults && files.base_layer.written.is_none() && !self.sources.rules.is_in_storage();
        let is_withheld = |firm: &FirmId| lacks_defaults && before.firms.get(firm).is_some_and(|in_use| in_use.rules.is_some());
        let withheld: BTreeSet<FirmId> = files.firms.keys().filter(|firm| is_withheld(firm)).cloned().collect();
        files.firms.retain(|firm, _| !withheld.contains(firm));
        let mut next = RulesSnapshot { firms: BTreeMap::new(), common: files.common.clone() };
        let mut edits = Vec::new();
        for (firm, inputs) in &files.firms {
            if builder.built.get(firm).is_none_or(|(hash, _)| *hash != inputs.hash) {
                builder.built.insert(firm.clone(), (inputs.hash, inputs.build(firm, &files.base_layer, &resolve_context)));
            }
            builder.absences.is_back(firm);
        }
        let mut same_keys = self.same_keys(&builder, &before, &files);
        for (firm, inputs) in &files.firms {
            let Some((_, built)) = builder.built.get(firm) else { continue };
            let last = before.firms.get(firm);
            let faults = if lacks_defaults {
                Some(vec![self.without_defaults("the firm is used once they are back")])
            } else {
                same_keys.remove(firm)
            };
            let (in_use, edit) = match faults {
                Some(faults) => {
                    // Nor do rules go on that have this key already.
                    let last = last.filter(|last| !shares_a_key(last, built));
                    taken_over(firm, last, &built.without_rules(faults), inputs)
                }
                None => taken_over(firm, last, built, inputs),
            };
            next.firms.insert(firm.clone(), in_use);
            edits.extend(edit);
        }
        let again = self.settle_absent(&mut builder, &before, &withheld, &mut next, &mut edits);
        let are_all_there = before.firms.keys().all(|firm| files.firms.contains_key(firm));
        match &files.base_layer.written {
            Some((_, Ok(text))) if are_all_there => builder.had_defaults = !text.trim().is_empty(),
            None if are_all_there => builder.had_defaults = false,
            _ => {}
        }
        self.current.store(Arc::new(next));
        (edits, again)
    }

    /// The firms whose key an older one has. A key is that of the firm that has it in use.
    fn same_keys(&self, builder: &Builder, before: &RulesSnapshot, files: &Files) -> BTreeMap<FirmId, Vec<Diagnostic>> {
        let in_use = |firm: &FirmId| before.firms.get(firm).and_then(|in_use| in_use.rules.as_ref());
        let gone = before.firms.iter().filter(|(firm, in_use)| in_use.state == RulesState::Gone && !files.firms.contains_key(*firm));
        let rules = files.firms.keys().chain(gone.map(|(firm, _)| firm)).filter_map(|firm| {
            let built = builder.built.get(firm).and_then(|(_, built)| built.rules.as_ref());
            Some((firm, built.or_else(|| in_use(firm))?))
        });
        same_keys(rules, |firm, rules| {
            let has_them_already = in_use(firm).is_some_and(|last| last.connections.have_keys_of(&rules.connections));
            (!has_them_already, age(firm, rules, |firm| self.since(firm)))
        })
    }

    /// Firms whose files are not there: one stops, many go on by their last good rules. Answers when to look again.
    fn settle_absent(
        &self,
        builder: &mut Builder,
        before: &RulesSnapshot,
        withheld: &BTreeSet<FirmId>,
        next: &mut RulesSnapshot,
        edits: &mut Vec<Edit>,
    ) -> Option<Duration> {
        let absent: Vec<_> = before.firms.iter().filter(|(firm, _)| !next.firms.contains_key(*firm)).collect();
        let present = next.firms.len();
        let (fates, again) = builder.absences.settle(&absent, present, withheld, Instant::now());
        let mut look_again = None;
        for (fate, (firm, in_use)) in fates.into_iter().zip(absent) {
            match fate {
                Absent::Waits => {
                    next.firms.insert(firm.clone(), in_use.clone());
                    look_again = Some(ON_ITS_WAY);
                }
                Absent::GoesOn => {
                    let why = if withheld.contains(firm) {
                        self.without_defaults("the firm goes on by its last good rules")
                    } else {
                        self.without_file(firm)
                    };
                    let (in_use, edit) = going_on(firm, in_use, why);
                    next.firms.insert(firm.clone(), in_use);
                    edits.extend(edit);
                }
                Absent::Stops => {
                    let last = builder.built.remove(firm);
                    let revision = in_use.rules.as_ref().map(|rules| rules.revision.clone());
                    let revision = revision.or(last.map(|(_, built)| built.revision)).unwrap_or(Revision("".into()));
                    let gone = format!("{} is gone, and the firm was stopped", self.file_of(firm));
                    let gone = Diagnostic::without_place(gone).warning().help("put the file back to go on");
                    edits.push(Edit::without_file(firm, revision, EditOutcome::Removed, gone));
                }
            }
        }
        for (firm, in_use) in again {
            // A firm that has another name by now does not come back under the old one.
            let has_its_key = |other: &FirmEntry| {
                other.rules.as_ref().zip(in_use.rules.as_ref()).is_some_and(|(other, own)| own.connections.share_a_key(&other.connections))
            };
            if next.firms.values().any(has_its_key) {
                continue;
            }
            let (in_use, edit) = going_on(&firm, &in_use, self.without_file(&firm));
            next.firms.insert(firm, in_use);
            edits.extend(edit);
        }
        look_again
    }

    fn without_file(&self, firm: &FirmId) -> Diagnostic {
        Diagnostic::without_place(format!("{} is gone with those of other firms; the firm goes on by its last good rules", self.file_of(firm)))
            .help(format!(
                "bring the rules folder back (is it mounted?) with its {DEFAULTS}, if it had one; if the firm is not to go on: `casebridge firm \
                 remove {firm}`"
            ))
    }

    fn without_defaults(&self, meanwhile: &str) -> Diagnostic {
        let defaults = self.sources.rules.file(DEFAULTS).display().to_string();
        Diagnostic::without_place(format!("the common defaults, {defaults}, are gone; {meanwhile}"))
            .help(format!("put {defaults} back; if there are to be no common defaults any more, an empty file says so"))
    }

    fn file_of(&self, firm: &FirmId) -> String {
        self.sources.rules.file(&format!("{firm}.yaml")).display().to_string()
    }

    /// Stops firms, of which a person says so, at the next look: those whose files are gone.
    pub fn remove(&self, firms: impl IntoIterator<Item = FirmId>) {
        self.builder().absences.remove(firms);
    }

    /// An edit built the firm from what has this hash: looking at it does not build it again.
    pub(super) fn is_built(&self, firm: &FirmId, hash: u64, built: BuiltFirm) {
        self.builder().built.insert(firm.clone(), (hash, built));
    }

    /// What looking at rules needs from outside the files, and where the files are.
    pub(super) fn with_resolve_context<T>(&self, then: impl FnOnce(&RulesSources, &ResolveContext<'_>) -> T) -> T {
        let conditions = RhaiConditions::default();
        let hooks = RhaiHooks { folder: self.sources.scripts.clone(), limits: self.sources.limits.clone() };
        let since = |firm: &FirmId| self.since(firm);
        then(&self.sources, &self.resolve_context(&conditions, &hooks, &since))
    }

    fn resolve_context<'a>(
        &'a self,
        conditions: &'a RhaiConditions,
        hooks: &'a RhaiHooks,
        since: &'a dyn Fn(&FirmId) -> Option<i64>,
    ) -> ResolveContext<'a> {
        ResolveContext { secrets: &self.sources.secrets, conditions, hooks, vendor_hosts: Some(&self.sources.vendor_hosts), since }
    }

    /// Since which edit a firm is in use; those that the store did not know at the start come after all others.
    fn since(&self, firm: &FirmId) -> Option<i64> {
        let in_use = || self.current.load().firms.get(firm).is_some_and(|firm| firm.rules.is_some());
        self.sources.secrets.since(firm).or_else(|| in_use().then_some(i64::MAX - 1))
    }

    /// The rules of those firms whose files are as they were when they were last in order: they are built once, and not as the last good
    /// and again as the current ones.
    fn built_from(&self, good: &BTreeMap<FirmId, BTreeMap<String, String>>) -> BTreeMap<FirmId, Arc<FirmRules>> {
        let mut builder = self.builder();
        let mut unchanged = BTreeMap::new();
        self.with_resolve_context(|_, resolve_context| {
            let Ok(files) = Files::read(&self.sources, resolve_context) else { return };
            for (firm, good) in good {
                let Some(inputs) = files.firms.get(firm) else { continue };
                let built = inputs.build(firm, &files.base_layer, resolve_context);
                if let Some(rules) = built.rules.as_ref().filter(|rules| inputs.good_files(rules) == *good) {
                    unchanged.insert(firm.clone(), Arc::clone(rules));
                }
                builder.built.insert(firm.clone(), (inputs.hash, built));
            }
        });
        unchanged
    }

    /// A firm's rules from files that were in order once.
    fn rebuilt(&self, firm: &FirmId, files: &BTreeMap<String, String>) -> Option<Arc<FirmRules>> {
        let conditions = RhaiConditions::default();
        let (rules, scripts): (Vec<_>, Vec<_>) =
            files.iter().partition(|(path, _)| Path::new(path).extension().is_some_and(|kind| kind == "yaml"));
        let folder = self.sources.scripts.with(scripts.into_iter().map(|(name, text)| (name.clone(), text.clone())));
        let hooks = RhaiHooks { folder, limits: self.sources.limits.clone() };
        let rules: Vec<_> = rules.into_iter().map(|(path, text)| (PathBuf::from(path), Ok(text.clone()))).collect();
        let since = |firm: &FirmId| self.since(firm);
        let generation = build_from(&rules, &self.resolve_context(&conditions, &hooks, &since));
        generation.firms.get(firm)?.rules.clone()
    }
}

/// A firm that goes on by its last good rules, and the receipt of that, the first time.
fn going_on(firm: &FirmId, in_use: &FirmEntry, why: Diagnostic) -> (FirmEntry, Option<Edit>) {
    let Some(rules) = &in_use.rules else { return (in_use.clone(), None) };
    let edit = (in_use.state != RulesState::Gone).then(|| Edit::without_file(firm, rules.revision.clone(), EditOutcome::Gone, why.clone()));
    (FirmEntry { rules: Some(Arc::clone(rules)), state: RulesState::Gone, diagnostics: vec![why] }, edit)
}

/// Whether a firm's rules in use have a key that these have too.
fn shares_a_key(in_use: &FirmEntry, built: &BuiltFirm) -> bool {
    in_use.rules.as_ref().zip(built.rules.as_ref()).is_some_and(|(last, now)| last.connections.share_a_key(&now.connections))
}
