//! What a connection waits for, since when, and when that is too long. Pure: the time is a parameter.

use std::time::Duration;

use tokio::time::Instant;

/// So long the head of a request may take, the first one's from the moment of the connection.
const HEAD: Duration = Duration::from_secs(10);

/// So long the body of a request may take, and for what has come of it longer by [`SLOWEST`].
const BODY: Duration = Duration::from_secs(30);

/// An upload comes with so many bytes a second at least.
const SLOWEST: u64 = 50_000;

/// So long a connection is kept between two requests.
const IDLE: Duration = Duration::from_mins(1);

/// So long a peer may read nothing of an answer.
const UNREAD: Duration = Duration::from_mins(1);

/// What a connection waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The first byte of the first request.
    New,
    /// The rest of a request's head.
    Head,
    /// The rest of a request's body, which the handler wants and has not got.
    Body,
    /// The answer. The peer waits, and not the host.
    Answer,
    /// The first byte of the next request.
    Idle,
}

/// How a connection gets on.
#[derive(Debug)]
pub(super) struct Progress {
    phase: Phase,
    since: Instant,
    /// The bytes of the body that have come.
    received: u64,
    /// Since when the peer has read nothing of what waits for it.
    unread_since: Option<Instant>,
}

impl Progress {
    pub(super) fn new(now: Instant) -> Progress {
        Progress { phase: Phase::New, since: now, received: 0, unread_since: None }
    }

    /// Bytes came.
    pub(super) fn read(&mut self, now: Instant) {
        if matches!(self.phase, Phase::New | Phase::Idle) {
            self.enter(Phase::Head, now);
        }
    }

    /// The head of a request is whole.
    pub(super) fn head_is_whole(&mut self, now: Instant) {
        self.received = 0;
        self.enter(Phase::Answer, now);
    }

    /// The handler waits for more of a body that it has wanted since `since`.
    pub(super) fn body_is_awaited(&mut self, since: Instant) {
        if self.phase == Phase::Answer {
            self.enter(Phase::Body, since);
        }
    }

    /// So many bytes of the body came.
    pub(super) fn body_came(&mut self, bytes: usize) {
        self.received = self.received.saturating_add(bytes as u64);
    }

    /// The body is whole, or nobody wants the rest.
    pub(super) fn body_is_over(&mut self, now: Instant) {
        if self.phase == Phase::Body {
            self.enter(Phase::Answer, now);
        }
    }

    /// The answer is made; what the connection holds of it is still written.
    pub(super) fn answer_is_over(&mut self, now: Instant) {
        self.enter(Phase::Idle, now);
    }

    /// The peer took some of the answer, or nothing.
    pub(super) fn wrote(&mut self, some: bool, now: Instant) {
        if !some {
            self.unread_since.get_or_insert(now);
            return;
        }
        self.unread_since = None;
        if self.phase == Phase::Idle {
            self.since = now;
        }
    }

    /// Since when it has been without a complete request; nothing where it has one.
    pub(super) fn without_request_since(&self) -> Option<Instant> {
        (self.phase != Phase::Answer).then_some(self.since)
    }

    /// Since when its peer has read nothing of an answer.
    pub(super) fn unread_since(&self) -> Option<Instant> {
        self.unread_since
    }

    /// Whether nothing of a request has come.
    pub(super) fn is_silent(&self) -> bool {
        self.phase == Phase::New
    }

    /// Whether it has taken too long.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        let limit = match self.phase {
            Phase::New | Phase::Head => Some(HEAD),
            Phase::Body => Some(BODY + Duration::from_secs(self.received / SLOWEST)),
            Phase::Idle => Some(IDLE),
            Phase::Answer => None,
        };
        limit.is_some_and(|limit| now.duration_since(self.since) >= limit)
            || self.unread_since.is_some_and(|since| now.duration_since(since) >= UNREAD)
    }

    fn enter(&mut self, phase: Phase, now: Instant) {
        self.phase = phase;
        self.since = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_before_within_and_after_a_request_has_its_limit() {
        let start = Instant::now();
        let at = |seconds: u64| start + Duration::from_secs(seconds);
        let mut progress = Progress::new(start);
        assert_eq!([9, 10].map(|second| progress.is_overdue(at(second))), [false, true]);
        // A head that trickles has ten seconds in all.
        [5, 8, 12].into_iter().for_each(|second| progress.read(at(second)));
        assert_eq!([14, 15].map(|second| progress.is_overdue(at(second))), [false, true]);
        // A body that trickles has thirty, one that flows has longer.
        progress.head_is_whole(at(14));
        progress.body_is_awaited(at(14));
        progress.body_came(20);
        assert_eq!([43, 44].map(|second| progress.is_overdue(at(second))), [false, true]);
        progress.body_came(50_000 * 100);
        assert_eq!([143, 144].map(|second| progress.is_overdue(at(second))), [false, true]);
        // Work, and an answer that is read, have all the time they want; one that is not read has a minute.
        progress.body_is_over(at(100));
        assert!(!progress.is_overdue(at(100_000)) && progress.without_request_since().is_none());
        progress.wrote(false, at(200));
        progress.wrote(false, at(230));
        assert_eq!([259, 260].map(|second| progress.is_overdue(at(second))), [false, true]);
        progress.wrote(true, at(250));
        progress.answer_is_over(at(300));
        assert_eq!([359, 360].map(|second| progress.is_overdue(at(second))), [false, true]);
        assert_eq!(progress.without_request_since(), Some(at(300)));
    }
}
