//! What stands ready for a migration: `casepeer`, `case_status`, `firm`, `run` and `log`, each a value whose functions ask the host.

// What `#[export_module]` writes unwraps what it has just checked, and wants all of `rhai::plugin`.
#![allow(clippy::unwrap_used, clippy::wildcard_imports, clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]

mod case_status;
mod casepeer;
mod filter;
mod result;
mod run;

use std::sync::{Arc, Mutex, PoisonError};

use rhai::{Array, Dynamic, Engine, EvalAltResult, Module, Scope, exported_module};

use self::result::ResultValue;
use super::limits::{Stop, end};
use super::memory::{apart, hand_over};
use super::operations::{Operation, OperationFault, Operations};
use super::value_types::ValueType;
use super::values::{case_id, fault};

/// Where a script's calls go: to the operations of the run that is under way.
#[derive(Clone, Default)]
pub(super) struct ScriptApi {
    operations: Arc<Mutex<Option<Arc<dyn Operations>>>>,
}

/// A run sits at the desk until this is dropped.
pub(super) struct ActiveScript<'d>(&'d ScriptApi);

impl Drop for ActiveScript<'_> {
    fn drop(&mut self) {
        self.0.set(None);
    }
}

impl ScriptApi {
    /// Lets a run take its place.
    pub(super) fn seat(&self, operations: Arc<dyn Operations>) -> ActiveScript<'_> {
        self.set(Some(operations));
        ActiveScript(self)
    }

    fn set(&self, operations: Option<Arc<dyn Operations>>) {
        *self.operations.lock().unwrap_or_else(PoisonError::into_inner) = operations;
    }

    /// The operations of the run that is under way.
    fn operations(&self) -> Result<Arc<dyn Operations>, Box<EvalAltResult>> {
        let seated = self.operations.lock().unwrap_or_else(PoisonError::into_inner).clone();
        seated.ok_or_else(|| fault("no run is under way"))
    }

    /// Asks the host for something. What the host needs meanwhile is not the script's to answer for; what it hands over is.
    fn ask<T: Clone>(&self, ask: impl FnOnce(&dyn Operations) -> Result<T, OperationFault>) -> Result<T, Box<EvalAltResult>> {
        let operations = self.operations()?;
        match apart(|| ask(&*operations)) {
            Ok(answer) => Ok(hand_over(answer)),
            Err(OperationFault::Failed(why)) => Err(fault(why)),
            Err(OperationFault::Ended(why)) => Err(end(Stop::Ended(why))),
        }
    }

    /// Has something done to a case. What is sent is gone with the call; what an update says stays with the host, on the script's account.
    fn perform(&self, id: &Dynamic, operation: Operation) -> Result<ResultValue, Box<EvalAltResult>> {
        let case = case_id(id)?;
        let answer = match operation {
            Operation::Update(_) => self.ask(|host| host.perform(case, operation)),
            sent => self.ask(|host| host.perform(case, sent.clone())),
        };
        answer.map(ResultValue)
    }
}

/// The items of a listing, each as a script sees it.
fn listed<T, V: Clone + Send + Sync + 'static>(items: Vec<T>, value: fn(T) -> V) -> Array {
    items.into_iter().map(|item| Dynamic::from(value(item))).collect()
}

/// The names that a migration finds, each with its value.
fn named(desk: &ScriptApi) -> [(&'static str, Dynamic); 5] {
    [
        ("casepeer", Dynamic::from(casepeer::CasePeerValue(desk.clone()))),
        ("case_status", Dynamic::from(case_status::CaseStatusValue(desk.clone()))),
        ("firm", Dynamic::from(run::FirmValue(desk.clone()))),
        ("run", Dynamic::from(run::RunValue(desk.clone()))),
        ("log", Dynamic::from(run::LogValue(desk.clone()))),
    ]
}

/// The names as a scope, for definitions.
pub(super) fn scope(desk: &ScriptApi) -> Scope<'static> {
    let mut scope = Scope::new();
    for (name, value) in named(desk) {
        scope.push_constant_dynamic(name, value);
    }
    scope
}

/// The names with their types.
pub(super) fn types(desk: &ScriptApi) -> Vec<(&'static str, ValueType)> {
    named(desk).into_iter().map(|(name, value)| (name, ValueType::of_rust(value.type_name()))).collect()
}

/// Gives an engine the desk's names and functions. The names are found in functions too, where a scope's would not be.
pub(super) fn register(engine: &mut Engine, desk: &ScriptApi) {
    engine
        .register_type_with_name::<casepeer::CasePeerValue>("CasePeer")
        .register_type_with_name::<case_status::CaseStatusValue>("CaseStatus")
        .register_type_with_name::<run::FirmValue>("Firm")
        .register_type_with_name::<run::RunValue>("Run")
        .register_type_with_name::<run::LogValue>("Log")
        .register_type_with_name::<result::ResultValue>("Result");
    let mut names = Module::new();
    for (name, value) in named(desk) {
        names.set_var(name, value);
    }
    engine
        .register_global_module(names.into())
        .register_global_module(exported_module!(casepeer::casepeer_functions).into())
        .register_global_module(exported_module!(case_status::case_status_functions).into())
        .register_global_module(exported_module!(run::run_functions).into())
        .register_global_module(exported_module!(result::result_functions).into());
}
