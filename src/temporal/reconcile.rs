//! Keeps Temporal's schedules in step with the rules in use. Every instance does: several that do the same at once come to the same.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _};
use temporalio_client::schedules::{DeleteScheduleOptions, ListSchedulesOptions, ScheduleError};
use temporalio_client::{Client, RpcOptions, tonic};
use tokio_util::sync::CancellationToken;

use super::ids::WorkflowIds;
use super::schedules::DesiredSchedule;
use crate::domain::FirmId;
use crate::rules::{JobKind, Schedule};
use crate::ruleset::RulesRegistry;
use crate::store::Store;

/// How often it is looked whether the rules have changed.
const LOOK: Duration = Duration::from_millis(500);

/// How often everything that Temporal has is looked through, for what others changed there.
const THROUGH: Duration = Duration::from_mins(5);

/// So many schedules are set at once.
const AT_ONCE: usize = 16;

/// How soon what did not come about is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Keeps schedules in step until it is cancelled.
pub(super) async fn keep_in_step(
    client: Client,
    names: WorkflowIds,
    (registry, store): (Arc<RulesRegistry>, Store),
    spread: Duration,
    stop: CancellationToken,
) {
    let mut keeping = Keeping { client, names, registry, spread, on: HashSet::new(), set: HashMap::new() };
    let (mut seen, mut looked_through, mut trouble) = (None, None::<Instant>, None::<Instant>);
    loop {
        let current = keeping.registry.current();
        let on = tokio::select! {
            on = store.enabled_firms() => on,
            () = stop.cancelled() => return,
        };
        let was_switched = match on {
            Ok(on) => {
                keeping.on != on && {
                    keeping.on = on;
                    true
                }
            }
            // What is known of the firms stays so until the store answers again.
            Err(error) => {
                tracing::warn!(%error, "states of firms could not be read");
                false
            }
        };
        if was_switched {
            seen = None;
        }
        let is_time = looked_through.is_none_or(|at| at.elapsed() > THROUGH);
        let has_changed = seen.as_ref().is_none_or(|seen| !Arc::ptr_eq(seen, &current));
        if (is_time || has_changed) && trouble.is_none_or(|at| at.elapsed() > AGAIN) {
            let keeping = async { if is_time { keeping.look_through().await } else { keeping.change().await } };
            let kept = tokio::select! {
                kept = keeping => kept,
                () = stop.cancelled() => return,
            };
            match kept {
                Ok(()) => {
                    (seen, trouble) = (Some(current), None);
                    looked_through = if is_time { Some(Instant::now()) } else { looked_through };
                }
                Err(error) => {
                    tracing::warn!(%error, "Temporal schedules could not be updated");
                    trouble = Some(Instant::now());
                }
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = stop.cancelled() => return,
        }
    }
}

struct Keeping {
    client: Client,
    names: WorkflowIds,
    registry: Arc<RulesRegistry>,
    spread: Duration,
    /// The firms that are enabled.
    on: HashSet<FirmId>,
    /// What this instance knows each schedule to be set to, by its note.
    set: HashMap<String, String>,
}

impl Keeping {
    /// Every schedule that there should be. Those of a firm whose rules cannot be used stay as they are.
    fn wanted(&self) -> BTreeMap<String, DesiredSchedule> {
        let current = self.registry.current();
        let rules = current.firms.iter().filter_map(|(firm, in_use)| Some((firm, in_use.rules.as_ref()?)));
        let of_firm = rules.flat_map(|(firm, rules)| {
            JobKind::of(rules).map(move |(what, schedule)| {
                let schedule = Schedule { enabled: schedule.enabled && self.on.contains(firm), ..schedule.clone() };
                DesiredSchedule::new(&self.names, firm, &rules.time_zone, &what, &schedule, self.spread)
            })
        });
        of_firm.map(|wanted| (wanted.id.clone(), wanted)).collect()
    }

    /// Whether a schedule that is not wanted should be gone: its firm is gone, or has rules without it.
    fn is_gone(&self, id: &str) -> bool {
        let current = self.registry.current();
        let Some(firm) = self.names.firm_of(id) else { return false };
        let in_use = current.firms.iter().find(|(known, _)| known.as_str() == firm).map(|(_, in_use)| in_use);
        in_use.is_none_or(|in_use| in_use.rules.is_some())
    }

    /// Looks through all that Temporal has.
    async fn look_through(&mut self) -> Result<(), ScheduleError> {
        self.set.clear();
        let mut listed = self.client.list_schedules(ListSchedulesOptions::default());
        while let Some(summary) = listed.next().await {
            let summary = summary?;
            if self.names.firm_of(summary.schedule_id()).is_some() {
                self.set.insert(summary.schedule_id().to_owned(), summary.note().unwrap_or_default().to_owned());
            }
        }
        self.change().await
    }

    /// Sets what is not as it should be.
    async fn change(&mut self) -> Result<(), ScheduleError> {
        let wanted = self.wanted();
        let gone: Vec<String> = self.set.keys().filter(|id| !wanted.contains_key(*id) && self.is_gone(id)).cloned().collect();
        for id in gone {
            match self.client.get_schedule_handle(&id).delete(DeleteScheduleOptions::default()).await {
                Err(ScheduleError::Rpc(status)) if status.code() == tonic::Code::NotFound => {}
                deleted => deleted?,
            }
            self.set.remove(&id);
            tracing::info!(schedule = id, "Temporal schedule deleted");
        }
        let noted = wanted.into_values().map(|wanted| (wanted.note(), wanted));
        let other: Vec<(String, DesiredSchedule)> = noted.filter(|(note, wanted)| self.set.get(&wanted.id) != Some(note)).collect();
        let keeping = &*self;
        let putting = stream::iter(other).map(|(note, wanted)| async move {
            let put = keeping.put(&wanted, &note).await;
            (wanted.id, note, put)
        });
        let put: Vec<_> = putting.buffer_unordered(AT_ONCE).collect().await;
        // One that Temporal does not take keeps no other from being set.
        let mut refused = None;
        for (id, note, put) in put {
            match put {
                Ok(()) => drop(self.set.insert(id, note)),
                Err(error) => {
                    tracing::error!(schedule = id, %error, "Temporal schedule could not be updated");
                    refused = Some(error);
                }
            }
        }
        refused.map_or(Ok(()), Err)
    }

    /// Sets one schedule, unless another instance has: what a list says may be old.
    async fn put(&self, wanted: &DesiredSchedule, note: &str) -> Result<(), ScheduleError> {
        let handle = self.client.get_schedule_handle(&wanted.id);
        match handle.describe(RpcOptions::default()).await {
            Ok(known) if known.note() == Some(note) => return Ok(()),
            Ok(_) => {}
            Err(ScheduleError::Rpc(status)) if status.code() == tonic::Code::NotFound => {
                match self.client.create_schedule(&wanted.id, wanted.create()).await {
                    // Another instance was faster.
                    Err(ScheduleError::Rpc(status)) if status.code() == tonic::Code::AlreadyExists => {}
                    created => drop(created?),
                }
            }
            Err(error) => return Err(error),
        }
        let applied = wanted.clone();
        handle.update(move |update| applied.apply(update), RpcOptions::default()).await?;
        tracing::info!(schedule = wanted.id, "Temporal schedule updated");
        Ok(())
    }
}
