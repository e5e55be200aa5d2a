//! Notices edits: the operating system says when a folder changes, and a slow poll looks behind it, since notifications can be missed and
//! folders can be deleted and made again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use notify::event::{AccessKind, AccessMode, Event, EventKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::RulesSources;

/// So long nothing more must change before an edit is looked at; saving a file takes several steps.
const QUIET: Duration = Duration::from_millis(30);

/// An edit is looked at after so long, however much goes on changing.
const LATEST: Duration = Duration::from_millis(300);

/// How often the folders are looked at without a notification.
const POLL: Duration = Duration::from_secs(3);

/// Watches the folders that rules come from.
pub struct Watch {
    folders: Vec<(PathBuf, RecursiveMode)>,
    watcher: Option<RecommendedWatcher>,
    notified: mpsc::Receiver<()>,
    seen: BTreeMap<PathBuf, Stamp>,
}

/// What tells one state of a file from another without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamp(u64, Option<SystemTime>, u64);

impl Watch {
    /// Begins to watch. Where the operating system sends no notifications, the poll alone looks.
    pub fn over(sources: &RulesSources) -> Watch {
        let (notify_one, notified) = mpsc::channel(1);
        let watcher = notify::recommended_watcher(move |event| {
            if may_be_edit(&event) {
                // One that waits to be heard is enough.
                let _ = notify_one.try_send(());
            }
        });
        let watcher = watcher.map_err(|error| tracing::warn!(%error, "file watcher unavailable, polling")).ok();
        let mut folders = Vec::new();
        if !sources.rules.is_in_storage() {
            folders.push((sources.rules.path().to_owned(), RecursiveMode::NonRecursive));
            folders.push((sources.scripts.path().to_owned(), RecursiveMode::Recursive));
        }
        folders.extend(sources.secrets.policy.folder.clone().map(|folder| (folder, RecursiveMode::Recursive)));
        let mut watch = Watch { folders, watcher, notified, seen: BTreeMap::new() };
        watch.attach();
        watch.seen = watch.look();
        watch
    }

    /// Waits until something has changed and things are quiet, or until `again` has passed.
    pub async fn changed(&mut self, again: Option<Duration>) {
        let again = again.map(|again| Instant::now() + again);
        loop {
            let poll = Instant::now() + POLL;
            tokio::select! {
                notified = self.notified.recv(), if self.watcher.is_some() => {
                    if notified.is_some() {
                        self.quiet().await;
                        let seen = self.look();
                        // A folder that was deleted and made again at once is another one, and no notification would come of it.
                        let is_other = |(folder, _): &(PathBuf, _)| seen.get(folder).map(|stamp| stamp.2) != self.seen.get(folder).map(|stamp| stamp.2);
                        let attach = self.folders.iter().any(is_other);
                        self.seen = seen;
                        if attach {
                            self.attach();
                        }
                        return;
                    }
                    self.watcher = None;
                }
                () = tokio::time::sleep_until(again.map_or(poll, |again| again.min(poll))) => {
                    let seen = self.look();
                    let is_time = again.is_some_and(|again| Instant::now() >= again);
                    if seen != self.seen || is_time {
                        self.seen = seen;
                        self.attach();
                        return;
                    }
                }
            }
        }
    }

    /// Waits until nothing more changes, within bounds.
    async fn quiet(&mut self) {
        let latest = Instant::now() + LATEST;
        loop {
            tokio::select! {
                notified = self.notified.recv() => if notified.is_none() { return },
                () = tokio::time::sleep(QUIET) => return,
                () = tokio::time::sleep_until(latest) => return,
            }
        }
    }

    /// Tells the operating system what to watch: a folder that was made again is another one.
    fn attach(&mut self) {
        let Some(watcher) = &mut self.watcher else { return };
        for (folder, mode) in &self.folders {
            let _ = watcher.unwatch(folder);
            if let Err(error) = watcher.watch(folder, *mode) {
                tracing::debug!(folder = %folder.display(), %error, "folder not watched");
            }
        }
    }

    /// The state of every file of the folders.
    fn look(&self) -> BTreeMap<PathBuf, Stamp> {
        let mut seen = BTreeMap::new();
        for (folder, mode) in &self.folders {
            look_into(folder, *mode == RecursiveMode::Recursive, &mut seen);
        }
        seen
    }
}

/// Whether something may have changed. That a file is read is sent too, and must not count: looking at edits reads every file, and would
/// be the reason to look again, without end.
fn may_be_edit(event: &notify::Result<Event>) -> bool {
    let Ok(event) = event else { return true };
    match event.kind {
        EventKind::Access(kind) => kind == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

fn look_into(folder: &Path, deep: bool, seen: &mut BTreeMap<PathBuf, Stamp>) {
    seen.insert(folder.to_owned(), std::fs::metadata(folder).map_or(Stamp(0, None, 0), |metadata| stamp(&metadata)));
    for entry in std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
        // A link counts as what it leads to.
        let Ok(metadata) = std::fs::metadata(entry.path()) else { continue };
        if metadata.is_dir() && deep {
            look_into(&entry.path(), true, seen);
        } else {
            seen.insert(entry.path(), stamp(&metadata));
        }
    }
}

#[cfg(unix)]
fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    Stamp(metadata.len(), metadata.modified().ok(), std::os::unix::fs::MetadataExt::ino(metadata))
}

#[cfg(not(unix))]
fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    Stamp(metadata.len(), metadata.modified().ok(), 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tokio::time::timeout;

    use super::*;
    use crate::domain::VendorHosts;
    use crate::ruleset::{MachineSecrets, RulesFolder};
    use crate::scripting::{ScriptFolder, ScriptLimits};

    #[tokio::test]
    async fn reading_is_no_edit_and_writing_is() {
        let folder = tempfile::tempdir().unwrap();
        let rules_dir = folder.path().to_owned();
        let file = rules_dir.join("hartwell.yaml");
        fs::write(&file, "name: Hartwell").unwrap();
        let (rules, scripts) = (RulesFolder::on_disk(&rules_dir), ScriptFolder::new(rules_dir.join("scripts")));
        let sources = RulesSources {
            rules,
            scripts,
            secrets: MachineSecrets::default(),
            limits: ScriptLimits::default(),
            vendor_hosts: VendorHosts::default(),
        };
        let mut watch = Watch::over(&sources);
        let some_time = Duration::from_millis(500);
        for _ in 0..3 {
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            assert_eq!(fs::read_to_string(&file).unwrap(), "name: Hartwell");
        }
        assert!(timeout(some_time, watch.changed(None)).await.is_err(), "reading counts as an edit");
        fs::write(&file, "name: Hartwell Law").unwrap();
        assert!(timeout(some_time, watch.changed(None)).await.is_ok(), "an edit is not noticed");
        // What noticing it reads is no further edit.
        assert!(timeout(some_time, watch.changed(None)).await.is_err(), "looking counts as an edit");
    }
}
