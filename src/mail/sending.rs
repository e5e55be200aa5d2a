//! Sends a message until every reader's part is settled: taken, refused for good, or out of tries and time.

use std::time::Duration;

use backon::{BackoffBuilder as _, ExponentialBuilder};
use lettre::Address;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::error::MailError;
use super::session::{Line, Refusals};

/// After the first try, so many more.
const TRIES_MORE: usize = 3;
/// Before the second try; each later pause is twice as long.
const PAUSE: Duration = Duration::from_millis(500);

/// Sends a message and answers the readers whom it did not get to, each with the last reason. `limit` is for all tries together.
///
/// A connection that breaks off after the message was handed over leaves open whether it was taken. It is sent again: a reader can do
/// with the same message twice, and programs for mail know it by its id.
pub(super) async fn send(
    line: &Line,
    from: &Address,
    to: &[Address],
    message: &[u8],
    limit: Duration,
    stop: &CancellationToken,
) -> Refusals {
    let deadline = Instant::now() + limit;
    let mut pauses = ExponentialBuilder::default().with_min_delay(PAUSE).with_max_times(TRIES_MORE).with_jitter().build();
    let mut given_up = Refusals::new();
    let mut waiting = to.to_vec();
    loop {
        let outcome = tokio::select! {
            outcome = timeout_at(deadline, line.send(from, &waiting, message)) => outcome,
            () = stop.cancelled() => Ok(Err(MailError::Stopped)),
        };
        let timed_out = |_| Err(MailError::TimedOut { server: line.server.to_string(), limit });
        let refusals = match outcome.unwrap_or_else(timed_out) {
            Ok(refusals) => refusals,
            Err(error) => waiting.drain(..).map(|reader| (reader, error.clone())).collect(),
        };
        let (passing, lasting): (Refusals, Refusals) = refusals.into_iter().partition(|(_, error)| error.is_passing());
        given_up.extend(lasting);
        if passing.is_empty() {
            return given_up;
        }
        tracing::debug!(server = %line.server, readers = passing.len(), why = %passing[0].1, "mail not accepted yet");
        let Some(pause) = pauses.next().filter(|pause| Instant::now() + *pause < deadline) else {
            given_up.extend(passing);
            return given_up;
        };
        tokio::select! {
            () = sleep(pause) => {}
            () = stop.cancelled() => {}
        }
        waiting = passing.into_iter().map(|(reader, _)| reader).collect();
    }
}
