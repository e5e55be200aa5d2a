//! How Case Status spells a case, its staff and its practice areas. Nothing else knows.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::domain::{
    CaseId, Changes, Direction, Document, Email, ExistingCase, ExistingStatus, Message, Name, NamePool, NewCase, PracticeArea, StaffUser,
    Stage, UserRole,
};

#[derive(Deserialize)]
pub(super) struct WireFirm {
    #[serde(default)]
    pub id: serde_json::Value,
    pub name: String,
}

#[derive(Deserialize)]
pub(super) struct WireTotal {
    pub total: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireUserRole {
    Attorney,
    Paralegal,
    #[serde(other)]
    Admin,
}

#[derive(Deserialize)]
struct WireUser<'a> {
    #[serde(borrow)]
    email: Cow<'a, str>,
    role: WireUserRole,
    active: bool,
}

pub(super) fn read_user(json: &str) -> Option<StaffUser> {
    let wire: WireUser<'_> = serde_json::from_str(json).ok()?;
    let role = match wire.role {
        WireUserRole::Attorney => UserRole::Attorney,
        WireUserRole::Paralegal => UserRole::Paralegal,
        WireUserRole::Admin => UserRole::Admin,
    };
    Some(StaffUser { email: Email::new(&wire.email), role, active: wire.active })
}

#[derive(Deserialize)]
pub(super) struct WirePracticeAreas {
    data: Vec<WirePracticeArea>,
}

#[derive(Deserialize)]
struct WirePracticeArea {
    name: String,
    stages: Vec<WireStage>,
}

#[derive(Deserialize)]
struct WireStage {
    number: i64,
    name: String,
}

impl From<WirePracticeAreas> for Vec<PracticeArea> {
    fn from(wire: WirePracticeAreas) -> Vec<PracticeArea> {
        let stage = |stage: WireStage| Stage::new(stage.number).map(|number| (number, stage.name.into()));
        let area = |area: WirePracticeArea| PracticeArea {
            name: Name::new(&area.name),
            stages: area.stages.into_iter().filter_map(stage).collect(),
        };
        wire.data.into_iter().map(area).collect()
    }
}

#[derive(Deserialize, Serialize, Clone, Copy)]
#[serde(rename_all = "snake_case")]
enum WireStatus {
    Open,
    Closed,
    OnHold,
}

impl From<ExistingStatus> for WireStatus {
    fn from(status: ExistingStatus) -> WireStatus {
        match status {
            ExistingStatus::Open => WireStatus::Open,
            ExistingStatus::Closed => WireStatus::Closed,
            ExistingStatus::OnHold => WireStatus::OnHold,
        }
    }
}

#[derive(Deserialize)]
struct WireCase<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    integration_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    readable_id: Cow<'a, str>,
    #[serde(borrow)]
    practice_area: Cow<'a, str>,
    stage: i64,
    status: WireStatus,
    #[serde(borrow)]
    primary_attorney_email: Cow<'a, str>,
    #[serde(borrow, default)]
    additional_attorney_emails: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    paralegal_emails: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    description: Option<Cow<'a, str>>,
    #[serde(default)]
    case_date: Option<Date>,
    #[serde(default)]
    closed_date: Option<Date>,
    #[serde(borrow)]
    client: WireClient<'a>,
}

#[derive(Deserialize)]
struct WireClient<'a> {
    #[serde(borrow)]
    first_name: Cow<'a, str>,
    #[serde(borrow)]
    last_name: Cow<'a, str>,
}

/// A case of Case Status as far as its integration ID goes.
pub(super) enum ReadCase {
    /// One of CASEpeer's.
    Integrated(ExistingCase),
    /// One that somebody made by hand, which no sync touches.
    Unconnected,
    /// One whose integration ID is no CASEpeer id.
    Foreign { integration_id: String, readable_id: String, client: String },
}

/// Reads a case; `None` when it is not as the contract says.
pub(super) fn read_case(json: &str, names: &mut NamePool) -> Option<ReadCase> {
    let wire: WireCase<'_> = serde_json::from_str(json).ok()?;
    let client = format!("{} {}", wire.client.first_name, wire.client.last_name).trim().to_owned();
    let Some(integration_id) = wire.integration_id.filter(|id| !id.is_empty()) else { return Some(ReadCase::Unconnected) };
    let Some(id) = canonical(&integration_id) else {
        return Some(ReadCase::Foreign {
            integration_id: integration_id.chars().take(64).collect(),
            readable_id: wire.readable_id.into_owned(),
            client,
        });
    };
    let mut emails = |emails: Vec<Cow<'_, str>>| emails.iter().map(|email| names.email(email)).collect();
    let additional_attorneys = emails(wire.additional_attorney_emails);
    let paralegals = emails(wire.paralegal_emails);
    Some(ReadCase::Integrated(ExistingCase {
        id: wire.id.into(),
        integration_id: id,
        readable_id: wire.readable_id.into(),
        practice_area: names.name(&wire.practice_area),
        stage: Stage::new(wire.stage)?,
        status: match wire.status {
            WireStatus::Open => ExistingStatus::Open,
            WireStatus::Closed => ExistingStatus::Closed,
            WireStatus::OnHold => ExistingStatus::OnHold,
        },
        primary_attorney: names.email(&wire.primary_attorney_email),
        additional_attorneys,
        paralegals,
        description: wire.description.map(SmolStr::from),
        case_date: wire.case_date,
        closed_date: wire.closed_date,
        client: client.into(),
    }))
}

/// A CASEpeer id as the host itself would write it.
fn canonical(text: &str) -> Option<CaseId> {
    let id: u64 = text.parse().ok()?;
    (id.to_string() == text).then_some(CaseId(id))
}

/// Only the attributes that change are in the JSON; of those that can be emptied, null says so.
#[derive(Serialize)]
#[allow(clippy::option_option)]
pub(super) struct WirePatch<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    readable_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    practice_area: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<WireStatus>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_attorney_email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    additional_attorney_emails: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paralegal_emails: Option<Vec<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<Option<&'a str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    case_date: Option<Option<Date>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_date: Option<Option<Date>>,
}

impl<'a> From<&'a Changes> for WirePatch<'a> {
    fn from(changes: &'a Changes) -> WirePatch<'a> {
        WirePatch {
            readable_id: changes.readable_id.as_deref(),
            practice_area: changes.practice_area.as_ref().map(Name::as_str),
            stage: changes.stage.map(Stage::number),
            status: changes.status.map(WireStatus::from),
            primary_attorney_email: changes.primary_attorney.as_ref().map(Email::as_str),
            additional_attorney_emails: changes.additional_attorneys.as_deref().map(addresses),
            paralegal_emails: changes.paralegals.as_deref().map(addresses),
            description: changes.description.as_ref().map(Option::as_deref),
            case_date: changes.case_date,
            closed_date: changes.closed_date,
        }
    }
}

#[derive(Serialize)]
pub(super) struct WireNewCase<'a> {
    pub integration_id: String,
    readable_id: &'a str,
    practice_area: &'a str,
    stage: u8,
    primary_attorney_email: &'a str,
    additional_attorney_emails: Vec<&'a str>,
    paralegal_emails: Vec<&'a str>,
    description: Option<&'a str>,
    case_date: Option<Date>,
    client: WireNewClient<'a>,
    create_client: bool,
}

#[derive(Serialize)]
struct WireNewClient<'a> {
    first_name: &'a str,
    last_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    email: Option<&'a str>,
}

impl<'a> From<&'a NewCase> for WireNewCase<'a> {
    fn from(case: &'a NewCase) -> WireNewCase<'a> {
        WireNewCase {
            integration_id: case.integration_id.to_string(),
            readable_id: &case.readable_id,
            practice_area: case.practice_area.as_str(),
            stage: case.stage.number(),
            primary_attorney_email: case.primary_attorney.as_str(),
            additional_attorney_emails: addresses(&case.additional_attorneys),
            paralegal_emails: addresses(&case.paralegals),
            description: case.description.as_deref(),
            case_date: case.case_date,
            client: WireNewClient {
                first_name: &case.first_name,
                last_name: &case.last_name,
                phone: case.phone.as_deref(),
                email: case.client_email.as_deref(),
            },
            create_client: true,
        }
    }
}

fn addresses(emails: &[Email]) -> Vec<&str> {
    emails.iter().map(Email::as_str).collect()
}

#[derive(Deserialize)]
pub(super) struct WireId {
    pub id: String,
}

#[derive(Serialize)]
pub(super) struct WireNewMessage<'a> {
    pub body: &'a str,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireDirection {
    FromClient,
    FromFirm,
}

#[derive(Deserialize)]
struct WireMessage {
    id: Box<str>,
    #[serde(default)]
    integration_id: Option<String>,
    direction: WireDirection,
    #[serde(default)]
    sender_name: Box<str>,
    #[serde(default)]
    sender_email: Option<Box<str>>,
    body: Box<str>,
    sent_at: Timestamp,
    #[serde(default)]
    idempotency_key: Option<Box<str>>,
}

/// Reads a message; `None` when it is not as the contract says.
pub(super) fn read_message(json: &str) -> Option<Message> {
    let wire: WireMessage = serde_json::from_str(json).ok()?;
    Some(Message {
        id: wire.id,
        integration_id: wire.integration_id.as_deref().and_then(canonical),
        direction: match wire.direction {
            WireDirection::FromClient => Direction::FromClient,
            WireDirection::FromFirm => Direction::FromFirm,
        },
        sender_name: wire.sender_name,
        sender_email: wire.sender_email,
        body: wire.body,
        sent_at: wire.sent_at,
        idempotency_key: wire.idempotency_key,
    })
}

#[derive(Deserialize)]
struct WireDocument {
    id: Box<str>,
    #[serde(default)]
    integration_id: Option<String>,
    file_name: Box<str>,
    #[serde(default)]
    content_type: Option<Box<str>>,
    size: u64,
    sha256: Box<str>,
}

/// Reads a document's description; `None` when it is not as the contract says.
pub(super) fn read_document(json: &str) -> Option<Document> {
    let wire: WireDocument = serde_json::from_str(json).ok()?;
    Some(Document {
        id: wire.id,
        integration_id: wire.integration_id.as_deref().and_then(canonical),
        file_name: wire.file_name,
        content_type: wire.content_type,
        size: wire.size,
        sha256: wire.sha256.to_ascii_lowercase().into(),
    })
}
