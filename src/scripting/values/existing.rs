//! A case of Case Status, to be read.

use std::sync::Arc;

use rhai::INT;
use rhai::plugin::*;

use super::{date_text, optional, read_only};
use crate::domain::{Email, ExistingCase};

/// A case of Case Status.
#[derive(Clone)]
pub(in crate::scripting) struct ExistingCaseValue(pub Arc<ExistingCase>);

fn people(emails: &[Email]) -> Dynamic {
    read_only(emails.iter().map(|email| ImmutableString::from(email.as_str())))
}

/// What a script can read of a case in Case Status.
#[export_module]
#[allow(unreachable_pub)]
pub(in crate::scripting) mod existing_functions {
    /// The integration ID: the case's number in CASEpeer.
    #[rhai_fn(get = "id", pure)]
    pub fn id(existing: &mut ExistingCaseValue) -> INT {
        INT::try_from(existing.0.integration_id.0).unwrap_or(INT::MAX)
    }

    /// Case Status's own id of it.
    #[rhai_fn(get = "case_status_id", pure)]
    pub fn case_status_id(existing: &mut ExistingCaseValue) -> ImmutableString {
        (&*existing.0.id).into()
    }

    /// What people call the case.
    #[rhai_fn(get = "readable_id", pure)]
    pub fn readable_id(existing: &mut ExistingCaseValue) -> ImmutableString {
        (&*existing.0.readable_id).into()
    }

    /// The practice area's name.
    #[rhai_fn(get = "practice_area", pure)]
    pub fn practice_area(existing: &mut ExistingCaseValue) -> ImmutableString {
        existing.0.practice_area.as_str().into()
    }

    /// The stage within the practice area, 1 to 12.
    #[rhai_fn(get = "stage", pure)]
    pub fn stage(existing: &mut ExistingCaseValue) -> INT {
        existing.0.stage.number().into()
    }

    /// `open`, `closed` or `on_hold`.
    #[rhai_fn(get = "status", pure)]
    pub fn status(existing: &mut ExistingCaseValue) -> ImmutableString {
        existing.0.status.as_str().into()
    }

    /// The primary attorney's e-mail.
    #[rhai_fn(get = "primary_attorney", pure)]
    pub fn primary_attorney(existing: &mut ExistingCaseValue) -> ImmutableString {
        existing.0.primary_attorney.as_str().into()
    }

    /// The additional attorneys' e-mails.
    #[rhai_fn(get = "additional_attorneys", pure)]
    pub fn additional_attorneys(existing: &mut ExistingCaseValue) -> Dynamic {
        people(&existing.0.additional_attorneys)
    }

    /// The paralegals' e-mails.
    #[rhai_fn(get = "paralegals", pure)]
    pub fn paralegals(existing: &mut ExistingCaseValue) -> Dynamic {
        people(&existing.0.paralegals)
    }

    /// Free text.
    #[rhai_fn(get = "description", pure)]
    pub fn description(existing: &mut ExistingCaseValue) -> Dynamic {
        optional(existing.0.description.as_deref())
    }

    /// When the case began.
    #[rhai_fn(get = "case_date", pure)]
    pub fn case_date(existing: &mut ExistingCaseValue) -> Dynamic {
        date_text(existing.0.case_date)
    }

    /// When it was closed.
    #[rhai_fn(get = "closed_date", pure)]
    pub fn closed_date(existing: &mut ExistingCaseValue) -> Dynamic {
        date_text(existing.0.closed_date)
    }

    /// The client's full name.
    #[rhai_fn(get = "client", pure)]
    pub fn client(existing: &mut ExistingCaseValue) -> ImmutableString {
        (&*existing.0.client).into()
    }
}
