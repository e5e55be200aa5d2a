//! Firms: all of them, and one at a glance with its schedules.

mod health;
mod list;
mod overview;
mod schedules;

pub(super) use self::health::{Trouble, troubles};
use crate::web::access::{Access, Routes};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/firms", Access::Known, list::show).get("/firms/{firm}", Access::SeesFirm, overview::show).post(
        "/firms/{firm}/schedules/{schedule}",
        Access::Support,
        schedules::put,
    )
}
