//! Migrations: a script that does things to many cases, checked before it runs, within limits while it runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, ScopedJoinHandle};

use rhai::{Dynamic, Scope};
use sha2::{Digest as _, Sha256};

use super::api::{self, ScriptApi};
use super::engine;
use super::faults::{self, ScriptFault};
use super::limits::{ScriptLimits, Watch};
use super::operations::Operations;
use super::script::{Known, Script};
use super::source::ScriptFolder;
use crate::diagnostic::Diagnostic;

/// A script that was read, compiled and checked, with everything that it imports. It runs as it was read, whatever becomes of its file.
pub struct Migration {
    /// Its name in the scripts folder.
    pub name: String,
    script: Script,
    desk: ScriptApi,
    limits: ScriptLimits,
    folder: ScriptFolder,
}

/// Where scripts are read from, and what they may use up.
#[derive(Debug, Clone)]
pub struct ScriptSource {
    /// The folder.
    pub folder: ScriptFolder,
    /// The limits.
    pub limits: ScriptLimits,
}

impl ScriptSource {
    /// The migration of this name, as its file is now.
    pub fn load(&self, name: &str) -> Result<Migration, Vec<Diagnostic>> {
        Migration::load(&self.folder, name, &self.limits)
    }
}

impl Migration {
    /// Reads a script from the folder, named as there or by its path.
    pub fn load(folder: &ScriptFolder, typed: &str, limits: &ScriptLimits) -> Result<Migration, Vec<Diagnostic>> {
        let name = folder.name_of(typed);
        let desk = ScriptApi::default();
        let mut engine = engine::for_migrations(limits);
        api::register(&mut engine, &desk);
        let known = Known { names: api::types(&desk), entries: Vec::new() };
        let script = Script::load(folder, &name, engine, limits.memory, &api::scope(&desk), &known)?;
        Ok(Migration { name, script, desk, limits: limits.clone(), folder: folder.clone() })
    }

    /// Every file that it was read from, by its name in the scripts folder.
    pub fn files(&self) -> Vec<(String, String)> {
        self.script.files(&self.folder)
    }

    /// A hash of its text and of all that it imports.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        for (name, text) in self.files() {
            hash.update(format!("{}:{name}{}:{text}", name.len(), text.len()));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// How long it may run.
    pub fn deadline(&self) -> std::time::Duration {
        self.limits.deadline
    }

    /// Runs it to its end, on a thread of its own, and answers what it answers. Blocks: for a thread that may.
    pub fn run(&self, operations: Arc<dyn Operations>) -> Result<Option<String>, ScriptFault> {
        std::thread::scope(|threads| {
            let thread = Builder::new().name("script".to_owned()).stack_size(self.limits.stack());
            let fault = |why: &str| faults::read(&why.into(), &self.script.sources);
            match thread.spawn_scoped(threads, || self.run_here(operations)).map(ScopedJoinHandle::join) {
                Ok(Ok(answer)) => answer,
                Ok(Err(_)) => Err(fault("the script could not be run")),
                Err(error) => Err(fault(&format!("no thread can be started for the script: {}", error.kind()))),
            }
        })
    }

    fn run_here(&self, operations: Arc<dyn Operations>) -> Result<Option<String>, ScriptFault> {
        let asked = Arc::clone(&operations);
        let _seated = self.desk.seat(operations);
        let watch = Watch::over(self.limits.deadline, self.limits.memory, Some(Arc::new(move || asked.stopped())));
        let Script { engine, ast, sources, .. } = &self.script;
        let run = || engine.eval_ast_with_scope::<Dynamic>(&mut Scope::new(), ast);
        let answer = catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|_| Err("the script could not be run".into()));
        let answer = watch.hold_to_end(answer).map_err(|error| faults::read(&error, sources))?;
        Ok(if answer.is_unit() { None } else { Some(answer.to_string().chars().take(LONGEST).collect()) })
    }
}

/// No answer is longer, in characters.
const LONGEST: usize = 2_000;
