//! A run as it goes: looked at again and again, for whoever watches it, until it has ended.

use std::time::Duration;

use axum::http::HeaderMap;
use futures_util::Stream;
use futures_util::stream::unfold;
use tokio::time::{MissedTickBehavior, interval};

use super::AppState;
use super::caller::{AuthScheme, Caller};
use crate::domain::{Counts, Run, RunId};
use crate::runs::{Phase, Progress};

/// How often it is looked at.
const OFTEN: Duration = Duration::from_millis(500);

/// A run at one moment.
pub(super) struct Glance {
    /// As it is recorded.
    pub run: Run,
    /// How many cases have come out how.
    pub counts: Counts,
    /// What it is doing, how much of that is done, and how much there is; `None` where another process is at it that does not say, or none
    /// any more.
    pub progress: Option<(Phase, u64, u64)>,
}

impl Glance {
    /// The run now; `None` if it cannot be seen.
    pub(super) async fn at(app: &AppState, id: &RunId) -> Option<Glance> {
        // Asked before the store is: a run that ends in between is seen as ended.
        let progress = app.host.under_way.progress(id).map(|progress| progress.now());
        let looked = async {
            let progress = match progress {
                None => app.host.store.progress(id).await?.as_deref().and_then(Progress::parse),
                here => here,
            };
            let run = app.host.store.run(id).await?;
            let counts = app.host.store.counts(id).await?;
            Ok::<_, crate::store::StoreError>(run.map(|run| Glance { run, counts, progress }))
        };
        match looked.await {
            Ok(found) => found,
            Err(error) => {
                tracing::error!(%error, "run could not be read");
                None
            }
        }
    }

    /// What a phase is, in words.
    // A template hands over a reference.
    #[allow(clippy::unused_self, clippy::trivially_copy_pass_by_ref)]
    pub(super) fn doing(&self, phase: &Phase) -> &'static str {
        match phase {
            Phase::Reading => "Reading both sides",
            Phase::Writing => "Writing",
            Phase::LastPass => "Retrying what failed",
            Phase::Rehearsing => "Looking at what the script would do",
            Phase::Scripting => "Running the script",
        }
    }

    /// Whether nothing more will be seen of it.
    pub(super) fn has_ended(&self) -> bool {
        !self.run.status.is_open()
    }
}

/// Whoever reads a stream: by what they came in, so that they can be asked for again.
pub(super) struct Reader {
    pub door: AuthScheme,
    pub headers: HeaderMap,
}

impl Reader {
    /// Whether they may still see the run: their session or token goes on, and their role has the firm.
    async fn may_see(&self, run: &Run, app: &AppState) -> bool {
        let caller = Caller::coming_by(self.door, &self.headers, app).await;
        caller.is_ok_and(|caller| caller.is_some_and(|caller| caller.role.may_see(&run.firm)))
    }
}

/// Glances at a run, now and until it has ended, its reader may no longer see it, or the host stops; the last one shows how it ended.
pub(super) fn watch(app: AppState, id: RunId, reader: Reader) -> impl Stream<Item = Glance> {
    let mut ticks = interval(OFTEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    unfold(Some((app, id, reader, ticks)), |watching| async {
        let (app, id, reader, mut ticks) = watching?;
        tokio::select! {
            _ = ticks.tick() => {}
            () = app.stopping.cancelled() => return None,
        }
        let glance = Glance::at(&app, &id).await?;
        if !reader.may_see(&glance.run, &app).await {
            return None;
        }
        let next = (!glance.has_ended()).then_some((app, id, reader, ticks));
        Some((glance, next))
    })
}
