//! The instances that serve from the store, for whoever looks after the machines.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{Frame, Here, page};
use crate::jobs::Presence;
use crate::store::InstanceStanding;
use crate::web::Served;
use crate::web::access::{Access, Routes};
use crate::web::caller::Caller;
use crate::web::problem::Problem;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/instances", Access::Support, show)
}

#[derive(Template)]
#[template(path = "instances.html")]
struct InstancesPage {
    frame: Frame,
    instances: Vec<InstanceStanding>,
    own: String,
}

/// All of them.
async fn show(State(served): State<Served>, caller: Caller) -> Result<Response, Problem> {
    let instances = served.host.store.instances_within(Presence::LASTS).await?;
    Ok(page(&InstancesPage { frame: Frame::of(&caller, Here::Activity), instances, own: served.instance.to_string() }))
}
