//! What an instance says of itself in the store: that it is there, and which rules it serves each firm by.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::domain::{FirmId, Revision};
use crate::metrics::Metrics;
use crate::ruleset::RulesRegistry;
use crate::store::{Instance, Store, StoreError};

/// How often it is looked whether rules in use have changed, which is cheap.
const LOOK: Duration = Duration::from_millis(500);

/// How often an instance says that it is there.
const BEAT: Duration = Duration::from_secs(3);

/// So long after it said something, an instance is forgotten.
const FORGOTTEN: Duration = Duration::from_mins(5);

/// An instance among those that serve from one store.
#[derive(Clone)]
pub struct Heartbeat {
    instance: Instance,
    store: Store,
    registry: Arc<RulesRegistry>,
}

impl Heartbeat {
    /// An instance that has said nothing for so long counts as gone.
    pub const LASTS: Duration = Duration::from_secs(15);

    /// That of this process, under an id of its own.
    pub fn new(store: Store, registry: Arc<RulesRegistry>) -> Result<Heartbeat, getrandom::Error> {
        let now = Timestamp::now();
        let host = hostname::get().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let id = format!("{:016x}", getrandom::u64()?);
        let instance = Instance { id, host, version: env!("CARGO_PKG_VERSION").to_owned(), started_at: now, seen_at: now };
        Ok(Heartbeat { instance, store, registry })
    }

    /// By which the instance is known as long as it runs.
    pub fn id(&self) -> &str {
        &self.instance.id
    }

    /// Says so again and again, until it is cancelled; then takes leave.
    pub async fn keep(self, metrics: Arc<Metrics>, cancel: CancellationToken) {
        let task = metrics.task("heartbeat", LOOK);
        let (mut reported, mut next_beat) = (BTreeMap::new(), Instant::now());
        let beating = async {
            loop {
                let beats = Instant::now() >= next_beat;
                let said = self.say(beats, &mut reported).await;
                if beats && said.is_ok() {
                    next_beat = Instant::now() + BEAT;
                }
                tokio::time::sleep(task.note(said)).await;
            }
        };
        cancel.run_until_cancelled(beating).await;
        if let Err(error) = self.store.remove_instance(&self.instance.id).await {
            tracing::debug!(%error, "instance could not be signed off");
        }
    }

    async fn say(&self, beats: bool, reported: &mut BTreeMap<FirmId, Revision>) -> Result<(), StoreError> {
        if beats {
            if self.store.put_instance(&self.instance).await? {
                // Nothing of it is known, as after a long sleep: everything is reported anew.
                reported.clear();
            }
            self.store.remove_instances_silent_for(FORGOTTEN).await?;
        }
        let current = self.registry.current();
        let served = current.firms.iter().filter_map(|(firm, in_use)| Some((firm, &in_use.rules.as_ref()?.revision)));
        let served: BTreeMap<&FirmId, &Revision> = served.collect();
        let news = served.iter().filter(|(firm, revision)| reported.get(**firm) != Some(**revision));
        let mut changes: Vec<(FirmId, Option<Revision>)> =
            news.map(|(firm, revision)| ((*firm).clone(), Some((*revision).clone()))).collect();
        changes.extend(reported.keys().filter(|firm| !served.contains_key(firm)).map(|firm| (firm.clone(), None)));
        if !changes.is_empty() {
            self.store.put_instance_rules(&self.instance.id, &changes).await?;
            *reported = served.into_iter().map(|(firm, revision)| (firm.clone(), revision.clone())).collect();
        }
        Ok(())
    }
}
