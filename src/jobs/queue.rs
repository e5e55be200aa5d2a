//! The queue: jobs wait for their turn, so many firms at once in each lane, first come first served. None is done twice at a time, and a
//! firm's two syncs one after the other. What people and programs request does not wait behind schedules: it has places of its own.
//!
//! Architecture invariant: what a job has come to is in the store, never here, so that losing the queue loses nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::dispatcher::{DispatchError, Dispatcher, QueuedJob, Submitted};
use super::job::Job;
use crate::domain::{FirmId, RunId};
use crate::rules::JobKind;
use crate::runs::Lane;

/// Does a job, on a task of its own.
pub trait Engine: Send + Sync + 'static {
    /// Does it. Ends early once it is cancelled.
    fn carry_out(&self, job: QueuedJob, cancel: CancellationToken) -> impl Future<Output = ()> + Send;
}

/// The jobs that wait and that are under way.
pub struct Queue<E> {
    engine: Arc<E>,
    state: Arc<Mutex<State>>,
    tasks: TaskTracker,
    stop: CancellationToken,
    at_once: usize,
}

/// What a firm has one of at a time.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Work {
    Scheduled(JobKind),
    Requested(Option<String>),
}

/// Jobs that share so many places.
type Share = (Lane, bool);

#[derive(Default)]
struct State {
    waiting: HashMap<Share, VecDeque<QueuedJob>>,
    /// With each, its run.
    under_way: HashMap<(FirmId, Work), (CancellationToken, Option<String>)>,
    running: HashMap<Share, usize>,
}

impl QueuedJob {
    fn work(&self) -> Work {
        match &self.request.job {
            Job::Occurrence { schedule, .. } => Work::Scheduled(JobKind::parse(schedule)),
            _ => Work::Requested(self.request.run.clone()),
        }
    }

    fn share(&self) -> Share {
        (self.request.lane(), matches!(self.work(), Work::Requested(_)))
    }

    fn is(&self, firm: &FirmId, work: &Work) -> bool {
        self.firm == *firm && self.work() == *work
    }
}

impl Work {
    fn waits_for(&self, other: &Work) -> bool {
        match (self, other) {
            (Work::Scheduled(kind), Work::Scheduled(other)) => kind.waits_for(other),
            _ => self == other,
        }
    }
}

impl State {
    fn is_free(&self, job: &QueuedJob) -> bool {
        let work = job.work();
        !self.under_way.keys().any(|(firm, other)| *firm == job.firm && work.waits_for(other))
    }

    fn has(&self, firm: &FirmId, work: &Work) -> bool {
        self.under_way.contains_key(&(firm.clone(), work.clone())) || self.waiting.values().flatten().any(|waiting| waiting.is(firm, work))
    }

    /// Takes the first job that waits and whose firm has nothing under way that it waits for.
    fn next(&mut self, share: Share) -> Option<QueuedJob> {
        let place = self.waiting.get(&share)?.iter().position(|job| self.is_free(job))?;
        self.waiting.get_mut(&share)?.remove(place)
    }
}

impl<E> Clone for Queue<E> {
    fn clone(&self) -> Queue<E> {
        Queue {
            engine: Arc::clone(&self.engine),
            state: Arc::clone(&self.state),
            tasks: self.tasks.clone(),
            stop: self.stop.clone(),
            at_once: self.at_once,
        }
    }
}

impl<E: Engine> Queue<E> {
    /// A queue that does so many jobs at once in each lane.
    pub fn new(engine: Arc<E>, at_once: usize) -> Queue<E> {
        Queue { engine, state: Arc::default(), tasks: TaskTracker::new(), stop: CancellationToken::new(), at_once: at_once.max(1) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a schedule's job of this firm is waiting or under way.
    pub fn has(&self, firm: &FirmId, kind: &JobKind) -> bool {
        self.state().has(firm, &Work::Scheduled(kind.clone()))
    }

    /// Whether a run is waiting or has its turn.
    pub fn has_run(&self, run: &RunId) -> bool {
        let (state, is_it) = (self.state(), |known: &Option<String>| known.as_ref() == Some(&run.0));
        state.under_way.values().any(|(_, run)| is_it(run)) || state.waiting.values().flatten().any(|job| is_it(&job.request.run))
    }

    /// Hands in a job, and says what became of it; a job that is there already needs nobody's attention, so this may be left unread.
    pub fn submit(&self, job: QueuedJob) -> Submitted {
        let (share, firm, work) = (job.share(), job.firm.clone(), job.work());
        {
            let mut state = self.state();
            if state.has(&firm, &work) {
                return Submitted::Already;
            }
            state.waiting.entry(share).or_default().push_back(job);
        }
        self.start(share);
        let state = self.state();
        match state.waiting.get(&share).and_then(|waiting| waiting.iter().find(|waiting| waiting.is(&firm, &work))) {
            None => Submitted::Started,
            Some(job) if !state.is_free(job) => Submitted::Waiting("waits for another run of the firm".to_owned()),
            Some(_) => {
                let at_work = if self.at_once == 1 { "1 run is".to_owned() } else { format!("{} runs are", self.at_once) };
                Submitted::Waiting(format!("waits for a place; {at_work} at work"))
            }
        }
    }

    /// Starts what has its turn.
    fn start(&self, share: Share) {
        loop {
            let (job, cancel) = {
                let mut state = self.state();
                if self.stop.is_cancelled() || state.running.get(&share).copied().unwrap_or_default() >= self.at_once {
                    return;
                }
                let Some(job) = state.next(share) else { return };
                *state.running.entry(share).or_default() += 1;
                let cancel = self.stop.child_token();
                state.under_way.insert((job.firm.clone(), job.work()), (cancel.clone(), job.request.run.clone()));
                (job, cancel)
            };
            let queue = self.clone();
            self.tasks.spawn(async move {
                let key = (job.firm.clone(), job.work());
                // What panics is this job's trouble and no other's.
                let task = tokio::spawn({
                    let engine = Arc::clone(&queue.engine);
                    async move { engine.carry_out(job, cancel).await }
                });
                if let Err(error) = task.await {
                    tracing::error!(firm = %key.0, job = ?key.1, %error, "job panicked");
                }
                {
                    let mut state = queue.state();
                    state.under_way.remove(&key);
                    if let Some(running) = state.running.get_mut(&share) {
                        *running = running.saturating_sub(1);
                    }
                }
                queue.start(share);
            });
        }
    }

    /// Stops the scheduled work of one firm, as when it is gone or switched off.
    pub fn cancel_firm(&self, firm: &FirmId) {
        let mut state = self.state();
        let is_requested = |job: &QueuedJob| matches!(job.work(), Work::Requested(_));
        state.waiting.values_mut().for_each(|waiting| waiting.retain(|job| job.firm != *firm || is_requested(job)));
        let scheduled = state.under_way.iter().filter(|((busy, work), _)| busy == firm && matches!(work, Work::Scheduled(_)));
        scheduled.for_each(|(_, (cancel, _))| cancel.cancel());
    }

    /// Forgets jobs of a schedule that wait, as when it was switched off before they began.
    pub fn forget(&self, firm: &FirmId, kind: &JobKind) {
        let work = Work::Scheduled(kind.clone());
        self.state().waiting.values_mut().for_each(|waiting| waiting.retain(|job| !job.is(firm, &work)));
    }

    /// Forgets a run that waits, and lets go of its locks.
    pub fn forget_run(&self, run: &RunId) {
        self.state().waiting.values_mut().for_each(|waiting| waiting.retain(|job| job.request.run.as_ref() != Some(&run.0)));
    }

    /// Forgets all occurrences that wait, as when another instance leads now.
    pub fn forget_all(&self) {
        self.state().waiting.retain(|(_, is_requested), _| *is_requested);
    }

    /// How many jobs wait and how many are under way, by lane.
    pub fn load(&self, lane: Lane) -> (usize, usize) {
        let state = self.state();
        let both = [(lane, false), (lane, true)];
        let waiting = both.iter().filter_map(|share| state.waiting.get(share)).map(VecDeque::len).sum();
        (waiting, both.iter().filter_map(|share| state.running.get(share)).sum())
    }

    /// Begins nothing more, and lets what is under way finish what is in flight; ends when it has.
    pub async fn finish(&self) {
        self.stop.cancel();
        self.state().waiting.clear();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl<E: Engine> Dispatcher for Queue<E> {
    fn dispatch(&self, job: QueuedJob) -> BoxFuture<'_, Result<Submitted, DispatchError>> {
        std::future::ready(Ok(self.submit(job))).boxed()
    }

    fn is_available(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::jobs::JobRequest;

    /// Notes what begins, and ends a job when it gets a permit.
    struct Slow {
        begun: Mutex<Vec<JobKind>>,
        ends: Semaphore,
    }

    impl Engine for Slow {
        async fn carry_out(&self, job: QueuedJob, _: CancellationToken) {
            let Job::Occurrence { schedule, .. } = job.request.job else { return };
            self.begun.lock().unwrap().push(JobKind::parse(&schedule));
            self.ends.acquire().await.unwrap().forget();
        }
    }

    fn job(kind: &JobKind) -> QueuedJob {
        QueuedJob::new(&FirmId::new("hartwell").unwrap(), JobRequest::occurrence(kind, Timestamp::UNIX_EPOCH))
    }

    #[tokio::test(start_paused = true)]
    async fn both_syncs_of_a_firm_run_one_after_the_other_and_neither_is_lost() {
        let engine = Arc::new(Slow { begun: Mutex::default(), ends: Semaphore::new(0) });
        let queue = Queue::new(Arc::clone(&engine), 16);
        let begun = || engine.begun.lock().unwrap().clone();
        for what in [JobKind::NightlySync, JobKind::StageSync, JobKind::DocumentSync] {
            assert_ne!(queue.submit(job(&what)), Submitted::Already);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(begun(), [JobKind::NightlySync, JobKind::DocumentSync]);
        assert_eq!(queue.submit(job(&JobKind::StageSync)), Submitted::Already);
        engine.ends.add_permits(2);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(begun(), [JobKind::NightlySync, JobKind::DocumentSync, JobKind::StageSync]);
    }
}
