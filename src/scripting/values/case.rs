//! A case of CASEpeer, to be read.

use std::sync::Arc;

use rhai::INT;
use rhai::plugin::*;

use super::{date_text, optional, read_only};
use crate::domain::{Case, Email, Phone, StaffMember, StaffRole};

/// A case of CASEpeer.
#[derive(Clone)]
pub(in crate::scripting) struct CaseValue(pub Arc<Case>);

/// The client of a case.
#[derive(Clone)]
pub(in crate::scripting) struct ClientValue(Arc<Case>);

/// One of a client's phones.
#[derive(Clone)]
pub(in crate::scripting) struct PhoneValue(Phone);

/// Someone who works on a case.
#[derive(Clone)]
pub(in crate::scripting) struct StaffMemberValue(StaffMember);

/// The fields of a case, by the contract's names.
pub(in crate::scripting) const FIELDS: [&str; 12] =
    ["id", "case_number", "name", "case_type", "stage", "status", "description", "opened_on", "closed_on", "connected", "client", "staff"];

/// One of the [`FIELDS`] of a case.
pub(in crate::scripting) fn field(case: &mut CaseValue, name: &str) -> Dynamic {
    use case_functions as of;
    match name {
        "id" => of::id(case).into(),
        "case_number" => of::case_number(case).into(),
        "name" => of::name(case),
        "case_type" => of::case_type(case).into(),
        "stage" => of::stage(case).into(),
        "status" => of::status(case).into(),
        "description" => of::description(case),
        "opened_on" => of::opened_on(case),
        "closed_on" => of::closed_on(case),
        "connected" => of::connected(case).into(),
        "client" => Dynamic::from(of::client(case)),
        "staff" => of::staff(case),
        _ => Dynamic::UNIT,
    }
}

/// What a script can read of a case in CASEpeer. Dates are texts such as `"2024-02-03"`, and what is missing is `()`.
#[export_module]
#[allow(unreachable_pub)]
pub(in crate::scripting) mod case_functions {
    /// The number after `case` in its CASEpeer URL; Case Status calls it the integration ID.
    #[rhai_fn(get = "id", pure)]
    pub fn id(c: &mut CaseValue) -> INT {
        INT::try_from(c.0.id.0).unwrap_or(INT::MAX)
    }

    /// What people call the case, for instance `PI-2024-0113`.
    #[rhai_fn(get = "case_number", pure)]
    pub fn case_number(c: &mut CaseValue) -> ImmutableString {
        (&*c.0.case_number).into()
    }

    /// For instance `Doe v. Acme Trucking`.
    #[rhai_fn(get = "name", pure)]
    pub fn name(c: &mut CaseValue) -> Dynamic {
        optional(c.0.name.as_deref())
    }

    /// For instance `Auto Accident`.
    #[rhai_fn(get = "case_type", pure)]
    pub fn case_type(c: &mut CaseValue) -> ImmutableString {
        c.0.case_type.as_str().into()
    }

    /// The stage by CASEpeer's name, for instance `Treating`.
    #[rhai_fn(get = "stage", pure)]
    pub fn stage(c: &mut CaseValue) -> ImmutableString {
        c.0.stage.as_str().into()
    }

    /// `open` or `closed`.
    #[rhai_fn(get = "status", pure)]
    pub fn status(c: &mut CaseValue) -> ImmutableString {
        c.0.status.as_str().into()
    }

    /// Free text.
    #[rhai_fn(get = "description", pure)]
    pub fn description(c: &mut CaseValue) -> Dynamic {
        optional(c.0.description.as_deref())
    }

    /// The day it was opened.
    #[rhai_fn(get = "opened_on", pure)]
    pub fn opened_on(c: &mut CaseValue) -> Dynamic {
        date_text(c.0.opened_on)
    }

    /// The day it was closed.
    #[rhai_fn(get = "closed_on", pure)]
    pub fn closed_on(c: &mut CaseValue) -> Dynamic {
        date_text(c.0.closed_on)
    }

    /// Whether it is connected to Case Status.
    #[rhai_fn(get = "connected", pure)]
    pub fn connected(c: &mut CaseValue) -> bool {
        c.0.connected
    }

    /// Whose case it is.
    #[rhai_fn(get = "client", pure)]
    pub fn client(c: &mut CaseValue) -> ClientValue {
        ClientValue(Arc::clone(&c.0))
    }

    /// Who works on it, in CASEpeer's order.
    #[rhai_fn(get = "staff", pure)]
    pub fn staff(c: &mut CaseValue) -> Dynamic {
        read_only(c.0.staff.iter().map(|member| StaffMemberValue(member.clone())))
    }

    /// The client's first name.
    #[rhai_fn(get = "first_name", pure)]
    pub fn first_name(client: &mut ClientValue) -> ImmutableString {
        (&*client.0.client.first_name).into()
    }

    /// The client's last name.
    #[rhai_fn(get = "last_name", pure)]
    pub fn last_name(client: &mut ClientValue) -> ImmutableString {
        (&*client.0.client.last_name).into()
    }

    /// The client's e-mail.
    #[rhai_fn(get = "email", pure)]
    pub fn email(client: &mut ClientValue) -> Dynamic {
        optional(client.0.client.email.as_deref())
    }

    /// Every phone number on file, each with `label` and `number` as typed.
    #[rhai_fn(get = "phones", pure)]
    pub fn phones(client: &mut ClientValue) -> Dynamic {
        read_only(client.0.client.phones.iter().map(|phone| PhoneValue(phone.clone())))
    }

    /// What the number is, for instance `mobile`.
    #[rhai_fn(get = "label", pure)]
    pub fn label(phone: &mut PhoneValue) -> ImmutableString {
        (&*phone.0.label).into()
    }

    /// The number, as a person typed it.
    #[rhai_fn(get = "number", pure)]
    pub fn number(phone: &mut PhoneValue) -> ImmutableString {
        (&*phone.0.number).into()
    }

    /// `primary_attorney`, `attorney`, `paralegal` or `case_manager`.
    #[rhai_fn(get = "role", pure)]
    pub fn role(member: &mut StaffMemberValue) -> ImmutableString {
        match member.0.role {
            StaffRole::PrimaryAttorney => "primary_attorney",
            StaffRole::Attorney => "attorney",
            StaffRole::Paralegal => "paralegal",
            StaffRole::CaseManager => "case_manager",
        }
        .into()
    }

    /// Their name.
    #[rhai_fn(get = "name", pure)]
    pub fn member_name(member: &mut StaffMemberValue) -> ImmutableString {
        member.0.name.as_str().into()
    }

    /// Their e-mail, which identifies them in Case Status.
    #[rhai_fn(get = "email", pure)]
    pub fn member_email(member: &mut StaffMemberValue) -> Dynamic {
        optional(member.0.email.as_ref().map(Email::as_str))
    }
}
