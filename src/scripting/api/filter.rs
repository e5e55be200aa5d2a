//! The filters of listings: maps with known keys.

use rhai::{Dynamic, EvalAltResult, Map};

use crate::diagnostic::nearest;
use crate::domain::{CaseFilter, Direction, ExistingStatus, PeerCaseStatus};
use crate::scripting::operations::MessageFilter;
use crate::scripting::values::{case_id, fault};

type Read<T> = Result<T, Box<EvalAltResult>>;

/// `#{ status, connected, updated_since }`
pub(super) fn of_casepeer(filter: Map) -> Read<CaseFilter> {
    let mut read = CaseFilter::default();
    for (key, value) in filter {
        match key.as_str() {
            "status" => read.status = Some(word(&key, value, "open or closed", PeerCaseStatus::parse)?),
            "connected" => {
                read.connected = Some(value.as_bool().map_err(|_| fault("the filter's `connected` is true or false"))?);
            }
            "updated_since" => read.updated_since = Some(time(&key, value)?),
            _ => return Err(unknown(&key, &["status", "connected", "updated_since"])),
        }
    }
    Ok(read)
}

/// `#{ status }`
pub(super) fn of_case_status(filter: Map) -> Read<Option<ExistingStatus>> {
    let mut status = None;
    for (key, value) in filter {
        match key.as_str() {
            "status" => status = Some(word(&key, value, "open, closed or on_hold", ExistingStatus::parse)?),
            _ => return Err(unknown(&key, &["status"])),
        }
    }
    Ok(status)
}

/// `#{ case_id, direction, sent_since }`
pub(super) fn of_messages(filter: Map) -> Read<MessageFilter> {
    let mut read = MessageFilter::default();
    for (key, value) in filter {
        match key.as_str() {
            "case_id" => read.case = Some(case_id(&value)?),
            "direction" => read.direction = Some(word(&key, value, "from_client or from_firm", Direction::parse)?),
            "sent_since" => read.sent_since = Some(time(&key, value)?),
            _ => return Err(unknown(&key, &["case_id", "direction", "sent_since"])),
        }
    }
    Ok(read)
}

fn unknown(key: &str, known: &[&str]) -> Box<EvalAltResult> {
    match nearest(key, known.iter().copied()) {
        Some(near) => fault(format!("this listing has no filter `{key}`: did you mean `{near}`?")),
        None => fault(format!("this listing has no filter `{key}`; it has {}", known.join(", "))),
    }
}

fn word<T>(key: &str, value: Dynamic, wanted: &str, parse: fn(&str) -> Option<T>) -> Read<T> {
    let parsed = value.into_string().ok().and_then(|text| parse(&text));
    parsed.ok_or_else(|| fault(format!("the filter's `{key}` is {wanted}")))
}

/// A moment, or the midnight (UTC) that a day begins with.
fn time(key: &str, value: Dynamic) -> Read<jiff::Timestamp> {
    let text = value.into_string().unwrap_or_default();
    let day = || jiff::tz::TimeZone::UTC.to_timestamp(text.parse::<jiff::civil::Date>().ok()?.at(0, 0, 0, 0)).ok();
    let parsed = text.parse().ok().or_else(day);
    parsed.ok_or_else(|| fault(format!("the filter's `{key}` is a time such as 2026-11-24T18:30:00Z, or a date")))
}
