//! Why a request came to nothing, in words that are safe to show: no key, no personal data, nothing that a vendor wrote freely.

use std::time::Duration;

use super::Vendor;

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The key is not, or no longer, accepted, which a request of its own has proved. Nothing else of this firm will get through.
    #[error("{vendor} refuses the key ({status})")]
    KeyRefused {
        /// Who.
        vendor: Vendor,
        /// 401 or 403.
        status: u16,
    },
    /// The vendor understood and said no to this one request; asking again would change nothing.
    #[error("{vendor} refused the request ({status}{detail})")]
    Refused {
        /// Who.
        vendor: Vendor,
        /// The HTTP status.
        status: u16,
        /// Its error code, empty if it gave none.
        code: String,
        /// `: code, field code …` as shown.
        detail: String,
    },
    /// Certainly not done: it was refused as a key would be, and nobody knows whether the key is accepted, since the vendor could not be
    /// asked for anything else.
    #[error("{vendor} refused the request ({status}), and could not be asked whether it accepts the key")]
    Unproven {
        /// Who.
        vendor: Vendor,
        /// 401 or 403.
        status: u16,
    },
    /// Certainly not done: too many requests, or no connection.
    #[error("{vendor} {trouble}")]
    NotExecuted {
        /// Who.
        vendor: Vendor,
        /// What happened.
        trouble: TransportError,
        /// When the vendor wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// Done or not, nobody knows: an error, a time-out, an answer that was cut off.
    #[error("{vendor} {trouble}")]
    InDoubt {
        /// Who.
        vendor: Vendor,
        /// What happened.
        trouble: TransportError,
        /// When the vendor wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// It has been failing, and is left alone for a moment.
    #[error("{vendor} keeps failing; requests are paused for 30 seconds")]
    CircuitOpen {
        /// Who.
        vendor: Vendor,
    },
    /// Not begun: another process is at this work now.
    #[error("another instance has taken this run over")]
    TakenOver,
    /// It answered about something else than was asked for. After a write nobody knows what was written.
    #[error("{vendor} answered {kind} {answered} to the request for {kind} {asked}")]
    OtherIdentity {
        /// Who.
        vendor: Vendor,
        /// What kind of thing.
        kind: &'static str,
        /// The one that was asked for.
        asked: String,
        /// The one that was answered.
        answered: String,
    },
    /// A listing or a feed that does not come to an end.
    #[error("{vendor} does not come to an end of {what}: {reason}")]
    Endless {
        /// Who.
        vendor: Vendor,
        /// What was read, in words.
        what: &'static str,
        /// How that shows.
        reason: Endless,
    },
    /// A listing has not as many items as the vendor says that it has.
    #[error(
        "{vendor} says that there are {total} of {what}, and lists {items}; run it again, or with --accept-listing if the listing is right"
    )]
    Misfit {
        /// Who.
        vendor: Vendor,
        /// What was read, in words.
        what: &'static str,
        /// How many were listed.
        items: u64,
        /// How many there are said to be.
        total: u64,
    },
    /// A listing is empty that had items the last time.
    #[error("{vendor} lists none of {what}, and listed {before} the last time; run it with --accept-listing if that is right")]
    Emptied {
        /// Who.
        vendor: Vendor,
        /// What was read, in words.
        what: &'static str,
        /// How many were listed the last time.
        before: u64,
    },
    /// It answered something that its contract does not know.
    #[error("{vendor}'s answer is not what its contract says ({what})")]
    Malformed {
        /// Who.
        vendor: Vendor,
        /// What was asked, in words.
        what: &'static str,
    },
}

/// How it shows that a listing or a feed has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Endless {
    /// The cursor of this page came before in the same reading.
    #[error("page {0} names a cursor that came before")]
    Cursor(u32),
    /// This page has nothing that did not come before in the same reading, and is not the last.
    #[error("page {0} has nothing new and names another page")]
    NothingNew(u32),
    /// There are more pages than the firm's rules allow.
    #[error("it has more than {0} pages (limits.max_pages)")]
    Pages(u32),
}

/// What happened to a request that may be tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// 429.
    #[error("asks for fewer requests (429)")]
    TooManyRequests,
    /// No connection.
    #[error("cannot be reached")]
    Unreachable,
    /// 5xx.
    #[error("had an error ({0})")]
    Error(u16),
    /// No answer within the time-out.
    #[error("did not answer in time")]
    TimedOut,
    /// The answer ended early.
    #[error("sent an answer that was cut off")]
    CutOff,
}

impl Failure {
    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        matches!(self, Failure::NotExecuted { .. } | Failure::InDoubt { .. } | Failure::CircuitOpen { .. } | Failure::Unproven { .. })
    }

    /// Whether it ends the whole run: no request of this firm would fare better.
    pub fn is_about_the_key(&self) -> bool {
        matches!(self, Failure::KeyRefused { .. })
    }

    /// Whether other requests would fare the same now: the key is refused, or the vendor does not answer as it should.
    pub fn is_about_all_requests(&self) -> bool {
        self.is_about_the_key() || self.is_transient() && !matches!(self, Failure::Unproven { .. })
    }

    /// Whether a write that came to this may have been done all the same: only reading can tell.
    pub fn is_in_doubt(&self) -> bool {
        matches!(self, Failure::InDoubt { .. } | Failure::OtherIdentity { .. })
    }

    /// Whether it timed out: the vendor may still be at it.
    pub fn is_time_out(&self) -> bool {
        matches!(self, Failure::InDoubt { trouble: TransportError::TimedOut, .. })
    }

    /// When the vendor wants to be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Failure::NotExecuted { retry_after, .. } | Failure::InDoubt { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
