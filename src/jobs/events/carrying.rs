//! Carries one event out, together with those that come to the same, and writes down what became of them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::CancellationToken;

use super::again::again;
use super::connecting::Answer;
use crate::domain::{FirmId, FixBy, RowResult, RunStatus};
use crate::jobs::carry_out::Carrier;
use crate::rules::FirmRules;
use crate::store::{EventEnd, EventTrack, WaitingEvent};
use crate::sync::{Finished, Host, SendAgain, SyncError, pass_outbox, send_typed_here, sync_case};

/// How soon a firm that is at work is looked at again.
const BUSY: SignedDuration = SignedDuration::from_secs(2);

/// How soon a firm that has no rules, or whose key is refused, is.
const LEFT_ALONE: SignedDuration = SignedDuration::from_secs(15);

/// One firm's turn.
pub(super) struct Turn {
    pub carrier: Arc<Carrier>,
    pub firm: FirmId,
    pub track: EventTrack,
    /// Cancelled when the host stops.
    pub cancel: CancellationToken,
}

/// What became of what an event asks for.
pub(super) enum Came {
    /// It is done, or needs a person who has been told.
    Done,
    /// Another run of the firm is at the same kind of work, or a vendor refuses the key.
    ToWait,
    /// A vendor could not do it now.
    ToNothing,
    /// The host stops; the next start takes it up.
    ToAnEnd,
}

impl Turn {
    /// Carries out the first event that is due; `false` if none is, or none can be now. The place is given back before mail is sent.
    pub(super) async fn take(self, place: OwnedSemaphorePermit) -> Result<bool, SyncError> {
        let store = &self.carrier.host.store;
        let Some(first) = store.first_event_due(&self.firm, self.track, Timestamp::now()).await? else { return Ok(false) };
        let rules = self.carrier.live.current().firms.get(&self.firm).and_then(|firm| firm.rules.clone());
        let Some(rules) = rules else { return self.leave_alone().await };
        let enabled = store.is_firm_enabled(&self.firm).await?;
        if !enabled && self.track != EventTrack::Messages || self.carrier.is_paused(&rules).await? {
            return self.leave_alone().await;
        }
        // Whoever cancels the run alone does not stop the host.
        let host = Host { cancel: self.cancel.child_token(), ..self.carrier.host.clone() };
        match self.track {
            EventTrack::Cases => self.sync(&host, rules, &first).await,
            EventTrack::Connects => self.connect(&host, rules, first, place).await,
            EventTrack::Messages if !enabled => self.send_typed_here(&host, rules).await,
            EventTrack::Messages => self.send(&host, rules).await,
        }
    }

    async fn leave_alone(&self) -> Result<bool, SyncError> {
        self.carrier.host.store.postpone_firm_events(&self.firm, Timestamp::now() + LEFT_ALONE).await?;
        Ok(false)
    }

    /// Syncs the case of an event. All that came about it until now come to this one sync; what comes while it is under way, to another.
    async fn sync(&self, host: &Host, rules: Arc<FirmRules>, first: &WaitingEvent) -> Result<bool, SyncError> {
        let events = host.store.waiting_events(&self.firm, self.track, Some(first.case)).await?;
        let ended = sync_case(host, Arc::clone(&rules), first.case, false, SendAgain::No, &host.cancel).await;
        let came = self.came(&rules, ended).await?;
        self.settle(&events, &came).await
    }

    /// Makes a pass over the outbox, which takes along what events brought.
    async fn send(&self, host: &Host, rules: Arc<FirmRules>) -> Result<bool, SyncError> {
        let events = host.store.waiting_events(&self.firm, self.track, None).await?;
        let passed = pass_outbox(host, Arc::clone(&rules), true, &host.cancel).await;
        self.sent(&rules, events, passed).await
    }

    /// Sends what people typed here for a firm that is not enabled; what CASEpeer told of before waits until it is.
    async fn send_typed_here(&self, host: &Host, rules: Arc<FirmRules>) -> Result<bool, SyncError> {
        let events = host.store.waiting_events(&self.firm, self.track, None).await?;
        let (typed, told): (Vec<_>, Vec<_>) = events.into_iter().partition(|event| event.typed_here);
        for event in told {
            host.store.postpone_events(&[event.number], Timestamp::now() + LEFT_ALONE, event.tries).await?;
        }
        if typed.is_empty() {
            return Ok(false);
        }
        let passed = send_typed_here(host, Arc::clone(&rules), &host.cancel).await;
        self.sent(&rules, typed, passed).await
    }

    /// What became of the events whose messages a pass was about.
    async fn sent(
        &self,
        rules: &Arc<FirmRules>,
        events: Vec<WaitingEvent>,
        passed: Result<Option<Finished>, SyncError>,
    ) -> Result<bool, SyncError> {
        let came = match passed {
            Err(SyncError::Busy { .. }) => Came::ToWait,
            Err(error) if self.carrier.opens_wrong_account(rules, &error).await => Came::ToWait,
            passed => {
                if let Some(finished) = passed? {
                    self.carrier.ended(rules, &finished).await;
                }
                if self.cancel.is_cancelled() { Came::ToAnEnd } else { Came::ToNothing }
            }
        };
        // The pass has ended the events whose messages have their receipts; the others wait.
        let left = self.carrier.host.store.waiting_events(&self.firm, self.track, None).await?;
        let (waiting, done): (Vec<_>, Vec<_>) =
            events.into_iter().partition(|event| left.iter().any(|waiting| waiting.number == event.number));
        self.count(&done, EventEnd::Done);
        self.settle(&waiting, &came).await
    }

    /// Connects a case, and answers whoever asked for it.
    async fn connect(
        &self,
        host: &Host,
        rules: Arc<FirmRules>,
        event: WaitingEvent,
        place: OwnedSemaphorePermit,
    ) -> Result<bool, SyncError> {
        let connected = super::connecting::connect(host, Arc::clone(&rules), event.case).await;
        let (ended, pushed) = match connected {
            Ok((finished, pushed)) => (Ok(finished), pushed),
            Err(error) => (Err(error), None),
        };
        let mut answer = Answer::to(&event);
        if let Ok(finished) = &ended {
            answer.write(&rules, finished, pushed.as_deref());
        }
        let tells = answer.tells();
        let came = match ended {
            // Whoever asked learns what to do; support has no part in it.
            Ok(finished) if tells && finished.key_refused.is_none() && is_the_firms(&finished) => {
                self.carrier.watched.run_ended(&finished);
                Came::Done
            }
            ended => self.came(&rules, ended).await?,
        };
        let is_over = match came {
            Came::Done => true,
            Came::ToNothing => again(self.track, event.received_at, event.tries + 1, Timestamp::now()).is_none(),
            Came::ToWait | Came::ToAnEnd => false,
        };
        drop(place);
        if is_over {
            answer.send(&self.carrier.notices, &rules, &event).await;
        }
        self.settle(&[event], &came).await
    }

    /// What a run came to, and what follows from it.
    async fn came(&self, rules: &Arc<FirmRules>, ended: Result<Finished, SyncError>) -> Result<Came, SyncError> {
        let finished = match ended {
            Ok(finished) => finished,
            Err(SyncError::Busy { .. }) => return Ok(Came::ToWait),
            Err(error @ SyncError::Store(_)) => return Err(error),
            Err(error) if self.carrier.opens_wrong_account(rules, &error).await => return Ok(Came::ToWait),
            Err(error) => {
                tracing::error!(firm = %self.firm, %error, "an event could not be carried out");
                return Ok(Came::ToNothing);
            }
        };
        if finished.run.status == RunStatus::Cancelled && self.cancel.is_cancelled() {
            return Ok(Came::ToAnEnd);
        }
        if finished.key_refused.is_some() {
            self.carrier.ended(rules, &finished).await;
            let is_paused = self.carrier.host.store.paused(&self.firm).await?.is_some();
            return Ok(if is_paused { Came::ToWait } else { Came::ToNothing });
        }
        if may_pass(&finished) {
            self.carrier.watched.run_ended(&finished);
            return Ok(Came::ToNothing);
        }
        self.carrier.ended(rules, &finished).await;
        Ok(Came::Done)
    }

    /// Writes down what became of events. `false` where nothing more is to be done now.
    async fn settle(&self, events: &[WaitingEvent], came: &Came) -> Result<bool, SyncError> {
        let store = &self.carrier.host.store;
        let numbers: Vec<i64> = events.iter().map(|event| event.number).collect();
        let tries = events.iter().map(|event| event.tries).max().unwrap_or_default();
        let now = Timestamp::now();
        match came {
            Came::ToAnEnd => return Ok(false),
            Came::Done => {
                store.end_events(&numbers, EventEnd::Done).await?;
                self.count(events, EventEnd::Done);
            }
            Came::ToWait => store.postpone_events(&numbers, now + BUSY, tries).await?,
            Came::ToNothing => {
                for event in events {
                    if let Some(at) = again(self.track, event.received_at, tries + 1, now) {
                        store.postpone_events(&[event.number], at, tries + 1).await?;
                    } else {
                        tracing::warn!(firm = %self.firm, case = %event.case, tries = tries + 1, "an event is put aside: it cannot be carried out");
                        store.end_events(&[event.number], EventEnd::Dead).await?;
                        self.count(std::slice::from_ref(event), EventEnd::Dead);
                    }
                }
            }
        }
        Ok(true)
    }

    fn count(&self, events: &[WaitingEvent], end: EventEnd) {
        events.iter().for_each(|event| self.carrier.watched.event(Some(event.kind), end.as_str()));
    }
}

/// Whether a run failed for a reason that may pass by itself: a vendor that could not be asked, or that said so of a case.
fn may_pass(finished: &Finished) -> bool {
    let mut failed = finished.rows.iter().filter(|row| row.result == RowResult::Failed).peekable();
    match finished.run.status {
        RunStatus::Failed | RunStatus::Partial => failed.peek().is_none() || failed.any(|row| row.fix_by.is_none()),
        _ => false,
    }
}

/// Whether a run failed for a reason that the firm's staff can put right.
fn is_the_firms(finished: &Finished) -> bool {
    let mut failed = finished.rows.iter().filter(|row| row.result == RowResult::Failed).peekable();
    failed.peek().is_some() && failed.all(|row| row.fix_by == Some(FixBy::Firm))
}
