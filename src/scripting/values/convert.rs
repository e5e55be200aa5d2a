//! Between the domain's values and Rhai's.

use jiff::civil::Date;
use rhai::{Array, Dynamic, EvalAltResult, INT, Map, Position};
use serde_json::Value;

use crate::diagnostic::nearest;
use crate::domain::{CaseId, Changes, ChangesFault, Email};

/// A text, or `()`.
pub(in crate::scripting) fn optional(text: Option<&str>) -> Dynamic {
    text.map_or(Dynamic::UNIT, |text| text.to_owned().into())
}

/// A date such as `2024-02-03`, or `()`.
pub(in crate::scripting) fn date_text(date: Option<Date>) -> Dynamic {
    date.map_or(Dynamic::UNIT, |date| date.to_string().into())
}

/// A list that a script can read and not change.
pub(in crate::scripting) fn read_only<T: Clone + Send + Sync + 'static>(items: impl IntoIterator<Item = T>) -> Dynamic {
    let list: Array = items.into_iter().map(Dynamic::from).collect();
    Dynamic::from(list).into_read_only()
}

/// Addresses, as texts that a script may change.
pub(super) fn emails(emails: &[Email]) -> Array {
    emails.iter().map(|email| email.as_str().to_owned().into()).collect()
}

/// A fault of the script where it stands.
pub(in crate::scripting) fn fault(message: impl Into<String>) -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime(message.into().into(), Position::NONE).into()
}

/// A case number: a number, or a text with a number or a CASEpeer URL.
pub(in crate::scripting) fn case_id(id: &Dynamic) -> Result<CaseId, Box<EvalAltResult>> {
    let number = id.as_int().ok().and_then(|id: INT| u64::try_from(id).ok()).map(CaseId);
    let text = || id.read_lock::<rhai::ImmutableString>().and_then(|text| CaseId::parse(&text));
    number.or_else(text).ok_or_else(|| fault(format!("expected a case number, found {}", shown(id))))
}

/// The changes that a map names.
pub(in crate::scripting) fn changes(map: Map) -> Result<Changes, Box<EvalAltResult>> {
    let object = map.into_iter().map(|(name, value)| Ok((name.to_string(), json(value)?))).collect::<Result<_, Box<EvalAltResult>>>()?;
    Changes::from_json(&object).map_err(|problem| fault(changes_problem(&problem)))
}

/// One attribute, as [`changes`] reads it.
pub(super) fn change(name: &str, value: Dynamic) -> Result<Changes, Box<EvalAltResult>> {
    changes(Map::from([(name.into(), value)]))
}

fn changes_problem(problem: &ChangesFault) -> String {
    match problem {
        ChangesFault::UnknownAttribute(name) => match nearest(name, Changes::names()) {
            Some(near) => format!("{problem}: did you mean `{near}`?"),
            None => problem.to_string(),
        },
        ChangesFault::WrongValue { .. } => problem.to_string(),
    }
}

/// The plain values that an attribute can have.
fn json(value: Dynamic) -> Result<Value, Box<EvalAltResult>> {
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(number) = value.as_int() {
        return Ok(number.into());
    }
    if value.is_array() {
        let items = value.into_typed_array::<Dynamic>().map_err(|kind| fault(format!("expected a list, found {kind}")))?;
        return items.into_iter().map(json).collect();
    }
    value.into_string().map(Value::String).map_err(|kind| fault(format!("expected a text, a number or a list, found {kind}")))
}

/// A value in a sentence.
fn shown(value: &Dynamic) -> String {
    if value.is_unit() {
        return "()".to_owned();
    }
    let text = value.to_string();
    if text.chars().count() <= 40 { format!("`{text}`") } else { format!("a {}", value.type_name()) }
}
