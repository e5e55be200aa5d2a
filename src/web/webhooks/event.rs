//! Reads an event as the contract writes it. Pure.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::domain::{CaseId, Event, EventKind, EventPayload, OutboundMessage};

/// Why a body is no event. What it holds is not said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unreadable {
    NoJson,
    NoEvent(&'static str),
}

impl Unreadable {
    pub(super) fn why(self) -> &'static str {
        match self {
            Unreadable::NoJson => "the body is no JSON",
            Unreadable::NoEvent(why) => why,
        }
    }
}

#[derive(Deserialize)]
struct WireEvent {
    id: Box<str>,
    r#type: Box<str>,
    created_at: Box<str>,
    data: Map<String, Value>,
}

/// Reads an event.
pub(super) fn read(body: &[u8]) -> Result<Event, Unreadable> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unreadable::NoJson)?;
    let no_event = Unreadable::NoEvent;
    let wire: WireEvent =
        serde_json::from_value(value).map_err(|_| no_event("an event has the texts `id`, `type`, `created_at` and the object `data`"))?;
    if wire.id.trim().is_empty() {
        return Err(no_event("`id` is empty"));
    }
    if wire.created_at.parse::<Timestamp>().is_err() {
        return Err(no_event("`created_at` is no date-time"));
    }
    let kind = EventKind::parse(&wire.r#type).ok_or(no_event("`type` is none that is known here"))?;
    let data = &wire.data;
    let case = data.get("case_id").and_then(Value::as_u64).map(CaseId).ok_or(no_event("`data.case_id` is no case number"))?;
    let text = |name: &str| data.get(name).and_then(Value::as_str).map(Box::<str>::from);
    let payload = match kind {
        EventKind::StageChanged => EventPayload::StageChanged(case),
        EventKind::Closed => EventPayload::Closed(case),
        // Whoever asked may have no address that mail gets to; the case is connected all the same.
        EventKind::ConnectRequested => EventPayload::ConnectRequested { case, requested_by: text("requested_by") },
        EventKind::SendRequested => EventPayload::SendRequested(OutboundMessage {
            id: text("id").filter(|id| !id.trim().is_empty()).ok_or(no_event("`data.id` is no id of a message"))?,
            case,
            body: text("body").ok_or(no_event("`data.body` is no text"))?,
            typed_at: text("created_at").and_then(|at| at.parse().ok()),
        }),
    };
    Ok(Event { id: wire.id, payload })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(kind: &str, data: &Value) -> Value {
        json!({ "id": "evt_1", "type": kind, "created_at": "2026-03-02T15:04:05Z", "data": data })
    }

    fn payload(kind: &str, data: &Value) -> Result<EventPayload, Unreadable> {
        read(event(kind, data).to_string().as_bytes()).map(|event| event.payload)
    }

    #[test]
    fn each_type_is_read_with_what_it_needs() {
        let case = CaseId(48_213);
        let stage = json!({ "case_id": 48_213, "from": "Treating", "to": "Negotiation" });
        assert_eq!(payload("case.stage_changed", &stage), Ok(EventPayload::StageChanged(case)));
        assert_eq!(payload("case.closed", &json!({ "case_id": 48_213 })), Ok(EventPayload::Closed(case)));
        let asked = |by: Value| payload("case.connect_requested", &json!({ "case_id": 48_213, "requested_by": by }));
        assert_eq!(
            asked(json!("ann@firm.example")),
            Ok(EventPayload::ConnectRequested { case, requested_by: Some("ann@firm.example".into()) })
        );
        assert_eq!(asked(json!(17)), Ok(EventPayload::ConnectRequested { case, requested_by: None }));
        let typed = json!({ "id": "out-1", "case_id": 48_213, "body": "", "author_email": "a", "created_at": "2026-03-02T15:04:05Z" });
        let message = OutboundMessage { id: "out-1".into(), case, body: "".into(), typed_at: "2026-03-02T15:04:05Z".parse().ok() };
        assert_eq!(payload("message.send_requested", &typed), Ok(EventPayload::SendRequested(message)));
    }

    #[test]
    fn anything_else_is_no_event() {
        for bad in ["", "{", "\u{0}", "evt_1", "{} {}"] {
            assert_eq!(read(bad.as_bytes()), Err(Unreadable::NoJson), "{bad}");
        }
        let good = event("case.closed", &json!({ "case_id": 1 }));
        for (field, value) in [
            ("id", json!("")),
            ("id", json!(1)),
            ("type", json!("case.reopened")),
            ("type", Value::Null),
            ("created_at", json!("yesterday")),
            ("data", json!([])),
            ("data", json!({})),
            ("data", json!({ "case_id": "1" })),
            ("data", json!({ "case_id": -1 })),
            ("data", json!({ "case_id": 1.5 })),
        ] {
            let mut bad = good.clone();
            bad[field] = value;
            assert!(matches!(read(bad.to_string().as_bytes()), Err(Unreadable::NoEvent(_))), "{bad}");
        }
        for bad in [json!(null), json!([]), json!("x"), json!({})] {
            assert!(matches!(read(bad.to_string().as_bytes()), Err(Unreadable::NoEvent(_))), "{bad}");
        }
        assert!(payload("message.send_requested", &json!({ "case_id": 1, "body": "x" })).is_err());
        assert!(payload("message.send_requested", &json!({ "id": "out-1", "case_id": 1 })).is_err());
    }
}
