//! From what a test says to whole values: what it leaves out is valid, and equal on both sides.

use jiff::Timestamp;
use jiff::civil::{Date, date};

use super::raw;
use crate::diagnostic::Diagnostic;
use crate::domain::{
    Case, CaseId, Changes, Client, Direction, Directory, Email, ExistingCase, ExistingStatus, Message, Name, PeerCaseStatus, Phone,
    PracticeArea, StaffMember, StaffRole, StaffUser, Stage, UserRole,
};
use crate::rules::{FirmRules, in_step};
use crate::yaml::At;

/// The primary attorney of a case that names none.
const ATTORNEY: &str = "attorney@example.com";

/// A test's whole values.
pub(super) struct Fixture {
    pub case: Case,
    pub directory: Directory,
    /// `None` for a case that is to be connected.
    pub existing: Option<ExistingCase>,
    pub message: Option<Message>,
}

/// Makes a test's whole values; faults are added where a value cannot be one.
pub(super) fn read(rules: &FirmRules, test: &raw::Test, faults: &mut Vec<Diagnostic>) -> Fixture {
    let case = case(rules, test.case.clone().unwrap_or_default(), faults);
    let said = test.existing.as_ref().map(|at| at.value.0.clone()).unwrap_or_default();
    let expect = test.expect.clone().unwrap_or_default();
    let [changes, creates] = [expect.changes, expect.creates].map(|at| at.map(|at| at.value.0).unwrap_or_default());
    let mentioned = [&said, &changes, &creates];
    let directory = Directory::new(staff(&case, &mentioned, test), practice_areas(rules, &case, &mentioned, test, faults));
    let existing = said.applied_to(&in_step(rules, &directory, &case, &mirrored(&case, &directory)));
    let connects = test.connect.as_ref().is_some_and(|connect| connect.value);
    let message = test.message.clone().map(|message| self::message(message, case.id));
    Fixture { existing: (!connects).then_some(existing), case, directory, message }
}

fn case(rules: &FirmRules, raw: raw::PeerCase, faults: &mut Vec<Diagnostic>) -> Case {
    let maybe = |at: Option<At<raw::Maybe>>, usual: &str| at.map_or_else(|| Some(usual.into()), |at| at.value.0.map(Into::into));
    let stage = || rules.stages.map.names().next().unwrap_or("Intake").to_owned();
    let case_type = || rules.practice_areas.map.names().next().unwrap_or("Auto Accident").to_owned();
    let status = raw.status.map_or(PeerCaseStatus::Open, |at| at.value);
    let closed_on = if status == PeerCaseStatus::Closed { Some(date(2024, 6, 28)) } else { None };
    Case {
        id: CaseId(raw.id.map_or(1, |at| at.value)),
        case_number: raw.case_number.unwrap_or_else(|| "PI-2024-0001".to_owned()).into(),
        name: maybe(raw.name, "Doe v. Roe"),
        case_type: Name::new(&raw.case_type.unwrap_or_else(case_type)),
        stage: Name::new(&raw.stage.unwrap_or_else(stage)),
        status,
        description: maybe(raw.description, "A sample"),
        opened_on: day(raw.opened_on, Some(date(2024, 1, 2)), faults),
        closed_on: day(raw.closed_on, closed_on, faults),
        connected: raw.connected.is_some_and(|at| at.value),
        updated_at: None,
        client: client(raw.client.unwrap_or_default()),
        staff: members(raw.staff),
    }
}

fn day(at: Option<At<raw::Maybe>>, usual: Option<Date>, faults: &mut Vec<Diagnostic>) -> Option<Date> {
    let Some(at) = at else { return usual };
    let text = at.value.0.as_deref()?;
    let day = text.parse().ok();
    if day.is_none() {
        faults.push(at.error(format!("`{text}` is no date")).help("write it as 2024-02-03"));
    }
    day
}

fn client(raw: raw::Client) -> Client {
    let phone = || vec![raw::Phone { label: Some("mobile".to_owned()), number: Some("+12135557777".to_owned()), written: None }];
    let phones = raw.phones.unwrap_or_else(phone);
    let boxed = |text: Option<String>, usual: &str| text.unwrap_or_else(|| usual.to_owned()).into();
    Client {
        first_name: boxed(raw.first_name, "Jane"),
        last_name: boxed(raw.last_name, "Doe"),
        email: raw.email.map_or_else(|| Some("jane@example.com".into()), |at| at.value.0.map(Into::into)),
        phones: phones.into_iter().map(|phone| Phone { label: boxed(phone.label, "mobile"), number: boxed(phone.number, "") }).collect(),
    }
}

fn members(raw: Option<Vec<raw::Member>>) -> Vec<StaffMember> {
    let attorney = || StaffMember { role: StaffRole::PrimaryAttorney, name: Name::new("A. Attorney"), email: Some(Email::new(ATTORNEY)) };
    let Some(raw) = raw else { return vec![attorney()] };
    let member = |raw: raw::Member| StaffMember {
        role: raw.role.map_or(StaffRole::PrimaryAttorney, |at| at.value),
        name: Name::new(raw.name.as_deref().unwrap_or("Somebody")),
        email: raw.email.and_then(|at| at.value.0).map(|email| Email::new(&email)),
    };
    raw.into_iter().map(member).collect()
}

/// Everybody whom the test mentions, as what it mentions them, and active; then as the test says otherwise.
fn staff(case: &Case, mentioned: &[&Changes], test: &raw::Test) -> Vec<StaffUser> {
    let mut users: Vec<StaffUser> = Vec::new();
    let mut add = |email: &Email, role: UserRole| {
        if !users.iter().any(|user| user.email == *email) {
            users.push(StaffUser { email: email.clone(), role, active: true });
        }
    };
    for member in &case.staff {
        let role = if member.role == StaffRole::Paralegal { UserRole::Paralegal } else { UserRole::Attorney };
        if let (Some(email), true) = (&member.email, member.role != StaffRole::CaseManager) {
            add(email, role);
        }
    }
    add(&Email::new(ATTORNEY), UserRole::Attorney);
    for changes in mentioned {
        let attorneys = changes.primary_attorney.iter().chain(changes.additional_attorneys.iter().flatten());
        attorneys.for_each(|email| add(email, UserRole::Attorney));
        changes.paralegals.iter().flatten().for_each(|email| add(email, UserRole::Paralegal));
    }
    for said in test.staff.iter().flatten() {
        let email = Email::new(said.email.as_deref().unwrap_or_default());
        users.retain(|user| user.email != email);
        let role = said.role.as_ref().map_or(UserRole::Attorney, |at| at.value);
        users.push(StaffUser { email, role, active: said.active.as_ref().is_none_or(|at| at.value) });
    }
    users
}

/// Every practice area that the rules or the test mention, with all twelve stages; then as the test says otherwise.
fn practice_areas(
    rules: &FirmRules,
    case: &Case,
    mentioned: &[&Changes],
    test: &raw::Test,
    faults: &mut Vec<Diagnostic>,
) -> Vec<PracticeArea> {
    let targets = rules.practice_areas.map.entries().map(|(_, target)| target.value.clone());
    let own = rules.practice_areas.map.get(&case.case_type).is_none().then(|| case.case_type.clone());
    let names = targets.chain(own).chain(mentioned.iter().filter_map(|changes| changes.practice_area.clone()));
    let mut areas: Vec<PracticeArea> = Vec::new();
    for name in names {
        if !areas.iter().any(|area| area.name == name) {
            areas.push(PracticeArea { name, stages: (1..=12).filter_map(Stage::new).map(named).collect() });
        }
    }
    for (name, numbers) in test.practice_areas.iter().flat_map(|named| &named.0) {
        let mut stages = Vec::new();
        for number in numbers {
            match Stage::new(number.value) {
                Some(stage) => stages.push(named(stage)),
                None => faults.push(number.error(format!("there is no stage {}", number.value)).help("stages go from 1 to 12")),
            }
        }
        areas.retain(|area| area.name.as_str() != name.value);
        areas.push(PracticeArea { name: Name::new(&name.value), stages });
    }
    areas
}

fn named(stage: Stage) -> (Stage, Box<str>) {
    (stage, format!("Stage {stage}").into())
}

/// A case in Case Status that has what CASEpeer has, before any rule.
fn mirrored(case: &Case, directory: &Directory) -> ExistingCase {
    let emails = |role| case.staff_emails(role).cloned().collect::<Vec<_>>();
    let first = directory.practice_areas.first();
    ExistingCase {
        id: "existing".into(),
        integration_id: case.id,
        readable_id: case.case_number.clone(),
        practice_area: first.map_or_else(|| case.case_type.clone(), |area| area.name.clone()),
        stage: first.and_then(|area| area.stages.first()).map_or(Stage::FIRST, |(stage, _)| *stage),
        status: match case.status {
            PeerCaseStatus::Open => ExistingStatus::Open,
            PeerCaseStatus::Closed => ExistingStatus::Closed,
        },
        primary_attorney: case.primary_attorney().cloned().unwrap_or_else(|| Email::new(ATTORNEY)),
        additional_attorneys: emails(StaffRole::Attorney),
        paralegals: emails(StaffRole::Paralegal),
        description: case.description.clone(),
        case_date: case.opened_on,
        closed_date: case.closed_on,
        client: case.client.full_name().into(),
    }
}

fn message(raw: raw::Message, case: CaseId) -> Message {
    Message {
        id: "message".into(),
        integration_id: Some(case),
        direction: raw.direction.map_or(Direction::FromClient, |at| at.value),
        sender_name: raw.sender_name.unwrap_or_else(|| "Jane Doe".to_owned()).into(),
        sender_email: raw.sender_email.and_then(|at| at.value.0).map(Into::into),
        body: raw.body.unwrap_or_else(|| "Hello".to_owned()).into(),
        sent_at: Timestamp::UNIX_EPOCH,
        idempotency_key: None,
    }
}
