//! `casebridge messages|documents|outbox FIRM`: one pass now.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Context, Exit, Refusal, rows};
use crate::rules::FirmRules;
use crate::runs::{Host, RunError, RunReport};

/// Makes one pass over a firm.
pub(super) async fn pass<F>(context: &Context, firm: &str, make: F) -> Result<Exit, Refusal>
where
    F: AsyncFnOnce(&Host, Arc<FirmRules>, bool, &CancellationToken) -> Result<Option<RunReport>, RunError>,
{
    let rules = context.rules(firm).await?;
    let host = context.host().await?;
    let finished = make(&host, rules, false, &context.cancel).await?;
    host.store.close().await;
    // A pass that someone asks for always has a run.
    Ok(finished.map_or(Exit::Success, |finished| rows::show(context, &finished)))
}
