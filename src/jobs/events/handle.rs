//! Carries one event out, together with those that come to the same, and writes down what became of them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::connect::{ConnectReply, Pushed};
use super::retry_policy::again;
use crate::domain::{FirmId, FixBy, RowResult, RunStatus};
use crate::jobs::executor::Executor;
use crate::jobs::{Job, Polled, execute};
use crate::rules::FirmRules;
use crate::runs::{RunContext, RunError, RunReport, send_typed_here};
use crate::store::{EventEnd, EventTrack, WaitingEvent};

/// How soon a firm that is at work is looked at again.
const BUSY: SignedDuration = SignedDuration::from_secs(2);

/// How soon a firm that has no rules, or whose key is refused, is.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(15);

/// One firm's turn.
pub(super) struct EventHandler {
    pub executor: Arc<Executor>,
    pub firm: FirmId,
    pub track: EventTrack,
    /// Cancelled when the host stops.
    pub cancel: CancellationToken,
}

/// What became of what an event asks for.
pub(super) enum EventOutcome {
    /// It is done, or needs a person who has been notified.
    Done,
    /// Another run of the firm is at the same kind of work, or a vendor refuses the key.
    Deferred,
    /// A vendor could not do it now.
    Unavailable,
    /// The host stops; the next start takes it up.
    Shutdown,
}

impl EventHandler {
    /// Carries out the first event that is due; `false` if none is, or none can be now. The place is given back before mail is sent.
    pub(super) async fn take(self, place: OwnedSemaphorePermit) -> Result<bool, RunError> {
        let store = &self.executor.host.store;
        let Some(first) = store.first_event_due(&self.firm, self.track, Timestamp::now()).await? else { return Ok(false) };
        let rules = self.executor.registry.current().firms.get(&self.firm).and_then(|firm| firm.rules.clone());
        let Some(rules) = rules else { return self.leave_alone().await };
        let enabled = store.is_firm_enabled(&self.firm).await?;
        if !enabled && self.track != EventTrack::Messages || self.executor.is_paused(&rules).await? {
            return self.leave_alone().await;
        }
        // Whoever cancels the run alone does not stop the host.
        let context = self.executor.host.context(rules, &self.cancel.child_token());
        match self.track {
            EventTrack::Cases => self.sync(context, &first).await,
            EventTrack::Connects => self.connect(context, first, place).await,
            EventTrack::Messages => {
                let events = store.waiting_events(&self.firm, self.track, None).await?;
                // A message that is typed here takes the outbox along only where the outbox is sent by itself.
                if !enabled || !context.rules.schedule.message_sync.enabled && events.iter().all(|event| event.typed_here) {
                    self.send_typed_here(context, events).await
                } else {
                    self.send(context, events).await
                }
            }
        }
    }

    async fn leave_alone(&self) -> Result<bool, RunError> {
        self.executor.host.store.postpone_firm_events(&self.firm, Timestamp::now() + LEFT_ALONE).await?;
        Ok(false)
    }

    /// Syncs the case of an event. All that came about it until now come to this one sync; what comes while it is under way, to another.
    async fn sync(&self, context: RunContext, first: &WaitingEvent) -> Result<bool, RunError> {
        let events = context.host.store.waiting_events(&self.firm, self.track, Some(first.case)).await?;
        let rules = Arc::clone(&context.rules);
        let job = Job::SyncCase { case: first.case.0, dry_run: false, by_event: true };
        let ended = Box::pin(execute(context, &job, &self.executor.scripts())).await;
        let came = self.came(&rules, ended).await?;
        self.settle(&events, &came).await
    }

    /// Makes a pass over the outbox, which takes along what events brought.
    async fn send(&self, context: RunContext, events: Vec<WaitingEvent>) -> Result<bool, RunError> {
        let rules = Arc::clone(&context.rules);
        let passed = Box::pin(execute(context, &Job::Poll { feed: Polled::Outbox, quiet: true }, &self.executor.scripts())).await;
        self.sent(&rules, events, passed).await
    }

    /// Sends what people typed here, and nothing else; what CASEpeer reports waits until the firm is enabled.
    async fn send_typed_here(&self, context: RunContext, events: Vec<WaitingEvent>) -> Result<bool, RunError> {
        let (typed, by_webhook): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.typed_here);
        for event in by_webhook {
            context.host.store.postpone_events(&[event.number], Timestamp::now() + LEFT_ALONE, event.tries).await?;
        }
        if typed.is_empty() {
            return Ok(false);
        }
        let rules = Arc::clone(&context.rules);
        let passed = send_typed_here(context).await;
        self.sent(&rules, typed, passed).await
    }

    /// What became of the events whose messages a pass was about.
    async fn sent(
        &self,
        rules: &Arc<FirmRules>,
        events: Vec<WaitingEvent>,
        passed: Result<Option<RunReport>, RunError>,
    ) -> Result<bool, RunError> {
        let came = match passed {
            Err(RunError::Busy { .. }) => EventOutcome::Deferred,
            Err(error) if self.executor.opens_wrong_account(rules, &error).await => EventOutcome::Deferred,
            passed => {
                if let Some(finished) = passed? {
                    self.executor.ended(rules, &finished).await;
                }
                if self.cancel.is_cancelled() { EventOutcome::Shutdown } else { EventOutcome::Unavailable }
            }
        };
        // The pass has ended the events whose messages have their receipts; the others wait.
        let left = self.executor.host.store.waiting_events(&self.firm, self.track, None).await?;
        let (waiting, done): (Vec<_>, Vec<_>) =
            events.into_iter().partition(|event| left.iter().any(|waiting| waiting.number == event.number));
        self.count(&done, EventEnd::Done);
        self.settle(&waiting, &came).await
    }

    /// Connects a case, and answers whoever asked for it.
    async fn connect(&self, context: RunContext, event: WaitingEvent, place: OwnedSemaphorePermit) -> Result<bool, RunError> {
        let (rules, pushed) = (Arc::clone(&context.rules), Arc::new(Pushed::default()));
        let job = Job::Connect { cases: vec![event.case.0], dry_run: false, mail_to: Vec::new() };
        let ended = Box::pin(execute(RunContext { observer: pushed.clone(), ..context }, &job, &self.executor.scripts())).await;
        let mut answer = ConnectReply::to(&event);
        if let Ok(Some(finished)) = &ended {
            answer.write(&rules, finished, pushed.case().as_deref());
        }
        let tells = answer.tells();
        let came = match ended {
            // Whoever asked learns what to do; support has no part in it.
            Ok(Some(finished)) if tells && finished.key_refused.is_none() && is_the_firms(&finished) => {
                self.executor.metrics.run_ended(&finished);
                EventOutcome::Done
            }
            ended => self.came(&rules, ended).await?,
        };
        let is_over = match came {
            EventOutcome::Done => true,
            EventOutcome::Unavailable => again(self.track, event.received_at, event.tries + 1, Timestamp::now()).is_none(),
            EventOutcome::Deferred | EventOutcome::Shutdown => false,
        };
        drop(place);
        if is_over {
            answer.send(&self.executor.notices, &rules, &event).await;
        }
        self.settle(&[event], &came).await
    }

    /// What a run came to, and what follows from it.
    async fn came(&self, rules: &Arc<FirmRules>, ended: Result<Option<RunReport>, RunError>) -> Result<EventOutcome, RunError> {
        let finished = match ended {
            Ok(Some(finished)) => finished,
            Ok(None) => return Ok(EventOutcome::Done),
            Err(RunError::Busy { .. }) => return Ok(EventOutcome::Deferred),
            Err(error @ RunError::Store(_)) => return Err(error),
            Err(error) if self.executor.opens_wrong_account(rules, &error).await => return Ok(EventOutcome::Deferred),
            Err(error) => {
                tracing::error!(firm = %self.firm, %error, "event failed");
                return Ok(EventOutcome::Unavailable);
            }
        };
        if finished.run.status == RunStatus::Cancelled && self.cancel.is_cancelled() {
            return Ok(EventOutcome::Shutdown);
        }
        if finished.key_refused.is_some() {
            self.executor.ended(rules, &finished).await;
            let is_paused = self.executor.host.store.paused(&self.firm).await?.is_some();
            return Ok(if is_paused { EventOutcome::Deferred } else { EventOutcome::Unavailable });
        }
        if may_pass(&finished) {
            self.executor.metrics.run_ended(&finished);
            return Ok(EventOutcome::Unavailable);
        }
        self.executor.ended(rules, &finished).await;
        Ok(EventOutcome::Done)
    }

    /// Writes down what became of events. `false` where nothing more is to be done now.
    async fn settle(&self, events: &[WaitingEvent], came: &EventOutcome) -> Result<bool, RunError> {
        let store = &self.executor.host.store;
        let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
        let tries = events.iter().map(|event| event.tries).max().unwrap_or_default();
        let now = Timestamp::now();
        match came {
            EventOutcome::Shutdown => return Ok(false),
            EventOutcome::Done => {
                store.end_events(&numbers, EventEnd::Done).await?;
                self.count(events, EventEnd::Done);
            }
            EventOutcome::Deferred => store.postpone_events(&numbers, now + BUSY, tries).await?,
            EventOutcome::Unavailable => {
                for event in events {
                    if let Some(at) = again(self.track, event.received_at, tries + 1, now) {
                        store.postpone_events(&[event.number], at, tries + 1).await?;
                    } else {
                        tracing::warn!(firm = %self.firm, case = %event.case, tries = tries + 1, "event given up");
                        store.end_events(&[event.number], EventEnd::Dead).await?;
                        self.count(std::slice::from_ref(event), EventEnd::Dead);
                    }
                }
            }
        }
        Ok(true)
    }

    fn count(&self, events: &[WaitingEvent], end: EventEnd) {
        events.iter().for_each(|event| self.executor.metrics.event(Some(event.kind), end.as_str()));
    }
}

/// Whether a run failed for a reason that may pass by itself: a vendor that could not be asked, or that said so of a case.
fn may_pass(finished: &RunReport) -> bool {
    let mut failed = finished.rows.iter().filter(|row| row.result == RowResult::Failed).peekable();
    match finished.run.status {
        RunStatus::Failed | RunStatus::Partial => failed.peek().is_none() || failed.any(|row| row.fix_by.is_none()),
        _ => false,
    }
}

/// Whether a run failed for a reason that the firm's staff can put right.
fn is_the_firms(finished: &RunReport) -> bool {
    let mut failed = finished.rows.iter().filter(|row| row.result == RowResult::Failed).peekable();
    failed.peek().is_some() && failed.all(|row| row.fix_by == Some(FixBy::Firm))
}
