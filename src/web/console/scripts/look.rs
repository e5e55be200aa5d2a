//! A script as its file is now: what it says of itself, what is wrong with it, what it asks for, and which firms go by it.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::domain::FirmId;
use crate::rules::HookScripts as _;
use crate::ruleset::{RulesRegistry, RulesSnapshot};
use crate::scripting::{Migration, RhaiHooks, ScriptFolder};
use crate::web::AppState;
use crate::web::problem::Problem;

/// A script.
pub(super) struct Script {
    /// As the folder names it.
    pub name: String,
    /// Its text, if it can be read.
    pub text: String,
    /// Its first line, if that is a comment.
    pub says: String,
    pub faults: Vec<Fault>,
    pub users: Vec<User>,
}

/// A fault, and the script in which it is, if that is one of the folder's.
pub(super) struct Fault {
    pub fault: Diagnostic,
    pub script: Option<String>,
}

/// A firm that goes by a script.
pub(super) struct User {
    pub firm: FirmId,
    pub how: How,
}

/// How a firm goes by a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// Its hooks are in it.
    Hooks,
    /// Its hooks import it.
    InHooks,
    /// It runs by schedule.
    Schedule {
        /// Whether it writes.
        apply: bool,
        /// Whether it is switched on.
        enabled: bool,
    },
    /// What runs by schedule imports it.
    InSchedule,
}

impl Script {
    /// Whether it is asked about each case, by some firm, and does nothing when it is run.
    pub(super) fn is_hooks(&self) -> bool {
        self.users.iter().any(|user| user.how == How::Hooks)
    }

    /// The names for which it asks by `run.arg("…")`, as far as they stand in the text.
    pub(super) fn arguments(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for line in self.text.lines() {
            let code = line.split("//").next().unwrap_or_default();
            let asked = code.split("run.arg(").skip(1).filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
            asked.for_each(|name| {
                if !names.contains(&name) {
                    names.push(name);
                }
            });
        }
        names
    }

    /// Whether it reads the rows of a CSV.
    pub(super) fn reads_input(&self) -> bool {
        self.text.lines().any(|line| line.split("//").next().is_some_and(|code| code.contains("run.input")))
    }

    /// Whether a line, from 1, has a fault.
    pub(super) fn is_faulty(&self, line: usize) -> bool {
        let here = |fault: &Fault| fault.script.as_deref() == Some(&self.name) && fault.fault.is_error();
        self.faults.iter().any(|fault| here(fault) && fault.fault.place.as_ref().is_some_and(|place| place.line as usize == line))
    }
}

/// Every script of the folder.
pub(super) async fn all(app: &AppState) -> Result<Vec<Script>, Problem> {
    let registry = Arc::clone(&app.registry);
    let looked = tokio::task::spawn_blocking(move || {
        let names = folder(&registry).names();
        names.iter().map(|name| script(&registry, name, &names)).collect()
    });
    looked.await.map_err(|_| Problem::own())
}

/// The script of this name, if the folder has it.
pub(super) async fn one(app: &AppState, name: &str) -> Result<Script, Problem> {
    let (registry, name) = (Arc::clone(&app.registry), name.to_owned());
    let looked = tokio::task::spawn_blocking(move || {
        let names = folder(&registry).names();
        names.contains(&name).then(|| script(&registry, &name, &names))
    });
    let found = looked.await.map_err(|_| Problem::own())?;
    found.ok_or_else(|| Problem::not_there("there is no such script in the scripts folder"))
}

fn folder(registry: &RulesRegistry) -> ScriptFolder {
    registry.sources().scripts.clone()
}

fn script(registry: &RulesRegistry, name: &str, names: &[String]) -> Script {
    let (folder, limits) = (folder(registry), &registry.sources().limits);
    let users = users(&registry.current(), &folder, name);
    let (text, mut faults) = match folder.read(name) {
        Ok(source) => (source.text.clone(), Vec::new()),
        Err(fault) => (String::new(), vec![fault]),
    };
    if faults.is_empty() {
        // Hooks are held to more than migrations are.
        faults = if users.iter().any(|user| user.how == How::Hooks) {
            RhaiHooks { folder: folder.clone(), limits: limits.clone() }.load(name).err()
        } else {
            Migration::load(&folder, name, limits).err()
        }
        .unwrap_or_default();
    }
    let placed = |fault: Diagnostic| {
        let script = fault.place.as_ref().map(|place| folder.name_of(&place.file)).filter(|script| names.contains(script));
        Fault { fault, script }
    };
    let faults = faults.into_iter().map(placed).collect();
    Script { name: name.to_owned(), says: says(&text).to_owned(), text, faults, users }
}

/// The first line that is not blank, if it is a comment.
fn says(text: &str) -> &str {
    let first = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    first.strip_prefix("//").map_or("", |comment| comment.trim_start_matches(['/', '!']).trim())
}

fn users(current: &RulesSnapshot, folder: &ScriptFolder, name: &str) -> Vec<User> {
    let mut users = Vec::new();
    for (firm, in_use) in &current.firms {
        let Some(rules) = &in_use.rules else { continue };
        let mut by = |how| users.push(User { firm: firm.clone(), how });
        let has = |files: &[(String, String)]| files.iter().any(|(file, _)| file == name);
        if let Some(hooks) = &rules.hooks {
            if folder.name_of(hooks.file()) == name {
                by(How::Hooks);
            } else if has(&hooks.files()) {
                by(How::InHooks);
            }
        }
        for scheduled in &rules.schedule.scripts {
            if folder.name_of(&scheduled.script) == name {
                by(How::Schedule { apply: scheduled.apply, enabled: scheduled.schedule.enabled });
            } else if has(&scheduled.files) {
                by(How::InSchedule);
            }
        }
    }
    users
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(text: &str) -> Script {
        Script { name: "a.rhai".to_owned(), text: text.to_owned(), says: String::new(), faults: Vec::new(), users: Vec::new() }
    }

    #[test]
    fn a_script_says_what_it_is_by_its_first_comment() {
        assert_eq!(says("\n  //! Moves cases. \n// More"), "Moves cases.");
        assert_eq!(says("let x = 1; // no\n// Not this"), "");
        assert_eq!(says(""), "");
    }

    #[test]
    fn what_it_asks_for_is_found_in_its_code_and_not_in_its_comments() {
        let asks = script("let a = run.arg(\"from\") + run.arg( \"to\");\n// run.arg(\"not this\") of run.input\nrun.arg(\"from\")");
        assert_eq!(asks.arguments(), ["from", "to"]);
        assert!(!asks.reads_input());
        assert!(script("for row in run.input { }").reads_input());
    }
}
