//! What is on disk now: every firm's file with what it depends on, hashed, so that only what changed is built.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::MachineSecrets;
use super::build::{BaseLayer, Before, BuiltFirm, DEFAULTS, FileText, firm_of, read_folder, rules_files, without_mark};
use super::registry::RulesSources;
use super::rule_tests::TestFile;
use super::twins::FirmNames;
use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Reference, ReferenceKind, variable_prefix};
use crate::rules::{FirmRules, ResolveContext};

/// The files of the rules and scripts folders.
pub(super) struct Files {
    pub base_layer: BaseLayer,
    pub firms: BTreeMap<FirmId, FirmInputs>,
    pub common: Vec<Diagnostic>,
}

/// What one firm is built from.
pub(super) struct FirmInputs {
    path: PathBuf,
    text: FileText,
    tests: Option<TestFile>,
    defaults: Option<(PathBuf, String)>,
    /// Of everything that it depends on.
    pub hash: u64,
}

/// A text in the place of a firm's file.
pub(super) struct FileEdit<'a> {
    pub firm: &'a FirmId,
    /// What the file has, if it is there.
    pub before: Option<&'a str>,
    pub text: &'a str,
    /// What the firm's tests are to be, where they are edited too.
    pub tests: Option<&'a str>,
}

impl Files {
    pub(super) fn read(sources: &RulesSources, resolve_context: &ResolveContext<'_>) -> Result<Files, Diagnostic> {
        Ok(Files::of(read_folder(&sources.rules)?, TestFile::in_folder(&sources.rules), sources, resolve_context, |_| true))
    }

    /// The files as they would be with an edit, which may not add references that the firm may not have.
    pub(super) fn edited(sources: &RulesSources, edit: &FileEdit<'_>, resolve_context: &ResolveContext<'_>) -> Result<Files, Diagnostic> {
        let (folder, path) = (&sources.rules, sources.rules.file(&format!("{}.yaml", edit.firm)));
        // Of other firms only their names count.
        let read = |path: PathBuf| {
            let text = if path.ends_with(DEFAULTS) { folder.read(&path) } else { Ok(String::new()) };
            (path, text)
        };
        let mut files: Vec<_> = rules_files(folder)?.into_iter().filter(|other| *other != path).map(read).collect();
        files.push((path, Ok(without_mark(edit.text.to_owned()))));
        let tests = match edit.tests {
            Some(text) => Some(TestFile::of(edit.firm.clone(), folder.tests_of(edit.firm), Ok(without_mark(text.to_owned())))),
            None => TestFile::of_firm(folder, edit.firm),
        };
        let tests = (tests.into_iter().collect(), Vec::new());
        let mut files = Files::of(files, tests, sources, resolve_context, |firm| firm == edit.firm);
        let defaults = files.base_layer.written.clone().and_then(|(_, text)| text.ok());
        let before = edit.before.map(|text| (edit.firm.clone(), without_mark(text.to_owned())));
        files.base_layer.before = Some(Before { defaults, firms: before.into_iter().collect(), ..Before::default() });
        Ok(files)
    }

    fn of(
        files: Vec<(PathBuf, FileText)>,
        (tests, faults): (Vec<TestFile>, Vec<Diagnostic>),
        sources: &RulesSources,
        resolve_context: &ResolveContext<'_>,
        includes: impl Fn(&FirmId) -> bool,
    ) -> Files {
        let base_layer = BaseLayer::of(&files, resolve_context);
        // A file of tests that nobody can be tested by keeps no firm from its rules.
        let mut common = [base_layer.found.clone(), faults].concat();
        let mut tests: HashMap<FirmId, TestFile> = tests.into_iter().map(|file| (file.firm.clone(), file)).collect();
        let defaults = base_layer.written.clone().and_then(|(path, text)| Some((path, text.ok()?)));
        let as_read = match &base_layer.written {
            None => String::new(),
            Some((_, Ok(text))) => format!("={text}"),
            Some((_, Err(fault))) => format!("!{}", fault.message),
        };
        let shared = hash(&[&as_read, &sources.scripts.fingerprint(), &secrets(sources.secrets.policy.folder.as_deref())]);
        let mut firms = BTreeMap::new();
        for (path, text) in files.into_iter().filter(|(path, _)| !path.ends_with(DEFAULTS)) {
            match firm_of(&path) {
                Ok(firm) if !includes(&firm) => {}
                Ok(firm) => {
                    let tests = tests.remove(&firm);
                    let written = match &text {
                        Ok(text) => text.clone(),
                        Err(fault) => fault.message.clone(),
                    };
                    let defaults_text = defaults.as_ref().map_or("", |(_, text)| text);
                    let sealed = sealed(&sources.secrets, &[defaults_text, &written]);
                    let rivals = rivals(&firm, &base_layer.firms);
                    let hash = hash(&[&shared.to_string(), &written, tests.as_ref().map_or("", TestFile::text), &sealed, &rivals]);
                    firms.insert(firm, FirmInputs { path, text, tests, defaults: defaults.clone(), hash });
                }
                Err(fault) => common.push(fault),
            }
        }
        Files { base_layer, firms, common }
    }
}

impl FirmInputs {
    /// Builds the firm, and holds it to its own tests.
    pub(super) fn build(&self, firm: &FirmId, base_layer: &BaseLayer, resolve_context: &ResolveContext<'_>) -> BuiltFirm {
        let mut built = self.build_untested(firm, base_layer, resolve_context).held_to(self.tests.as_ref());
        if built.rules.is_none() && !built.diagnostics.iter().any(Diagnostic::is_error) {
            // Nothing is wrong with its own file: it is with what lies under it.
            built.diagnostics.extend(base_layer.faults().cloned());
        }
        built
    }

    /// Builds the firm, whatever its tests say.
    pub(super) fn build_untested(&self, firm: &FirmId, base_layer: &BaseLayer, resolve_context: &ResolveContext<'_>) -> BuiltFirm {
        base_layer.build_firm(firm, &self.path, &self.text, resolve_context)
    }

    /// The files of rules that are in order, from which they can be built again: those of rules by path, those of scripts by name.
    pub(super) fn good_files(&self, rules: &FirmRules) -> BTreeMap<String, String> {
        let own = self.text.as_ref().ok().map(|text| (self.path.display().to_string(), text.clone()));
        let defaults = self.defaults.clone().map(|(path, text)| (path.display().to_string(), text));
        let hooks = rules.hooks.iter().flat_map(|hooks| hooks.files());
        let scripts = rules.schedule.scripts.iter().flat_map(|script| script.files.clone());
        own.into_iter().chain(defaults).chain(hooks).chain(scripts).collect()
    }
}

/// The names, sizes and times of the files in the folder of secrets: their contents are looked at only where rules ask for them.
fn secrets(folder: Option<&Path>) -> String {
    let mut listed: Vec<String> = Vec::new();
    let mut folders: Vec<PathBuf> = folder.map(Path::to_owned).into_iter().collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok) {
            let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
            if metadata.is_dir() {
                folders.push(entry.path());
            } else {
                listed.push(format!("{} {} {:?}", entry.path().display(), metadata.len(), metadata.modified().ok()));
            }
        }
    }
    listed.sort();
    listed.join("\n")
}

/// The firms whose names begin as this one's does, to which a reference may belong, and the older one of its prefix.
fn rivals(firm: &FirmId, firms: &FirmNames) -> String {
    let own = variable_prefix(firm);
    let longer = firms.owners.iter().filter(|other| *other != firm && variable_prefix(other).starts_with(&own));
    longer.chain(firms.newer.get(firm)).map(|other| format!("{other}\n")).collect()
}

/// Which changes set the sealed secrets that these texts name, and where the keys that they name go. A secret that is set anew concerns
/// those firms alone that use it.
fn sealed(secrets: &MachineSecrets, texts: &[&str]) -> String {
    let Some(known) = &secrets.sealed else { return String::new() };
    let references =
        texts.iter().flat_map(|text| text.split("${").skip(1)).filter_map(|rest| Reference::read_bare(rest.split_once('}')?.0));
    let change = |reference: &Reference| (reference.kind == ReferenceKind::Sealed).then(|| known.change(&reference.name));
    references.map(|reference| format!("{reference} {:?} {:?}\n", change(&reference), known.destination(&reference))).collect()
}

fn hash(parts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let digest = hash.finalize();
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use secrecy::SecretString;

    use super::*;
    use crate::rules::MissingSecret;
    use crate::ruleset::SealedSecrets;

    /// A store where one secret was set by change 1 and another by change 2, or later ones.
    #[derive(Debug)]
    struct Changes(i64, i64, &'static str);

    impl SealedSecrets for Changes {
        fn open(&self, _: &str) -> Result<SecretString, MissingSecret> {
            Ok(SecretString::from("none"))
        }

        fn change(&self, name: &str) -> Option<i64> {
            [("hartwell/casepeer", self.0), ("okafor", self.1)].into_iter().find_map(|(known, change)| (known == name).then_some(change))
        }

        fn destination(&self, reference: &Reference) -> Option<String> {
            (reference.kind == ReferenceKind::Env).then(|| self.2.to_owned())
        }

        fn knows_host(&self, _: &str) -> bool {
            false
        }

        fn since(&self, _: &FirmId) -> Option<i64> {
            None
        }
    }

    #[test]
    fn a_secret_concerns_the_texts_that_name_it() {
        let seen = |changes: Changes, text: &str| {
            let secrets = MachineSecrets { sealed: Some(Arc::new(changes)), ..MachineSecrets::default() };
            sealed(&secrets, &["", text])
        };
        let text = "casepeer: { key: \"${secret:hartwell/casepeer}\" }\ncase_status: { key: \"${secret:unset}\" }";
        let before = seen(Changes(1, 2, ""), text);
        assert_eq!(seen(Changes(1, 3, ""), text), before);
        assert_ne!(seen(Changes(3, 2, ""), text), before);
        assert_ne!(seen(Changes(1, 2, ""), "key: ${secret:okafor}"), seen(Changes(1, 3, ""), "key: ${secret:okafor}"));
        assert_eq!(seen(Changes(1, 2, ""), "key: ${env:okafor}"), seen(Changes(4, 3, ""), "key: ${env:okafor}"));
        assert_ne!(seen(Changes(1, 2, ""), "key: ${env:okafor}"), seen(Changes(1, 2, "https://a"), "key: ${env:okafor}"));
    }
}
