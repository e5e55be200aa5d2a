//! A run as it goes: parts of its page, sent as they change.

use std::convert::Infallible;

use askama::Template as _;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt as _};

use super::show::GlancePart;
use crate::web::AppState;
use crate::web::caller::{AuthScheme, AuthorizedRun};
use crate::web::run_watch::{Reader, watch};

/// `progress` with a part of the page, again and again; and once `ended`, upon which the page is asked for anew.
pub(super) async fn events(
    State(app): State<AppState>,
    headers: HeaderMap,
    AuthorizedRun(run): AuthorizedRun,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let glances = watch(app, run.id, Reader { door: AuthScheme::Console, headers }).map(|glance| {
        let part = GlancePart { glance: &glance }.render().unwrap_or_default();
        // An event's data is lines; a part's line ends mean nothing.
        let event = Event::default().event(if glance.has_ended() { "ended" } else { "progress" });
        Ok(event.data(part.replace(['\r', '\n'], " ")))
    });
    Sse::new(glances).keep_alive(KeepAlive::default())
}
