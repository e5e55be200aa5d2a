//! What the always-on host goes by: where it listens, how schedules run, how long things are kept.

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::yaml::{At, Span, shape};

/// Where the host listens unless told otherwise.
const LISTEN: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 8080));

shape! {
    /// How schedules run.
    pub(super) struct Jobs {
        /// Jobs that run at once, and as many again for messages; 1 to 1000.
        ///
        /// Default: `16`
        at_once: At<u64>,
        /// How far apart firms that share a time start; at most `12h`. Schedules that come at intervals are spread over one interval at
        /// most.
        ///
        /// Default: `200ms` a firm, at most `30m`; with Temporal `10m`
        spread: At<Span>,
    }
}

shape! {
    /// How long things are kept.
    pub(super) struct RetentionKeys {
        /// How long runs are kept, with rows, effects, CSV and logs of scripts; receipts, and missed and skipped times, too.
        ///
        /// Default: `400d`
        rows: At<Span>,
        /// How long CSV files are kept.
        ///
        /// Default: `90d`
        reports: At<Span>,
        /// How long mail that became files is kept.
        ///
        /// Default: `30d`
        mail: At<Span>,
        /// How long dead letters are kept.
        ///
        /// Default: `90d`
        letters: At<Span>,
        /// How long casebridge remembers which messages and documents came over, and what staff sent.
        ///
        /// Default: `30d`
        inbox: At<Span>,
        /// How long the audit log is kept.
        ///
        /// Default: `1100d`
        audit: At<Span>,
    }
}

/// How schedules run.
#[derive(Debug, Clone)]
pub struct JobSettings {
    /// So many firms are worked on at once, in each lane.
    pub at_once: usize,
    /// How far apart firms that share a time start; `None` leaves it to the host.
    pub spread: Option<Duration>,
}

/// How long things are kept.
#[derive(Debug, Clone, Copy)]
pub struct Retention {
    /// Runs with their rows.
    pub rows: Duration,
    /// CSV files.
    pub reports: Duration,
    /// Mail that became files.
    pub mail: Duration,
    /// Dead letters.
    pub letters: Duration,
    /// Messages and documents that have arrived.
    pub inbox: Duration,
    /// The audit log.
    pub audit: Duration,
}

/// Reads where to listen.
pub(super) fn listen(at: Option<&At<String>>, faults: &mut Vec<Diagnostic>) -> SocketAddr {
    let Some(at) = at else { return LISTEN };
    at.value.parse().unwrap_or_else(|_| {
        faults.push(
            at.error(format!("`{}` is no address to listen on", at.value)).help("write an address and a port, such as 127.0.0.1:8080"),
        );
        LISTEN
    })
}

impl Jobs {
    pub(super) fn settings(self, faults: &mut Vec<Diagnostic>) -> JobSettings {
        let at_once = self.at_once.map_or(16, |at| {
            if !(1..=1_000).contains(&at.value) {
                faults.push(at.error(format!("{} is out of range", at.value)).help("it goes from 1 to 1000"));
            }
            usize::try_from(at.value).unwrap_or(16)
        });
        JobSettings { at_once, spread: self.spread.map(|at| within(&at, Duration::ZERO, Duration::from_hours(12), faults)) }
    }
}

impl RetentionKeys {
    pub(super) fn settings(self, faults: &mut Vec<Diagnostic>) -> Retention {
        let days = |days: u64| Duration::from_hours(24 * days);
        let mut kept = |at: Option<At<Span>>, usual: u64| at.map_or(days(usual), |at| within(&at, days(1), days(36_500), faults));
        Retention {
            rows: kept(self.rows, 400),
            reports: kept(self.reports, 90),
            mail: kept(self.mail, 30),
            letters: kept(self.letters, 90),
            inbox: kept(self.inbox, 30),
            audit: kept(self.audit, 1_100),
        }
    }
}

/// A time, which is a fault where it is shorter or longer.
pub(super) fn within(at: &At<Span>, least: Duration, most: Duration, faults: &mut Vec<Diagnostic>) -> Duration {
    if !(least..=most).contains(&at.value.0) {
        faults.push(at.error("this time is out of range").help(format!("it goes from {}s to {}s", least.as_secs(), most.as_secs())));
    }
    at.value.0
}
