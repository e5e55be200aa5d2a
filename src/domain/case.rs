//! A case as CASEpeer holds it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::Date;
use smol_str::SmolStr;

use super::named;
use super::{Email, Name};

/// A case's CASEpeer id, the number after `case` in its URL; Case Status calls it the integration ID (by the vendors' help pages).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseId(pub u64);

impl fmt::Display for CaseId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl CaseId {
    /// Reads a case number, or the CASEpeer URL of a case (`https://my.casepeer.com/case/48213/…`).
    pub fn parse(text: &str) -> Option<CaseId> {
        let text = text.trim();
        let digits = match text.split_once("/case/") {
            Some((before, after)) if before.starts_with("http://") || before.starts_with("https://") => {
                after.split(['/', '?', '#']).next().unwrap_or_default()
            }
            Some(_) => return None,
            None => text,
        };
        let plain = !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit());
        plain.then(|| digits.parse().ok().map(CaseId)).flatten()
    }
}

/// A case in CASEpeer.
#[derive(Debug, Clone, PartialEq)]
pub struct Case {
    /// Its CASEpeer id.
    pub id: CaseId,
    /// What the firm calls it, for instance `PI-2024-0113`: the readable ID in Case Status.
    pub case_number: SmolStr,
    /// For instance `Doe v. Acme Trucking`.
    pub name: Option<SmolStr>,
    /// For instance `Auto Accident`; practice areas are mapped from it.
    pub case_type: Name,
    /// The stage by CASEpeer's name, for instance `Treating`.
    pub stage: Name,
    /// Open or closed.
    pub status: PeerCaseStatus,
    /// Free text.
    pub description: Option<SmolStr>,
    /// The case date in Case Status.
    pub opened_on: Option<Date>,
    /// Sent along when the case is closed.
    pub closed_on: Option<Date>,
    /// Whether it is marked as connected to Case Status.
    pub connected: bool,
    /// When it was last changed, if CASEpeer says.
    pub updated_at: Option<Timestamp>,
    /// The client.
    pub client: Client,
    /// The people who work on it.
    pub staff: Vec<StaffMember>,
}

impl Case {
    /// The e-mail of the primary attorney, if there is one with an e-mail.
    pub fn primary_attorney(&self) -> Option<&Email> {
        self.staff_emails(StaffRole::PrimaryAttorney).next()
    }

    /// The e-mails of those with `role`, in CASEpeer's order.
    pub fn staff_emails(&self, role: StaffRole) -> impl Iterator<Item = &Email> {
        self.staff.iter().filter(move |member| member.role == role).filter_map(|member| member.email.as_ref())
    }
}

named! {
    /// Whether a case is open in CASEpeer.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum PeerCaseStatus {
        /// Being worked on.
        Open => "open",
        /// Closed.
        Closed => "closed",
    }
}

/// Which cases of CASEpeer are listed; what is `None` does not matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CaseFilter {
    /// Whether they are marked as connected to Case Status.
    pub connected: Option<bool>,
    /// Open or closed.
    pub status: Option<PeerCaseStatus>,
    /// Only those that were changed then or later.
    pub updated_since: Option<Timestamp>,
}

/// A client of the firm.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Client {
    /// First name.
    pub first_name: SmolStr,
    /// Last name.
    pub last_name: SmolStr,
    /// E-mail.
    pub email: Option<SmolStr>,
    /// Every phone number on file, as typed.
    pub phones: Box<[Phone]>,
}

impl Client {
    /// First and last name, as reports show it.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }
}

/// A phone number as a person typed it.
#[derive(Debug, Clone, PartialEq)]
pub struct Phone {
    /// For instance `mobile`.
    pub label: SmolStr,
    /// For instance `(213) 555-7777`.
    pub number: SmolStr,
}

/// Someone who works on a case.
#[derive(Debug, Clone, PartialEq)]
pub struct StaffMember {
    /// In what role.
    pub role: StaffRole,
    /// Their name, for reports.
    pub name: Name,
    /// What identifies them in Case Status.
    pub email: Option<Email>,
}

/// What someone does on a case in CASEpeer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StaffRole {
    /// The attorney that the client's messages come from.
    PrimaryAttorney,
    /// An additional attorney.
    Attorney,
    /// A paralegal.
    Paralegal,
    /// A case manager; Case Status has no such role.
    CaseManager,
}
