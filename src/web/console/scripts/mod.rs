//! The scripts of the scripts folder: listed, read, and run for a firm. They are edited on disk; no file of theirs is written here.

mod form;
mod list;
mod look;
mod show;

use axum::extract::DefaultBodyLimit;
use axum::handler::Handler as _;

pub(super) use self::show::said;
use crate::web::access::{Access, Routes};

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/scripts", Access::Support, list::show).get("/scripts/{*name}", Access::Support, show::show).post(
        "/scripts/{*name}",
        Access::Support,
        show::look.layer(DefaultBodyLimit::max(form::MAX_FORM)),
    )
}
