//! `case_status`: the firm's cases, staff and messages in Case Status.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Map};

use super::result::ResultValue;
use super::{ScriptApi, filter, listed};
use crate::domain::{ExistingCase, Message};
use crate::scripting::operations::{MessageFilter, Operation};
use crate::scripting::values::{ExistingCaseValue, MessageValue, PracticeAreaValue, StaffUserValue, case_id, changes};

/// `case_status`
#[derive(Clone)]
pub(super) struct CaseStatusValue(pub ScriptApi);

type Raised = Box<EvalAltResult>;

fn perform(case_status: &CaseStatusValue, id: &Dynamic, operation: Operation) -> Result<ResultValue, Raised> {
    case_status.0.perform(id, operation)
}

fn list(case_status: &CaseStatusValue, filter: Map) -> Result<Array, Raised> {
    let status = filter::of_case_status(filter)?;
    let cases = case_status.0.ask(|host| host.case_status_cases(status))?;
    Ok(listed(cases, |case: ExistingCase| ExistingCaseValue(Arc::new(case))))
}

fn messages(case_status: &CaseStatusValue, filter: &MessageFilter) -> Result<Array, Raised> {
    let messages = case_status.0.ask(|host| host.messages(filter))?;
    Ok(listed(messages, |message: Message| MessageValue(Arc::new(message))))
}

/// What `case_status` can do. A case is named by its integration ID, which is its number in CASEpeer, or by its CASEpeer URL.
#[export_module]
#[allow(unreachable_pub)]
pub(super) mod case_status_functions {
    /// One case; `()` where Case Status has none of this integration ID.
    #[rhai_fn(pure, return_raw)]
    pub fn get_case(case_status: &mut CaseStatusValue, id: Dynamic) -> Result<Dynamic, Raised> {
        let id = case_id(&id)?;
        let case = case_status.0.ask(|host| host.case_status_case(id))?;
        Ok(case.map_or(Dynamic::UNIT, |case| Dynamic::from(ExistingCaseValue(Arc::new(case)))))
    }

    /// Every case that has an integration ID, as they are when this is called.
    #[rhai_fn(pure, return_raw)]
    pub fn list_cases(case_status: &mut CaseStatusValue) -> Result<Array, Raised> {
        list(case_status, Map::new())
    }

    /// The cases that a filter lets through: `status` (`open`, `closed`, `on_hold`).
    #[rhai_fn(name = "list_cases", pure, return_raw)]
    pub fn list_some_cases(case_status: &mut CaseStatusValue, filter: Map) -> Result<Array, Raised> {
        list(case_status, filter)
    }

    /// The firm's staff users.
    #[rhai_fn(pure, return_raw)]
    pub fn list_staff(case_status: &mut CaseStatusValue) -> Result<Array, Raised> {
        Ok(listed(case_status.0.ask(|host| host.staff())?, StaffUserValue))
    }

    /// The firm's practice areas with their stages.
    #[rhai_fn(pure, return_raw)]
    pub fn list_practice_areas(case_status: &mut CaseStatusValue) -> Result<Array, Raised> {
        Ok(listed(case_status.0.ask(|host| host.practice_areas())?, PracticeAreaValue))
    }

    /// Every message, in the order in which they were sent.
    #[rhai_fn(pure, return_raw)]
    pub fn list_messages(case_status: &mut CaseStatusValue) -> Result<Array, Raised> {
        messages(case_status, &MessageFilter::default())
    }

    /// The messages that a filter lets through: `case_id`, `direction` (`from_client`, `from_firm`), `sent_since`.
    #[rhai_fn(name = "list_messages", pure, return_raw)]
    pub fn list_some_messages(case_status: &mut CaseStatusValue, filter: Map) -> Result<Array, Raised> {
        messages(case_status, &filter::of_messages(filter)?)
    }

    /// Creates the case in Case Status, which invites the client, and marks it in CASEpeer: what `casebridge connect` does, with the same
    /// validation. A case that is connected already is left.
    #[rhai_fn(pure, return_raw)]
    pub fn connect_case(case_status: &mut CaseStatusValue, id: Dynamic) -> Result<ResultValue, Raised> {
        perform(case_status, &id, Operation::Connect)
    }

    /// Makes the case match CASEpeer by the firm's rules: what `casebridge sync --case` does.
    #[rhai_fn(pure, return_raw)]
    pub fn sync_case(case_status: &mut CaseStatusValue, id: Dynamic) -> Result<ResultValue, Raised> {
        perform(case_status, &id, Operation::Sync)
    }

    /// Changes attributes by the names of `sync.attributes`, for instance `#{ stage: 4, description: () }`. Only what differs is written,
    /// and each stage that is written sends the client a survey.
    #[rhai_fn(pure, return_raw)]
    pub fn update_case(case_status: &mut CaseStatusValue, id: Dynamic, attributes: Map) -> Result<ResultValue, Raised> {
        perform(case_status, &id, Operation::Update(changes(attributes)?))
    }

    /// Closes the case, on the day when it was closed in CASEpeer, or today.
    #[rhai_fn(pure, return_raw)]
    pub fn close_case(case_status: &mut CaseStatusValue, id: Dynamic) -> Result<ResultValue, Raised> {
        perform(case_status, &id, Operation::Close)
    }

    /// Sends the case's client a message of at most 5,000 characters, as the primary attorney. The same text goes to the same case once a
    /// run.
    #[rhai_fn(pure, return_raw)]
    pub fn send_message(case_status: &mut CaseStatusValue, id: Dynamic, text: &str) -> Result<ResultValue, Raised> {
        perform(case_status, &id, Operation::SendMessage(text.to_owned()))
    }
}
