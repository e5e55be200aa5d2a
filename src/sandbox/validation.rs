//! What Case Status accepts: of a patch, and of a new case.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::reply::Faulty;
use super::world::{SandboxArea, SandboxCase, SandboxStaff, World};

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
pub(super) fn patched(world: &World, case: &SandboxCase, patch: &Map<String, Value>) -> Result<SandboxCase, Vec<Faulty>> {
    let mut faulty = Vec::new();
    for key in patch.keys().filter(|key| !PATCHABLE.contains(&key.as_str())) {
        faulty.push((Cow::Owned(key.clone()), "unknown_property"));
    }
    let mut case = case.clone();
    fill(world, &mut case, patch, &mut faulty);
    if let Some(status) = patch.get("status") {
        match status.as_str() {
            Some(status @ ("open" | "closed" | "on_hold")) => status.clone_into(&mut case.status),
            _ => fault(&mut faulty, "status", "invalid"),
        }
    }
    date(patch, "closed_date", &mut case.closed_date, &mut faulty);
    if faulty.is_empty() { Ok(case) } else { Err(faulty) }
}

/// The case that this body creates, or every field that is not valid.
pub(super) fn created(world: &World, body: &Map<String, Value>) -> Result<SandboxCase, Vec<Faulty>> {
    let mut faulty = Vec::new();
    let mut case = SandboxCase { status: "open".to_owned(), ..SandboxCase::default() };
    let area = body.get("practice_area").and_then(Value::as_str).and_then(|area| practice_area(world, area));
    // Without a stage, a case begins at the first that its practice area has.
    case.stage = area.and_then(|area| area.stages.iter().map(|stage| stage.number).min()).unwrap_or(1);
    if let Some(id) = body.get("integration_id").and_then(Value::as_str).filter(|id| !id.is_empty()) {
        case.integration_id = Some(id.to_owned());
    } else if body.contains_key("integration_id") {
        fault(&mut faulty, "integration_id", "invalid");
    }
    fill(world, &mut case, body, &mut faulty);
    if body.get("create_client").is_some_and(|create| !create.is_boolean()) {
        fault(&mut faulty, "create_client", "invalid");
    }
    if let Some(client) = body.get("client") {
        fill_client(&mut case, client, &mut faulty);
    }
    for field in ["integration_id", "readable_id", "practice_area", "primary_attorney_email", "client", "create_client"] {
        if !body.contains_key(field) {
            fault(&mut faulty, field, "required");
        }
    }
    if faulty.is_empty() { Ok(case) } else { Err(faulty) }
}

fn fill_client(case: &mut SandboxCase, client: &Value, faulty: &mut Vec<Faulty>) {
    let text = |field: &str| client[field].as_str().unwrap_or_default().to_owned();
    case.client.first_name = text("first_name");
    case.client.last_name = text("last_name");
    case.client.phone = text("phone");
    case.client.email = client["email"].as_str().map(str::to_owned);
    if case.client.first_name.is_empty() {
        fault(faulty, "client.first_name", "required");
    }
    if case.client.last_name.is_empty() {
        fault(faulty, "client.last_name", "required");
    }
    let digits = case.client.phone.strip_prefix('+').unwrap_or_default();
    if !(8..=15).contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        fault(faulty, "client.phone", "invalid");
    }
}

fn fault(faulty: &mut Vec<Faulty>, field: &'static str, code: &'static str) {
    faulty.push((Cow::Borrowed(field), code));
}

fn practice_area<'w>(world: &'w World, name: &str) -> Option<&'w SandboxArea> {
    world.practice_areas.iter().find(|area| area.name == name)
}

/// The attributes that a new case and a patch share.
fn fill(world: &World, case: &mut SandboxCase, body: &Map<String, Value>, faulty: &mut Vec<Faulty>) {
    if let Some(id) = body.get("readable_id") {
        match id.as_str() {
            Some(id) if !id.is_empty() => id.clone_into(&mut case.readable_id),
            _ => fault(faulty, "readable_id", "invalid"),
        }
    }
    if let Some(area) = body.get("practice_area") {
        match area.as_str().and_then(|area| practice_area(world, area)) {
            Some(area) => area.name.clone_into(&mut case.practice_area),
            None => fault(faulty, "practice_area", "unknown"),
        }
    }
    if let Some(stage) = body.get("stage") {
        match stage.as_i64() {
            Some(stage) => case.stage = stage,
            None => fault(faulty, "stage", "invalid"),
        }
    }
    let area = practice_area(world, &case.practice_area);
    if (body.contains_key("stage") || body.contains_key("practice_area"))
        && area.is_some_and(|area| !area.stages.iter().any(|stage| stage.number == case.stage))
    {
        fault(faulty, "stage", "not_in_practice_area");
    }
    if let Some(email) = body.get("primary_attorney_email") {
        match email.as_str().and_then(|email| world.user(email)).filter(|user| is_active_attorney(user)) {
            Some(user) => case.primary_attorney_email.clone_from(&user.email),
            None => fault(faulty, "primary_attorney_email", "no_active_attorney"),
        }
    }
    people(world, body, "additional_attorney_emails", is_active_attorney, &mut case.additional_attorney_emails, faulty);
    // Anyone who works there can be a case's paralegal.
    people(world, body, "paralegal_emails", |user| user.active, &mut case.paralegal_emails, faulty);
    if let Some(description) = body.get("description") {
        case.description = description.as_str().map(str::to_owned);
        if !description.is_string() && !description.is_null() {
            fault(faulty, "description", "invalid");
        }
    }
    date(body, "case_date", &mut case.case_date, faulty);
}

fn is_active_attorney(user: &SandboxStaff) -> bool {
    user.active && user.role == "attorney"
}

fn people(
    world: &World,
    body: &Map<String, Value>,
    field: &'static str,
    can_be: fn(&SandboxStaff) -> bool,
    state: &mut Vec<String>,
    faulty: &mut Vec<Faulty>,
) {
    let Some(emails) = body.get(field) else { return };
    let known =
        |email: &Value| email.as_str().and_then(|email| world.user(email)).filter(|user| can_be(user)).map(|user| user.email.clone());
    match emails.as_array().map(|emails| emails.iter().map(known).collect::<Option<Vec<_>>>()) {
        Some(Some(known)) => *state = known,
        Some(None) => fault(faulty, field, "unknown"),
        None => fault(faulty, field, "invalid"),
    }
}

fn date(body: &Map<String, Value>, field: &'static str, state: &mut Option<String>, faulty: &mut Vec<Faulty>) {
    match body.get(field) {
        None => {}
        Some(Value::Null) => *state = None,
        Some(value) => match value.as_str().filter(|text| is_date(text)) {
            Some(date) => *state = Some(date.to_owned()),
            None => fault(faulty, field, "invalid"),
        },
    }
}

/// Whether this is a day as `2024-02-03`. The parser alone would also take it without hyphens, and with a time.
fn is_date(text: &str) -> bool {
    text.parse::<jiff::civil::Date>().is_ok_and(|date| date.to_string() == text)
}

/// A moment as the contracts spell it.
pub(super) fn moment(value: &Value) -> Option<String> {
    let moment: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(moment.to_string())
}
