//! Whose password is hashed next. Each hash takes 19 MiB, so that few are made at once and few wait; who has guessed least goes first.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// So many are hashed at once.
const AT_ONCE: usize = 2;

/// So many wait for it: what two processors do in about a second.
const WAITING: usize = 32;

/// What decides who is next: how many wrong passwords came from there of late, and then who came first.
type Priority = (usize, u64);

/// Those whose passwords are hashed and those who wait for it.
#[derive(Clone)]
pub(super) struct HashingQueue(Arc<Mutex<State>>);

struct State {
    free: usize,
    tickets: u64,
    waiting: BTreeMap<Priority, oneshot::Sender<Turn>>,
}

/// A turn: while it is held, one hash is made.
pub(super) struct Turn(Option<HashingQueue>);

impl HashingQueue {
    pub(super) fn new() -> HashingQueue {
        HashingQueue(Arc::new(Mutex::new(State { free: AT_ONCE, tickets: 0, waiting: BTreeMap::new() })))
    }

    /// Waits for a turn; `None` where too many wait who have guessed less.
    pub(super) async fn turn(&self, guesses: usize) -> Option<Turn> {
        let turn = {
            let mut state = self.state();
            if state.free > 0 {
                state.free -= 1;
                return Some(Turn(Some(self.clone())));
            }
            state.waiting.retain(|_, waiting| !waiting.is_closed());
            if state.waiting.len() >= WAITING {
                // Who has guessed most leaves, be it the one who just came.
                let last = state.waiting.last_entry().filter(|last| last.key().0 > guesses)?;
                drop(last.remove());
            }
            state.tickets += 1;
            let place = (guesses, state.tickets);
            let (sender, turn) = oneshot::channel();
            state.waiting.insert(place, sender);
            turn
        };
        turn.await.ok()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Each change is whole before anything can panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(queue) = self.0.take() else { return };
        let mut state = queue.state();
        while let Some((_, waiting)) = state.waiting.pop_first() {
            match waiting.send(Turn(Some(queue.clone()))) {
                Ok(()) => return,
                // Who waited is gone. The turn that comes back is taken apart: it would ask for this lock.
                Err(mut turn) => drop(turn.0.take()),
            }
        }
        state.free += 1;
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[tokio::test]
    async fn two_are_hashed_few_wait_and_who_has_guessed_least_is_next() {
        let queue = HashingQueue::new();
        let first = (queue.turn(0).await.unwrap(), queue.turn(9).await.unwrap());
        let mut guessers: Vec<_> = (0..WAITING).map(|_| Box::pin(queue.turn(3))).collect();
        assert!(guessers.iter_mut().all(|guesser| guesser.now_or_never().is_none()));
        // One more guesser is not taken, and an honest one takes the place of the last.
        assert!(queue.turn(3).await.is_none());
        let mut honest = Box::pin(queue.turn(0));
        assert!(honest.as_mut().now_or_never().is_none());
        assert!(guessers.pop().unwrap().await.is_none());
        drop(first.0);
        let served = honest.await.unwrap();
        // Who went away takes no turn with them.
        drop(guessers);
        drop((served, first.1));
        let state = queue.state();
        assert_eq!((state.free, state.waiting.len()), (AT_ONCE, 0));
    }
}
