//! Retention: what has been kept long enough goes, from the store and from the folders beside it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;

use crate::metrics::Metrics;
use crate::settings::Retention;
use crate::store::{RetentionCutoffs, Store, StoreError};

/// How often what is kept too long is looked for.
const DAILY: Duration = Duration::from_hours(24);

/// Deletes what has been kept long enough, day by day: files of this instance's, and what is in the store as long as this instance leads.
pub(super) async fn retain(store: Store, retention: Retention, data_dir: PathBuf, mut leads: watch::Receiver<bool>, metrics: Arc<Metrics>) {
    let task = metrics.task("retention", DAILY);
    let in_store = async {
        while task.waits_to_lead(&mut leads).await {
            let deleted = retain_in_store(&store, &retention, &data_dir).await;
            tokio::time::sleep(task.note(deleted)).await;
        }
    };
    let in_folders = async {
        loop {
            retain_in_folders(&retention, &data_dir).await;
            tokio::time::sleep(DAILY).await;
        }
    };
    tokio::join!(in_store, in_folders);
}

async fn retain_in_store(store: &Store, retention: &Retention, data_dir: &Path) -> Result<(), StoreError> {
    let before = |kept: Duration| Timestamp::now() - SignedDuration::try_from(kept).unwrap_or(SignedDuration::MAX);
    let kept = RetentionCutoffs { rows: before(retention.rows), inbox: before(retention.inbox), letters: before(retention.letters) };
    // Whatever fails keeps nothing else from being deleted.
    let runs = store.purge(kept).await.map(|runs| {
        for run in &runs {
            let _ = std::fs::remove_file(data_dir.join("reports").join(format!("{run}.csv")));
        }
        tracing::info!(runs = runs.len(), "retention: deleted runs");
    });
    let sessions = store.forget_old_sessions(Timestamp::now()).await;
    let answers = store.forget_old_answers(Timestamp::now()).await;
    let audit = store.forget_audit(before(retention.audit)).await;
    runs.and(sessions).and(answers).and(audit)
}

async fn retain_in_folders(retention: &Retention, data_dir: &Path) {
    // Parts of documents that nobody came back for.
    let incoming = std::fs::read_dir(data_dir.join("incoming")).into_iter().flatten().filter_map(Result::ok);
    let incoming = incoming.map(|folder| (folder.path(), retention.inbox));
    let own = [("reports", retention.reports), ("mail", retention.mail)].map(|(folder, kept)| (data_dir.join(folder), kept));
    for (folder, kept) in own.into_iter().chain(incoming) {
        let deleted = tokio::task::spawn_blocking(move || delete_older(&folder, kept)).await.unwrap_or_default();
        if deleted > 0 {
            tracing::info!(deleted, "retention: deleted files");
        }
    }
}

fn delete_older(folder: &Path, kept: Duration) -> usize {
    let before = SystemTime::now().checked_sub(kept).unwrap_or(SystemTime::UNIX_EPOCH);
    let old = |entry: &std::fs::DirEntry| entry.metadata().and_then(|metadata| metadata.modified()).is_ok_and(|at| at < before);
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.filter(old).filter(|entry| std::fs::remove_file(entry.path()).is_ok()).count()
}
