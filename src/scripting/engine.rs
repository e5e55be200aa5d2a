//! A Rhai engine that a hostile expression cannot hang, fill memory with, or get out of.

use rhai::{Engine, EvalAltResult, INT, Position};

/// An engine for expressions: small limits, since an expression looks at one case and answers.
pub(super) fn for_expressions() -> Engine {
    let mut engine = Engine::new();
    engine.set_max_operations(100_000);
    engine.set_max_expr_depths(64, 32);
    engine.set_max_call_levels(16);
    engine.set_max_variables(64);
    // A closure is a function: `staff.some(|member| member.role == "paralegal")`.
    engine.set_max_functions(16);
    engine.set_max_modules(0);
    engine.set_max_string_size(64 * 1024);
    engine.set_max_array_size(10_000);
    engine.set_max_map_size(1_000);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    engine.disable_symbol("eval");
    engine.set_module_resolver(rhai::module_resolvers::DummyModuleResolver::new());
    // The standard library sleeps and prints; neither is an expression's business.
    engine.register_fn("sleep", |_: INT| refused("sleep"));
    engine.register_fn("sleep", |_: f64| refused("sleep"));
    // An expression sees the case and no clock, so that a plan of the same case is the same plan.
    engine.register_fn("timestamp", || refused("timestamp"));
    engine.on_print(|_| {});
    engine.on_debug(|_, _, _| {});
    engine
}

fn refused(name: &str) -> Result<(), Box<EvalAltResult>> {
    Err(EvalAltResult::ErrorFunctionNotFound(name.into(), Position::NONE).into())
}
