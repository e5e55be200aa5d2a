//! People and programs: who may sign in, which tokens there are, and one's own account.

mod account;
mod role_form;
mod tokens;
mod users;

use crate::web::access::{Access, Routes};

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/people", Access::Support, users::list)
        .post("/people", Access::Support, users::add)
        .post("/people/{email}/role", Access::Support, users::put_role)
        .post("/people/{email}/password", Access::Support, users::put_password)
        .post("/people/{email}/disable", Access::Support, users::disable)
        .post("/people/{email}/enable", Access::Support, users::enable)
        .get("/tokens", Access::Support, tokens::list)
        .post("/tokens", Access::Support, tokens::create)
        .post("/tokens/{token}/revoke", Access::Support, tokens::revoke)
        .get("/account", Access::Known, account::show)
        .post("/account/password", Access::Known, account::put_password)
        .post("/account/sessions/{session}/end", Access::Known, account::end_session)
        .post("/account/sign-out-everywhere", Access::Known, account::sign_out_everywhere)
}
