//! Firms: all of them, and one at a glance with its schedules.

mod gone;
mod health;
mod list;
mod overview;
mod schedules;
mod switch;

pub(super) use self::health::{Trouble, troubles};
use crate::web::access::{Access, Routes};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/firms", Access::Known, list::show)
        .get("/firms/{firm}", Access::SeesFirm, overview::show)
        .post("/gone", Access::Support, gone::remove)
        .post("/firms/{firm}/enable", Access::Support, switch::enable)
        .post("/firms/{firm}/disable", Access::Support, switch::disable)
        .post("/firms/{firm}/schedules/{schedule}", Access::Support, schedules::put)
}
