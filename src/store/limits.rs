//! Limits that all instances over one store keep together: which slots for requests to a vendor are free.

use super::database::query;
use super::{Store, StoreError};
use crate::domain::FirmId;

/// Nobody has reserved so far ahead. Slots that lie farther in the future were reserved by a clock that has been set back since.
const FARTHEST: i64 = 10 * 60 * 1_000_000_000;

/// The nanoseconds since 1970 on the database's clock, as of this very moment and not of the transaction's begin.
macro_rules! now {
    () => {
        "(extract(epoch from clock_timestamp()) * 1000000)::bigint * 1000"
    };
}

/// Slots that are wanted.
#[derive(Debug, Clone, Copy)]
pub struct SlotRequest {
    /// The nanoseconds that all of them take up.
    pub span: i64,
    /// The nanoseconds that the first is ahead at least.
    pub ahead: i64,
}

/// Slots that were reserved. Times are nanoseconds since 1970 on the database's own clock.
#[derive(Debug, Clone, Copy)]
pub struct ReservedSlots {
    /// The moment of the first.
    pub first: i64,
    /// The time when they were reserved.
    pub now: i64,
    /// Whether slots that are still to come stood before them.
    pub waits: bool,
}

impl Store {
    /// Reserves slots for a firm's requests to a vendor, on a lane: the next that nobody has.
    pub async fn reserve_slots(&self, firm: &FirmId, vendor: &str, lane: &str, wanted: SlotRequest) -> Result<ReservedSlots, StoreError> {
        // One statement: whoever comes at the same time waits for the row, and looks at the clock once it has it.
        let sql = concat!(
            "insert into rate_limits as kept (firm, vendor, lane, free_from) values ($1, $2, $3, ",
            now!(),
            " + $5 + $4) on conflict (firm, vendor, lane) do update set free_from = $4 + case when kept.free_from > ",
            now!(),
            " + $5 + $6 then ",
            now!(),
            " + $5 else greatest(kept.free_from, ",
            now!(),
            " + $5) end returning free_from, ",
            now!(),
            " as now"
        );
        let SlotRequest { span, ahead } = wanted;
        // A rate below one in some minutes has slots that far ahead by itself.
        let farthest = FARTHEST.saturating_add(span.saturating_mul(64));
        let row =
            query(sql).bind(firm.as_str()).bind(vendor).bind(lane).bind(span).bind(ahead).bind(farthest).fetch_one(&self.pool).await?;
        let (free_from, now): (i64, i64) = (row.try_get("free_from")?, row.try_get("now")?);
        let first = free_from - span;
        Ok(ReservedSlots { first, now, waits: first > now + ahead })
    }
}
