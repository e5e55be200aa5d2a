//! Looking into JSON whose exact shape is not settled: what it must name is there, wherever it stands.

use serde_json::Value;

/// The values of every key of this name, at any depth.
pub fn values_of<'v>(value: &'v Value, key: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    visit(value, &mut |inner| found.extend(inner.get(key)));
    found
}

/// Every text and number, at any depth.
pub fn leaves(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    visit(value, &mut |inner| match inner {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => found.push(number.to_string()),
        _ => {}
    });
    found
}

/// Whether some text or number contains this.
pub fn mentions(value: &Value, wanted: &str) -> bool {
    leaves(value).iter().any(|leaf| leaf.contains(wanted))
}

/// The objects that are about this: some member's value is this word, or they stand under it as their key.
pub fn about<'v>(value: &'v Value, word: &str) -> Vec<&'v Value> {
    let mut found = Vec::new();
    visit(value, &mut |inner| {
        if let Value::Object(members) = inner {
            found.extend(members.get(word).filter(|member| member.is_object()));
            if members.values().any(|member| member == word) {
                found.push(inner);
            }
        }
    });
    found
}

fn visit<'v>(value: &'v Value, see: &mut impl FnMut(&'v Value)) {
    see(value);
    match value {
        Value::Array(items) => items.iter().for_each(|item| visit(item, see)),
        Value::Object(members) => members.values().for_each(|member| visit(member, see)),
        _ => {}
    }
}
