//! The tests of a firm's rules, which stand beside them: a case and what Case Status has of it in, changes and notes out, with no network.

mod compare;
mod fixture;
mod raw;

use std::path::PathBuf;
use std::sync::Arc;

pub use compare::Difference;

use super::RulesFolder;
use super::build::{FileText, firm_of_name};
use crate::diagnostic::{Diagnostic, Source};
use crate::domain::FirmId;
use crate::rules::FirmRules;
use crate::yaml::{Decode as _, Reader, parse};

/// What a firm's test file is called, after the firm.
pub(super) const ENDING: &str = ".test.yaml";

/// A test that was run.
#[derive(Debug, Clone)]
pub struct Tested {
    /// What it shows.
    pub name: String,
    /// The file and line where it stands.
    pub place: String,
    /// Where it differs; nowhere, if it passed.
    pub differences: Vec<Difference>,
    /// The same as a fault of the file, if it differs.
    pub fault: Option<Diagnostic>,
}

/// A firm's test file.
#[derive(Debug)]
pub struct TestFile {
    /// The firm that it is about.
    pub firm: FirmId,
    path: PathBuf,
    text: FileText,
}

impl TestFile {
    /// Every test file of a rules folder, in the order of their names.
    pub fn in_folder(folder: &RulesFolder) -> (Vec<TestFile>, Vec<Diagnostic>) {
        let (mut files, mut faults) = (Vec::new(), Vec::new());
        for name in folder.names().unwrap_or_default() {
            let Some(firm) = name.strip_suffix(ENDING).filter(|firm| !firm.starts_with('.')) else { continue };
            let path = folder.file(&name);
            if !folder.has(&path) {
                continue;
            }
            match firm_of_name(&path, firm) {
                Ok(firm) => files.push(TestFile { firm, text: folder.read(&path), path }),
                Err(fault) => faults.push(fault),
            }
        }
        (files, faults)
    }

    /// A firm's test file, if it has one.
    pub(super) fn of_firm(folder: &RulesFolder, firm: &FirmId) -> Option<TestFile> {
        let path = folder.tests_of(firm);
        folder.has(&path).then(|| TestFile::of(firm.clone(), path.clone(), folder.read(&path)))
    }

    /// A test file of this text.
    pub(super) fn of(firm: FirmId, path: PathBuf, text: FileText) -> TestFile {
        TestFile { firm, path, text }
    }

    /// The text; empty where it cannot be read.
    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Runs every test.
    pub fn run(&self, rules: &FirmRules) -> Result<Vec<Tested>, Vec<Diagnostic>> {
        let text = self.text.clone().map_err(|fault| vec![fault])?;
        let (source, node) = parse(&self.path.display().to_string(), text).map_err(|fault| vec![fault])?;
        let mut faults = Vec::new();
        let is_empty = matches!(&node.value, crate::yaml::Value::Map(entries) if entries.is_empty());
        let read = if is_empty {
            Some(Vec::new())
        } else {
            Vec::<raw::Test>::decode(&node, &mut Reader { source: Arc::clone(&source), faults: &mut faults })
        };
        let tested: Vec<Tested> = read.into_iter().flatten().map(|test| run(rules, &source, test, &mut faults)).collect();
        if faults.is_empty() { Ok(tested) } else { Err(faults) }
    }
}

fn run(rules: &FirmRules, source: &Source, test: raw::Test, faults: &mut Vec<Diagnostic>) -> Tested {
    let line = test.written.as_ref().map_or(1, |written| source.line_of(written.at.span.start));
    let place = format!("{}:{line}", source.name);
    let missing = |key: &str| {
        let fault = match &test.written {
            Some(written) => written.at.first_line_error(format!("`{key}` is missing")),
            None => Diagnostic::without_place(format!("{place}: `{key}` is missing")),
        };
        fault.help(format!("add `{key}:` (docs/rules.md shows a test)"))
    };
    if test.name.is_none() {
        faults.push(missing("name"));
    }
    let Some(expect) = &test.expect else {
        faults.push(missing("expect"));
        return Tested { name: String::new(), place, differences: Vec::new(), fault: None };
    };
    let fixture = fixture::read(rules, &test, faults);
    let differences = compare::differences(rules, &fixture, expect);
    let fault = test.name.as_ref().filter(|_| !differences.is_empty()).map(|name| {
        let said: Vec<String> = differences.iter().map(Difference::to_string).collect();
        name.error(format!("this test of the rules fails: {}", said.join("; "))).help("`casebridge test` shows what differs")
    });
    Tested { name: test.name.map(|at| at.value).unwrap_or_default(), place, differences, fault }
}
