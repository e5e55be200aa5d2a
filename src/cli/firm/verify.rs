//! `casebridge firm verify FIRM`: both keys proved, the mapping held against what is there.

use serde_json::json;

use crate::cli::rows::printable;
use crate::cli::table::{as_text as table_text, table};
use crate::cli::{Context, Exit, Refusal, output};
use crate::domain::Account;
use crate::runs::{Verification, verify as verify_firm};
use crate::vendors::Failure;

pub(super) async fn verify(context: &Context, firm: &str) -> Result<Exit, Refusal> {
    let rules = context.rules(firm).await?;
    let host = context.host().await?;
    let verification = verify_firm(&host.vendor_pool, &host.store, &rules).await.map_err(|error| Refusal::failed(error.to_string()))?;
    host.store.close().await;
    if context.json {
        output::line(as_json(&verification));
    } else {
        output::text(as_text(firm, &verification));
    }
    Ok(if verification.is_ready() { Exit::Success } else { Exit::Failed })
}

fn as_json(verification: &Verification) -> serde_json::Value {
    let side = |account: &Result<Account, Failure>| match account {
        Ok(account) => json!({ "ok": true, "firm_name": account.name, "account": account.id }),
        Err(failure) => json!({ "ok": false, "error": failure.to_string() }),
    };
    let stages: Vec<_> = verification
        .stages
        .iter()
        .map(|seen| {
            json!({ "case_type": seen.case_type, "stage": seen.stage, "cases": seen.cases, "becomes": seen.becomes,
                "rule": seen.rule, "problem": seen.problem })
        })
        .collect();
    let areas: Vec<_> = verification
        .practice_areas
        .iter()
        .map(|seen| json!({ "case_type": seen.case_type, "cases": seen.cases, "becomes": seen.becomes, "problem": seen.problem }))
        .collect();
    json!({
        "ready": verification.is_ready(),
        "casepeer": side(&verification.casepeer),
        "case_status": side(&verification.case_status),
        "missing_targets": verification.missing_targets,
        "doubts": verification.doubts,
        "stages": stages,
        "practice_areas": areas,
    })
}

fn as_text(firm: &str, verification: &Verification) -> String {
    let side = |vendor: &str, account: &Result<Account, Failure>| match account {
        Ok(account) => format!("{vendor}: the key is good, the firm is {}\n", printable(&account.name)),
        Err(failure) => format!("{vendor}: not proved: {failure}\n"),
    };
    let mut text = side("CASEpeer", &verification.casepeer);
    text.push_str(&side("Case Status", &verification.case_status));
    for missing in &verification.missing_targets {
        text.push_str(&format!("{missing}\n"));
    }
    for doubt in &verification.doubts {
        text.push_str(&format!("{}\n", printable(doubt)));
    }
    if !verification.doubts.is_empty() {
        text.push_str(&format!("If both accounts are the firm's: casebridge firm trust {firm} --account\n"));
    }
    if !verification.practice_areas.is_empty() {
        let mut table = table(["case type", "cases", "practice area", ""]);
        for seen in &verification.practice_areas {
            let (becomes, problem) = (seen.becomes.clone().unwrap_or_default(), seen.problem.clone().unwrap_or_default());
            table.add_row([printable(&seen.case_type), seen.cases.to_string(), becomes, problem]);
        }
        text.push_str(&format!("\n{}\n", table_text(&table)));
    }
    if !verification.stages.is_empty() {
        let mut table = table(["case type", "stage", "cases", "becomes", "rule", ""]);
        for seen in &verification.stages {
            let shown = [&seen.becomes, &seen.rule, &seen.problem].map(|cell| cell.clone().unwrap_or_default());
            let [becomes, rule, problem] = shown;
            table.add_row([printable(&seen.case_type), printable(&seen.stage), seen.cases.to_string(), becomes, rule, problem]);
        }
        text.push_str(&format!("\n{}\n", table_text(&table)));
    }
    text.push_str(if verification.is_ready() { "\nready\n" } else { "\nnot ready\n" });
    text
}
