//! The guard's limit on invitations: each case that is created invites a client, and nobody can take an invitation back.

use jiff::{Timestamp, ToSpan as _};

use super::RunError;
use super::guard::Approved;
use crate::domain::CaseId;
use crate::rules::FirmRules;
use crate::store::Store;

/// Why a run that would create these cases is to be held, or `None` to let it go on. Only migrations and connects of a list are counted: a
/// person looked at the one case of any other connect and confirmed it.
pub(super) async fn hold_invitations(
    store: &Store,
    rules: &FirmRules,
    created: &[CaseId],
    approved: Option<&Approved>,
) -> Result<Option<String>, RunError> {
    if created.is_empty() {
        return Ok(None);
    }
    let recent = store.invitations_since(&rules.firm, Timestamp::now() - 24.hours()).await?;
    let limit = &rules.guard.max_invitations;
    let now = created.len() as u64;
    if now + recent <= limit.value {
        return Ok(None);
    }
    let shown = format!(
        "{now} clients would be invited now and {recent} were in the last 24 hours, more than the {} allowed ({})",
        limit.value, limit.origin
    );
    let Some(approved) = approved else { return Ok(Some(shown)) };
    let new = created.iter().filter(|case| !approved.covers_creation(**case)).count();
    Ok((new > 0).then(|| format!("{new} invitations are not among those approved; {shown}")))
}
