//! What people and programs ask for outside the schedules: begun at once, each on a task of its own, so that whoever asked may go away
//! meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use lettre::Address;
use thiserror::Error;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Dispatcher;
use super::JobRequest;
use super::events::Bell;
use super::executor::Executor;
use super::spawning::{connect, listener};
use crate::diagnostic::Diagnostic;
use crate::domain::{CaseId, Event, FirmId, Kind, MigrationTask, OutboundMessage, Run, RunId, RunStatus, Told};
use crate::mail::Mailer;
use crate::rules::FirmRules;
use crate::runs::{
    AcceptListing, ApproveOptions, ConnectPreview, CredentialCheck, Explanation, Host, MappingImpact, MigrationMode, MigrationOptions,
    RunError, RunReport, SendAgain, UndoPlan, Verification, VerifyError, approve, can_be_undone, check_accounts, check_credentials,
    explain_case, mapping_impact, migrate, preview_connect, sync_case, sync_firm, verify,
};
use crate::scripting::Migration;
use crate::store::{OutboxState, Store};
use crate::vendors::Failure;

/// Carries out what is asked for; a copy does the same.
#[derive(Clone)]
pub struct RunService {
    pub(super) executor: Arc<Executor>,
    pub(super) mailer: Mailer,
    bell: Bell,
    /// The engine that carries out what may take long, where it is not this process.
    elsewhere: Option<Arc<dyn Dispatcher>>,
    pub(super) tasks: TaskTracker,
    pub(super) stop: CancellationToken,
}

/// A message that was asked for, and how far it has come.
#[derive(Debug, Clone)]
pub struct AskedMessage {
    /// Its id in the outbox.
    pub id: Box<str>,
    /// How far it has come; `None` while nobody has looked at it yet.
    pub state: Option<OutboxState>,
}

/// How long somebody who sends a message waits to see what becomes of it. It is sent all the same, later.
const PATIENCE: Duration = Duration::from_secs(8);

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
    /// It was handed in, and no instance has begun it yet.
    #[error("the run is queued and starts when an instance is free")]
    WaitsForItsTurn,
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

impl RunService {
    /// What is asked for is carried out by `executor`, and what is to be mailed goes by `mailer`.
    pub fn new(executor: Arc<Executor>, mailer: Mailer, bell: Bell) -> RunService {
        RunService { executor, mailer, bell, elsewhere: None, tasks: TaskTracker::new(), stop: CancellationToken::new() }
    }

    /// The same, with what may take long carried out by an engine of its own.
    pub fn with_elsewhere(self, elsewhere: Arc<dyn Dispatcher>) -> RunService {
        RunService { elsewhere: Some(elsewhere), ..self }
    }

    /// Whether runs can be carried out: an engine of its own may be away.
    pub fn is_engine_there(&self) -> bool {
        self.elsewhere.as_ref().is_none_or(|elsewhere| elsewhere.is_there())
    }

    /// Begins a sync of all of a firm's cases; with `dry_run` it only says what it would write. Its CSV is mailed at its end.
    pub async fn sync(&self, firm: &FirmId, dry_run: bool, mail_to: Vec<Address>) -> Result<RunId, RequestError> {
        let rules = self.rules(firm)?;
        let asked = |run: &RunId| JobRequest::Sync { run: run.0.clone(), dry_run, mail_to: texts(&mail_to) };
        if let Some(elsewhere) = &self.elsewhere {
            let run = self.new_run(firm, Kind::Sync, dry_run).await?;
            return self.hand_in(&**elsewhere, firm, &run, asked(&run)).await;
        }
        let asked = asked(&self.executor.host.unused_id().await?);
        let work = move |host: Host, rules| async move { sync_firm(&host, rules, dry_run, AcceptListing::No, &host.cancel).await };
        self.begin(rules, asked, mail_to, work).await
    }

    /// Syncs one case, to its end.
    pub async fn sync_case(&self, firm: &FirmId, case: CaseId, dry_run: bool) -> Result<RunReport, RequestError> {
        let rules = self.rules(firm)?;
        let asked = JobRequest::SyncCase { run: self.executor.host.unused_id().await?.0, case: case.0, dry_run };
        let work = move |host: Host, rules| async move { sync_case(&host, rules, case, dry_run, SendAgain::Yes, &host.cancel).await };
        self.carry_out(rules, asked, Vec::new(), work).await
    }

    /// What connecting a case would push, or every problem that stands in the way.
    pub async fn preview_connect(&self, firm: &FirmId, case: CaseId) -> Result<ConnectPreview, RequestError> {
        Ok(preview_connect(&self.executor.host.vendor_pool, &self.rules(firm)?, case).await?)
    }

    /// Connects a case, to its end.
    pub async fn connect(&self, firm: &FirmId, case: CaseId, mail_to: Vec<Address>) -> Result<RunReport, RequestError> {
        let rules = self.rules(firm)?;
        let asked = JobRequest::Connect { run: self.executor.host.unused_id().await?.0, case: case.0, mail_to: texts(&mail_to) };
        self.carry_out(rules, asked, mail_to, move |host: Host, rules| async move { connect(&host, rules, case).await }).await
    }

    /// Sends a message to a case's client as the case's primary attorney: stored before anything is sent, and sent once, whatever happens
    /// in between. Asking again under the same `key` asks for the same message. Answers what has become of it after some seconds.
    pub async fn send_message(&self, firm: &FirmId, case: CaseId, body: &str, key: &str) -> Result<AskedMessage, RequestError> {
        self.opens_own_accounts(&self.rules(firm)?).await?;
        let message = OutboundMessage::typed_here(key, case, body, Timestamp::now());
        let id = message.id.clone();
        let event = Event { id: id.clone(), told: Told::SendRequested(message) };
        self.executor.host.store.put_event(firm, &event, Timestamp::now()).await.map_err(RunError::from)?;
        self.bell.ring();
        let began = Instant::now();
        loop {
            let state = self.message(firm, &id).await?;
            if matches!(state, Some(OutboxState::Sent(_) | OutboxState::Failed(_))) || began.elapsed() > PATIENCE {
                return Ok(AskedMessage { id, state });
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Looks whether a firm may write that was paused because a key opened a wrong account.
    async fn opens_own_accounts(&self, rules: &Arc<FirmRules>) -> Result<(), RunError> {
        let Host { vendor_pool, store, .. } = &self.executor.host;
        let paused = store.paused(&rules.firm).await?;
        if paused.is_some_and(|pause| pause.reason.is_about_account()) {
            check_accounts(store, rules, &vendor_pool.clients(rules, Kind::Messages)).await?;
        }
        Ok(())
    }

    /// The store that what is asked for is written down in.
    pub fn store(&self) -> Store {
        self.executor.host.store.clone()
    }

    /// How far a message has come.
    pub async fn message(&self, firm: &FirmId, id: &str) -> Result<Option<OutboxState>, RequestError> {
        let entry = self.executor.host.store.outbox_entry(firm, id).await.map_err(RunError::from)?;
        Ok(entry.map(|entry| entry.state))
    }

    /// How each attribute of a case came to be.
    pub async fn explain(&self, firm: &FirmId, case: CaseId) -> Result<Explanation, RequestError> {
        Ok(explain_case(&self.executor.host.vendor_pool, &self.rules(firm)?, case).await?)
    }

    /// Asks whether a firm's keys are good.
    pub async fn check_credentials(&self, firm: &FirmId) -> Result<CredentialCheck, RequestError> {
        Ok(check_credentials(&self.executor.host.vendor_pool, &self.rules(firm)?).await)
    }

    /// Tells whoever set a firm up, and support, that its set-up is complete.
    pub fn tell_set_up(&self, firm: &FirmId, who: Option<Address>) -> Result<(), RequestError> {
        let rules = self.rules(firm)?;
        self.executor.notices.set_up_complete(&rules, who);
        Ok(())
    }

    /// Proves a firm's keys, and holds its mapping against what is there.
    pub async fn verify(&self, firm: &FirmId) -> Result<Verification, RequestError> {
        let Host { vendor_pool, store, .. } = &self.executor.host;
        verify(vendor_pool, store, &self.rules(firm)?).await.map_err(|error| match error {
            VerifyError::Vendor(failure) => RequestError::Vendor(failure),
            VerifyError::Store(error) => RequestError::Sync(error.into()),
        })
    }

    /// What an edit of a firm's mapping would move, by its rules before and after.
    pub async fn mapping_impact(&self, before: &Arc<FirmRules>, after: &Arc<FirmRules>) -> Result<MappingImpact, RequestError> {
        Ok(mapping_impact(&self.executor.host.vendor_pool, before, after).await?)
    }

    /// The script of this name, as its file is now.
    pub fn script(&self, name: &str) -> Result<Migration, Vec<Diagnostic>> {
        let origins = self.executor.live.origins();
        Migration::load(&origins.scripts, name, &origins.limits)
    }

    /// Begins a migration; after a look at it by a dry run, only as it was then.
    pub async fn migrate(
        &self,
        firm: &FirmId,
        task: MigrationTask,
        apply: MigrationMode,
        look: Option<&Run>,
    ) -> Result<RunId, RequestError> {
        let rules = self.rules(firm)?;
        let (requests, name) = (self.clone(), task.script.clone());
        // A script may take long to read.
        let script = tokio::task::spawn_blocking(move || requests.script(&name)).await.map_err(|_| RunError::Script)?;
        let script = Arc::new(script.map_err(RequestError::FaultyScript)?);
        if let Some(look) = look {
            let looked_at = self.executor.host.store.script_hash(&look.id).await.map_err(RunError::from)?;
            if looked_at.is_some_and(|looked_at| looked_at != script.hash()) {
                return Err(RequestError::Changed("the script, or one that it imports,"));
            }
            if look.revision != rules.revision {
                return Err(RequestError::Changed("the firm's rules"));
            }
        }
        let unfinished = match apply {
            MigrationMode::Resume => self.executor.host.store.unfinished_migration(&task).await.map_err(RunError::from)?,
            MigrationMode::DryRun | MigrationMode::Restart => None,
        };
        let (name, arguments, has_input) = (task.script.clone(), task.arguments.clone(), !task.input.is_empty());
        let script_hash = (apply != MigrationMode::DryRun).then(|| script.hash());
        let (applies, afresh) = (apply != MigrationMode::DryRun, apply == MigrationMode::Restart);
        let asked = |run: &RunId| JobRequest::Migration {
            run: run.0.clone(),
            script: name,
            arguments,
            apply: applies,
            afresh,
            has_input,
            script_hash,
        };
        // An input has names of clients: it does not go to where an engine keeps what it was asked. What goes on under the id of a run
        // that has ended is no run that an engine could know.
        if let Some(elsewhere) = self.elsewhere.as_ref().filter(|_| task.input.is_empty() && unfinished.is_none()) {
            let run = self.new_run(firm, Kind::Migration, apply == MigrationMode::DryRun).await?;
            let asked = asked(&run);
            return self.hand_in(&**elsewhere, firm, &run, asked).await;
        }
        let asked = asked(&self.executor.host.unused_id().await?);
        let work = move |host: Host, rules: Arc<FirmRules>| async move {
            let migrating = MigrationOptions { script, task, listener: listener(&rules.firm), cancel: host.cancel.clone() };
            migrate(&host, rules, apply, migrating).await
        };
        self.begin(rules, asked, Vec::new(), work).await
    }

    /// Begins to carry out a held run.
    pub async fn approve(&self, run: Run) -> Result<RunId, RequestError> {
        let rules = self.rules(&run.firm)?;
        if run.status != RunStatus::Held {
            return Err(RunError::NotHeld { run: run.id, status: run.status.as_str() }.into());
        }
        let asked = JobRequest::Approval { run: run.id.0.clone() };
        if let Some(elsewhere) = &self.elsewhere {
            self.is_free(&run.firm, run.kind).await?;
            return self.hand_in(&**elsewhere, &run.firm, &run.id, asked).await;
        }
        let requests = self.clone();
        let work = move |host: Host, rules: Arc<FirmRules>| async move {
            let script = |name: &str| requests.script(name);
            let approving = ApproveOptions { script: &script, listener: listener(&rules.firm), cancel: &host.cancel };
            approve(&host, rules, run, approving).await
        };
        self.begin(rules, asked, Vec::new(), work).await
    }

    /// Begins to take back a run; with `dry_run` it only says what it would restore.
    pub async fn undo(&self, run: Run, dry_run: bool) -> Result<RunId, RequestError> {
        let rules = self.rules(&run.firm)?;
        let asked = |id: &RunId| JobRequest::Undo { run: id.0.clone(), undone: run.id.0.clone(), dry_run };
        if let Some(elsewhere) = &self.elsewhere {
            can_be_undone(&run)?;
            let id = self.new_run(&run.firm, Kind::Undo, dry_run).await?;
            return self.hand_in(&**elsewhere, &run.firm, &id, asked(&id)).await;
        }
        let asked = asked(&self.executor.host.unused_id().await?);
        let work = move |host: Host, rules| async move {
            let undoing = UndoPlan::prepare(&host, rules, &run, dry_run, &host.cancel).await?;
            undoing.confirm(&host.cancel).await
        };
        self.begin(rules, asked, Vec::new(), work).await
    }

    /// Asks nothing more of the host; ends when what is under way has finished what is in flight.
    pub async fn finish(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }

    pub(super) fn rules(&self, firm: &FirmId) -> Result<Arc<FirmRules>, RequestError> {
        self.executor.live.current().firms.get(firm).and_then(|in_use| in_use.rules.clone()).ok_or(RequestError::NoRules)
    }
}

fn texts(addresses: &[Address]) -> Vec<String> {
    addresses.iter().map(ToString::to_string).collect()
}
