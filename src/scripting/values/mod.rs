//! What scripts hold in their hands: the domain's values with properties of the same names. Those that a script only reads have no
//! setters, and their lists are read-only, so that writing where nothing would come of it is an error.

// What `#[export_module]` writes unwraps what it has just checked, and wants all of `rhai::plugin`.
#![allow(clippy::unwrap_used, clippy::wildcard_imports, clippy::needless_pass_by_value, clippy::trivially_copy_pass_by_ref)]

mod case;
mod convert;
mod directory;
mod draft;
mod existing;
mod message;
mod text;
mod wanted;

use rhai::{Engine, exported_module};

pub(super) use case::{CaseValue, FIELDS, field};
pub(super) use convert::{case_id, changes, date_text, fault, optional, read_only};
pub(super) use directory::{PracticeAreaValue, StaffUserValue};
pub(super) use draft::DraftValue;
pub(super) use existing::ExistingCaseValue;
pub(super) use message::MessageValue;
pub(super) use wanted::WantedValue;

/// Gives an engine the values' types and properties. No text may become longer than `longest_text` bytes.
pub(super) fn register(engine: &mut Engine, longest_text: usize) {
    text::register(engine, longest_text);
    engine
        .register_type_with_name::<CaseValue>("Case")
        .register_type_with_name::<case::ClientValue>("Client")
        .register_type_with_name::<case::PhoneValue>("Phone")
        .register_type_with_name::<case::StaffMemberValue>("StaffMember")
        .register_type_with_name::<WantedValue>("Wanted")
        .register_type_with_name::<DraftValue>("Draft")
        .register_type_with_name::<MessageValue>("Message")
        .register_type_with_name::<ExistingCaseValue>("ExistingCase")
        .register_type_with_name::<StaffUserValue>("StaffUser")
        .register_type_with_name::<PracticeAreaValue>("PracticeArea");
    engine
        .register_global_module(exported_module!(case::case_functions).into())
        .register_global_module(exported_module!(wanted::wanted_functions).into())
        .register_global_module(exported_module!(draft::draft_functions).into())
        .register_global_module(exported_module!(message::message_functions).into())
        .register_global_module(exported_module!(existing::existing_functions).into())
        .register_global_module(exported_module!(directory::directory_functions).into());
}
