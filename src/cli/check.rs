//! `casebridge check [FIRM…]`: every fault of every file at once.

use serde_json::json;

use super::context::known_firm;
use super::{Context, Exit, Refusal, answer};
use crate::diagnostic::render_all;

pub(super) fn check(context: &Context, firms: &[String]) -> Result<Exit, Refusal> {
    let mut generation = context.generation();
    if !firms.is_empty() {
        let wanted = firms.iter().map(|firm| known_firm(&generation, firm)).collect::<Result<Vec<_>, _>>()?;
        generation.firms.retain(|firm, _| wanted.contains(firm));
    }
    let diagnostics = generation.diagnostics();
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.is_error()).count();
    let sound = generation.firms.values().filter(|firm| firm.rules.is_some()).count();
    if context.json {
        let firms: Vec<_> = generation
            .firms
            .iter()
            .map(|(id, firm)| json!({ "firm": id.as_str(), "revision": firm.rules.as_ref().map(|rules| rules.revision.to_string()) }))
            .collect();
        answer::line(json!({ "ok": errors == 0, "firms": firms, "diagnostics": diagnostics }));
    } else {
        if !diagnostics.is_empty() {
            answer::line(render_all(&diagnostics, context.color));
        }
        answer::line(summary(sound, errors, diagnostics.len() - errors));
    }
    Ok(if errors == 0 { Exit::Well } else { Exit::Failed })
}

fn summary(sound: usize, errors: usize, warnings: usize) -> String {
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let mut parts = Vec::new();
    if errors > 0 {
        parts.push(plural(errors, "fault"));
    }
    if warnings > 0 {
        parts.push(plural(warnings, "warning"));
    }
    parts.push(format!("{} in order", plural(sound, "firm")));
    parts.join(", ")
}
