//! A firm's rules: its file, edited and checked, and what came of every edit.

mod editor;
pub(in crate::web::console) mod failed_tests;
mod receipts;

use crate::web::access::{Access, Routes};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/firms/{firm}/rules", Access::Support, editor::show)
        .post("/firms/{firm}/rules", Access::Support, editor::save)
        .post("/firms/{firm}/rules/check", Access::Support, editor::check)
        .get("/firms/{firm}/rules/receipts/{receipt}", Access::Support, receipts::show)
        .post("/firms/{firm}/rules/receipts/{receipt}/put-back", Access::Support, receipts::put_back)
}
