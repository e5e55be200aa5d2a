//! `casebridge check [FIRM…]`: every fault of every file at once, rules, tests and scripts together.

use serde_json::json;

use super::context::known_firm;
use super::{Context, Exit, Refusal, output};
use crate::diagnostic::{Diagnostic, render_all};
use crate::ruleset::{Generation, TestFile};
use crate::scripting::Migration;

pub(super) fn check(context: &Context, firms: &[String]) -> Result<Exit, Refusal> {
    let mut generation = context.generation();
    if !firms.is_empty() {
        let wanted = firms.iter().map(|firm| known_firm(&generation, firm)).collect::<Result<Vec<_>, _>>()?;
        generation.firms.retain(|firm, _| wanted.contains(firm));
    }
    let mut diagnostics = generation.diagnostics();
    diagnostics.extend(test_faults(context, &generation, false));
    let scripts = if firms.is_empty() { scripts(context, &mut diagnostics) } else { Vec::new() };
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let sound = generation.firms.values().filter(|firm| firm.rules.is_some()).count();
    if context.json {
        let firms: Vec<_> = generation
            .firms
            .iter()
            .map(|(id, firm)| json!({ "firm": id.as_str(), "revision": firm.rules.as_ref().map(|rules| rules.revision.to_string()) }))
            .collect();
        output::line(json!({ "ok": errors == 0, "firms": firms, "scripts": scripts, "diagnostics": diagnostics }));
    } else {
        if !diagnostics.is_empty() {
            output::line(render_all(&diagnostics, context.color));
        }
        output::line(summary(sound, scripts.len(), errors, diagnostics.len() - errors));
    }
    Ok(if errors == 0 { Exit::Success } else { Exit::Failed })
}

/// What test files have wrong and, where `outcomes` count, the tests that fail: whether they pass is not `check`'s question.
pub(super) fn test_faults(context: &Context, generation: &Generation, outcomes: bool) -> Vec<Diagnostic> {
    let (files, mut faults) = TestFile::in_folder(&context.rules_folder());
    for file in files {
        if let Some(rules) = generation.firms.get(&file.firm).and_then(|firm| firm.rules.as_ref()) {
            match file.run(rules) {
                Ok(tested) if outcomes => faults.extend(tested.into_iter().filter_map(|test| test.fault)),
                Ok(_) => {}
                Err(found) => faults.extend(found),
            }
        }
    }
    faults
}

/// What scripts have wrong.
pub(super) fn script_faults(context: &Context) -> Vec<Diagnostic> {
    let mut faults = Vec::new();
    scripts(context, &mut faults);
    faults
}

/// The scripts that are in order, those of firms' hooks aside, which are checked with their rules.
fn scripts(context: &Context, faults: &mut Vec<Diagnostic>) -> Vec<String> {
    let folder = context.scripts();
    // Which script is whose does not depend on keys.
    let generation = context.generation_without_secrets();
    let hooks = generation.firms.values().filter_map(|firm| firm.rules.as_ref()?.hooks.as_ref());
    let hooks: Vec<String> = hooks.map(|hooks| folder.name_of(hooks.file())).collect();
    let mut sound = Vec::new();
    for name in folder.names().into_iter().filter(|name| !hooks.contains(name)) {
        match Migration::load(&folder, &name, &context.script_limits()) {
            Ok(script) => sound.push(script.name),
            Err(found) => found.into_iter().for_each(|fault| {
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
            }),
        }
    }
    sound
}

fn summary(sound: usize, scripts: usize, errors: usize, warnings: usize) -> String {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(plural(errors, "fault"));
    }
    if warnings > 0 {
        parts.push(plural(warnings, "warning"));
    }
    let scripts = if scripts > 0 { format!(" and {}", plural(scripts, "migration")) } else { String::new() };
    parts.push(format!("{}{scripts} in order", plural(sound, "firm")));
    parts.join(", ")
}
