//! Leaves a vendor alone that fails for everything: opens on consecutive *exhausted* requests, never on an error rate, since a
//! vendor that errs on every tenth request still gets everything done.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// So many requests in a row must have used up all their tries.
const EXHAUSTED: u32 = 5;

/// So long it is left alone before one request is let through.
const REST: Duration = Duration::from_secs(30);

#[derive(Debug, Default)]
pub(super) struct Circuit(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    exhausted: u32,
    open_until: Option<Instant>,
}

impl Circuit {
    /// Whether a request may go out. Once the rest is over one request is the probe, and others wait another rest for its outcome.
    pub(super) fn admits(&self) -> bool {
        let mut state = self.lock();
        match state.open_until {
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                state.open_until = Some(Instant::now() + REST);
                true
            }
            None => true,
        }
    }

    /// The vendor answered something sensible.
    pub(super) fn answered(&self) {
        *self.lock() = State::default();
    }

    /// A request used up all its tries.
    pub(super) fn exhausted(&self) {
        let mut state = self.lock();
        state.exhausted += 1;
        if state.exhausted >= EXHAUSTED {
            state.open_until = Some(Instant::now() + REST);
        }
    }

    /// When the next request is let through, if not at once.
    pub(super) fn open_until(&self) -> Option<Instant> {
        self.lock().open_until
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn opens_on_consecutive_exhausted_requests_and_lets_one_through_after_a_rest() {
        let circuit = Circuit::default();
        for _ in 0..EXHAUSTED - 1 {
            circuit.exhausted();
        }
        assert!(circuit.admits());
        circuit.answered();
        for _ in 0..EXHAUSTED {
            assert!(circuit.admits(), "an answer in between starts the count again");
            circuit.exhausted();
        }
        assert!(!circuit.admits());
        tokio::time::advance(REST).await;
        assert!(circuit.admits(), "the probe");
        assert!(!circuit.admits(), "and no other beside it");
        circuit.answered();
        assert!(circuit.admits());
    }
}
