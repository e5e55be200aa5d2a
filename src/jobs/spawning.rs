//! Puts what is asked for on tasks of its own, which go on when whoever asked has gone away, and writes down what it is.

use std::sync::Arc;

use lettre::Address;
use tokio::task::JoinHandle;

use super::JobRequest;
use super::RequestError;
use super::RunService;
use crate::domain::{CaseId, FirmId, LogLine, RunId};
use crate::mail::{RunMail, run_letter};
use crate::rules::FirmRules;
use crate::runs::{ConnectRun, Host, Listener, Progress, RunError, RunReport};

impl RunService {
    /// Begins work, and answers as soon as its run has begun.
    pub(super) async fn begin<F>(
        &self,
        rules: Arc<FirmRules>,
        asked: JobRequest,
        mail_to: Vec<Address>,
        work: impl FnOnce(Host, Arc<FirmRules>) -> F,
    ) -> Result<RunId, RequestError>
    where
        F: Future<Output = Result<RunReport, RunError>> + Send + 'static,
    {
        let (progress, task) = self.spawn(rules, asked, mail_to, work)?;
        tokio::select! {
            run = progress.started() => Ok(run),
            ended = task => Ok(ended.map_err(|_| RunError::Script)??.run.id),
        }
    }

    /// Carries work out to its end.
    pub(super) async fn carry_out<F>(
        &self,
        rules: Arc<FirmRules>,
        asked: JobRequest,
        mail_to: Vec<Address>,
        work: impl FnOnce(Host, Arc<FirmRules>) -> F,
    ) -> Result<RunReport, RequestError>
    where
        F: Future<Output = Result<RunReport, RunError>> + Send + 'static,
    {
        let (_, task) = self.spawn(rules, asked, mail_to, work)?;
        Ok(task.await.map_err(|_| RunError::Script)??)
    }

    fn spawn<F>(
        &self,
        rules: Arc<FirmRules>,
        mut asked: JobRequest,
        mail_to: Vec<Address>,
        work: impl FnOnce(Host, Arc<FirmRules>) -> F,
    ) -> Result<(Progress, JoinHandle<Result<RunReport, RunError>>), RequestError>
    where
        F: Future<Output = Result<RunReport, RunError>> + Send + 'static,
    {
        if self.stop.is_cancelled() {
            return Err(RequestError::Stopping);
        }
        let host = self.host_for(&asked);
        let host = Host { run_id: asked.run().map(|run| RunId(run.clone())), ..host };
        let progress = host.progress.clone();
        let (requests, working) = (self.clone(), work(host, Arc::clone(&rules)));
        let task = self.tasks.spawn(async move {
            let finished = working.await?;
            requests.follow_up(&rules, &finished, &mail_to).await;
            Ok(finished)
        });
        Ok((progress, task))
    }

    /// The host for work that stops with this process, and is then taken up by what it was asked for.
    pub(super) fn host_for(&self, asked: &JobRequest) -> Host {
        // All of it are texts, numbers and flags, which JSON has.
        let job = serde_json::to_string(asked).ok().map(Into::into);
        let (cancel, rest) = (self.stop.child_token(), self.stop.child_token());
        Host { cancel, rest, job, progress: Progress::default(), ..self.executor.host.clone() }
    }

    /// Mails what became of a run, with its CSV, to whoever asked for it.
    pub(super) async fn mail(&self, rules: &FirmRules, finished: &RunReport, to: &[Address]) {
        let csv = match &finished.report {
            Some(report) => tokio::fs::read(report).await.ok(),
            None => None,
        };
        let RunReport { run, counts, rows, .. } = finished;
        let letter = run_letter(&RunMail { firm_name: &rules.name, run, counts: *counts, rows, csv: csv.as_deref() });
        let delivery = self.mailer.send(&letter, to, &self.stop).await;
        if delivery.is_lost() {
            tracing::error!(run = %run.id, firm = %run.firm, "run mail lost");
        }
    }
}

/// Connects a case, to its end.
pub(super) async fn connect(host: &Host, rules: Arc<FirmRules>, case: CaseId) -> Result<RunReport, RunError> {
    let connecting = ConnectRun::begin(host, rules, vec![case], false).await?.prepare(&host.cancel).await;
    connecting.confirm(&host.cancel).await
}

/// Nobody waits for what a script says; its run has it.
pub(super) fn listener(firm: &FirmId) -> Listener {
    let firm = firm.clone();
    Arc::new(move |line: &LogLine| tracing::info!(%firm, warns = line.warns, "script log"))
}
