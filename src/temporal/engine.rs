//! This instance's part in the engine: the connection, which comes back by itself, the workers, and keeping schedules in step.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use temporalio_client::Client;
use tokio_util::sync::CancellationToken;

use super::activities::Activities;
use super::connection::{answers, connect, signal_firm};
use super::firm_work::Entry;
use super::ids::WorkflowIds;
use super::reconcile::keep_in_step;
use super::worker;
use crate::jobs::{DispatchError, Dispatcher, QueuedJob, RunService, Submitted};
use crate::ruleset::RulesRegistry;
use crate::runs::Lane;
use crate::settings::TemporalSettings;

/// How often it is looked whether Temporal answers.
const LOOK: Duration = Duration::from_secs(3);

/// How long handing something in may take.
const HAND_IN: Duration = Duration::from_secs(10);

/// Temporal, as this instance sees it; a copy is the same.
#[derive(Clone)]
pub struct Temporal {
    settings: Arc<TemporalSettings>,
    names: WorkflowIds,
    /// The connection, as long as Temporal answers.
    client: Arc<ArcSwapOption<Client>>,
}

impl Temporal {
    /// Temporal at the place that the settings name. It is not asked for anything yet.
    pub fn new(settings: TemporalSettings) -> Temporal {
        let names = WorkflowIds::new(&settings.task_queue);
        Temporal { settings: Arc::new(settings), names, client: Arc::default() }
    }

    /// Takes part until it is cancelled: works on so many firms at once in each lane, and keeps schedules in step with the rules, firms that
    /// share a time being `spread` apart. Ends when what is in flight has.
    pub async fn take_part(
        self,
        requests: RunService,
        registry: Arc<RulesRegistry>,
        at_once: usize,
        spread: Duration,
        cancel: CancellationToken,
    ) {
        let store = requests.store();
        let mut was_away = false;
        while !cancel.is_cancelled() {
            let client = match connect(&self.settings).await {
                Ok(client) => client,
                Err(error) => {
                    if !std::mem::replace(&mut was_away, true) {
                        tracing::error!(%error, "Temporal is unreachable: no run starts until it answers; retrying");
                    }
                    tokio::select! {
                        () = tokio::time::sleep(LOOK) => continue,
                        () = cancel.cancelled() => return,
                    }
                }
            };
            tracing::info!(namespace = self.settings.namespace, task_queue = self.settings.task_queue, "Temporal connected");
            was_away = false;
            self.client.store(answers(&client).await.then(|| Arc::new(client.clone())));
            let stop = cancel.child_token();
            let working = [Lane::Bulk, Lane::Messages].map(|lane| {
                let activities = Activities { requests: requests.clone(), names: self.names.clone(), stop: stop.clone() };
                worker::run(client.clone(), self.names.task_queue(lane), at_once, activities, stop.clone())
            });
            let [bulk, messages] = working;
            // A worker that ends before it was told to takes the other one along, and both begin anew.
            let either = async {
                let _ends = stop.clone().drop_guard();
                tokio::join!(ending(bulk, &stop), ending(messages, &stop))
            };
            tokio::join!(
                either,
                keep_in_step(client.clone(), self.names.clone(), (Arc::clone(&registry), store.clone()), spread, stop.clone()),
                self.look(&client, &stop),
            );
            self.client.store(None);
            // Workers that end at once, as where there is no such namespace, begin again soon enough.
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = cancel.cancelled() => {}
            }
        }
    }

    /// Looks whether Temporal still answers. The connection comes back by itself.
    async fn look(&self, client: &Client, stop: &CancellationToken) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => return,
            }
            let (answers, did) = (answers(client).await, self.client.load().is_some());
            if answers != did && !stop.is_cancelled() {
                if answers {
                    tracing::info!("Temporal reconnected");
                } else {
                    tracing::error!("Temporal is unreachable: no run starts until it answers");
                }
                self.client.store(answers.then(|| Arc::new(client.clone())));
            }
        }
    }
}

async fn ending(worker: impl Future<Output = ()>, stop: &CancellationToken) {
    worker.await;
    stop.cancel();
}

impl Dispatcher for Temporal {
    fn dispatch(&self, job: QueuedJob) -> BoxFuture<'_, Result<Submitted, DispatchError>> {
        async move {
            let client = self.client.load_full().ok_or(DispatchError)?;
            let QueuedJob { firm, request, reserved, .. } = job;
            // Whichever instance carries it out takes them.
            reserved.release().await;
            let entry = Entry { asked: request, tell: None };
            match tokio::time::timeout(HAND_IN, signal_firm(&client, &self.names, &firm, entry)).await {
                Ok(Ok(())) => Ok(Submitted::Waiting("waits for its turn in Temporal".to_owned())),
                Ok(Err(error)) => {
                    tracing::error!(%firm, %error, "job could not be handed to Temporal");
                    Err(DispatchError)
                }
                Err(_) => Err(DispatchError),
            }
        }
        .boxed()
    }

    fn is_available(&self) -> bool {
        self.client.load().is_some()
    }
}
