//! A run's CSV, for programs and for people: made of the store's rows, so that it is the same from whichever instance is asked.

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use futures_util::{StreamExt as _, stream};

use super::AppState;
use super::caller::AuthorizedRun;
use super::problem::Problem;
use crate::domain::RunId;
use crate::report::csv_lines;
use crate::store::{RowFilter, Store, StoreError};

/// Rows that are in memory at once.
const A_PIECE: u32 = 1_000;

/// A run's CSV, once it has ended and as long as its rows are kept.
pub(super) async fn report(State(app): State<AppState>, AuthorizedRun(run): AuthorizedRun) -> Result<Response, Problem> {
    if run.status.is_open() {
        return Err(Problem::no_report());
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.csv\"", run.id)),
    ];
    let (store, run) = (app.host.store.clone(), run.id);
    // A store that says no says so before anything is answered.
    let (first, next) = piece(&store, &run, 0).await?;
    if next.is_none() {
        return Ok((headers, first).into_response());
    }
    let rest = stream::try_unfold(next, move |from| {
        let (store, run) = (store.clone(), run.clone());
        async move {
            match from {
                Some(from) => piece(&store, &run, from).await.map(Some),
                None => Ok(None),
            }
        }
    });
    let body = Body::from_stream(stream::once(async { Ok::<_, StoreError>(first) }).chain(rest));
    Ok((headers, body).into_response())
}

/// The lines of the rows from this one on, and where the next piece begins.
async fn piece(store: &Store, run: &RunId, from: u32) -> Result<(Bytes, Option<u32>), StoreError> {
    let rows = store.some_rows(run, RowFilter::All, from, A_PIECE).await?;
    let next = u32::try_from(rows.len()).ok().filter(|count| *count == A_PIECE).map(|count| from + count);
    let lines = csv_lines(&rows, from == 0).map_err(|_| StoreError::Unreadable("row"))?;
    Ok((lines.into(), next))
}
