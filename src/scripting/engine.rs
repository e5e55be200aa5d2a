//! Rhai engines that a hostile script cannot hang, fill memory with, or get out of.

use rhai::module_resolvers::DummyModuleResolver;
use rhai::{Engine, EvalAltResult, INT, LexError, Position, Token};

use super::limits::{ScriptLimits, overdue, progress};
use super::{closures, values};

/// What expressions and hooks hold at most: a case and a little beside it.
const SMALL: usize = 10_000;

/// The longest text of an expression, in bytes.
const EXPRESSION_TEXT: usize = 64 * 1024;

/// An engine for expressions: small limits, since an expression looks at one case and answers.
pub(super) fn for_expressions() -> Engine {
    let mut engine = pure(EXPRESSION_TEXT);
    engine.set_max_operations(100_000);
    engine.set_max_call_levels(16);
    engine.set_max_variables(64);
    // A closure is a function: `staff.some(|member| member.role == "paralegal")`.
    engine.set_max_functions(16);
    engine.set_max_modules(0);
    engine.set_max_string_size(EXPRESSION_TEXT);
    engine
}

/// An engine for hooks.
pub(super) fn for_hooks(limits: &ScriptLimits) -> Engine {
    let mut engine = pure(limits.string_size);
    limited(&mut engine, limits);
    engine.set_max_operations((limits.operations / 100).max(1));
    engine.set_max_array_size(limits.array_size.min(SMALL));
    engine.on_progress(progress);
    engine
}

/// An engine for migrations, which may read the clock.
pub(super) fn for_migrations(limits: &ScriptLimits) -> Engine {
    let mut engine = bare(limits.string_size);
    limited(&mut engine, limits);
    engine.set_max_operations(limits.operations);
    engine.on_progress(progress);
    engine
}

fn limited(engine: &mut Engine, limits: &ScriptLimits) {
    engine.set_max_call_levels(limits.depth);
    engine.set_max_variables(limits.variables);
    engine.set_max_functions(1_000);
    engine.set_max_modules(limits.modules);
    engine.set_max_string_size(limits.string_size);
    engine.set_max_array_size(limits.array_size);
    engine.set_max_map_size(limits.map_size);
}

/// An engine whose scripts see values and no clock, so that a plan of the same case is the same plan.
fn pure(longest_text: usize) -> Engine {
    let mut engine = bare(longest_text);
    engine.set_max_array_size(SMALL);
    engine.set_max_map_size(1_000);
    engine.register_fn("timestamp", || refused("timestamp"));
    engine
}

fn bare(longest_text: usize) -> Engine {
    let mut engine = Engine::new();
    engine.set_max_expr_depths(64, 32);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    engine.disable_symbol("eval");
    engine.set_module_resolver(DummyModuleResolver::new());
    // The standard library sleeps and prints; neither is a script's business.
    engine.register_fn("sleep", |_: INT| refused("sleep"));
    engine.register_fn("sleep", |_: f64| refused("sleep"));
    // Rhai looks a name up among all variables of a script: of many variables, reading takes the square of their number.
    #[allow(deprecated)] // volatile, its documentation says, and not deprecated
    engine.on_parse_token(|token, _, _| match overdue() {
        Some(allowed) => Token::LexError(Box::new(LexError::Runtime(format!("it took more than {allowed:?} to read the script so far")))),
        None => token,
    });
    engine.on_print(|_| {});
    engine.on_debug(|_, _, _| {});
    values::register(&mut engine, longest_text);
    closures::register(&mut engine);
    engine
}

fn refused(name: &str) -> Result<(), Box<EvalAltResult>> {
    Err(EvalAltResult::ErrorFunctionNotFound(name.into(), Position::NONE).into())
}
