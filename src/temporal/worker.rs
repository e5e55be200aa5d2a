//! A worker: takes workflows and slices of one lane from Temporal, so many at once.

use temporalio_client::Client;
use temporalio_sdk::runtime::RuntimeOptions;
use temporalio_sdk::runtime::worker_tuner::{FixedSizeSlotSupplier, TunerHolder};
use temporalio_sdk::{Runtime, Worker, WorkerOptions};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::activities::Activities;
use super::firm_work::FirmWork;
use super::occurrence::Occurrence;

/// So many workflows are looked at, and things handed in, at once.
const SMALL_TASKS: usize = 64;

/// So many workflows are kept in memory.
const CACHED: usize = 2_000;

/// Heartbeats are passed on at least this often.
const HEARTBEAT: std::time::Duration = std::time::Duration::from_secs(5);

/// Works until it is cancelled, and then as long as what is in flight takes; ends early, with a line in the log, if it cannot go on.
pub(super) async fn run(client: Client, task_queue: String, at_once: usize, activities: Activities, stop: CancellationToken) {
    let (runtime, (ended, end)) = (Handle::current(), tokio::sync::oneshot::channel());
    // Workflows stay on the thread on which they were begun.
    let thread = std::thread::Builder::new().name(task_queue.clone()).spawn(move || {
        let outcome = runtime.block_on(work(client, &task_queue, at_once, activities, stop));
        if let Err(error) = outcome {
            tracing::error!(task_queue, error, "Temporal worker ended; restarting");
        }
        let _ = ended.send(());
    });
    match thread {
        Ok(_) => {
            let _ = end.await;
        }
        Err(error) => tracing::error!(%error, "thread could not be started"),
    }
}

async fn work(client: Client, task_queue: &str, at_once: usize, activities: Activities, stop: CancellationToken) -> Result<(), String> {
    let runtime = Runtime::from_current_tokio(RuntimeOptions::default()).map_err(|error| error.to_string())?;
    let small = FixedSizeSlotSupplier::new(SMALL_TASKS);
    let tuner = TunerHolder::builder()
        .workflow_task_slot_supplier(small)
        .activity_task_slot_supplier(FixedSizeSlotSupplier::new(at_once.max(1)))
        .local_activity_task_slot_supplier(small)
        .nexus_task_slot_supplier(FixedSizeSlotSupplier::new(1))
        .build();
    let options = WorkerOptions::new(task_queue)
        .register_workflow::<FirmWork>()
        .map_err(|error| error.to_string())?
        .register_workflow::<Occurrence>()
        .map_err(|error| error.to_string())?
        .register_activities(activities)
        .tuner(tuner)
        .max_cached_workflows(CACHED)
        // The instance with room for a slice takes it, and not the one that looked at the workflow.
        .max_eager_activity_reservations_per_workflow_task(0)
        .max_heartbeat_throttle_interval(HEARTBEAT)
        .build();
    let mut worker = Worker::new(&runtime, client, options).map_err(|error| error.to_string())?;
    let shut_down = worker.shutdown_handle();
    let running = worker.run();
    tokio::pin!(running);
    tokio::select! {
        ended = &mut running => ended.map_err(|error| error.to_string()),
        () = stop.cancelled() => {
            shut_down();
            running.await.map_err(|error| error.to_string())
        }
    }
}
