//! Runs: listed, shown as they go and as they ended, approved, cancelled, taken back.

mod act;
mod events;
mod list;
mod show;

use crate::web::access::{Access, Routes};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/runs", Access::Known, list::of_all)
        .get("/firms/{firm}/runs", Access::SeesFirm, list::of_firm)
        .get("/runs/{run}", Access::SeesRun, show::show)
        .get("/runs/{run}/events", Access::SeesRun, events::events)
        .get("/runs/{run}/report.csv", Access::SeesRun, crate::web::report::report)
        .post("/runs/{run}/approve", Access::Support, act::approve)
        .post("/runs/{run}/cancel", Access::WorksForRun, act::cancel)
        .post("/runs/{run}/undo", Access::Support, act::undo)
        .post("/runs/{run}/apply", Access::Support, act::apply)
}
