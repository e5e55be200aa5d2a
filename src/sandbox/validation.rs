//! What the vendors accept: foremost Case Status, of a patch and of a new case.

use serde_json::{Map, Value, json};

use super::reply::Faulty;
use super::world::{World, now, text};

const REQUIRED: [&str; 6] = ["integration_id", "readable_id", "practice_area", "primary_attorney_email", "client", "create_client"];

/// What a new case shares with a patch.
const SHARED: [&str; 8] = [
    "readable_id",
    "practice_area",
    "stage",
    "primary_attorney_email",
    "additional_attorney_emails",
    "paralegal_emails",
    "description",
    "case_date",
];

/// The case as it would be with this patch, or every field that is not valid.
pub(super) fn patched(world: &World, case: &Value, patch: &Map<String, Value>) -> Result<Value, Vec<Faulty>> {
    let mut faulty = Vec::new();
    let mut case = case.clone();
    fill(world, &mut case, patch.iter(), &mut faulty);
    if faulty.is_empty() { Ok(case) } else { Err(faulty) }
}

/// The case that this body creates, or every field that is not valid.
pub(super) fn created(world: &World, body: &Map<String, Value>) -> Result<Value, Vec<Faulty>> {
    let required = REQUIRED.iter().filter(|field| !body.contains_key(**field));
    let mut faulty: Vec<Faulty> = required.map(|field| ((*field).to_owned(), "required")).collect();
    // Without a stage, a case begins at the first that its practice area has.
    let stages = body.get("practice_area").and_then(|area| practice_area(world, area)).and_then(|area| area["stages"].as_array());
    let first = stages.and_then(|stages| stages.iter().filter_map(|stage| stage["number"].as_i64()).min());
    let mut case = json!({
        "id": null, "integration_id": body.get("integration_id"), "readable_id": "", "practice_area": "", "stage": first.unwrap_or(1),
        "status": "open", "primary_attorney_email": "", "additional_attorney_emails": [], "paralegal_emails": [], "description": null,
        "case_date": null, "closed_date": null, "client": null, "updated_at": now()
    });
    if body.get("integration_id").is_some_and(|id| id.as_str().is_none_or(str::is_empty)) {
        faulty.push(("integration_id".to_owned(), "invalid"));
    }
    if body.get("create_client").is_some_and(|create| !create.is_boolean()) {
        faulty.push(("create_client".to_owned(), "invalid"));
    }
    if let Some(client) = body.get("client") {
        case["client"] = self::client(client, &mut faulty);
    }
    let shared = body.iter().filter(|(field, _)| SHARED.contains(&field.as_str()));
    fill(world, &mut case, shared, &mut faulty);
    if faulty.is_empty() { Ok(case) } else { Err(faulty) }
}

/// Whether the text of this field is as long as it may be.
pub(super) fn length(body: &Value, field: &'static str, least: usize, most: usize, faulty: &mut Vec<Faulty>) {
    match body[field].as_str().map(|text| text.chars().count()) {
        Some(length) if length > most => faulty.push((field.to_owned(), "too_long")),
        Some(length) if length >= least => {}
        _ => faulty.push((field.to_owned(), "required")),
    }
}

/// A moment as the contracts spell it.
pub(super) fn moment(value: &Value) -> Option<String> {
    let moment: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(moment.to_string())
}

/// Gives the case each attribute of the body that is valid.
fn fill<'b>(world: &World, case: &mut Value, body: impl Iterator<Item = (&'b String, &'b Value)>, faulty: &mut Vec<Faulty>) {
    let mut is_staged = false;
    for (field, value) in body {
        is_staged |= ["stage", "practice_area"].contains(&field.as_str());
        match checked(world, field, value) {
            Ok(value) => case[field] = value,
            Err(code) => faulty.push((field.clone(), code)),
        }
    }
    let is_there =
        |area: &Value| area["stages"].as_array().is_some_and(|stages| stages.iter().any(|stage| stage["number"] == case["stage"]));
    if is_staged && practice_area(world, &case["practice_area"]).is_some_and(|area| !is_there(area)) {
        faulty.push(("stage".to_owned(), "not_in_practice_area"));
    }
}

/// What an attribute of a case is with this value, or what is wrong with it.
fn checked(world: &World, field: &str, value: &Value) -> Result<Value, &'static str> {
    let user = |email: &Value, can_be: fn(&Value) -> bool| email.as_str().and_then(|email| world.user(email)).filter(|user| can_be(user));
    let users = |can_be| {
        let emails = value.as_array().ok_or("invalid")?.iter();
        emails.map(|email| user(email, can_be).map(|user| user["email"].clone())).collect::<Option<Value>>().ok_or("unknown")
    };
    let valid = match field {
        "readable_id" => value.as_str().is_some_and(|id| !id.is_empty()),
        "practice_area" => return practice_area(world, value).map(|area| area["name"].clone()).ok_or("unknown"),
        "stage" => value.as_i64().is_some_and(|stage| (1..=12).contains(&stage)),
        "status" => ["open", "closed", "on_hold"].iter().any(|status| value == status),
        "primary_attorney_email" => {
            return user(value, is_active_attorney).map(|user| user["email"].clone()).ok_or("no_active_attorney");
        }
        "additional_attorney_emails" => return users(is_active_attorney),
        // Anyone who works there can be a case's paralegal.
        "paralegal_emails" => return users(|user| user["active"] == true),
        "description" => value.is_string() || value.is_null(),
        "case_date" | "closed_date" => value.is_null() || value.as_str().is_some_and(is_date),
        _ => return Err("unknown_property"),
    };
    if valid { Ok(value.clone()) } else { Err("invalid") }
}

fn client(client: &Value, faulty: &mut Vec<Faulty>) -> Value {
    for field in ["first_name", "last_name"] {
        if text(client, field).is_empty() {
            faulty.push((format!("client.{field}"), "required"));
        }
    }
    let digits = text(client, "phone").strip_prefix('+').unwrap_or_default();
    if !(8..=15).contains(&digits.len()) || digits.starts_with('0') || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        faulty.push(("client.phone".to_owned(), "invalid"));
    }
    if !(client["email"].is_null() || client["email"].is_string()) {
        faulty.push(("client.email".to_owned(), "invalid"));
    }
    json!({ "first_name": client["first_name"], "last_name": client["last_name"], "phone": client["phone"], "email": client["email"] })
}

fn practice_area<'w>(world: &'w World, name: &Value) -> Option<&'w Value> {
    world.practice_areas.iter().find(|area| area["name"] == *name)
}

fn is_active_attorney(user: &Value) -> bool {
    user["active"] == true && user["role"] == "attorney"
}

/// Whether this is a day as `2024-02-03`. The parser alone would also take it without hyphens, and with a time.
fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == text)
}
