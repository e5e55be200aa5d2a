//! The activity of all firms.

use askama::Template;
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{Frame, Here, page};
use crate::web::caller::Caller;

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    frame: Frame,
}

/// Who is about one firm is taken to it.
pub(super) async fn show(caller: Caller) -> Response {
    match caller.role.firm() {
        Some(firm) => Redirect::to(&format!("/firms/{firm}")).into_response(),
        None => page(&ActivityPage { frame: Frame::of(&caller, Here::Activity) }),
    }
}
