//! What a sync is to write, as `map_case` gets it and hands it back.

use rhai::plugin::*;
use rhai::{Array, EvalAltResult, INT};

use super::convert::{change, emails};
use super::{date_text, optional};
use crate::domain::ExistingCase;

/// A case of Case Status as it is to be.
#[derive(Clone)]
pub(in crate::scripting) struct WantedValue(pub ExistingCase);

impl WantedValue {
    fn set(&mut self, name: &str, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        let change = change(name, value)?;
        self.0 = change.applied_to(&self.0);
        Ok(())
    }
}

/// What `map_case` can read and change: the attributes that the rules came to, by the names of `sync.attributes`.
#[export_module]
#[allow(unreachable_pub)]
pub(in crate::scripting) mod wanted_functions {
    /// The stage, 1 to 12.
    #[rhai_fn(get = "stage", pure)]
    pub fn stage(wanted: &mut WantedValue) -> INT {
        wanted.0.stage.number().into()
    }

    #[rhai_fn(set = "stage", return_raw)]
    pub fn set_stage(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("stage", value)
    }

    /// `open`, `closed` or `on_hold`.
    #[rhai_fn(get = "status", pure)]
    pub fn status(wanted: &mut WantedValue) -> ImmutableString {
        wanted.0.status.as_str().into()
    }

    #[rhai_fn(set = "status", return_raw)]
    pub fn set_status(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("status", value)
    }

    /// The day of the closing, which goes with `status`.
    #[rhai_fn(get = "closed_date", pure)]
    pub fn closed_date(wanted: &mut WantedValue) -> Dynamic {
        date_text(wanted.0.closed_date)
    }

    #[rhai_fn(set = "closed_date", return_raw)]
    pub fn set_closed_date(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("closed_date", value)
    }

    /// The primary attorney's e-mail.
    #[rhai_fn(get = "primary_attorney", pure)]
    pub fn primary_attorney(wanted: &mut WantedValue) -> ImmutableString {
        wanted.0.primary_attorney.as_str().into()
    }

    #[rhai_fn(set = "primary_attorney", return_raw)]
    pub fn set_primary_attorney(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("primary_attorney", value)
    }

    /// The additional attorneys' e-mails.
    #[rhai_fn(get = "additional_attorneys", pure)]
    pub fn additional_attorneys(wanted: &mut WantedValue) -> Array {
        emails(&wanted.0.additional_attorneys)
    }

    #[rhai_fn(set = "additional_attorneys", return_raw)]
    pub fn set_additional_attorneys(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("additional_attorneys", value)
    }

    /// The paralegals' e-mails.
    #[rhai_fn(get = "paralegals", pure)]
    pub fn paralegals(wanted: &mut WantedValue) -> Array {
        emails(&wanted.0.paralegals)
    }

    #[rhai_fn(set = "paralegals", return_raw)]
    pub fn set_paralegals(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("paralegals", value)
    }

    /// Free text.
    #[rhai_fn(get = "description", pure)]
    pub fn description(wanted: &mut WantedValue) -> Dynamic {
        optional(wanted.0.description.as_deref())
    }

    #[rhai_fn(set = "description", return_raw)]
    pub fn set_description(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("description", value)
    }

    /// The practice area's name.
    #[rhai_fn(get = "practice_area", pure)]
    pub fn practice_area(wanted: &mut WantedValue) -> ImmutableString {
        wanted.0.practice_area.as_str().into()
    }

    #[rhai_fn(set = "practice_area", return_raw)]
    pub fn set_practice_area(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("practice_area", value)
    }

    /// When the case began.
    #[rhai_fn(get = "case_date", pure)]
    pub fn case_date(wanted: &mut WantedValue) -> Dynamic {
        date_text(wanted.0.case_date)
    }

    #[rhai_fn(set = "case_date", return_raw)]
    pub fn set_case_date(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("case_date", value)
    }

    /// What people call the case.
    #[rhai_fn(get = "readable_id", pure)]
    pub fn readable_id(wanted: &mut WantedValue) -> ImmutableString {
        (&*wanted.0.readable_id).into()
    }

    #[rhai_fn(set = "readable_id", return_raw)]
    pub fn set_readable_id(wanted: &mut WantedValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        wanted.set("readable_id", value)
    }
}
