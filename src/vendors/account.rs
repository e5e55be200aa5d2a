//! The account that a vendor names.

use serde_json::Value;

use crate::domain::Account;

/// Its id is text or a number; of a vendor that says none, the name stands for it.
pub(super) fn named(id: &Value, name: String) -> Account {
    let id = match id {
        Value::String(id) if !id.is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ => name.clone(),
    };
    Account { id, name }
}
