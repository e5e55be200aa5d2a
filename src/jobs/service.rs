//! What people and programs request. What takes long is recorded as queued with its job and handed on, so that whoever requested it may
//! go away meanwhile; the audit log has it before it begins.

use std::sync::Arc;

use lettre::Address;
use thiserror::Error;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::dispatcher::{Dispatcher, QueuedJob, Submitted};
use super::events::Bell;
use super::executor::Executor;
use super::queue::Queue;
use super::{Job, JobRequest};
use crate::diagnostic::Diagnostic;
use crate::domain::{Action, CaseId, FirmId, Kind, MigrationTask, Requester, Run, RunId, RunStatus};
use crate::rules::FirmRules;
use crate::runs::{self, Host, MigrationMode, MigrationOptions, Progress, ReservedLocks, RunError, RunReport, approval, can_be_undone};
use crate::store::{LockGuard, Store};
use crate::vendors::Failure;

/// Takes requests; a copy does the same.
#[derive(Clone)]
pub struct RunService {
    pub(super) executor: Arc<Executor>,
    pub(super) bell: Bell,
    /// What is carried out in this process.
    queue: Queue<Executor>,
    /// Who carries out what may take long.
    pub(super) dispatcher: Arc<dyn Dispatcher>,
    /// Whether that is this process.
    pub(super) has_local_dispatcher: bool,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// Why something that was asked for was not begun.
#[derive(Debug, Error)]
pub enum RequestError {
    /// The firm has no rules in use: its file is gone or has faults.
    #[error("the firm's rules cannot be used now")]
    NoRules,
    /// The host is on its way down.
    #[error("casebridge is stopping")]
    Stopping,
    /// The engine that carries runs out is away.
    #[error("runs cannot be begun now: the engine that carries them out does not answer")]
    EngineAway,
    /// The script cannot be used.
    #[error("the script has faults")]
    FaultyScript(Vec<Diagnostic>),
    /// What was looked at is not what would be done.
    #[error("{0} changed since this look; look again, and apply that")]
    Changed(&'static str),
    /// A vendor did not let the host look.
    #[error(transparent)]
    Vendor(#[from] Failure),
    /// It could not be begun or recorded.
    #[error(transparent)]
    Sync(#[from] RunError),
}

/// A run that is about to be queued.
struct NewRun {
    kind: Kind,
    cases: Vec<CaseId>,
    undoes: Option<RunId>,
    dry_run: bool,
    job: Job,
    /// What a migration is to do, and the hash of its script.
    task: Option<(MigrationTask, String)>,
}

type Ended = oneshot::Receiver<Result<Option<RunReport>, RunError>>;

impl RunService {
    /// What is requested is carried out by `executor`, so many runs at once.
    pub fn new(executor: Arc<Executor>, bell: Bell, at_once: usize) -> RunService {
        let queue = Queue::new(Arc::clone(&executor), at_once);
        let dispatcher = Arc::new(queue.clone());
        RunService {
            executor,
            bell,
            queue,
            dispatcher,
            has_local_dispatcher: true,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    /// The same, with what may take long carried out by an engine of its own.
    pub fn with_dispatcher(self, dispatcher: Arc<dyn Dispatcher>) -> RunService {
        RunService { dispatcher, has_local_dispatcher: false, ..self }
    }

    /// The queue of this process.
    pub fn queue(&self) -> Queue<Executor> {
        self.queue.clone()
    }

    /// Whether runs can be carried out: an engine of its own may be away.
    pub fn is_engine_there(&self) -> bool {
        self.dispatcher.is_available()
    }

    /// The store that what is requested is written down in.
    pub fn store(&self) -> Store {
        self.host().store.clone()
    }

    pub(super) fn host(&self) -> &Host {
        &self.executor.host
    }

    /// Queues a sync of all of a firm's cases; with `dry_run` it only says what it would write. Its CSV is mailed at its end.
    pub async fn sync(&self, who: &Requester, firm: &FirmId, dry_run: bool, mail_to: &[Address]) -> Result<RunId, RequestError> {
        let mail_to = mail_to.iter().map(ToString::to_string).collect();
        let job = Job::Sync { dry_run, accept_listing: false, mail_to };
        let rules = self.rules(firm)?;
        self.queue_run(who, &rules, NewRun::of(Kind::Sync, dry_run, job)).await
    }

    /// Syncs one case, to its end.
    pub async fn sync_case(&self, who: &Requester, firm: &FirmId, case: CaseId) -> Result<RunReport, RequestError> {
        let job = Job::SyncCase { case: case.0, dry_run: false, by_event: false };
        self.run_to_end(who, firm, NewRun { cases: vec![case], ..NewRun::of(Kind::SyncCase, false, job) }).await
    }

    /// Connects a case, to its end.
    pub async fn connect(&self, who: &Requester, firm: &FirmId, case: CaseId) -> Result<RunReport, RequestError> {
        let job = Job::Connect { cases: vec![case.0], dry_run: false, mail_to: Vec::new() };
        self.run_to_end(who, firm, NewRun { cases: vec![case], ..NewRun::of(Kind::Connect, false, job) }).await
    }

    /// Queues a migration; after a look at it by a dry run, only as it was then.
    pub async fn migrate(
        &self,
        who: &Requester,
        firm: &FirmId,
        task: MigrationTask,
        mode: MigrationMode,
        look: Option<&Run>,
    ) -> Result<RunId, RequestError> {
        let rules = self.rules(firm)?;
        let MigrationOptions { script, task } = match MigrationOptions::load(&self.executor.scripts(), task).await {
            Err(RunError::FaultyScript(faults)) => return Err(RequestError::FaultyScript(faults)),
            loaded => loaded?,
        };
        let store = &self.host().store;
        if let Some(look) = look {
            let looked_at = store.script_hash(&look.id).await.map_err(RunError::from)?;
            if looked_at.is_some_and(|looked_at| looked_at != script.hash()) {
                return Err(RequestError::Changed("the script, or one that it imports,"));
            }
            if look.revision != rules.revision {
                return Err(RequestError::Changed("the firm's rules"));
            }
        }
        let dry_run = mode == MigrationMode::DryRun;
        let job = Job::Migration {
            script: task.script.clone(),
            arguments: task.arguments.clone(),
            apply: !dry_run,
            afresh: mode == MigrationMode::Restart,
            has_input: !task.input.is_empty(),
            script_hash: (!dry_run).then(|| script.hash()),
        };
        let unfinished =
            if mode == MigrationMode::Resume { store.unfinished_migration(&task).await.map_err(RunError::from)? } else { None };
        let new = NewRun { task: Some((task, script.hash())), ..NewRun::of(Kind::Migration, dry_run, job) };
        match unfinished {
            // It goes on under the id that it has, which has a record already.
            Some(unfinished) => self.resume(who, &rules, &unfinished, new).await,
            None => self.queue_run(who, &rules, new).await,
        }
    }

    /// Queues a held run to be carried out.
    pub async fn approve(&self, who: &Requester, run: Run) -> Result<RunId, RequestError> {
        let rules = self.rules(&run.firm)?;
        let not_held = |status: &'static str| RunError::NotHeld { run: run.id.clone(), status };
        if run.status != RunStatus::Held {
            return Err(not_held(run.status.as_str()).into());
        }
        self.is_open()?;
        let (store, request) = (&self.host().store, JobRequest::of(&run.id, Job::Approval));
        let reserved = self.reserve(&run.firm, run.kind, false, &run.id).await?;
        self.audit(who, &rules.firm, &request).await?;
        let approved = approval(store, &run.id).await?;
        if !store.queue_approved(&run.id, &approved, &request.to_text()).await.map_err(RunError::from)? {
            let now = store.run(&run.id).await.map_err(RunError::from)?;
            return Err(not_held(now.map_or("gone", |run| run.status.as_str())).into());
        }
        self.hand_on(&rules.firm, request, reserved, &*self.dispatcher).await
    }

    /// Queues an undo of a run; with `dry_run` it only says what it would restore.
    pub async fn undo(&self, who: &Requester, run: &Run, dry_run: bool) -> Result<RunId, RequestError> {
        let rules = self.rules(&run.firm)?;
        can_be_undone(run)?;
        let job = Job::Undo { undone: run.id.0.clone(), dry_run };
        self.queue_run(who, &rules, NewRun { undoes: Some(run.id.clone()), ..NewRun::of(Kind::Undo, dry_run, job) }).await
    }

    /// Stops a run, or discards a held or queued one.
    pub async fn cancel(&self, who: &Requester, run: Run) -> Result<(), RequestError> {
        let entry = who.does(Action::RunCancelled).of_firm(&run.firm).to(run.id.0.as_str());
        let id = run.id.clone();
        runs::cancel(&self.host().store, run, entry).await?;
        self.queue.forget_run(&id);
        Ok(())
    }

    /// Takes nothing more; ends when what is under way has finished what is in flight.
    pub async fn finish(&self) {
        self.stop.cancel();
        self.tasks.close();
        tokio::join!(self.queue.finish(), self.tasks.wait());
    }

    pub(super) fn rules(&self, firm: &FirmId) -> Result<Arc<FirmRules>, RequestError> {
        self.executor.rules(firm).ok_or(RequestError::NoRules)
    }

    fn is_open(&self) -> Result<(), RequestError> {
        if self.stop.is_cancelled() {
            return Err(RequestError::Stopping);
        }
        if !self.dispatcher.is_available() {
            return Err(RequestError::EngineAway);
        }
        Ok(())
    }

    /// Takes the locks of a run that is about to be queued, so that nobody comes in between; a dry run is in nobody's way.
    async fn reserve(&self, firm: &FirmId, kind: Kind, dry_run: bool, run: &RunId) -> Result<ReservedLocks, RunError> {
        let locks = &self.host().store.locks;
        let busy = || RunError::Busy { firm: firm.clone() };
        let firm_lock: Option<LockGuard> = if dry_run { None } else { Some(locks.firm(firm, kind).await?.ok_or_else(busy)?) };
        Ok(ReservedLocks::new(firm_lock, locks.run(run).await?))
    }

    async fn audit(&self, who: &Requester, firm: &FirmId, request: &JobRequest) -> Result<(), RunError> {
        match request.run_of(firm).and_then(|run| request.audit(who, firm, &run)) {
            Some(entry) => Ok(self.host().store.put_audit(&entry).await?),
            None => Ok(()),
        }
    }

    async fn record(&self, who: &Requester, rules: &FirmRules, new: NewRun) -> Result<(JobRequest, ReservedLocks), RequestError> {
        let store = &self.host().store;
        let id = store.unused_run_id().await.map_err(RunError::from)?;
        let reserved = self.reserve(&rules.firm, new.kind, new.dry_run, &id).await?;
        let request = JobRequest::of(&id, new.job);
        let run = Run {
            cases: new.cases,
            undoes: new.undoes,
            ..Run::queued(id, rules.firm.clone(), new.kind, rules.revision.clone(), new.dry_run)
        };
        let record = async {
            self.audit(who, &rules.firm, &request).await?;
            let task = new.task.as_ref().map(|(task, script_hash)| (task, script_hash.as_str()));
            Ok::<(), RunError>(store.queue_run(&run, &rules.text, &request.to_text(), task).await?)
        };
        record.await?;
        Ok((request, reserved))
    }

    async fn queue_run(&self, who: &Requester, rules: &FirmRules, new: NewRun) -> Result<RunId, RequestError> {
        self.is_open()?;
        let (request, reserved) = self.record(who, rules, new).await?;
        self.hand_on(&rules.firm, request, reserved, &*self.dispatcher).await
    }

    /// Carries a run out in this process, to its end.
    async fn run_to_end(&self, who: &Requester, firm: &FirmId, new: NewRun) -> Result<RunReport, RequestError> {
        if self.stop.is_cancelled() {
            return Err(RequestError::Stopping);
        }
        let rules = self.rules(firm)?;
        let (request, reserved) = self.record(who, &rules, new).await?;
        let run = RunId(request.run.clone().unwrap_or_default());
        let (submitted, _, ended) = self.submit(firm, request, reserved, &self.queue).await?;
        if let Submitted::Waiting(reason) = submitted {
            self.note_wait(&run, &reason).await;
        }
        // A host that stops leaves it to the next one.
        ended.await.map_err(|_| RequestError::Stopping)??.ok_or(RequestError::Stopping)
    }

    /// Goes on with a migration that was cut off.
    async fn resume(&self, who: &Requester, rules: &FirmRules, unfinished: &Run, new: NewRun) -> Result<RunId, RequestError> {
        self.is_open()?;
        let request = JobRequest::of(&unfinished.id, new.job);
        let reserved = self.reserve(&rules.firm, new.kind, false, &unfinished.id).await?;
        self.audit(who, &rules.firm, &request).await?;
        self.hand_on(&rules.firm, request, reserved, &self.queue).await
    }

    /// Hands a run on that is recorded, and answers once it has begun or waits for its turn.
    async fn hand_on(
        &self,
        firm: &FirmId,
        request: JobRequest,
        reserved: ReservedLocks,
        to: &dyn Dispatcher,
    ) -> Result<RunId, RequestError> {
        let id = RunId(request.run.clone().unwrap_or_default());
        let (submitted, progress, ended) = self.submit(firm, request, reserved, to).await?;
        if let Submitted::Waiting(reason) = submitted {
            self.note_wait(&id, &reason).await;
            return Ok(id);
        }
        tokio::select! {
            run = progress.started() => Ok(run),
            ended = ended => match ended {
                Ok(Ok(report)) => Ok(report.map_or(id, |report| report.run.id)),
                // It is queued, and begins once that has passed.
                Ok(Err(RunError::Store(_) | RunError::Busy { .. })) | Err(_) => Ok(id),
                Ok(Err(error)) => Err(error.into()),
            },
        }
    }

    async fn note_wait(&self, run: &RunId, reason: &str) {
        // It is queued all the same.
        if let Err(error) = self.host().store.note_wait(run, reason).await {
            tracing::warn!(%run, %error, "reason of a queued run could not be stored");
        }
    }

    async fn submit(
        &self,
        firm: &FirmId,
        request: JobRequest,
        reserved: ReservedLocks,
        to: &dyn Dispatcher,
    ) -> Result<(Submitted, Progress, Ended), RequestError> {
        let (sender, ended) = oneshot::channel();
        let run = RunId(request.run.clone().unwrap_or_default());
        let job = QueuedJob { reserved, ended: Some(sender), ..QueuedJob::new(firm, request) };
        let progress = job.progress.clone();
        if let Ok(submitted) = to.dispatch(job).await {
            return Ok((submitted, progress, ended));
        }
        self.host().store.refuse_queued(&run, "Temporal was unreachable").await.map_err(RunError::from)?;
        Err(RequestError::EngineAway)
    }
}

impl NewRun {
    fn of(kind: Kind, dry_run: bool, job: Job) -> NewRun {
        NewRun { kind, cases: Vec::new(), undoes: None, dry_run, job, task: None }
    }
}
