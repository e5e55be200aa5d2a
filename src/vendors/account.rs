//! The account that a vendor names.

use serde_json::Value;

use crate::domain::Account;

/// Its id is text or a number; of a vendor that says none, the name stands for it. `None` where it names nothing.
pub(super) fn named(id: &Value, name: String) -> Option<Account> {
    let id = match id {
        Value::String(id) if !id.trim().is_empty() => id.clone(),
        Value::Number(id) => id.to_string(),
        _ if name.trim().is_empty() => return None,
        _ => name.clone(),
    };
    Some(Account { id, name })
}
