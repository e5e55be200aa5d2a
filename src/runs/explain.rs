//! Explain a case: read it on both sides, plan it, and say how each attribute came to be. Writes nothing, records nothing.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::VendorPool;
use crate::domain::{CaseId, Kind};
use crate::rules::{Explained, FirmRules, draft, explain, plan};
use crate::vendors::Failure;

/// A case, explained.
#[derive(Debug, Serialize, ToSchema)]
pub struct Explanation {
    /// The case.
    pub integration_id: String,
    /// CASEpeer's case number.
    pub readable_id: String,
    /// The client's full name.
    pub client: String,
    /// What a sync would do with the case as a whole, in a sentence.
    pub outcome: String,
    /// Each attribute.
    pub attributes: Vec<Explained>,
}

/// Explains one case.
pub async fn explain_case(vendor_pool: &VendorPool, rules: &Arc<FirmRules>, id: CaseId) -> Result<Explanation, Failure> {
    let clients = vendor_pool.clients(rules, Kind::SyncCase);
    let (case, existing, directory) =
        tokio::try_join!(clients.casepeer.case(id), clients.case_status.case_of(id), clients.case_status.directory())?;
    let mut explanation = Explanation {
        integration_id: id.to_string(),
        readable_id: String::new(),
        client: String::new(),
        outcome: String::new(),
        attributes: Vec::new(),
    };
    if let Some(case) = &case {
        explanation.readable_id = case.case_number.to_string();
        explanation.client = case.client.full_name();
    }
    if let (None, Some(existing)) = (&case, &existing) {
        explanation.readable_id = existing.readable_id.to_string();
        explanation.client = existing.client.to_string();
    }
    explanation.outcome = match (case, existing) {
        (Some(case), Some(existing)) => {
            // The firm's hooks may take a while.
            let plan = tokio::task::block_in_place(|| plan(rules, &directory, &case, &existing));
            explanation.attributes = explain(rules, &directory, &case, &existing, &plan);
            match (plan.refused, plan.changes.is_empty()) {
                (true, _) => "a sync refuses this case".to_owned(),
                (false, true) => "a sync changes nothing".to_owned(),
                (false, false) => format!("a sync changes {}", plan.changes.describe(&existing)),
            }
        }
        (None, Some(_)) => "CASEpeer no longer has this case, so a sync skips it".to_owned(),
        (None, None) => "neither CASEpeer nor Case Status has this case".to_owned(),
        (Some(case), None) => match tokio::task::block_in_place(|| draft(rules, &directory, &case)) {
            Ok(draft) => format!(
                "Case Status has no such case, so a sync skips it; connect would create it in practice area \"{}\" at stage {}",
                draft.new_case.practice_area, draft.new_case.stage
            ),
            Err(problems) => {
                let problems: Vec<String> = problems.iter().map(|note| note.text.clone()).collect();
                format!("Case Status has no such case, so a sync skips it; connect would refuse it: {}", problems.join("; "))
            }
        },
    };
    Ok(explanation)
}
