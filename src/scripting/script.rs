//! A script: its text, what it imports, and the compiled whole that runs without looking at a file again.

use std::sync::Arc;
use std::time::Duration;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{AST, Engine, Position, Scope};

use super::faults;
use super::limits::{SMALL_MEMORY, Watch};
use super::modules::Imports;
use super::names::Names;
use super::source::ScriptFolder;
use crate::diagnostic::{Diagnostic, Source};

/// A compiled script and the engine that it was compiled by.
pub(super) struct Script {
    pub engine: Engine,
    pub ast: AST,
    /// The script's file first, then those of its modules.
    pub sources: Vec<Arc<Source>>,
    pub names: Names,
}

/// How long a script may take to be read with its modules, which run their top levels meanwhile; one of a few kilobytes takes no time.
const READING: Duration = Duration::from_secs(3);

/// No more functions that do not exist are reported of one script.
const MOST_UNDEFINED: usize = 20;

impl Script {
    /// Reads and compiles a script with everything that it imports. `names` are those that the engine knows besides.
    pub(super) fn load(
        folder: &ScriptFolder,
        name: &str,
        mut engine: Engine,
        memory: u64,
        names: &Scope<'_>,
    ) -> Result<Script, Vec<Diagnostic>> {
        let source = folder.read(name).map_err(|fault| vec![fault])?;
        let imports = Imports::of(folder);
        engine.set_module_resolver(imports.clone());
        let compiled = {
            let _watch = Watch::over(READING, memory.min(SMALL_MEMORY), None);
            engine.compile_into_self_contained(names, &source.text)
        };
        // From here on nothing is read any more: a path that is put together at run time leads nowhere.
        engine.set_module_resolver(DummyModuleResolver::new());
        let mut sources = vec![Arc::clone(&source)];
        sources.extend(imports.sources());
        let mut ast = compiled.map_err(|error| vec![faults::read(&error, &sources).diagnostic()])?;
        ast.set_source(source.name.to_string());
        let script = Script { names: Names::of(&ast), engine, ast, sources };
        let undefined: Vec<Diagnostic> =
            script.names.undefined(&script.engine, MOST_UNDEFINED).into_iter().map(|name| script.undefined(name)).collect();
        if undefined.is_empty() { Ok(script) } else { Err(undefined) }
    }

    fn undefined(&self, (name, position, likely): (String, Position, Option<String>)) -> Diagnostic {
        let fault = self.error_at(position, &name, format!("there is no function `{name}`"));
        fault.help(likely.unwrap_or_else(|| "docs/scripts.md has every function".to_owned()))
    }

    /// An error at a name in the script's own file.
    pub(super) fn error_at(&self, position: Position, name: &str, message: String) -> Diagnostic {
        let source = &self.sources[0];
        let start = faults::offset(&source.text, position);
        Diagnostic::error(source, start..start + name.len(), message)
    }

    /// Every file, by its name in the folder.
    pub(super) fn files(&self, folder: &ScriptFolder) -> Vec<(String, String)> {
        self.sources.iter().map(|source| (folder.name_of(&source.name), source.text.clone())).collect()
    }
}
