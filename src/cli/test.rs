//! `casebridge test [FIRM…]`: the tests of firms' rules, with no network and no keys.

use serde_json::json;

use super::context::known_firm;
use super::{Context, Exit, Refusal, output};
use crate::diagnostic::{Diagnostic, render_all};
use crate::domain::FirmId;
use crate::ruleset::{Difference, TestFile, Tested};

/// A firm whose tests were run.
struct TestedFirm {
    firm: FirmId,
    tests: Vec<Tested>,
}

pub(super) fn test(context: &Context, firms: &[String]) -> Result<Exit, Refusal> {
    let generation = context.generation_without_secrets();
    let (files, mut faults) = TestFile::in_folder(&context.rules_folder());
    let wanted = firms.iter().map(|firm| known_firm(&generation, firm)).collect::<Result<Vec<_>, _>>()?;
    let mut tested = Vec::new();
    for file in files.iter().filter(|file| wanted.is_empty() || wanted.contains(&file.firm)) {
        match generation.firms.get(&file.firm) {
            None => faults.push(Diagnostic::without_place(format!("there are tests for a firm `{}`, and no rules of it", file.firm))),
            Some(firm) => match &firm.rules {
                None => faults.extend(generation.common.iter().chain(&firm.diagnostics).filter(|fault| fault.is_error()).cloned()),
                Some(rules) => match file.run(rules) {
                    Ok(tests) => tested.push(TestedFirm { firm: file.firm.clone(), tests }),
                    Err(found) => faults.extend(found),
                },
            },
        }
    }
    faults.dedup();
    let failed = tested.iter().flat_map(|firm| &firm.tests).filter(|test| !test.differences.is_empty()).count();
    let ok = failed == 0 && faults.is_empty();
    if context.json {
        output::json(&as_json(ok, &tested, &faults));
    } else {
        output::text(as_text(&tested, &faults, context.color));
    }
    Ok(if ok { Exit::Success } else { Exit::Failed })
}

fn as_json(ok: bool, tested: &[TestedFirm], faults: &[Diagnostic]) -> serde_json::Value {
    let difference =
        |difference: &Difference| json!({ "what": difference.what, "expected": difference.expected, "came_out": difference.came_out });
    let test = |test: &Tested| {
        let differences: Vec<_> = test.differences.iter().map(difference).collect();
        json!({ "name": test.name, "place": test.place, "ok": differences.is_empty(), "differences": differences })
    };
    let firm = |firm: &TestedFirm| {
        let failed = firm.tests.iter().filter(|test| !test.differences.is_empty()).count();
        let tests: Vec<_> = firm.tests.iter().map(test).collect();
        json!({ "firm": firm.firm.as_str(), "passed": tests.len() - failed, "failed": failed, "tests": tests })
    };
    json!({ "ok": ok, "firms": tested.iter().map(firm).collect::<Vec<_>>(), "diagnostics": faults })
}

fn as_text(tested: &[TestedFirm], faults: &[Diagnostic], color: bool) -> String {
    let mut text = String::new();
    for firm in tested {
        for test in firm.tests.iter().filter(|test| !test.differences.is_empty()) {
            text.push_str(&format!("{} failed: {} ({})\n", firm.firm, test.name, test.place));
            for difference in &test.differences {
                text.push_str(&format!("  {}\n", difference.what));
                difference.expected.iter().for_each(|line| text.push_str(&format!("    - {line}\n")));
                difference.came_out.iter().for_each(|line| text.push_str(&format!("    + {line}\n")));
            }
            text.push('\n');
        }
    }
    if !faults.is_empty() {
        text.push_str(&render_all(faults, color));
        text.push('\n');
    }
    for firm in tested {
        let failed = firm.tests.iter().filter(|test| !test.differences.is_empty()).count();
        let passed = firm.tests.len() - failed;
        let failures = if failed > 0 { format!(", {failed} failed") } else { String::new() };
        text.push_str(&format!("{}: {passed} passed{failures}\n", firm.firm));
    }
    if tested.is_empty() && faults.is_empty() {
        text.push_str("no tests: add rules/<firm>.test.yaml\n");
    }
    text
}
