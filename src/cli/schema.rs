//! `casebridge schema`: the JSON Schema of a firm file, for editors.

use super::{Exit, Refusal};
use crate::rules::raw;

pub(super) fn schema() -> Result<Exit, Refusal> {
    let schema = schemars::schema_for!(raw::Firm);
    let text = serde_json::to_string_pretty(&schema).map_err(|error| Refusal::failed(error.to_string()))?;
    println!("{text}");
    Ok(Exit::Well)
}
