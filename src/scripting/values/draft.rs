//! What connect is to create, as `connect_case` gets it and hands it back.

use rhai::plugin::*;
use rhai::{Array, EvalAltResult, INT};
use smol_str::SmolStr;

use super::convert::{change, emails, fault};
use super::{date_text, optional};
use crate::domain::NewCase;

/// A case that is to be created.
#[derive(Clone)]
pub(in crate::scripting) struct DraftValue(pub NewCase);

impl DraftValue {
    /// Sets what a new case and an existing one have in common.
    fn set(&mut self, name: &str, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        let change = change(name, value)?;
        let draft = &mut self.0;
        if let Some(stage) = change.stage {
            draft.stage = stage;
        }
        if let Some(email) = change.primary_attorney {
            draft.primary_attorney = email;
        }
        if let Some(emails) = change.additional_attorneys {
            draft.additional_attorneys = emails;
        }
        if let Some(emails) = change.paralegals {
            draft.paralegals = emails;
        }
        if let Some(text) = change.description {
            draft.description = text;
        }
        if let Some(name) = change.practice_area {
            draft.practice_area = name;
        }
        if let Some(date) = change.case_date {
            draft.case_date = date;
        }
        if let Some(id) = change.readable_id {
            draft.readable_id = id;
        }
        Ok(())
    }
}

fn text(value: Dynamic) -> Result<SmolStr, Box<EvalAltResult>> {
    value.into_string().map(SmolStr::from).map_err(|kind| fault(format!("expected a text, found {kind}")))
}

fn optional_text(value: Dynamic) -> Result<Option<SmolStr>, Box<EvalAltResult>> {
    if value.is_unit() { Ok(None) } else { text(value).map(Some) }
}

/// What `connect_case` can read and change: the case that would be created.
#[export_module]
#[allow(unreachable_pub)]
pub(in crate::scripting) mod draft_functions {
    /// The stage it starts in, 1 to 12.
    #[rhai_fn(get = "stage", pure)]
    pub fn stage(draft: &mut DraftValue) -> INT {
        draft.0.stage.number().into()
    }

    #[rhai_fn(set = "stage", return_raw)]
    pub fn set_stage(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("stage", value)
    }

    /// The primary attorney's e-mail.
    #[rhai_fn(get = "primary_attorney", pure)]
    pub fn primary_attorney(draft: &mut DraftValue) -> ImmutableString {
        draft.0.primary_attorney.as_str().into()
    }

    #[rhai_fn(set = "primary_attorney", return_raw)]
    pub fn set_primary_attorney(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("primary_attorney", value)
    }

    /// The additional attorneys' e-mails.
    #[rhai_fn(get = "additional_attorneys", pure)]
    pub fn additional_attorneys(draft: &mut DraftValue) -> Array {
        emails(&draft.0.additional_attorneys)
    }

    #[rhai_fn(set = "additional_attorneys", return_raw)]
    pub fn set_additional_attorneys(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("additional_attorneys", value)
    }

    /// The paralegals' e-mails.
    #[rhai_fn(get = "paralegals", pure)]
    pub fn paralegals(draft: &mut DraftValue) -> Array {
        emails(&draft.0.paralegals)
    }

    #[rhai_fn(set = "paralegals", return_raw)]
    pub fn set_paralegals(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("paralegals", value)
    }

    /// Free text.
    #[rhai_fn(get = "description", pure)]
    pub fn description(draft: &mut DraftValue) -> Dynamic {
        optional(draft.0.description.as_deref())
    }

    #[rhai_fn(set = "description", return_raw)]
    pub fn set_description(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("description", value)
    }

    /// The practice area's name.
    #[rhai_fn(get = "practice_area", pure)]
    pub fn practice_area(draft: &mut DraftValue) -> ImmutableString {
        draft.0.practice_area.as_str().into()
    }

    #[rhai_fn(set = "practice_area", return_raw)]
    pub fn set_practice_area(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("practice_area", value)
    }

    /// When the case began.
    #[rhai_fn(get = "case_date", pure)]
    pub fn case_date(draft: &mut DraftValue) -> Dynamic {
        date_text(draft.0.case_date)
    }

    #[rhai_fn(set = "case_date", return_raw)]
    pub fn set_case_date(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("case_date", value)
    }

    /// What people call the case.
    #[rhai_fn(get = "readable_id", pure)]
    pub fn readable_id(draft: &mut DraftValue) -> ImmutableString {
        (&*draft.0.readable_id).into()
    }

    #[rhai_fn(set = "readable_id", return_raw)]
    pub fn set_readable_id(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.set("readable_id", value)
    }

    /// The client's first name.
    #[rhai_fn(get = "first_name", pure)]
    pub fn first_name(draft: &mut DraftValue) -> ImmutableString {
        (&*draft.0.first_name).into()
    }

    #[rhai_fn(set = "first_name", return_raw)]
    pub fn set_first_name(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.0.first_name = text(value)?;
        Ok(())
    }

    /// The client's last name.
    #[rhai_fn(get = "last_name", pure)]
    pub fn last_name(draft: &mut DraftValue) -> ImmutableString {
        (&*draft.0.last_name).into()
    }

    #[rhai_fn(set = "last_name", return_raw)]
    pub fn set_last_name(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.0.last_name = text(value)?;
        Ok(())
    }

    /// The client's cell phone in E.164, for instance `+12135557777`.
    #[rhai_fn(get = "phone", pure)]
    pub fn phone(draft: &mut DraftValue) -> Dynamic {
        optional(draft.0.phone.as_deref())
    }

    #[rhai_fn(set = "phone", return_raw)]
    pub fn set_phone(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.0.phone = optional_text(value)?.map(Into::into);
        Ok(())
    }

    /// The client's e-mail.
    #[rhai_fn(get = "client_email", pure)]
    pub fn client_email(draft: &mut DraftValue) -> Dynamic {
        optional(draft.0.client_email.as_deref())
    }

    #[rhai_fn(set = "client_email", return_raw)]
    pub fn set_client_email(draft: &mut DraftValue, value: Dynamic) -> Result<(), Box<EvalAltResult>> {
        draft.0.client_email = optional_text(value)?;
        Ok(())
    }
}
