//! What one run did to one case in several steps, as one row.

use crate::domain::{Row, RowResult};

/// Two things that one run did to one case.
pub(super) fn merge_rows(before: Row, after: Row) -> Row {
    // What needed nothing takes nothing away from what was done.
    if matches!(after.result, RowResult::Unchanged | RowResult::Skipped)
        && !matches!(before.result, RowResult::Unchanged | RowResult::Skipped)
    {
        return before;
    }
    // What is tried again says how it came out in the end.
    let is_same = before.changes == after.changes && (!before.changes.is_empty() || before.reason == after.reason);
    let again = before.result == RowResult::Failed && is_same;
    if again || matches!(before.result, RowResult::Unchanged | RowResult::Skipped | RowResult::Held) {
        return after;
    }
    let joined = |one: &str, other: &str| match (one.is_empty(), other.is_empty() || one == other) {
        (true, _) => other.to_owned(),
        (false, true) => one.to_owned(),
        (false, false) => format!("{one}; {other}"),
    };
    let reason = joined(before.reason.as_deref().unwrap_or_default(), after.reason.as_deref().unwrap_or_default());
    Row {
        result: match (before.result, after.result) {
            (RowResult::Failed, _) => RowResult::Failed,
            (RowResult::Created, RowResult::Updated) => RowResult::Created,
            (_, result) => result,
        },
        changes: joined(&before.changes, &after.changes),
        reason: (!reason.is_empty()).then_some(reason),
        rule: after.rule.or(before.rule),
        fix_by: after.fix_by.or(before.fix_by),
        stage_to: after.stage_to.or(before.stage_to),
        closes: after.closes || before.closes,
        ..after
    }
}
