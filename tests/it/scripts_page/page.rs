//! Reads a page: every fenced block, by what its info string says of it.

use std::collections::{BTreeMap, BTreeSet};

/// A script of the page with what belongs to it.
#[derive(Debug)]
pub struct Example {
    /// Where its block begins.
    pub line: usize,
    pub script: String,
    pub kind: Kind,
    /// Files that stand beside it, by their paths in the working folder.
    pub files: BTreeMap<String, String>,
    /// What the page does with it, in order.
    pub steps: Vec<(usize, Step)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// ```` ```rhai hook [refuses|broken|faulty] ````
    Hook(HookOutcome),
    /// ```` ```rhai migration [NAME.rhai] [partial|fails|held|faulty] [--arg NAME=VALUE]… [--input FILE] ````
    Migration { name: String, arguments: Vec<String>, outcome: MigrationOutcome },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HookOutcome {
    /// Every case of the firm goes through.
    Passes,
    /// Some cases are stopped by `validate`.
    Refuses,
    /// It fails for some cases.
    Broken,
    /// `check` finds faults.
    Faulty,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MigrationOutcome {
    Succeeds,
    /// Some cases fail.
    Partial,
    /// The script does not come to its end.
    Fails,
    /// The guard holds it.
    Held,
    /// It cannot be loaded.
    Faulty,
}

#[derive(Debug)]
pub enum Step {
    /// ```` ```console ````: commands and what they say.
    Console(String),
    /// ```` ```yaml rules/hartwell.test.yaml ````: tests that pass.
    RuleTests(String),
    /// `<!-- meanwhile 48204 stage 8 -->`: what somebody does in Case Status.
    Meanwhile { case: u64, stage: i64 },
}

/// Reads a page's examples.
///
/// # Errors
/// Blocks that nothing would run, and where they are.
pub fn read(text: &str) -> Result<Vec<Example>, String> {
    let mut reader = Reader::default();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        let at = |problem: String| format!("line {number}: {problem}");
        if let Some(meanwhile) = line.strip_prefix("<!-- meanwhile ") {
            reader.step(number, meanwhile_of(meanwhile).ok_or_else(|| at("no such meanwhile".to_owned()))?).map_err(at)?;
        } else if let Some(info) = line.strip_prefix("```") {
            let mut block = String::new();
            loop {
                let (inner, _) = lines.next().ok_or_else(|| at("the block does not end".to_owned()))?;
                if inner == "```" {
                    break;
                }
                if inner.starts_with("```") {
                    return Err(at(format!("a block begins inside it: {inner}")));
                }
                block.push_str(inner);
                block.push('\n');
            }
            reader.block(number, info, block).map_err(at)?;
        } else if line.contains("```") || line.trim_start().starts_with("~~~") {
            return Err(at("a fence that does not begin its line, or another kind of fence".to_owned()));
        }
    }
    reader.end()
}

#[derive(Default)]
struct Reader {
    examples: Vec<Example>,
    /// Files for the next script.
    files: BTreeMap<String, String>,
    /// Modules so far, which every later script may import.
    modules: BTreeMap<String, String>,
    imported: BTreeSet<String>,
}

impl Reader {
    fn block(&mut self, line: usize, info: &str, block: String) -> Result<(), String> {
        let words = words(info)?;
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["rhai", "hook", rest @ ..] => self.script(line, block, Kind::Hook(hook_outcome(rest)?)),
            ["rhai", "migration", rest @ ..] => self.script(line, block, migration(rest)?),
            ["rhai", "module", path] => put(&mut self.modules, format!("scripts/{path}"), block)?,
            ["csv", path] | ["yaml", path @ "casebridge.yaml"] => put(&mut self.files, (*path).to_owned(), block)?,
            ["yaml", "rules/hartwell.test.yaml"] => self.step(line, Step::RuleTests(block))?,
            ["console"] => self.step(line, Step::Console(block))?,
            // What is typed into a shell and needs more than this program.
            ["sh"] => {}
            _ => return Err(format!("nobody knows how to run a block of `{info}`")),
        }
        Ok(())
    }

    fn script(&mut self, line: usize, script: String, kind: Kind) {
        let mut files = std::mem::take(&mut self.files);
        for (path, text) in &self.modules {
            let name = path.trim_start_matches("scripts/").trim_end_matches(".rhai");
            if script.contains(&format!("import \"{name}\"")) {
                self.imported.insert(path.clone());
                files.insert(path.clone(), text.clone());
            }
        }
        self.examples.push(Example { line, script, kind, files, steps: Vec::new() });
    }

    fn step(&mut self, line: usize, step: Step) -> Result<(), String> {
        let example = self.examples.last_mut().ok_or("there is no script before it")?;
        example.steps.push((line, step));
        Ok(())
    }

    fn end(self) -> Result<Vec<Example>, String> {
        if let Some(path) = self.modules.keys().find(|path| !self.imported.contains(*path)) {
            return Err(format!("no script of the page imports {path}"));
        }
        match self.files.keys().next() {
            Some(path) => Err(format!("no script follows {path}")),
            None => Ok(self.examples),
        }
    }
}

fn put(files: &mut BTreeMap<String, String>, path: String, text: String) -> Result<(), String> {
    let twice = format!("{path} is here twice");
    if files.insert(path, text).is_some() { Err(twice) } else { Ok(()) }
}

fn hook_outcome(words: &[&str]) -> Result<HookOutcome, String> {
    match words {
        [] => Ok(HookOutcome::Passes),
        ["refuses"] => Ok(HookOutcome::Refuses),
        ["broken"] => Ok(HookOutcome::Broken),
        ["faulty"] => Ok(HookOutcome::Faulty),
        other => Err(format!("no hook comes out as {other:?}")),
    }
}

fn migration(words: &[&str]) -> Result<Kind, String> {
    let (mut name, mut arguments, mut outcome) = ("page.rhai".to_owned(), Vec::new(), MigrationOutcome::Succeeds);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "partial" => outcome = MigrationOutcome::Partial,
            "fails" => outcome = MigrationOutcome::Fails,
            "held" => outcome = MigrationOutcome::Held,
            "faulty" => outcome = MigrationOutcome::Faulty,
            "--arg" | "--input" => {
                let value = words.next().ok_or_else(|| format!("{word} lacks its value"))?;
                arguments.extend([(*word).to_owned(), (*value).to_owned()]);
            }
            file if file.strip_suffix(".rhai").is_some() => file.clone_into(&mut name),
            other => return Err(format!("no migration comes out as `{other}`")),
        }
    }
    Ok(Kind::Migration { name, arguments, outcome })
}

fn meanwhile_of(text: &str) -> Option<Step> {
    let words: Vec<&str> = text.trim_end().strip_suffix("-->")?.split_whitespace().collect();
    match words.as_slice() {
        [case, "stage", stage] => Some(Step::Meanwhile { case: case.parse().ok()?, stage: stage.parse().ok()? }),
        _ => None,
    }
}

/// The words of a line as a shell finds them, with quotes and without anything else.
///
/// # Errors
/// A quote that does not end.
pub fn words(line: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for letter in line.chars() {
        match quote {
            Some(end) if letter == end => quote = None,
            None if letter == '"' || letter == '\'' => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            None if letter.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    if quote.is_some() { Err(format!("a quote does not end: {line}")) } else { Ok(words) }
}
