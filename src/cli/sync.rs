//! `casebridge sync FIRM [--case ID]`.

use super::watched::watched;
use super::{Context, Exit, Refusal, rows};
use crate::domain::CaseId;
use crate::sync::{sync_case, sync_firm};

pub(super) async fn sync(context: &Context, firm: &str, case: Option<CaseId>) -> Result<Exit, Refusal> {
    let rules = context.rules(firm)?;
    let host = context.host().await?;
    let finished = match case {
        Some(case) => sync_case(&host, rules, case, false, &context.cancel).await?,
        None => watched(context.json, async |progress| sync_firm(&host, rules, false, progress, &context.cancel).await).await?,
    };
    host.store.close().await;
    Ok(rows::show(context, &finished))
}
