//! `casepeer`: the firm's cases in CASEpeer.

use std::sync::Arc;

use rhai::plugin::*;
use rhai::{Array, Blob, Map};

use super::result::ResultValue;
use super::{ScriptApi, filter, listed};
use crate::domain::{Case, CaseFilter};
use crate::scripting::operations::Operation;
use crate::scripting::values::{CaseValue, case_id};

/// `casepeer`
#[derive(Clone)]
pub(super) struct CasePeerValue(pub ScriptApi);

type Raised = Box<EvalAltResult>;

fn list(casepeer: &CasePeerValue, filter: CaseFilter) -> Result<Array, Raised> {
    let cases = casepeer.0.ask(|host| host.casepeer_cases(filter))?;
    Ok(listed(cases, |case: Case| CaseValue(Arc::new(case))))
}

fn perform(casepeer: &CasePeerValue, id: &Dynamic, operation: Operation) -> Result<ResultValue, Raised> {
    casepeer.0.perform(id, operation)
}

/// What `casepeer` can do. A case is named by its number, or by its CASEpeer URL.
#[export_module]
#[allow(unreachable_pub)]
pub(super) mod casepeer_functions {
    /// One case with everything; `()` where CASEpeer has none of this number.
    #[rhai_fn(pure, return_raw)]
    pub fn get_case(casepeer: &mut CasePeerValue, id: Dynamic) -> Result<Dynamic, Raised> {
        let id = case_id(&id)?;
        let case = casepeer.0.ask(|host| host.casepeer_case(id))?;
        Ok(case.map_or(Dynamic::UNIT, |case| Dynamic::from(CaseValue(Arc::new(case)))))
    }

    /// Every case, as they are when this is called: what the script changes meanwhile leaves none out.
    #[rhai_fn(pure, return_raw)]
    pub fn list_cases(casepeer: &mut CasePeerValue) -> Result<Array, Raised> {
        list(casepeer, CaseFilter::default())
    }

    /// The cases that a filter lets through: `status` (`open`, `closed`), `connected`, `updated_since`.
    #[rhai_fn(name = "list_cases", pure, return_raw)]
    pub fn list_some_cases(casepeer: &mut CasePeerValue, filter: Map) -> Result<Array, Raised> {
        list(casepeer, filter::of_casepeer(filter)?)
    }

    /// Adds a case note of at most 20,000 characters. The same note is added to the same case once a run.
    #[rhai_fn(pure, return_raw)]
    pub fn add_note(casepeer: &mut CasePeerValue, id: Dynamic, text: &str) -> Result<ResultValue, Raised> {
        perform(casepeer, &id, Operation::AddNote(text.to_owned()))
    }

    /// Adds a text file to the case's document section, under a name such as `summary.txt`.
    #[rhai_fn(pure, return_raw)]
    pub fn add_document(casepeer: &mut CasePeerValue, id: Dynamic, file_name: &str, content: &str) -> Result<ResultValue, Raised> {
        perform(casepeer, &id, Operation::AddDocument { file_name: file_name.to_owned(), content: content.as_bytes().to_vec() })
    }

    /// Adds a file of any kind to the case's document section.
    #[rhai_fn(name = "add_document", pure, return_raw)]
    pub fn add_any_document(casepeer: &mut CasePeerValue, id: Dynamic, file_name: &str, content: Blob) -> Result<ResultValue, Raised> {
        perform(casepeer, &id, Operation::AddDocument { file_name: file_name.to_owned(), content })
    }
}
