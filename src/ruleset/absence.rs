//! Firms whose files are not there: one that was deleted stops its firm; many at once are a folder that is not there, and stop nobody.

use std::collections::{BTreeSet, HashMap};
use std::time::{Duration, Instant};

use super::registry::{FirmEntry, RulesState};
use crate::domain::FirmId;

/// A firm's file that is gone may be on its way back, as when an editor or a deployment replaces it.
pub(super) const ON_ITS_WAY: Duration = Duration::from_secs(1);

/// Files that go within so long have gone together.
const TOGETHER: Duration = Duration::from_mins(1);

/// With fewer firms than this, a third of them are one or two that somebody deleted.
const FEW: usize = 6;

/// Whether so many files that went together, while these are still there, are a folder that is gone.
pub fn is_folder_gone(present: usize, absent: usize) -> bool {
    let all = present + absent;
    absent > 0 && (present == 0 || all >= FEW && absent * 3 > all)
}

/// What is to become of a firm whose file is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Absent {
    /// It stays as it is for a moment.
    Waits,
    /// Its last good rules go on.
    GoesOn,
    /// It stops.
    Stops,
}

/// The files that are not there.
#[derive(Default)]
pub(super) struct Absences {
    /// Since when each has been missing.
    since: HashMap<FirmId, Instant>,
    /// The firms that were stopped: if many more go, these belong to them.
    stopped: HashMap<FirmId, (Instant, FirmEntry)>,
    /// Firms of which a person said that they are gone.
    removed: BTreeSet<FirmId>,
}

impl Absences {
    /// A person said that these firms are gone.
    pub fn remove(&mut self, firms: impl IntoIterator<Item = FirmId>) {
        self.removed.extend(firms);
    }

    /// The firm's file is there.
    pub fn is_back(&mut self, firm: &FirmId) {
        self.since.remove(firm);
        self.stopped.remove(firm);
        self.removed.remove(firm);
    }

    /// What is to become of each of these firms in use, in their order, whose files are not there while those of so many others are; and the
    /// firms that were stopped and go on again, since many more have gone by now. Firms that are withheld have their files, and lack what
    /// belongs to these.
    pub fn settle(
        &mut self,
        absent: &[(&FirmId, &FirmEntry)],
        present: usize,
        withheld: &BTreeSet<FirmId>,
        now: Instant,
    ) -> (Vec<Absent>, Vec<(FirmId, FirmEntry)>) {
        let is_recent = |at: Instant| now.duration_since(at) < TOGETHER;
        self.stopped.retain(|_, (at, _)| is_recent(*at));
        let went = absent.iter().filter(|(firm, _)| is_recent(*self.since.entry((*firm).clone()).or_insert(now))).count();
        let is_gone = is_folder_gone(present, went + self.stopped.len());
        let fate = |(firm, in_use): &(&FirmId, &FirmEntry)| {
            let waits = now.duration_since(self.since[*firm]) < ON_ITS_WAY;
            match in_use.rules {
                _ if self.removed.contains(*firm) => Absent::Stops,
                Some(_) if in_use.state == RulesState::Gone => Absent::GoesOn,
                _ if waits => Absent::Waits,
                Some(_) if is_gone || withheld.contains(*firm) => Absent::GoesOn,
                _ => Absent::Stops,
            }
        };
        let fates: Vec<_> = absent.iter().map(fate).collect();
        for (fate, (firm, in_use)) in fates.iter().zip(absent) {
            if *fate == Absent::Stops {
                self.since.remove(*firm);
                if in_use.rules.is_some() && !self.removed.remove(*firm) {
                    self.stopped.insert((*firm).clone(), (now, (*in_use).clone()));
                }
            }
        }
        let again = if is_gone { std::mem::take(&mut self.stopped) } else { HashMap::new() };
        (fates, again.into_iter().map(|(firm, (_, in_use))| (firm, in_use)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::is_folder_gone;

    #[test]
    fn a_third_of_six_or_all_of_any_are_a_folder() {
        let gone = [(0, 1), (0, 9), (3, 3), (4, 3), (6, 4)];
        assert!(gone.into_iter().all(|(present, absent)| is_folder_gone(present, absent)));
        let deleted = [(0, 0), (1, 1), (2, 3), (4, 2), (6, 3), (9, 1)];
        assert!(!deleted.into_iter().any(|(present, absent)| is_folder_gone(present, absent)));
    }
}
