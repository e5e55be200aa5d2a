//! What Case Status accepts: of a patch, and of a new case.

use serde_json::{Map, Value};

use super::world::{ExistingCase, World};

/// A field and what is wrong with it.
pub(super) type Faulty = (&'static str, &'static str);

const PATCHABLE: [&str; 10] = [
    "readable_id",
    "practice_area",
    "stage",
    "status",
    "primary_attorney_email",
    "additional_attorney_emails",
    "paralegal_emails",
    "description",
    "case_date",
    "closed_date",
];

/// The case as it would be with this patch, or every field that is not valid.
pub(super) fn patched(world: &World, case: &ExistingCase, patch: &Map<String, Value>) -> Result<ExistingCase, Vec<Faulty>> {
    let mut faulty = Vec::new();
    if patch.keys().any(|key| !PATCHABLE.contains(&key.as_str())) {
        faulty.push(("body", "unknown_property"));
    }
    let mut case = case.clone();
    fill(world, &mut case, patch, &mut faulty);
    if let Some(status) = patch.get("status") {
        match status.as_str() {
            Some(status @ ("open" | "closed" | "on_hold")) => status.clone_into(&mut case.status),
            _ => faulty.push(("status", "invalid")),
        }
    }
    date(patch, "closed_date", &mut case.closed_date, &mut faulty);
    if faulty.is_empty() { Ok(case) } else { Err(faulty) }
}

/// The case that this body creates, or every field that is not valid.
pub(super) fn created(world: &World, body: &Map<String, Value>) -> Result<ExistingCase, Vec<Faulty>> {
    let mut faulty = Vec::new();
    for field in ["integration_id", "readable_id", "practice_area", "primary_attorney_email", "client", "create_client"] {
        if body.get(field).is_none_or(Value::is_null) {
            faulty.push((field, "required"));
        }
    }
    let mut case = ExistingCase { stage: 1, status: "open".to_owned(), ..ExistingCase::default() };
    case.integration_id = body.get("integration_id").and_then(Value::as_str).map(str::to_owned);
    fill(world, &mut case, body, &mut faulty);
    let client = &body.get("client").cloned().unwrap_or_default();
    let text = |field: &str| client[field].as_str().unwrap_or_default().to_owned();
    case.client.first_name = text("first_name");
    case.client.last_name = text("last_name");
    case.client.phone = text("phone");
    case.client.email = client["email"].as_str().map(str::to_owned);
    if case.client.first_name.is_empty() || case.client.last_name.is_empty() {
        faulty.push(("client.first_name", "required"));
    }
    let digits = case.client.phone.strip_prefix('+').unwrap_or_default();
    if !(8..=15).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        faulty.push(("client.phone", "invalid"));
    }
    if faulty.is_empty() { Ok(case) } else { Err(faulty) }
}

/// The attributes that a new case and a patch share.
fn fill(world: &World, case: &mut ExistingCase, body: &Map<String, Value>, faulty: &mut Vec<Faulty>) {
    if let Some(id) = body.get("readable_id") {
        match id.as_str() {
            Some(id) if !id.is_empty() => id.clone_into(&mut case.readable_id),
            _ => faulty.push(("readable_id", "invalid")),
        }
    }
    if let Some(area) = body.get("practice_area") {
        match area.as_str().filter(|area| world.practice_areas.iter().any(|known| known.name == *area)) {
            Some(area) => area.clone_into(&mut case.practice_area),
            None => faulty.push(("practice_area", "unknown")),
        }
    }
    if let Some(stage) = body.get("stage") {
        match stage.as_i64() {
            Some(stage) => case.stage = stage,
            None => faulty.push(("stage", "invalid")),
        }
    }
    let area = world.practice_areas.iter().find(|area| area.name == case.practice_area);
    if (body.contains_key("stage") || body.contains_key("practice_area"))
        && area.is_some_and(|area| !area.stages.iter().any(|stage| stage.number == case.stage))
    {
        faulty.push(("stage", "not_in_practice_area"));
    }
    if let Some(email) = body.get("primary_attorney_email") {
        match email.as_str().and_then(|email| user(world, email)).filter(|user| user.active && user.role == "attorney") {
            Some(user) => case.primary_attorney_email.clone_from(&user.email),
            None => faulty.push(("primary_attorney_email", "no_active_attorney")),
        }
    }
    people(world, body, "additional_attorney_emails", &mut case.additional_attorney_emails, faulty);
    people(world, body, "paralegal_emails", &mut case.paralegal_emails, faulty);
    if let Some(description) = body.get("description") {
        case.description = description.as_str().map(str::to_owned);
        if !description.is_string() && !description.is_null() {
            faulty.push(("description", "invalid"));
        }
    }
    date(body, "case_date", &mut case.case_date, faulty);
}

fn people(world: &World, body: &Map<String, Value>, field: &'static str, held: &mut Vec<String>, faulty: &mut Vec<Faulty>) {
    let Some(emails) = body.get(field) else { return };
    let known = emails.as_array().map(|emails| {
        emails
            .iter()
            .map(|email| email.as_str().and_then(|email| user(world, email)).map(|user| user.email.clone()))
            .collect::<Option<Vec<_>>>()
    });
    match known {
        Some(Some(known)) => *held = known,
        _ => faulty.push((field, "unknown")),
    }
}

fn user<'w>(world: &'w World, email: &str) -> Option<&'w super::world::StaffUser> {
    world.staff.iter().find(|user| user.email.eq_ignore_ascii_case(email))
}

fn date(body: &Map<String, Value>, field: &'static str, held: &mut Option<String>, faulty: &mut Vec<Faulty>) {
    match body.get(field) {
        None => {}
        Some(Value::Null) => *held = None,
        Some(value) => match value.as_str().filter(|text| text.parse::<jiff::civil::Date>().is_ok()) {
            Some(date) => *held = Some(date.to_owned()),
            None => faulty.push((field, "invalid")),
        },
    }
}
