//! Reads the rules folder and builds every firm's rules, one firm's faults never touching another's.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::RulesFolder;
use super::rule_tests::{ENDING, TestFile, Tested};
use super::twins::FirmNames;
use crate::diagnostic::{Diagnostic, Source, nearest};
use crate::domain::{FirmId, Revision};
use crate::rules::{ExistingReferences, FirmRules, ReferenceOwner, ResolveContext, built_in, raw, resolve};
use crate::yaml::{Decode as _, Layer as _, MAX_BYTES, Reader, parse};

/// What every firm gets unless its own file says otherwise.
pub(super) const DEFAULTS: &str = "_defaults.yaml";

/// Every firm's rules as the files have them.
#[derive(Debug, Default)]
pub struct Generation {
    /// By name.
    pub firms: BTreeMap<FirmId, BuiltFirm>,
    /// Faults that belong to no firm alone: of `_defaults.yaml`, of the folder, of file names.
    pub common: Vec<Diagnostic>,
}

/// One firm of a generation.
#[derive(Debug, Clone)]
pub struct BuiltFirm {
    /// Its rules, if nothing stands against them.
    pub rules: Option<Arc<FirmRules>>,
    /// The hash of what its files hold, in order or not.
    pub revision: Revision,
    /// The files' text, secrets masked; empty where they cannot be read at all.
    pub text: Arc<str>,
    /// What its own file has wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Those of its own tests that keep it from being used.
    pub failed_tests: Vec<Tested>,
}

impl BuiltFirm {
    /// The firm without its rules, for these reasons alone: what warnings say of rules that are not used leads nowhere.
    pub(super) fn without_rules(&self, faults: Vec<Diagnostic>) -> BuiltFirm {
        BuiltFirm { rules: None, diagnostics: faults, ..self.clone() }
    }

    /// The firm without its rules, if they fail one of their own tests.
    pub(super) fn held_to(mut self, tests: Option<&TestFile>) -> BuiltFirm {
        let (Some(rules), Some(tests)) = (&self.rules, tests) else { return self };
        let faults = match tests.run(rules) {
            Ok(tested) => {
                self.failed_tests = tested.into_iter().filter(|test| test.fault.is_some()).collect();
                self.failed_tests.iter().filter_map(|test| test.fault.clone()).collect()
            }
            Err(faults) => faults,
        };
        if !faults.is_empty() {
            self.rules = None;
            self.diagnostics.extend(faults);
        }
        self
    }
}

impl Generation {
    /// Every fault of every file, each once.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        let own = self.firms.values().flat_map(|firm| &firm.diagnostics);
        let mut all: Vec<Diagnostic> = Vec::new();
        for diagnostic in self.common.iter().chain(own) {
            if !all.contains(diagnostic) {
                all.push(diagnostic.clone());
            }
        }
        all
    }

    /// The firm whose name was most likely meant.
    pub fn nearest(&self, name: &str) -> Option<&str> {
        nearest(name, self.firms.keys().map(FirmId::as_str))
    }
}

/// The text of one rules file, or why it cannot be read.
pub(super) type FileText = Result<String, Diagnostic>;

/// Builds the generation of a rules folder.
pub fn build(folder: &RulesFolder, resolve_context: &ResolveContext<'_>) -> Generation {
    match read_folder(folder) {
        Ok(files) => build_from(&files, resolve_context),
        Err(fault) => Generation { common: vec![fault], ..Generation::default() },
    }
}

/// The YAML files of a rules folder by the path that users know, in the order of their names.
pub fn read_folder(folder: &RulesFolder) -> Result<Vec<(PathBuf, FileText)>, Diagnostic> {
    Ok(rules_files(folder)?.into_iter().map(|path| (path.clone(), folder.read(&path))).collect())
}

/// The paths of the YAML files of a rules folder, as users know them, in the order of their names.
pub(super) fn rules_files(folder: &RulesFolder) -> Result<Vec<PathBuf>, Diagnostic> {
    let names = folder.names().map_err(|error| {
        Diagnostic::without_place(format!("the rules folder {} cannot be read: {}", folder.path().display(), error.kind()))
            .help("run casebridge where the folder is, or set `rules_dir` in casebridge.yaml")
    })?;
    Ok(names.iter().map(|name| folder.file(name)).filter(|path| is_rules_file(path)).collect())
}

pub(super) fn is_rules_file(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let yaml = path.extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    yaml && !name.starts_with('.') && !name.ends_with(ENDING)
}

/// The text without a byte order mark.
pub(super) fn without_mark(text: String) -> String {
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

/// The text of a file with the byte order mark that it may have. `read` gets at most so many of its bytes.
pub(super) fn read_as_it_is(path: &Path, read: impl FnOnce(u64) -> io::Result<Vec<u8>>) -> FileText {
    let fault = |message: String, help: &str| Err(Diagnostic::without_place(format!("{}: {message}", path.display())).help(help));
    let bytes = match read(MAX_BYTES + 1) {
        Ok(bytes) => bytes,
        Err(error) => return fault(format!("cannot be read: {}", error.kind()), "make it readable for casebridge's user"),
    };
    if bytes.len() as u64 > MAX_BYTES {
        return fault("the file is larger than 1 MiB".to_owned(), "rules are a few kilobytes; is this the right file?");
    }
    String::from_utf8(bytes).or_else(|_| fault("the file is not UTF-8 text".to_owned(), "save it as UTF-8"))
}

/// What an edit replaces: references to others' secrets that stood there already may stay.
#[derive(Debug, Default)]
pub struct Before {
    /// The text of `_defaults.yaml`.
    pub defaults: Option<String>,
    /// The text of each firm's file.
    pub firms: BTreeMap<FirmId, String>,
    /// The firms that stay although the edit has no file of them, each with its file.
    pub staying: BTreeMap<FirmId, PathBuf>,
}

impl Before {
    /// The references that a firm's rules held. What cannot be read held none.
    fn references(&self, firm: &FirmId) -> ExistingReferences {
        let read = |text: &String| Some(layer(Path::new(DEFAULTS), &Ok(text.clone()), &mut Vec::new())?.raw);
        let read = |text: Option<&String>| text.and_then(read).unwrap_or_default();
        ExistingReferences::of(&read(self.defaults.as_ref()).layer(read(self.firms.get(firm))))
    }
}

/// Builds the generation of these files.
pub fn build_from(files: &[(PathBuf, FileText)], resolve_context: &ResolveContext<'_>) -> Generation {
    generation_of(files, None, resolve_context)
}

/// Builds the generation of a rules folder as an edit of what was there before.
pub fn build_against(folder: &RulesFolder, before: Before, resolve_context: &ResolveContext<'_>) -> Generation {
    match read_folder(folder) {
        Ok(files) => {
            let firms: BTreeSet<FirmId> = before.firms.keys().cloned().collect();
            let since = |firm: &FirmId| firms.contains(firm).then_some(i64::MIN).or((resolve_context.since)(firm));
            generation_of(&files, Some(before), &ResolveContext { since: &since, ..*resolve_context })
        }
        Err(fault) => Generation { common: vec![fault], ..Generation::default() },
    }
}

fn generation_of(files: &[(PathBuf, FileText)], before: Option<Before>, resolve_context: &ResolveContext<'_>) -> Generation {
    let mut base_layer = BaseLayer::of(files, resolve_context);
    let mut generation = Generation { common: base_layer.found.clone(), ..Generation::default() };
    if let Some(before) = before {
        base_layer = base_layer.against(before, files, resolve_context);
    }
    for (path, text) in files.iter().filter(|(path, _)| !path.ends_with(DEFAULTS)) {
        match firm_of(path) {
            Ok(firm) => {
                let built = base_layer.build_firm(&firm, path, text, resolve_context);
                generation.firms.insert(firm, built);
            }
            Err(fault) => generation.common.push(fault),
        }
    }
    generation
}

/// What lies under every firm's own file.
pub(super) struct BaseLayer {
    layer: Layer,
    /// The text of `_defaults.yaml`, if it is there.
    pub written: Option<(PathBuf, FileText)>,
    /// What is wrong with it; where that is an error, no firm's rules are used.
    pub found: Vec<Diagnostic>,
    /// Every firm that there is.
    pub firms: FirmNames,
    /// What an edit is held against; `None` for files as they stand.
    pub before: Option<Before>,
}

impl BaseLayer {
    /// The built-in defaults with `_defaults.yaml` over them.
    pub(super) fn of(files: &[(PathBuf, FileText)], resolve_context: &ResolveContext<'_>) -> BaseLayer {
        let mut found = Vec::new();
        let mut base_layer = Layer { raw: built_in(), text: String::new() };
        let written = files.iter().find(|(path, _)| path.ends_with(DEFAULTS)).cloned();
        if let Some((path, text)) = &written {
            match layer(path, text, &mut found) {
                Some(defaults) => base_layer = Layer { raw: base_layer.raw.layer(defaults.raw), text: defaults.text },
                // Without its defaults no firm's rules are what their authors meant.
                None => base_layer.text.clear(),
            }
        }
        let firms = files.iter().filter_map(|(path, _)| Some((firm_of(path).ok()?, path.clone())));
        BaseLayer { layer: base_layer, written, found, firms: FirmNames::of(firms, resolve_context), before: None }
    }

    /// The same for files that are an edit of what was there before.
    pub(super) fn against(self, before: Before, files: &[(PathBuf, FileText)], resolve_context: &ResolveContext<'_>) -> BaseLayer {
        let edited = files.iter().filter_map(|(path, _)| Some((firm_of(path).ok()?, path.clone())));
        let firms: BTreeMap<FirmId, PathBuf> = before.staying.clone().into_iter().chain(edited).collect();
        BaseLayer { firms: FirmNames::of(firms, resolve_context), before: Some(before), ..self }
    }

    /// What keeps every firm's rules from being used.
    pub(super) fn faults(&self) -> impl Iterator<Item = &Diagnostic> {
        self.found.iter().filter(|fault| fault.is_error())
    }

    /// One firm over it.
    pub(super) fn build_firm(&self, firm: &FirmId, path: &Path, text: &FileText, resolve_context: &ResolveContext<'_>) -> BuiltFirm {
        let base_layer = &self.layer;
        let mut diagnostics: Vec<Diagnostic> = self.firms.fault(firm).into_iter().collect();
        let mut rules = None;
        let mut revision = revision_of(&[&base_layer.text, text.as_deref().unwrap_or_default()]);
        let mut shown: Arc<str> = "".into();
        if let Some(own) = layer(path, text, &mut diagnostics) {
            revision = revision_of(&[&base_layer.text, &own.text]);
            shown = format!("# {DEFAULTS}\n{}\n# {firm}.yaml\n{}", base_layer.text, own.text).into();
            let merged = base_layer.raw.clone().layer(own.raw);
            let file = path.display().to_string();
            let before = self.before.as_ref().map(|before| before.references(firm));
            let owner = ReferenceOwner { firm, firms: &self.firms.owners, before };
            rules = resolve(&owner, &file, merged, revision.clone(), Arc::clone(&shown), resolve_context, &mut diagnostics);
            if let Some(rules) = &mut rules
                && let Some(scripts) = scripts(rules)
            {
                revision = revision_of(&[&base_layer.text, &own.text, &scripts]);
                rules.revision = revision.clone();
                rules.text = format!("{}\n{scripts}", rules.text).into();
                shown = Arc::clone(&rules.text);
            }
        }
        diagnostics.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|place| (place.file.clone(), place.line, place.column)));
        let rules = rules.filter(|_| self.faults().next().is_none()).map(Arc::new);
        BuiltFirm { rules, revision, text: shown, diagnostics, failed_tests: Vec::new() }
    }
}

/// The text of every script that a firm goes by: its hooks, and what it runs by schedule.
fn scripts(rules: &FirmRules) -> Option<String> {
    let hooks = rules.hooks.iter().flat_map(|hooks| hooks.files());
    let files: BTreeMap<String, String> = hooks.chain(rules.schedule.scripts.iter().flat_map(|script| script.files.clone())).collect();
    (!files.is_empty()).then(|| files.iter().map(|(name, text)| format!("# {name}\n{text}\n")).collect())
}

/// A file's keys and its text with secrets masked.
pub(super) struct Layer {
    pub raw: raw::RawFirm,
    text: String,
}

pub(super) fn layer(path: &Path, text: &FileText, faults: &mut Vec<Diagnostic>) -> Option<Layer> {
    let text = text.as_ref().map_err(|fault| faults.push(fault.clone())).ok()?;
    let (source, node) = parse(&path.display().to_string(), text.clone()).map_err(|fault| faults.push(fault)).ok()?;
    let masked = Source::masked_text(&source);
    let raw = raw::RawFirm::decode(&node, &mut Reader { source, faults })?;
    Some(Layer { raw, text: masked })
}

/// The firm that a rules file is about.
pub(super) fn firm_of(path: &Path) -> Result<FirmId, Diagnostic> {
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let named = |message: String, help: String| Diagnostic::without_place(format!("{}: {message}", path.display())).help(help);
    if path.extension().is_some_and(|ending| ending == "yml") {
        return Err(named("rules files end in .yaml".to_owned(), format!("rename it to {stem}.yaml")));
    }
    if stem.starts_with('_') {
        let help = format!("what all firms share is {DEFAULTS}; a firm's file begins with a letter or digit");
        return Err(named("no firm can be called so".to_owned(), help));
    }
    firm_of_name(path, stem)
}

/// The firm that a file is about, by what stands before its ending.
pub(super) fn firm_of_name(path: &Path, stem: &str) -> Result<FirmId, Diagnostic> {
    let fault =
        || Diagnostic::without_place(format!("{}: no firm can be called so", path.display())).help("use a-z, 0-9, - and _, at most 64");
    FirmId::new(stem).ok_or_else(fault)
}

/// Twelve hexadecimal digits of a SHA-256 over the layers: of the built-in defaults too, since a new version of the program may
/// change them.
fn revision_of(texts: &[&str]) -> Revision {
    let mut hash = Sha256::new();
    for text in std::iter::once(crate::rules::BUILT_IN).chain(texts.iter().copied()) {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    Revision(digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect::<String>().into())
}
