//! A case as Case Status holds it, and one that is to be created there.

use std::fmt;

use jiff::civil::Date;
use smol_str::SmolStr;

use super::named;
use super::{CaseId, Email, Name};

/// A stage number in Case Status: 1 to 12, within the case's practice area (by the vendors' help pages).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stage(u8);

impl Stage {
    /// The first there is.
    pub const FIRST: Stage = Stage(1);

    /// `None` outside 1–12.
    pub fn new(number: i64) -> Option<Stage> {
        u8::try_from(number).ok().filter(|number| (1..=12).contains(number)).map(Stage)
    }

    /// The number.
    pub fn number(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// A case that exists in Case Status.
#[derive(Debug, Clone, PartialEq)]
pub struct ExistingCase {
    /// Case Status's own id of it.
    pub id: SmolStr,
    /// Its CASEpeer id.
    pub integration_id: CaseId,
    /// What people call it; CASEpeer's case number.
    pub readable_id: SmolStr,
    /// The practice area's name.
    pub practice_area: Name,
    /// The stage within that practice area.
    pub stage: Stage,
    /// Open, closed or on hold.
    pub status: ExistingStatus,
    /// The primary attorney.
    pub primary_attorney: Email,
    /// Additional attorneys; their order means nothing.
    pub additional_attorneys: Vec<Email>,
    /// Paralegals; their order means nothing.
    pub paralegals: Vec<Email>,
    /// Free text.
    pub description: Option<SmolStr>,
    /// When the case began.
    pub case_date: Option<Date>,
    /// When it was closed.
    pub closed_date: Option<Date>,
    /// The client's full name, for reports on cases that CASEpeer does not show.
    pub client: SmolStr,
}

named! {
    /// Whether a case is open in Case Status.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum ExistingStatus {
        /// Being worked on.
        Open => "open",
        /// Closed.
        Closed => "closed",
        /// Put on hold by hand.
        OnHold => "on_hold",
    }
}

impl fmt::Display for ExistingStatus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// A case to create in Case Status: what staff confirm before it is pushed.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCase {
    /// Its CASEpeer id.
    pub integration_id: CaseId,
    /// CASEpeer's case number.
    pub readable_id: SmolStr,
    /// The practice area's name, as Case Status spells it.
    pub practice_area: Name,
    /// The stage it starts in.
    pub stage: Stage,
    /// The primary attorney, as Case Status spells the address.
    pub primary_attorney: Email,
    /// Additional attorneys that Case Status knows.
    pub additional_attorneys: Vec<Email>,
    /// Paralegals that Case Status knows.
    pub paralegals: Vec<Email>,
    /// Free text.
    pub description: Option<SmolStr>,
    /// When the case began.
    pub case_date: Option<Date>,
    /// The client's first name.
    pub first_name: SmolStr,
    /// The client's last name.
    pub last_name: SmolStr,
    /// The client's cell phone in E.164; `None` where the firm's rules do not require one and none is valid.
    pub phone: Option<String>,
    /// The client's e-mail.
    pub client_email: Option<SmolStr>,
}
