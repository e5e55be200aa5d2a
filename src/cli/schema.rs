//! `casebridge schema`: the JSON Schema of a firm file, for editors.

use serde_json::{Value, json};

use super::{Exit, Refusal, output};
use crate::rules::raw;

pub(super) fn schema() -> Result<Exit, Refusal> {
    let mut schema = serde_json::Value::from(schemars::schema_for!(raw::RawFirm));
    without_null(&mut schema);
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Refusal::failed(error.to_string()))?;
    output::line(text);
    Ok(Exit::Success)
}

/// Takes `null` out of every type: a key may be left out, but nothing may stand behind it.
fn without_null(schema: &mut Value) {
    match schema {
        Value::Object(map) => {
            if let Some(Value::Array(types)) = map.get_mut("type") {
                types.retain(|kind| kind != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    map.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| *choice != json!({ "type": "null" }));
            }
            if let Some(Value::Array(words)) = map.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            map.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        _ => {}
    }
}
