//! Events of CASEpeer's: stored before they are answered, and kept until they are carried out.

use jiff::Timestamp;

use super::database::{DbRow, QueryBuilder, query};
use super::{Store, StoreError};
use crate::domain::named;
use crate::domain::{CaseId, Event, EventKind, EventPayload, FirmId, OutboundMessage, TYPED_HERE};

/// Events that are carried out one after the other within a firm, and beside the firm's others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventTrack {
    /// Cases that changed.
    Cases,
    /// Cases that are to be connected.
    Connects,
    /// Staff's messages.
    Messages,
}

impl EventTrack {
    /// The track of a kind of event.
    pub fn of(kind: EventKind) -> EventTrack {
        match kind {
            EventKind::StageChanged | EventKind::Closed => EventTrack::Cases,
            EventKind::ConnectRequested => EventTrack::Connects,
            EventKind::SendRequested => EventTrack::Messages,
        }
    }

    fn types(self) -> &'static str {
        match self {
            EventTrack::Cases => "type in ('case.stage_changed', 'case.closed')",
            EventTrack::Connects => "type = 'case.connect_requested'",
            EventTrack::Messages => "type = 'message.send_requested'",
        }
    }
}

/// An event that waits to be carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingEvent {
    /// Its number here; later events have higher ones.
    pub number: i64,
    /// What kind of event it is.
    pub kind: EventKind,
    /// The case that it is about.
    pub case: CaseId,
    /// Of a connect: who asked.
    pub requested_by: Option<String>,
    /// Whether it is a message that was typed here, and not one of CASEpeer.
    pub typed_here: bool,
    /// When it came.
    pub received_at: Timestamp,
    /// How often a vendor could not do what it asks for.
    pub tries: u32,
}

named! {
    /// How an event ended.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum EventEnd {
        /// It was carried out, or needs nothing any more.
        Done => "done",
        /// It was tried as long as makes sense.
        Dead => "dead",
    }
}

const COLUMNS: &str = "id, type, case_id, requested_by, message_id, received_at, tries";

impl Store {
    /// Stores an event that is to be carried out from `due` on; `false` if it was stored before.
    ///
    /// # Errors
    /// The store says no; the event is not stored then.
    pub async fn put_event(&self, firm: &FirmId, event: &Event, due: Timestamp) -> Result<bool, StoreError> {
        let (mut asker, mut message) = (None, None);
        match &event.payload {
            EventPayload::ConnectRequested { requested_by, .. } => asker = requested_by.as_deref(),
            EventPayload::SendRequested(typed) => message = Some(typed),
            EventPayload::StageChanged(_) | EventPayload::Closed(_) => {}
        }
        let stored = query(
            "insert into events (firm, event_id, type, case_id, requested_by, message_id, body, typed_at, received_at, state, tries,
             next_try_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting', 0, $10) on conflict (firm, event_id) do nothing",
        )
        .bind(firm.as_str())
        .bind(&*event.id)
        .bind(event.payload.kind().as_str())
        .bind(event.payload.case().to_string())
        .bind(asker)
        .bind(message.map(|message| &*message.id))
        .bind(message.map(|message| &*message.body))
        .bind(message.and_then(|message| message.typed_at).map(Timestamp::as_millisecond))
        .bind(Timestamp::now().as_millisecond())
        .bind(due.as_millisecond())
        .execute(&self.pool)
        .await?;
        Ok(stored.rows_affected() == 1)
    }

    /// The firms that have events to be carried out by now, with the track of these.
    pub async fn firms_with_events_due(&self, now: Timestamp) -> Result<Vec<(FirmId, EventTrack)>, StoreError> {
        let sql = "select distinct firm, type from events where state = 'waiting' and next_try_at <= $1";
        let rows = query(sql).bind(now.as_millisecond()).fetch_all(&self.pool).await?;
        let mut found: Vec<(FirmId, EventTrack)> = Vec::new();
        for row in rows {
            let unreadable = || StoreError::Unreadable("event");
            let firm = FirmId::new(row.try_get("firm")?).ok_or_else(unreadable)?;
            let kind = EventKind::parse(row.try_get("type")?).ok_or_else(unreadable)?;
            let entry = (firm, EventTrack::of(kind));
            if !found.contains(&entry) {
                found.push(entry);
            }
        }
        Ok(found)
    }

    /// When the next event is to be carried out, of those that are not yet.
    pub async fn next_event_after(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let sql = "select min(next_try_at) from events where state = 'waiting' and next_try_at > $1";
        let row = query(sql).bind(now.as_millisecond()).fetch_one(&self.pool).await?;
        Ok(row.try_get::<Option<i64>, _>(0)?.and_then(|at| Timestamp::from_millisecond(at).ok()))
    }

    /// The first of a firm's events that is to be carried out by now.
    pub async fn first_event_due(&self, firm: &FirmId, track: EventTrack, now: Timestamp) -> Result<Option<WaitingEvent>, StoreError> {
        let types = track.types();
        let sql = format!(
            "select {COLUMNS} from events where state = 'waiting' and firm = $1 and {types} and next_try_at <= $2 order by id limit 1"
        );
        let row = query(sqlx::AssertSqlSafe(sql)).bind(firm.as_str()).bind(now.as_millisecond());
        row.fetch_optional(&self.pool).await?.as_ref().map(read_waiting).transpose()
    }

    /// A firm's events that wait, whenever they are due: of one case, or of all.
    pub async fn waiting_events(&self, firm: &FirmId, track: EventTrack, case: Option<CaseId>) -> Result<Vec<WaitingEvent>, StoreError> {
        let types = track.types();
        let sql = format!(
            "select {COLUMNS} from events where state = 'waiting' and firm = $1 and {types} and ($2 is null or case_id = $2) order by id"
        );
        let rows = query(sqlx::AssertSqlSafe(sql)).bind(firm.as_str()).bind(case.map(|case| case.to_string()));
        rows.fetch_all(&self.pool).await?.iter().map(read_waiting).collect()
    }

    /// Lets events wait until then; `tries` is how often a vendor could not do what they ask for. One that has ended stays as it is.
    pub async fn postpone_events(&self, numbers: &[i64], until: Timestamp, tries: u32) -> Result<(), StoreError> {
        self.each_batch(numbers, |query| {
            query.push("update events set next_try_at = ").push_bind(until.as_millisecond()).push(", tries = ").push_bind(tries);
        })
        .await
    }

    /// Lets all of a firm's events wait until then.
    pub async fn postpone_firm_events(&self, firm: &FirmId, until: Timestamp) -> Result<(), StoreError> {
        query("update events set next_try_at = $2 where state = 'waiting' and firm = $1 and next_try_at < $2")
            .bind(firm.as_str())
            .bind(until.as_millisecond())
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Records that events ended. The text of a message is not kept.
    pub async fn end_events(&self, numbers: &[i64], end: EventEnd) -> Result<(), StoreError> {
        self.each_batch(numbers, |query| {
            query.push("update events set body = null, state = ").push_bind(end.as_str());
        })
        .await
    }

    /// Changes these events, as far as they wait.
    async fn each_batch(&self, numbers: &[i64], change: impl Fn(&mut QueryBuilder<'_>)) -> Result<(), StoreError> {
        // SQLite takes 32,766 values in a statement.
        for batch in numbers.chunks(10_000) {
            let mut query = QueryBuilder::new("");
            change(&mut query);
            query.push(" where state = 'waiting' and id in (");
            let mut listed = query.separated(", ");
            batch.iter().for_each(|number| _ = listed.push_bind(*number));
            query.push(")");
            query.build().execute(&self.pool).await?;
        }
        Ok(())
    }

    /// Staff's messages that events brought and that were not settled yet, in the order in which they came, each once.
    pub async fn waiting_sends(&self, firm: &FirmId) -> Result<Vec<OutboundMessage>, StoreError> {
        let settled =
            "exists (select 1 from outbox where outbox.firm = events.firm and outbox_id = events.message_id and outbox.state = 'done')";
        // CASEpeer has the receipt of these: a pass took them from the outbox itself.
        let sql = format!(
            "update events set state = 'done', body = null where state = 'waiting' and firm = $1 and {} and {settled}",
            EventTrack::Messages.types()
        );
        query(sqlx::AssertSqlSafe(sql)).bind(firm.as_str()).execute(&self.pool).await?;
        let sql = format!(
            "select message_id, case_id, body, typed_at from events where state = 'waiting' and firm = $1 and {} order by id",
            EventTrack::Messages.types()
        );
        let rows = query(sqlx::AssertSqlSafe(sql)).bind(firm.as_str()).fetch_all(&self.pool).await?;
        let mut found: Vec<OutboundMessage> = Vec::with_capacity(rows.len());
        for row in &rows {
            let message = read_send(row)?;
            if !found.iter().any(|known| known.id == message.id) {
                found.push(message);
            }
        }
        Ok(found)
    }

    /// Records that the events that brought this message of staff's ended.
    pub async fn end_sends(&self, firm: &FirmId, message: &str, end: EventEnd) -> Result<(), StoreError> {
        query("update events set state = $3, body = null where state = 'waiting' and firm = $1 and message_id = $2")
            .bind(firm.as_str())
            .bind(message)
            .bind(end.as_str())
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

fn read_waiting(row: &DbRow) -> Result<WaitingEvent, StoreError> {
    let unreadable = || StoreError::Unreadable("event");
    Ok(WaitingEvent {
        number: row.try_get("id")?,
        kind: EventKind::parse(row.try_get("type")?).ok_or_else(unreadable)?,
        case: CaseId::parse(row.try_get("case_id")?).ok_or_else(unreadable)?,
        requested_by: row.try_get("requested_by")?,
        typed_here: row.try_get::<Option<String>, _>("message_id")?.is_some_and(|id| id.starts_with(TYPED_HERE)),
        received_at: Timestamp::from_millisecond(row.try_get("received_at")?).map_err(|_| unreadable())?,
        tries: row.try_get("tries")?,
    })
}

fn read_send(row: &DbRow) -> Result<OutboundMessage, StoreError> {
    let unreadable = || StoreError::Unreadable("event");
    let text = |column: &str| row.try_get::<Option<String>, _>(column)?.map(String::into_boxed_str).ok_or_else(unreadable);
    Ok(OutboundMessage {
        id: text("message_id")?,
        case: CaseId::parse(row.try_get("case_id")?).ok_or_else(unreadable)?,
        body: text("body")?,
        typed_at: row.try_get::<Option<i64>, _>("typed_at")?.and_then(|at| Timestamp::from_millisecond(at).ok()),
    })
}
