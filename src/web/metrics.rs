//! `/metrics`: numbers for Prometheus, in the format that is asked for.

use std::collections::HashSet;
use std::fmt::Write as _;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;

use super::{AppState, PATIENCE};
use crate::domain::FirmId;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Numbers for Prometheus: OpenMetrics where it is asked for, and else the older text that everything reads.
pub(super) async fn metrics(State(app): State<AppState>, headers: HeaderMap) -> impl IntoResponse {
    // A store that does not answer is seen by its numbers being none; the others are answered all the same.
    let totals = tokio::time::timeout(PATIENCE, app.host.store.totals()).await;
    app.metrics.totals(totals.ok().and_then(Result::ok));
    let current = app.registry.current();
    let firms: Vec<&FirmId> = current.firms.keys().collect();
    let states = tokio::time::timeout(PATIENCE, app.host.store.firm_states(&firms)).await;
    app.metrics.firm_states(states.ok().and_then(Result::ok).as_deref());
    app.metrics.rules_lag(&app.reloader.rules_lag);
    let text = app.metrics.as_text();
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    let answer = if accepted.contains("application/openmetrics-text") { (OPEN_METRICS, text) } else { (PROMETHEUS, as_prometheus(&text)) };
    ([(header::CONTENT_TYPE, answer.0)], answer.1)
}

/// OpenMetrics as the older text: there, a counter's own name ends in `_total`, and neither units nor the end are said.
fn as_prometheus(open_metrics: &str) -> String {
    let described = |line: &str| -> Option<(String, String, String)> {
        let mut parts = line.strip_prefix("# ")?.splitn(3, ' ').map(str::to_owned);
        Some((parts.next()?, parts.next()?, parts.next()?))
    };
    let counters: HashSet<String> = open_metrics
        .lines()
        .filter_map(described)
        .filter(|(what, _, rest)| what == "TYPE" && rest == "counter")
        .map(|(_, name, _)| name)
        .collect();
    let mut text = String::with_capacity(open_metrics.len());
    for line in open_metrics.lines().filter(|line| *line != "# EOF" && !line.starts_with("# UNIT ")) {
        // Writing to a String cannot fail.
        let _ = match described(line) {
            Some((what, name, rest)) if counters.contains(&name) => writeln!(text, "# {what} {name}_total {rest}"),
            _ => writeln!(text, "{line}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::as_prometheus;

    #[test]
    fn counters_bear_their_whole_name() {
        let open_metrics = "# HELP a_runs Runs, by kind.\n# TYPE a_runs counter\na_runs_total{kind=\"sync\"} 2\n\
            # HELP a_took_seconds How long.\n# TYPE a_took_seconds histogram\n# UNIT a_took_seconds seconds\na_took_seconds_sum 0.5\n# EOF\n";
        let expected = "# HELP a_runs_total Runs, by kind.\n# TYPE a_runs_total counter\na_runs_total{kind=\"sync\"} 2\n\
            # HELP a_took_seconds How long.\n# TYPE a_took_seconds histogram\na_took_seconds_sum 0.5\n";
        assert_eq!(as_prometheus(open_metrics), expected);
    }
}
