//! The moments that a cron expression names in a zone, with clocks that change twice a year.

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, civil::DateTime};

use crate::rules::Cron;

/// The occurrences of a cron expression in a zone, in order, each once.
///
/// Where clocks change, a **time of the day** (`30 2 * * *`) comes once a day: one that does not exist comes right after the gap,
/// one that exists twice comes the first time. An **interval** ([`Cron::interval`]) comes whenever the clock on the wall agrees, so
/// that `*/2` comes every two minutes of real time through both changes. If a gap takes away its next time, and nothing comes
/// as soon as that would have come had the clock been left alone, it comes right after the gap: `0 */2` comes at 0:00, 3:00 and
/// 4:00, and `*/30 2` is not without its one hour that day.
#[derive(Debug, Clone, Copy)]
pub struct Occurrences<'a> {
    cron: &'a Cron,
    zone: &'a TimeZone,
}

impl<'a> Occurrences<'a> {
    /// Of `cron` in `zone`.
    pub fn new(cron: &'a Cron, zone: &'a TimeZone) -> Occurrences<'a> {
        Occurrences { cron, zone }
    }

    /// The first occurrence later than `after`. `None` past the year 2100.
    pub fn next(self, after: Timestamp) -> Option<Timestamp> {
        if self.cron.interval().is_some() { self.next_of_interval(after) } else { self.next_time_of_day(after) }
    }

    /// The last occurrence later than `after` and not later than `until`, found by halving, so that a host which comes back after a
    /// month does not walk through every minute of it.
    pub fn latest(self, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
        let within = |after| self.next(after).filter(|next| *next <= until);
        let mut latest = within(after)?;
        // Nothing comes later than `quiet` up to `until`.
        let mut quiet = until;
        loop {
            let between = quiet.duration_since(latest);
            if between <= SignedDuration::from_secs(1) {
                return Some(latest);
            }
            let middle = latest.checked_add(between / 2).unwrap_or(latest);
            match within(middle) {
                Some(later) => latest = later,
                None => quiet = middle,
            }
        }
    }

    /// All occurrences later than `after`.
    pub fn after(self, after: Timestamp) -> impl Iterator<Item = Timestamp> + 'a {
        std::iter::successors(self.next(after), move |last| self.next(*last))
    }

    /// Later times on the wall are never placed earlier, so the first one placed after `after` is the answer. In the second pass of
    /// an hour that comes twice, the times of the first pass are behind and are passed over.
    fn next_time_of_day(self, after: Timestamp) -> Option<Timestamp> {
        let mut wall = self.zone.to_datetime(after);
        loop {
            wall = self.cron.next_on_the_wall(wall)?;
            let at = self.place(wall)?;
            if at > after {
                return Some(at);
            }
        }
    }

    /// When a time of the day comes.
    fn place(self, wall: DateTime) -> Option<Timestamp> {
        match self.zone.to_ambiguous_timestamp(wall).offset() {
            AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => offset.to_timestamp(wall).ok(),
            AmbiguousOffset::Gap { before, .. } => {
                // By the clock as it was before, the time lies at the change or after it.
                let unchanged = before.to_timestamp(wall).ok()?.checked_add(SignedDuration::from_secs(1)).ok()?;
                self.zone.preceding(unchanged).next().map(|change| change.timestamp())
            }
        }
    }

    /// Goes from change to change of the zone's offset; between two of them, the clock on the wall and real time go alike.
    fn next_of_interval(self, after: Timestamp) -> Option<Timestamp> {
        let mut offset = self.zone.to_offset(after);
        let mut wall = offset.to_datetime(after);
        let mut changes = self.zone.following(after);
        loop {
            let next = self.next_at(offset, wall)?;
            let Some(change) = changes.next().filter(|change| change.timestamp() <= next) else { return Some(next) };
            let gap = SignedDuration::from_secs(i64::from(change.offset().seconds() - offset.seconds()));
            offset = change.offset();
            // The second before, by the new clock, so that the moment of the change itself can be the answer.
            wall = offset.to_datetime(change.timestamp()).checked_sub(SignedDuration::from_secs(1)).ok()?;
            let in_gap = next.duration_since(change.timestamp()) < gap;
            if in_gap && self.next_at(offset, wall).is_none_or(|regular| next < regular) {
                return Some(change.timestamp());
            }
        }
    }

    /// The first time after `wall`, on a clock that stays at `offset`.
    fn next_at(self, offset: Offset, wall: DateTime) -> Option<Timestamp> {
        offset.to_timestamp(self.cron.next_on_the_wall(wall)?).ok()
    }
}
