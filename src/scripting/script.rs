//! A script: its text, what it imports, and the compiled whole that runs without looking at a file again.

use std::sync::Arc;
use std::time::Duration;

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{AST, Engine, Position, Scope};

use super::faults;
use super::field_check::{UnknownField, unknown_fields};
use super::limits::{SMALL_MEMORY, Watch};
use super::modules::Imports;
use super::names::Names;
use super::source::ScriptFolder;
use super::value_types::ValueType;
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

/// No more functions that do not exist are reported of one script, nor fields.
const MOST_UNDEFINED: usize = 20;

/// What is known of the values that a script gets.
pub(super) struct Known<'a> {
    /// What it finds everywhere.
    pub names: Vec<(&'a str, ValueType)>,
    /// Its functions that casebridge calls, with the types of their parameters.
    pub entries: Vec<(&'a str, Vec<ValueType>)>,
}

impl Script {
    /// Reads and compiles a script with everything that it imports. `names` are those that the engine knows besides.
    pub(super) fn load(
        folder: &ScriptFolder,
        name: &str,
        mut engine: Engine,
        memory: u64,
        names: &Scope<'_>,
        known: &Known<'_>,
    ) -> Result<Script, Vec<Diagnostic>> {
        let source = folder.read(name).map_err(|fault| vec![fault])?;
        let imports = Imports::of(folder);
        engine.set_module_resolver(imports.clone());
        let watch = Watch::over(READING, memory.min(SMALL_MEMORY), None);
        let compiled = engine.compile_into_self_contained(names, &source.text);
        // From here on nothing is read any more: a path that is put together at run time leads nowhere.
        engine.set_module_resolver(DummyModuleResolver::new());
        let mut sources = vec![Arc::clone(&source)];
        sources.extend(imports.sources());
        let mut ast = compiled.map_err(|error| vec![faults::read(&error, &sources).diagnostic()])?;
        ast.set_source(source.name.to_string());
        let script = Script { names: Names::of(&ast), engine, ast, sources };
        let mut faults: Vec<Diagnostic> =
            script.names.undefined(&script.engine, MOST_UNDEFINED).into_iter().map(|name| script.undefined(name)).collect();
        faults.extend(script.unknown_fields(folder, &imports.compiled(), known));
        drop(watch);
        if faults.is_empty() { Ok(script) } else { Err(faults) }
    }

    fn unknown_fields(&self, folder: &ScriptFolder, modules: &[(Arc<Source>, AST)], known: &Known<'_>) -> Vec<Diagnostic> {
        let own = (&self.sources[0], &self.ast);
        let files: Vec<_> = std::iter::once(own).chain(modules.iter().map(|(source, ast)| (source, ast))).collect();
        let named: Vec<(String, &AST)> = files.iter().map(|(source, ast)| (folder.name_of(&source.name), *ast)).collect();
        let fault = |found: UnknownField| {
            let source = files[found.file].0;
            let start = faults::offset(&source.text, found.position);
            Diagnostic::error(source, start..start + found.text.len(), found.message).help(found.help)
        };
        unknown_fields(&named, &known.names, &known.entries).into_iter().take(MOST_UNDEFINED).map(fault).collect()
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
