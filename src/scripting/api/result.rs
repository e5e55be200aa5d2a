//! What an operation answers.

use rhai::plugin::*;

use crate::domain::RowResult;
use crate::scripting::operations::OperationResult;
use crate::scripting::values::optional;

/// What became of an operation, or would.
#[derive(Clone)]
pub(super) struct ResultValue(pub OperationResult);

/// What a script can read of an operation's result.
#[export_module]
#[allow(unreachable_pub)]
pub(super) mod result_functions {
    /// Whether it went well: the case was created, updated, or needed nothing. In a dry run, whether it would.
    #[rhai_fn(get = "ok", pure)]
    pub fn ok(result: &mut ResultValue) -> bool {
        matches!(result.0.result, RowResult::Created | RowResult::Updated | RowResult::Unchanged)
    }

    /// `created`, `updated`, `unchanged`, `skipped` or `failed`, as the report says it.
    #[rhai_fn(get = "result", pure)]
    pub fn result(result: &mut ResultValue) -> ImmutableString {
        result.0.result.as_str().into()
    }

    /// What was changed, for instance `stage: 3 → 4; description`; empty for nothing.
    #[rhai_fn(get = "changes", pure)]
    pub fn changes(result: &mut ResultValue) -> ImmutableString {
        result.0.changes.as_str().into()
    }

    /// Why it came out so; `()` where there is nothing to say.
    #[rhai_fn(get = "reason", pure)]
    pub fn reason(result: &mut ResultValue) -> Dynamic {
        optional(result.0.reason.as_deref())
    }

    /// Whether nothing was written.
    #[rhai_fn(get = "dry_run", pure)]
    pub fn dry_run(result: &mut ResultValue) -> bool {
        result.0.dry_run
    }
}
