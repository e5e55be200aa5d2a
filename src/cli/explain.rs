//! `casebridge explain FIRM ID`: how each attribute came to be.

use super::rows::printable;
use super::{Context, Exit, Refusal, output};
use crate::domain::CaseId;
use crate::runs::{Explanation, explain_case};

pub(super) async fn explain(context: &Context, firm: &str, case: CaseId) -> Result<Exit, Refusal> {
    let rules = context.rules(firm).await?;
    let explanation =
        explain_case(&context.vendor_pool().await?, &rules, case).await.map_err(|failure| Refusal::failed(failure.to_string()))?;
    if context.json {
        output::json(&explanation);
    } else {
        output::text(as_text(&explanation));
    }
    Ok(Exit::Success)
}

fn as_text(explanation: &Explanation) -> String {
    let mut text = format!(
        "{} {} {}\n{}\n",
        explanation.integration_id,
        printable(&explanation.readable_id),
        printable(&explanation.client),
        printable(&explanation.outcome)
    );
    for attribute in &explanation.attributes {
        text.push_str(&format!("\n{}\n", attribute.attribute));
        for (what, value) in [("CASEpeer", &attribute.casepeer), ("Case Status", &attribute.case_status)] {
            if !value.is_empty() {
                text.push_str(&format!("  {what:<12} {}\n", printable(value)));
            }
        }
        if let Some(rule) = &attribute.rule {
            text.push_str(&format!("  {:<12} {rule}\n", "rule"));
        }
        text.push_str(&format!("  {:<12} {}\n", "outcome", printable(&attribute.outcome)));
    }
    text
}
