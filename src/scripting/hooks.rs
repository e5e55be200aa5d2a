//! Hooks: a firm's script, checked at load and asked about every case.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, FuncArgs, Scope, Stmt};

use super::engine;
use super::faults::{self, did_you_mean};
use super::limits::{SMALL_MEMORY, ScriptLimits, Watch};
use super::migration::Migration;
use super::script::{Known, Script};
use super::shared;
use super::source::ScriptFolder;
use super::value_types::ValueType;
use super::values::{CaseValue, DraftValue, MessageValue, WantedValue};
use crate::diagnostic::{Diagnostic, Source};
use crate::domain::{Case, ExistingCase, Message, NewCase, Origin};
use crate::rules::{Hook, HookFault, HookScripts, Hooks};

/// Loads hooks from the scripts folder.
#[derive(Debug, Clone)]
pub struct RhaiHooks {
    /// Where scripts are.
    pub folder: ScriptFolder,
    /// What they may use up.
    pub limits: ScriptLimits,
}

impl HookScripts for RhaiHooks {
    fn load(&self, script: &str) -> Result<Arc<dyn Hooks>, Vec<Diagnostic>> {
        let compiled = shared::compiled(&self.folder, script, &self.limits, || self.compile(script))?;
        Ok(compiled)
    }

    fn check_migration(&self, script: &str) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
        Migration::load(&self.folder, script, &self.limits).map(|script| script.files())
    }
}

impl RhaiHooks {
    fn compile(&self, script: &str) -> Result<FirmScript, Vec<Diagnostic>> {
        let script =
            Script::load(&self.folder, script, engine::for_hooks(&self.limits), self.limits.memory, &Scope::new(), &Known::of_hooks())?;
        let faults = [top_level(&script), shapes(&script)].concat();
        if !faults.is_empty() {
            return Err(faults);
        }
        let origins = Hook::ALL.map(|(hook, _)| origin(&script, hook));
        let has_top_level = !script.ast.statements().is_empty();
        let files = script.files(&self.folder);
        let Script { ast, sources, .. } = script;
        let engine = shared::engine_for_hooks(&self.limits);
        Ok(FirmScript { engine, ast, sources, origins, files, has_top_level, limits: self.limits.clone() })
    }
}

impl Known<'_> {
    fn of_hooks() -> Known<'static> {
        let parameters = |hook: Hook| match hook {
            Hook::MapCase => vec![ValueType::value("Case"), ValueType::value("Wanted")],
            Hook::ConnectCase => vec![ValueType::value("Case"), ValueType::value("Draft")],
            Hook::Validate => vec![ValueType::value("Case")],
            Hook::NoteText => vec![ValueType::value("Message"), ValueType::Plain],
        };
        Known { names: Vec::new(), entries: Hook::ALL.map(|(hook, _)| (hook.as_str(), parameters(hook))).to_vec() }
    }
}

/// Calling a function runs the top level again, so that it may hold nothing that does something.
fn top_level(script: &Script) -> Vec<Diagnostic> {
    let odd = script.ast.statements().iter().filter(|statement| {
        let constant = matches!(statement, Stmt::Var(_, flags, _) if flags.contains(rhai::ASTFlags::CONSTANT));
        !constant && !matches!(statement, Stmt::Import(..) | Stmt::Noop(..) | Stmt::Export(..))
    });
    let fault = |statement: &Stmt| {
        let message = "outside its functions, a script of hooks has only imports and constants".to_owned();
        script.error_at(statement.position(), " ", message).help("put it into the function that needs it")
    };
    odd.map(fault).collect()
}

/// Functions that are meant as hooks and are none.
fn shapes(script: &Script) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    for function in script.ast.iter_functions() {
        let (name, parameters) = (function.name, function.params.len());
        if name.starts_with("anon$") {
            continue;
        }
        let at = |message: String| error_at_function(script, name, message);
        match Hook::ALL.iter().find(|(hook, _)| hook.as_str() == name) {
            Some((_, wanted)) if wanted.len() != parameters => {
                let takes = if wanted.len() == 1 { "one parameter".to_owned() } else { format!("{} parameters", wanted.len()) };
                let message = format!("`{name}` takes {takes}, and this one has {parameters}");
                faults.push(at(message).help(format!("write `fn {name}({})`", wanted.join(", "))));
            }
            Some(_) => {}
            None => {
                let hooks = Hook::ALL.map(|(hook, _)| hook.as_str());
                let likely = did_you_mean(name, hooks);
                let helper = function.access.is_private() || (likely.is_none() && script.names.uses(name));
                if !helper {
                    let help =
                        likely.unwrap_or_else(|| format!("the hooks are: {}; a function of your own is `private`", hooks.join(", ")));
                    faults.push(at(format!("no hook is called `{name}`, and nothing calls it")).help(help));
                }
            }
        }
    }
    faults
}

fn error_at_function(script: &Script, name: &str, message: String) -> Diagnostic {
    let source = &script.sources[0];
    let start = function_start(source, name).unwrap_or_default();
    Diagnostic::error(source, start..start + name.len(), message)
}

/// Where a function's name stands after `fn`; the compiled script no longer knows.
fn function_start(source: &Source, name: &str) -> Option<usize> {
    let text = &source.text;
    text.match_indices("fn").find_map(|(at, _)| {
        let rest = &text[at + 2..];
        let blanks = rest.len() - rest.trim_start().len();
        let after = rest[blanks..].strip_prefix(name)?;
        (blanks > 0 && after.trim_start().starts_with('(')).then_some(at + 2 + blanks)
    })
}

fn origin(script: &Script, hook: Hook) -> Option<Origin> {
    script.ast.iter_functions().find(|function| function.name == hook.as_str())?;
    let source = &script.sources[0];
    let line = source.line_of(function_start(source, hook.as_str()).unwrap_or_default());
    Some(Origin { file: Arc::clone(&source.name), line })
}

/// A compiled script of one firm or more.
pub(super) struct FirmScript {
    engine: Arc<Engine>,
    ast: AST,
    sources: Vec<Arc<Source>>,
    /// In the order of [`Hook::ALL`].
    origins: [Option<Origin>; Hook::ALL.len()],
    files: Vec<(String, String)>,
    /// Whether imports and constants have to be set up for each call.
    has_top_level: bool,
    limits: ScriptLimits,
}

impl FirmScript {
    /// Whether compiling what is in the folder now, under these limits, would make the same.
    pub(super) fn is_of(&self, folder: &ScriptFolder, limits: &ScriptLimits) -> bool {
        let is_same = |source: &Arc<Source>| {
            let now = folder.read(&folder.name_of(&source.name));
            now.is_ok_and(|now| now.name == source.name && now.text == source.text)
        };
        self.limits == *limits && self.sources.iter().all(is_same)
    }

    /// Calls a function and reads its answer, which is `Err` with what was answered instead.
    fn call<T>(&self, hook: Hook, arguments: impl FuncArgs, read: impl FnOnce(Dynamic) -> Result<T, String>) -> Result<T, HookFault> {
        let watch = Watch::over(self.limits.hook_deadline, self.limits.memory.min(SMALL_MEMORY), None);
        let options = CallFnOptions::new().eval_ast(self.has_top_level);
        // What panics in the engine is this case's trouble and no other's.
        let call = || self.engine.call_fn_with_options::<Dynamic>(options, &mut Scope::new(), &self.ast, hook.as_str(), arguments);
        let called = catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err("the script could not be run".into()));
        let answer = watch.hold_to_end(called).map_err(|error| self.fault(hook, &error))?;
        read(answer).map_err(|message| {
            let origin = self.origin(hook).cloned().unwrap_or_else(|| Origin { file: Arc::clone(&self.sources[0].name), line: 1 });
            HookFault { hook, message, origin }
        })
    }

    fn fault(&self, hook: Hook, error: &EvalAltResult) -> HookFault {
        let fault = faults::read(error, &self.sources);
        HookFault { hook, message: format!("{} (in `{}`)", fault.message, fault.shown_line()), origin: fault.origin() }
    }

    fn has(&self, hook: Hook) -> bool {
        self.origin(hook).is_some()
    }
}

impl Hooks for FirmScript {
    fn files(&self) -> Vec<(String, String)> {
        self.files.clone()
    }

    fn file(&self) -> &str {
        &self.sources[0].name
    }

    fn origin(&self, hook: Hook) -> Option<&Origin> {
        Hook::ALL.iter().zip(&self.origins).find(|((known, _), _)| *known == hook).and_then(|(_, origin)| origin.as_ref())
    }

    fn map_case(&self, case: &Case, wanted: &ExistingCase) -> Result<Option<ExistingCase>, HookFault> {
        if !self.has(Hook::MapCase) {
            return Ok(None);
        }
        let arguments = (CaseValue(Arc::new(case.clone())), WantedValue(wanted.clone()));
        self.call(Hook::MapCase, arguments, |answer| match answer.try_cast_result::<WantedValue>() {
            Ok(wanted) => Ok(Some(wanted.0)),
            Err(other) => Err(format!("it answers {}: expected `wanted`", kind(&other))),
        })
    }

    fn validate(&self, case: &Case) -> Result<Vec<String>, HookFault> {
        if !self.has(Hook::Validate) {
            return Ok(Vec::new());
        }
        self.call(Hook::Validate, (CaseValue(Arc::new(case.clone())),), |answer| {
            let expected = "expected a list of texts, `[]` where nothing is wrong";
            let kind = kind(&answer);
            let list = answer.into_array().map_err(|_| format!("it answers {kind}: {expected}"))?;
            list.into_iter().map(|problem| problem.into_string().map_err(|kind| format!("its list holds {kind}: {expected}"))).collect()
        })
    }

    fn note_text(&self, message: &Message, text: &str) -> Result<Option<String>, HookFault> {
        if !self.has(Hook::NoteText) {
            return Ok(Some(text.to_owned()));
        }
        let arguments = (MessageValue(Arc::new(message.clone())), text.to_owned());
        self.call(Hook::NoteText, arguments, |answer| {
            if answer.is_unit() {
                return Ok(None);
            }
            answer.into_string().map(Some).map_err(|kind| format!("it answers {kind}: expected a text, or () to leave the message out"))
        })
    }

    fn connect_case(&self, case: &Case, draft: &NewCase) -> Result<Option<NewCase>, HookFault> {
        if !self.has(Hook::ConnectCase) {
            return Ok(None);
        }
        let arguments = (CaseValue(Arc::new(case.clone())), DraftValue(draft.clone()));
        self.call(Hook::ConnectCase, arguments, |answer| match answer.try_cast_result::<DraftValue>() {
            Ok(draft) => Ok(Some(draft.0)),
            Err(other) => Err(format!("it answers {}: expected `draft`", kind(&other))),
        })
    }
}

/// What a value is, in a sentence.
fn kind(value: &Dynamic) -> String {
    if value.is_unit() { "nothing".to_owned() } else { format!("a value of type {}", value.type_name()) }
}
