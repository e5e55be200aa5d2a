//! The always-on host: keeps rules up with their files, starts what schedules ask for, deletes what has been kept long enough, and stops
//! in an orderly way.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::leader::{LeaderElection, LeaderRole};
use super::retention::retain;
use super::rules_reloader::RulesReloader;
use crate::jobs::{Bell, Events, Executor, Heartbeat, RunService};
use crate::ruleset::{RulesRegistry, RulesState};
use crate::runs::Lane;
use crate::scheduler::Scheduler;
use crate::settings::Retention;
use crate::store::LockGuard;

/// How often schedules are looked at.
const TICK: Duration = Duration::from_millis(500);

/// How long what is in flight gets to finish when the host stops, which may take ten seconds in all.
const GRACE: Duration = Duration::from_secs(8);

/// How much of that a look at schedules gets to come to its end.
const LOOKING: Duration = Duration::from_secs(1);

/// How the host works.
#[derive(Debug, Clone)]
pub struct Options {
    /// So many firms are worked on at once, in each lane.
    pub firms_at_once: usize,
    /// How far apart firms that share a time start.
    pub spread: Duration,
    /// How long things are kept.
    pub retention: Retention,
    /// Where everything is.
    pub data_dir: PathBuf,
    /// Whether this process starts what schedules ask for; an engine of its own may.
    pub starts_schedules: bool,
}

/// The host at work.
pub struct Serving {
    /// Who carries out what is due.
    pub executor: Arc<Executor>,
    /// Keeps the rules in use up with their files.
    pub reloader: RulesReloader,
    /// Carries out what people and programs ask for.
    pub requests: RunService,
    /// Rung when an event of CASEpeer's has been stored.
    pub bell: Bell,
    /// This instance among others.
    pub heartbeat: Heartbeat,
    /// How it works.
    pub options: Options,
}

impl Serving {
    /// Serves until it is cancelled, and then as long as what is in flight takes, within bounds.
    pub async fn serve(self, cancel: CancellationToken) {
        let Serving { executor, reloader, requests, bell, heartbeat, options } = self;
        let keeping = tokio::spawn(reloader.keep(cancel.clone()));
        let (store, vendor_pool) = (executor.host.store.clone(), executor.host.vendor_pool.clone());
        let (registry, metrics) = (Arc::clone(&executor.registry), Arc::clone(&executor.metrics));
        let present = tokio::spawn(heartbeat.keep(Arc::clone(&metrics), cancel.clone()));
        let mut lead = LeaderElection::new(store.locks.clone());
        let retaining = retain(store.clone(), options.retention, options.data_dir.clone(), lead.leads(), Arc::clone(&metrics));
        // It waits for nobody, nor anybody for it.
        let _retaining = AbortOnDropHandle::new(tokio::spawn(retaining));
        let events = Events::new(Arc::clone(&executor), bell, lead.leads(), options.firms_at_once);
        let events = tokio::spawn(events.carry_out(cancel.clone()));
        let orphans = tokio::spawn(requests.clone().take_up_orphans(lead.leads()));
        let queue = requests.queue();
        let begin = |held: &LockGuard| Scheduler::new(Arc::clone(&registry), &store, queue.clone(), held, options.spread);
        let mut clockwork = None;
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut grace = GRACE;
        loop {
            tokio::select! {
                // A host that is stopped as soon as it is ready has looked at its schedules, and so knows later what it missed.
                biased;
                _ = ticks.tick() => {
                    let looking = async {
                        let place = lead.look().await;
                        if lead.held().is_none() && clockwork.take().is_some() {
                            // The next leader takes up what is not done.
                            queue.forget_all();
                        }
                        if place == LeaderRole::Elected {
                            // How far schedules have come is in the store, and not what was known here before.
                            clockwork = lead.held().map(begin);
                        }
                        if options.starts_schedules
                            && place != LeaderRole::Follower
                            && let Some(clockwork) = &mut clockwork
                            && let Err(error) = clockwork.tick(Timestamp::now()).await
                        {
                            tracing::error!(%error, "schedules could not be evaluated");
                        }
                    };
                    tokio::select! {
                        () = looking => {}
                        // A store that is away does not keep the host from stopping.
                        () = after(&cancel, LOOKING) => {
                            grace = GRACE.saturating_sub(LOOKING);
                            break;
                        }
                    }
                    [Lane::Bulk, Lane::Messages].into_iter().for_each(|lane| metrics.load(lane, queue.load(lane)));
                    metrics.firms(&states(&registry));
                    metrics.left_alone(vendor_pool.left_alone().len());
                    metrics.engine_away(!requests.is_engine_there());
                }
                () = cancel.cancelled() => break,
            }
        }
        let finished = async { tokio::join!(requests.finish(), events, keeping, present, orphans) };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!("stopped with unfinished work; it resumes at the next start");
        }
    }
}

/// Waits until it is cancelled, and then so long.
async fn after(cancel: &CancellationToken, time: Duration) {
    cancel.cancelled().await;
    tokio::time::sleep(time).await;
}

fn states(registry: &RulesRegistry) -> [(&'static str, usize); 4] {
    let current = registry.current();
    RulesState::ALL.map(|state| (state.as_str(), current.firms.values().filter(|firm| firm.state == state).count()))
}
