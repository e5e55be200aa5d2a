//! The always-on host: keeps rules up with their files, starts what schedules ask for, deletes what has been kept long enough, and stops
//! in an orderly way.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::carry_out::Carrier;
use super::clockwork::Clockwork;
use super::events::{Bell, Events};
use super::instances::Presence;
use super::keeper::Keeper;
use super::lead::{Lead, Place};
use super::retention::retain;
use super::{Queue, Requests};
use crate::live::{Live, RulesState};
use crate::settings::Retention;
use crate::store::HeldLock;
use crate::sync::Lane;

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
    pub carrier: Arc<Carrier>,
    /// Keeps the rules in use up with their files.
    pub keeper: Keeper,
    /// Carries out what people and programs ask for.
    pub requests: Requests,
    /// Rung when an event of CASEpeer's has been stored.
    pub bell: Bell,
    /// This instance among others.
    pub presence: Presence,
    /// How it works.
    pub options: Options,
}

impl Serving {
    /// Serves until it is cancelled, and then as long as what is in flight takes, within bounds.
    pub async fn serve(self, cancel: CancellationToken) {
        let Serving { carrier, keeper, requests, bell, presence, options } = self;
        let keeping = tokio::spawn(keeper.keep(cancel.clone()));
        let present = tokio::spawn(presence.keep(cancel.clone()));
        let (store, ways) = (carrier.host.store.clone(), carrier.host.ways.clone());
        let (live, watched) = (Arc::clone(&carrier.live), Arc::clone(&carrier.watched));
        let mut lead = Lead::new(store.locks.clone());
        let retaining = retain(store.clone(), options.retention, options.data_dir.clone(), lead.watched());
        // It waits for nobody, nor anybody for it.
        let _retaining = AbortOnDropHandle::new(tokio::spawn(retaining));
        let events = Events::new(Arc::clone(&carrier), bell, lead.watched(), options.firms_at_once);
        let events = tokio::spawn(events.carry_out(cancel.clone()));
        let orphans = tokio::spawn(requests.clone().take_up_orphans(lead.watched()));
        let queue = Queue::new(carrier, options.firms_at_once);
        let begin = |held: &HeldLock| Clockwork::new(Arc::clone(&live), &store, queue.clone(), held, options.spread);
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
                        if place == Place::LeadsNow {
                            // How far schedules have come is in the store, and not what was known here before.
                            clockwork = lead.held().map(begin);
                        }
                        if options.starts_schedules
                            && place != Place::Follows
                            && let Some(clockwork) = &mut clockwork
                            && let Err(error) = clockwork.tick(Timestamp::now()).await
                        {
                            tracing::error!(%error, "schedules could not be looked at");
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
                    [Lane::Bulk, Lane::Messages].into_iter().for_each(|lane| watched.load(lane, queue.load(lane)));
                    watched.firms(&states(&live));
                    watched.left_alone(ways.left_alone().len());
                    watched.engine_away(!requests.is_engine_there());
                }
                () = cancel.cancelled() => break,
            }
        }
        let finished = async { tokio::join!(queue.finish(), requests.finish(), events, keeping, present, orphans) };
        if tokio::time::timeout(grace, finished).await.is_err() {
            tracing::warn!("some work did not finish in time; it is taken up at the next start");
        }
    }
}

/// Waits until it is cancelled, and then so long.
async fn after(cancel: &CancellationToken, time: Duration) {
    cancel.cancelled().await;
    tokio::time::sleep(time).await;
}

fn states(live: &Live) -> [(&'static str, usize); 4] {
    let current = live.current();
    RulesState::ALL.map(|state| (state.as_str(), current.firms.values().filter(|firm| firm.state == state).count()))
}
