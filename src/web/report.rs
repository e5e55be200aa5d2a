//! A run's CSV, for programs and for people.

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::Served;
use super::caller::SeenRun;
use super::problem::Problem;

/// A run's CSV, as long as it is kept.
pub(super) async fn report(State(served): State<Served>, SeenRun(run): SeenRun) -> Result<Response, Problem> {
    // The id names files safely: nothing else is a run's id.
    let file = File::open(served.host.reports_dir.join(format!("{}.csv", run.id))).await.map_err(|_| Problem::no_report())?;
    let size = file.metadata().await.map_err(|_| Problem::no_report())?.len();
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.csv\"", run.id)),
        (header::CONTENT_LENGTH, size.to_string()),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}
