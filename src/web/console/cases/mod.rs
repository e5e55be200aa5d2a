//! Cases: connected, synced all or one, explained.

mod connect;
mod explain;
mod sync;

use crate::domain::CaseId;
use crate::jobs::RequestError;
use crate::web::access::{Access, Routes};
use crate::web::problem::Problem;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/firms/{firm}/connect", Access::WorksForFirm, connect::show)
        .post("/firms/{firm}/connect", Access::WorksForFirm, connect::confirm)
        .get("/firms/{firm}/sync", Access::WorksForFirm, sync::show)
        .post("/firms/{firm}/sync", Access::WorksForFirm, sync::all)
        .post("/firms/{firm}/sync/look", Access::WorksForFirm, sync::look)
        .post("/firms/{firm}/sync/case", Access::WorksForFirm, sync::one)
        .get("/firms/{firm}/cases/{case}", Access::SeesFirm, explain::show)
}

/// Reads a case that somebody typed: its number, or its CASEpeer URL.
pub(in crate::web::console) fn typed_case(text: &str) -> Result<CaseId, String> {
    CaseId::parse(text.trim()).ok_or_else(|| "write the case's number, such as 48213, or paste its CASEpeer URL".to_owned())
}

/// Why something was not done, if that is something to be said at the form; anything else is a page of its own.
pub(in crate::web::console) fn said(declined: RequestError) -> Result<String, Problem> {
    match declined {
        RequestError::Vendor(failure) => Ok(failure.to_string()),
        RequestError::NoRules => Ok("the firm's rules cannot be used now; your integration support can say why".to_owned()),
        other => Err(other.into()),
    }
}
