//! The instances that serve from the store, for whoever looks after the machines.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{Layout, NavItem, page};
use crate::jobs::Heartbeat;
use crate::store::InstanceStanding;
use crate::web::AppState;
use crate::web::access::{Access, Routes};
use crate::web::caller::Caller;
use crate::web::problem::Problem;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/instances", Access::Support, show)
}

#[derive(Template)]
#[template(path = "instances.html")]
struct InstancesPage {
    frame: Layout,
    instances: Vec<InstanceStanding>,
    own: String,
}

/// All of them.
async fn show(State(app): State<AppState>, caller: Caller) -> Result<Response, Problem> {
    let instances = app.host.store.instances_within(Heartbeat::LASTS).await?;
    Ok(page(&InstancesPage { frame: Layout::of(&caller, NavItem::Activity), instances, own: app.instance.to_string() }))
}
