//! Firms' rates at their vendors, where several instances of the host share a store: slots for requests are reserved there.

use std::fmt;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep, timeout};

use super::Lane;
use super::shared_clock::{SharedClock, nanoseconds};
use crate::domain::FirmId;
use crate::store::{SlotRequest, Store, StoreError};
use crate::vendors::{PermitRequest, PermitSource, Permits, Vendor};

/// How long a store is left alone that could not be asked.
const AGAIN: Duration = Duration::from_millis(500);

/// When nothing was heard from the store for so long, the log says what is waited for.
const SILENT: Duration = Duration::from_secs(3);

/// The limits that all instances over one store keep together.
#[derive(Debug)]
pub struct SharedLimits {
    store: Store,
    clock: Mutex<SharedClock>,
    /// Whether it was said that requests wait for the store.
    waits: AtomicBool,
}

impl SharedLimits {
    /// The limits kept in this store; `None` for one that a single machine has to itself.
    pub fn of_store(store: &Store) -> Option<Arc<SharedLimits>> {
        let clock = Mutex::new(SharedClock::new(Instant::now()));
        store.is_shared().then(|| Arc::new(SharedLimits { store: store.clone(), clock, waits: AtomicBool::new(false) }))
    }

    /// Where the requests of a firm to a vendor get their slots.
    pub(super) fn slots(self: &Arc<Self>, firm: &FirmId, vendor: Vendor, lane: Lane) -> Arc<dyn PermitSource> {
        Arc::new(FirmSlots { limits: Arc::clone(self), firm: firm.clone(), vendor, lane, own_end: AtomicI64::new(i64::MIN) })
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, SharedClock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says once that requests wait, and not for each of them.
    fn cannot_be_asked(&self, why: &dyn fmt::Display) {
        if !self.waits.swap(true, Ordering::Relaxed) {
            tracing::warn!(%why, "requests to vendors wait: the store cannot be asked how many may start");
        }
    }

    fn was_asked(&self) {
        if self.waits.swap(false, Ordering::Relaxed) {
            tracing::info!("requests to vendors go on: the store answers again");
        }
    }
}

/// One firm's slots at one vendor, for one lane.
#[derive(Debug)]
struct FirmSlots {
    limits: Arc<SharedLimits>,
    firm: FirmId,
    vendor: Vendor,
    lane: Lane,
    /// Where the slots end that were reserved last, on the store's clock.
    own_end: AtomicI64,
}

impl PermitSource for FirmSlots {
    fn reserve(&self, asked: PermitRequest) -> BoxFuture<'_, Permits> {
        Box::pin(async move {
            loop {
                let mut asking = pin!(self.ask(asked));
                let answered = if let Ok(answered) = timeout(SILENT, &mut asking).await {
                    answered
                } else {
                    // It is not asked again meanwhile: what it answers late is good still.
                    self.limits.cannot_be_asked(&"it does not answer");
                    asking.await
                };
                match answered {
                    Ok(batch) => {
                        self.limits.was_asked();
                        return batch;
                    }
                    Err(error) => self.limits.cannot_be_asked(&error),
                }
                sleep(AGAIN).await;
            }
        })
    }
}

impl FirmSlots {
    async fn ask(&self, asked: PermitRequest) -> Result<Permits, StoreError> {
        let (vendor, lane) = (self.vendor.as_str(), self.lane.as_str());
        let (span, ahead) = (nanoseconds(asked.period).saturating_mul(asked.count.into()), nanoseconds(asked.ahead));
        let before = Instant::now();
        let reserved = self.limits.store.reserve_slots(&self.firm, vendor, lane, SlotRequest { span, ahead }).await?;
        let mut clock = self.limits.clock();
        clock.learn(before, reserved.now, Instant::now());
        let behind_others = reserved.waits && self.own_end.load(Ordering::Relaxed) != reserved.first;
        self.own_end.store(reserved.first.saturating_add(span), Ordering::Relaxed);
        Ok(Permits { first: clock.moment(reserved.first), contended: behind_others })
    }
}
