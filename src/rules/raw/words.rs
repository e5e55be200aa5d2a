//! The words that a firm file may write where one of a few is meant.

use crate::domain::named;
use crate::domain::{Attribute, Direction};
use crate::yaml::words;

/// Whether letter case counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// It does.
    Exact,
    /// It does not.
    IgnoreCase,
}

words!(Match { "exact" => Match::Exact, "ignore_case" => Match::IgnoreCase });

/// What a sync does with a case whose stage nobody mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnmappedStage {
    /// Leaves the stage, syncs the rest, and reports it.
    Keep,
    /// Leaves the whole case and reports it as failed.
    Fail,
}

words!(UnmappedStage { "keep" => UnmappedStage::Keep, "fail" => UnmappedStage::Fail });

/// What happens to a case type that nobody mapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnmappedPracticeArea {
    /// The practice area of the same name, if there is one.
    SameName,
    /// The case fails.
    Fail,
}

words!(UnmappedPracticeArea { "same_name" => UnmappedPracticeArea::SameName, "fail" => UnmappedPracticeArea::Fail });

words!(Direction { "from_client" => Direction::FromClient, "from_firm" => Direction::FromFirm });

named! {
    /// Where a firm's first message pass starts.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Start {
        /// With the first message there is.
        Beginning => "beginning",
        /// With the first that comes after.
        Now => "now",
    }
}

words!(Start { "beginning" => Start::Beginning, "now" => Start::Now });

/// What connect asks of the primary attorney.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttorneyRule {
    /// To be an active attorney in Case Status.
    MustExist,
    /// Nothing: the address is sent as it is.
    Optional,
}

words!(AttorneyRule { "must_exist" => AttorneyRule::MustExist, "optional" => AttorneyRule::Optional });

/// Where a validation rule applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// When a case is connected.
    Connect,
    /// When a case is synced.
    Sync,
}

words!(Occasion { "connect" => Occasion::Connect, "sync" => Occasion::Sync });

words!(Attribute {
    "stage" => Attribute::Stage,
    "status" => Attribute::Status,
    "primary_attorney" => Attribute::PrimaryAttorney,
    "additional_attorneys" => Attribute::AdditionalAttorneys,
    "paralegals" => Attribute::Paralegals,
    "description" => Attribute::Description,
    "practice_area" => Attribute::PracticeArea,
    "case_date" => Attribute::CaseDate,
    "readable_id" => Attribute::ReadableId,
});
