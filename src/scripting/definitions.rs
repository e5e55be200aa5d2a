//! What an editor needs to know of everything that scripts can use.

use rhai::Engine;

use super::api::{self, ScriptApi};
use super::engine;
use super::limits::ScriptLimits;

/// A `.d.rhai` file with every type, function, property and name that scripts find, beside Rhai's own.
pub fn definitions() -> String {
    let desk = ScriptApi::default();
    let mut engine: Engine = engine::for_migrations(&ScriptLimits::default());
    api::register(&mut engine, &desk);
    let scope = api::scope(&desk);
    let written = engine.definitions_with_scope(&scope).include_standard_packages(false).with_headers(false).single_file();
    // What is registered without a module has no names: only replacements of Rhai's own functions are.
    let known = written.split("\n\n").filter(|item| !item.contains("(_: "));
    known.map(plain).collect::<Vec<_>>().join("\n\n")
}

/// Rhai writes Rust's types where scripts know others.
fn plain(item: &str) -> String {
    let (docs, signature) = match item.rfind("\nfn ") {
        Some(at) => item.split_at(at),
        None => ("", item),
    };
    if !signature.trim_start().starts_with("fn ") {
        return item.to_owned();
    }
    let mut signature = signature.to_owned();
    if let Some((before, answer)) = signature.split_once("-> Result<") {
        let answer = answer.rsplit_once(',').map_or(answer, |(answer, _)| answer);
        signature = format!("{before}-> {answer};");
    }
    for (rust, rhai) in [("Value", ""), ("ImmutableString", "string"), ("String", "string"), ("Array", "array"), ("-> ()", "-> ()")] {
        signature = signature.replace(rust, rhai);
    }
    format!("{docs}{signature}")
}
