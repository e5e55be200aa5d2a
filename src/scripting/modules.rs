//! Modules that scripts import: only from the scripts folder, each read and compiled once a script.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope, Shared};

use super::source::ScriptFolder;
use crate::diagnostic::Source;

/// What a script has imported so far.
#[derive(Clone)]
pub(super) struct Imports {
    folder: ScriptFolder,
    read: Arc<Mutex<Read>>,
}

#[derive(Default)]
struct Read {
    sources: Vec<Arc<Source>>,
    compiled: Vec<(Arc<Source>, AST)>,
    modules: HashMap<String, Shared<Module>>,
    /// Those whose own imports are being read.
    under_way: Vec<String>,
}

impl Imports {
    pub(super) fn of(folder: &ScriptFolder) -> Imports {
        Imports { folder: folder.clone(), read: Arc::default() }
    }

    /// The files that were read, in the order in which they were.
    pub(super) fn sources(&self) -> Vec<Arc<Source>> {
        self.with(|read| read.sources.clone())
    }

    /// Those that were compiled.
    pub(super) fn compiled(&self) -> Vec<(Arc<Source>, AST)> {
        self.with(|read| std::mem::take(&mut read.compiled))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Read) -> T) -> T {
        look(&mut self.read.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn compile(&self, engine: &Engine, name: &str, position: Position) -> Result<Module, Box<EvalAltResult>> {
        let refused = |problem: String| EvalAltResult::ErrorRuntime(problem.into(), position);
        let source = self.folder.read(name).map_err(|fault| refused(fault.to_string()))?;
        self.with(|read| read.sources.push(Arc::clone(&source)));
        let in_module = |error| Box::new(EvalAltResult::ErrorInModule(source.name.to_string(), error, position));
        let mut ast = engine.compile(&source.text).map_err(|error| in_module(Box::new(error.into())))?;
        ast.set_source(source.name.to_string());
        self.with(|read| read.compiled.push((Arc::clone(&source), ast.clone())));
        Module::eval_ast_as_new(Scope::new(), &ast, engine).map_err(in_module)
    }
}

impl ModuleResolver for Imports {
    fn resolve(&self, engine: &Engine, _: Option<&str>, path: &str, position: Position) -> Result<Shared<Module>, Box<EvalAltResult>> {
        let is_whole = Path::new(path).extension().is_some_and(|ending| ending == "rhai");
        let name = if is_whole { path.to_owned() } else { format!("{path}.rhai") };
        if let Some(module) = self.with(|read| read.modules.get(&name).cloned()) {
            return Ok(module);
        }
        let in_circle = self.with(|read| {
            let in_circle = read.under_way.contains(&name);
            if !in_circle {
                read.under_way.push(name.clone());
            }
            in_circle
        });
        if in_circle {
            return Err(EvalAltResult::ErrorRuntime(format!("`{path}` imports itself").into(), position).into());
        }
        let module = self.compile(engine, &name, position);
        self.with(|read| read.under_way.retain(|under_way| *under_way != name));
        let module: Shared<Module> = Shared::new(module?);
        self.with(|read| read.modules.insert(name, Shared::clone(&module)));
        Ok(module)
    }
}
