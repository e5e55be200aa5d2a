//! The queue: jobs wait for their turn, so many firms at once in each lane, first come first served. None is done twice at a time, and a
//! firm's two syncs one after the other.
//!
//! Architecture invariant: this is the seam behind which another engine may stand. A job is a firm and a kind of work; what it has come to
//! is in the store, never here, so that losing the queue loses nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::domain::FirmId;
use crate::rules::JobKind;
use crate::runs::Lane;
use crate::store::LeaseWatch;

/// One firm's work of one kind.
#[derive(Debug, Clone)]
pub struct Job {
    /// Whose.
    pub firm: FirmId,
    /// What.
    pub what: JobKind,
    /// The occurrence of the schedule that asks for it.
    pub nominal: Option<Timestamp>,
    /// The lease of the leader that hands it in.
    pub lead: LeaseWatch,
}

/// What became of a job that was handed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// It has its turn, or waits for it.
    Queued,
    /// The same work of this firm is waiting or under way.
    Already,
}

/// Does a job, on a task of its own.
pub trait Engine: Send + Sync + 'static {
    /// Does it. Ends early once it is cancelled.
    fn carry_out(&self, job: Job, cancel: CancellationToken) -> impl Future<Output = ()> + Send;
}

/// The jobs that wait and that are under way.
pub struct Queue<E> {
    engine: Arc<E>,
    state: Arc<Mutex<State>>,
    tasks: TaskTracker,
    stop: CancellationToken,
    at_once: usize,
}

#[derive(Default)]
struct State {
    waiting: HashMap<Lane, VecDeque<Job>>,
    under_way: HashMap<(FirmId, JobKind), CancellationToken>,
    running: HashMap<Lane, usize>,
}

impl State {
    /// Takes the first job that waits and whose firm has nothing under way that it waits for.
    fn next(&mut self, lane: Lane) -> Option<Job> {
        let State { waiting, under_way, .. } = self;
        let waiting = waiting.get_mut(&lane)?;
        let is_free = |job: &Job| !under_way.keys().any(|(firm, what)| *firm == job.firm && job.what.waits_for(what));
        let place = waiting.iter().position(is_free)?;
        waiting.remove(place)
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

    /// Hands in a job, and says what became of it; a job that is there already needs nobody's attention, so this may be left unread.
    pub fn submit(&self, job: Job) -> Submitted {
        let lane = Lane::of_job(&job.what);
        {
            let mut state = self.state();
            let same = |waiting: &Job| waiting.firm == job.firm && waiting.what == job.what;
            let key = (job.firm.clone(), job.what.clone());
            if state.under_way.contains_key(&key) || state.waiting.get(&lane).is_some_and(|waiting| waiting.iter().any(same)) {
                return Submitted::Already;
            }
            state.waiting.entry(lane).or_default().push_back(job);
        }
        self.start(lane);
        Submitted::Queued
    }

    /// Starts what has its turn.
    fn start(&self, lane: Lane) {
        loop {
            let (job, cancel) = {
                let mut state = self.state();
                if self.stop.is_cancelled() || state.running.get(&lane).copied().unwrap_or_default() >= self.at_once {
                    return;
                }
                let Some(job) = state.next(lane) else { return };
                *state.running.entry(lane).or_default() += 1;
                let cancel = self.stop.child_token();
                state.under_way.insert((job.firm.clone(), job.what.clone()), cancel.clone());
                (job, cancel)
            };
            let queue = self.clone();
            self.tasks.spawn(async move {
                let key = (job.firm.clone(), job.what.clone());
                // What panics is this job's trouble and no other's.
                let task = tokio::spawn({
                    let engine = Arc::clone(&queue.engine);
                    async move { engine.carry_out(job, cancel).await }
                });
                if let Err(error) = task.await {
                    tracing::error!(firm = %key.0, what = %key.1, %error, "job panicked");
                }
                {
                    let mut state = queue.state();
                    state.under_way.remove(&key);
                    if let Some(running) = state.running.get_mut(&lane) {
                        *running = running.saturating_sub(1);
                    }
                }
                queue.start(lane);
            });
        }
    }

    /// Stops the work of one firm, as when it is gone or switched off.
    pub fn cancel_firm(&self, firm: &FirmId) {
        let mut state = self.state();
        state.waiting.values_mut().for_each(|waiting| waiting.retain(|job| job.firm != *firm));
        state.under_way.iter().filter(|((busy, _), _)| busy == firm).for_each(|(_, cancel)| cancel.cancel());
    }

    /// Forgets jobs of a schedule that wait, as when it was switched off before they began.
    pub fn forget(&self, firm: &FirmId, what: &JobKind) {
        let mut state = self.state();
        state.waiting.values_mut().for_each(|waiting| waiting.retain(|job| job.firm != *firm || job.what != *what));
    }

    /// Forgets everything that waits, as when another instance leads now.
    pub fn forget_all(&self) {
        self.state().waiting.clear();
    }

    /// How many jobs wait and how many are under way, by lane.
    pub fn load(&self, lane: Lane) -> (usize, usize) {
        let state = self.state();
        (state.waiting.get(&lane).map_or(0, VecDeque::len), state.running.get(&lane).copied().unwrap_or_default())
    }

    /// Begins nothing more, and asks what is under way to finish what is in flight; ends when it has.
    pub async fn finish(&self) {
        self.stop.cancel();
        self.state().waiting.clear();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::sync::Semaphore;

    use super::*;

    /// Notes what begins, and ends a job when it gets a permit.
    struct Slow {
        begun: Mutex<Vec<JobKind>>,
        ends: Semaphore,
    }

    impl Engine for Slow {
        async fn carry_out(&self, job: Job, _: CancellationToken) {
            self.begun.lock().unwrap().push(job.what);
            self.ends.acquire().await.unwrap().forget();
        }
    }

    fn job(what: JobKind) -> Job {
        Job { firm: FirmId::new("hartwell").unwrap(), what, nominal: None, lead: LeaseWatch::default() }
    }

    #[tokio::test(start_paused = true)]
    async fn both_syncs_of_a_firm_run_one_after_the_other_and_neither_is_lost() {
        let engine = Arc::new(Slow { begun: Mutex::default(), ends: Semaphore::new(0) });
        let queue = Queue::new(Arc::clone(&engine), 16);
        let begun = || engine.begun.lock().unwrap().clone();
        for what in [JobKind::NightlySync, JobKind::StageSync, JobKind::DocumentSync] {
            assert_eq!(queue.submit(job(what)), Submitted::Queued);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(begun(), [JobKind::NightlySync, JobKind::DocumentSync]);
        assert_eq!(queue.submit(job(JobKind::StageSync)), Submitted::Already);
        engine.ends.add_permits(2);
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert_eq!(begun(), [JobKind::NightlySync, JobKind::DocumentSync, JobKind::StageSync]);
    }
}
