//! How CASEpeer spells a case. Nothing else knows.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use reqwest::multipart::{Form, Part};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::domain::{Case, CaseId, Client, NamePool, OutboundMessage, PeerCaseStatus, Phone, Receipt, StaffMember, StaffRole};

#[derive(Deserialize)]
pub(super) struct WireAccount {
    #[serde(default)]
    pub account_id: serde_json::Value,
    pub firm_name: String,
}

#[derive(Deserialize)]
pub(super) struct WireTotal {
    pub total: u64,
}

#[derive(Serialize)]
pub(super) struct WireConnection<'a> {
    pub case_status_case_id: &'a str,
}

#[derive(Serialize)]
pub(super) struct WireNewNote<'a> {
    pub external_id: &'a str,
    pub body: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub occurred_at: Option<Timestamp>,
}

#[derive(Serialize)]
pub(super) struct WireReceipt<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    case_status_message_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

impl<'a> From<&'a Receipt> for WireReceipt<'a> {
    fn from(receipt: &'a Receipt) -> WireReceipt<'a> {
        match receipt {
            Receipt::Delivered { message_id } => WireReceipt { status: "delivered", case_status_message_id: Some(message_id), error: None },
            Receipt::Failed { error } => WireReceipt { status: "failed", case_status_message_id: None, error: Some(error) },
        }
    }
}

#[derive(Deserialize)]
struct WireOutbound {
    id: Box<str>,
    case_id: u64,
    body: Box<str>,
    #[serde(default)]
    created_at: serde_json::Value,
}

/// Reads a message that staff typed; `None` when it is not as the contract says.
pub(super) fn read_outbound(json: &str) -> Option<OutboundMessage> {
    let wire: WireOutbound = serde_json::from_str(json).ok()?;
    // It only helps to put messages in order: one without it is sent all the same.
    let typed_at = wire.created_at.as_str().and_then(|at| at.parse().ok());
    Some(OutboundMessage { id: wire.id, case: CaseId(wire.case_id), body: wire.body, typed_at })
}

/// The form that a document is uploaded with.
pub(super) fn document_form(external_id: &str, file_name: &str, file: Part) -> Form {
    Form::new().text("external_id", external_id.to_owned()).text("file_name", file_name.to_owned()).part("file", file)
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireStatus {
    Open,
    Closed,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WireRole {
    PrimaryAttorney,
    Attorney,
    Paralegal,
    CaseManager,
    /// One that the contract may grow.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct WireCase<'a> {
    id: u64,
    #[serde(borrow)]
    case_number: Cow<'a, str>,
    #[serde(borrow, default)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    case_type: Cow<'a, str>,
    #[serde(borrow)]
    stage: Cow<'a, str>,
    status: WireStatus,
    #[serde(borrow, default)]
    description: Option<Cow<'a, str>>,
    #[serde(default)]
    opened_on: Option<Date>,
    #[serde(default)]
    closed_on: Option<Date>,
    connected: bool,
    #[serde(default)]
    updated_at: Option<Timestamp>,
    #[serde(borrow)]
    client: WireClient<'a>,
    #[serde(borrow)]
    staff: Vec<WireStaff<'a>>,
}

#[derive(Deserialize)]
struct WireClient<'a> {
    #[serde(borrow)]
    first_name: Cow<'a, str>,
    #[serde(borrow)]
    last_name: Cow<'a, str>,
    #[serde(borrow, default)]
    email: Option<Cow<'a, str>>,
    #[serde(borrow)]
    phones: Vec<WirePhone<'a>>,
}

#[derive(Deserialize)]
struct WirePhone<'a> {
    #[serde(borrow)]
    label: Cow<'a, str>,
    #[serde(borrow)]
    number: Cow<'a, str>,
}

#[derive(Deserialize)]
struct WireStaff<'a> {
    role: WireRole,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    email: Option<Cow<'a, str>>,
}

/// Reads a case, with its client's phones and e-mail or without.
pub(super) fn read_case(json: &str, names: &mut NamePool, keep_contacts: bool) -> serde_json::Result<Case> {
    let wire: WireCase<'_> = serde_json::from_str(json)?;
    let staff = wire.staff.into_iter().filter_map(|member| {
        let role = match member.role {
            WireRole::PrimaryAttorney => StaffRole::PrimaryAttorney,
            WireRole::Attorney => StaffRole::Attorney,
            WireRole::Paralegal => StaffRole::Paralegal,
            WireRole::CaseManager => StaffRole::CaseManager,
            WireRole::Other => return None,
        };
        let email = member.email.filter(|email| !email.trim().is_empty());
        Some(StaffMember { role, name: names.name(&member.name), email: email.map(|email| names.email(email.trim())) })
    });
    let mut staff: Vec<StaffMember> = staff.collect();
    // A firm's cases are held all at once.
    staff.shrink_to_fit();
    let phones = wire.client.phones.into_iter().filter(|_| keep_contacts);
    Ok(Case {
        id: CaseId(wire.id),
        case_number: wire.case_number.into(),
        name: wire.name.map(SmolStr::from),
        case_type: names.name(&wire.case_type),
        stage: names.name(&wire.stage),
        status: match wire.status {
            WireStatus::Open => PeerCaseStatus::Open,
            WireStatus::Closed => PeerCaseStatus::Closed,
        },
        description: wire.description.map(SmolStr::from),
        opened_on: wire.opened_on,
        closed_on: wire.closed_on,
        connected: wire.connected,
        updated_at: wire.updated_at,
        client: Client {
            first_name: wire.client.first_name.into(),
            last_name: wire.client.last_name.into(),
            email: wire.client.email.filter(|_| keep_contacts).map(SmolStr::from),
            phones: phones.map(|phone| Phone { label: phone.label.into(), number: phone.number.into() }).collect(),
        },
        staff,
    })
}
