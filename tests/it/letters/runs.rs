//! The letter about a run.

use casebridge::domain::{FixBy, Kind, RowResult, Run, RunStatus};
use casebridge::mail::{RunMail, run_letter};
use insta::assert_snapshot;

use super::{read, report, rows, run};

#[test]
fn a_sync_that_went_through_in_part() {
    let rows = [
        rows(RowResult::Updated, None, 4),
        rows(RowResult::Unchanged, None, 1204),
        rows(RowResult::Unchanged, Some(FixBy::Support), 3),
        rows(RowResult::Failed, Some(FixBy::Firm), 2),
        rows(RowResult::Skipped, Some(FixBy::Firm), 2),
    ]
    .concat();
    assert_snapshot!(read(&run_letter(&report(&run(RunStatus::Partial), &rows))));
}

#[test]
fn a_sync_in_which_all_was_well() {
    let rows = rows(RowResult::Unchanged, None, 36);
    assert_snapshot!(read(&run_letter(&report(&run(RunStatus::Succeeded), &rows))));
}

#[test]
fn a_sync_of_one_case_that_the_vendor_refused() {
    let rows = rows(RowResult::Failed, Some(FixBy::Firm), 1);
    let run = Run { kind: Kind::SyncCase, ..run(RunStatus::Failed) };
    assert_snapshot!(read(&run_letter(&report(&run, &rows))));
}

#[test]
fn a_run_without_cases_and_without_its_csv() {
    let run = Run { reason: Some("CASEpeer cannot be reached".to_owned()), ..run(RunStatus::Failed) };
    assert_snapshot!(read(&run_letter(&RunMail { csv: None, ..report(&run, &[]) })));
}

#[test]
fn a_dry_run_of_a_migration_with_its_answer() {
    let rows = rows(RowResult::Created, None, 12);
    let answer = Some("12 open auto cases\nof 40".to_owned());
    let run = Run { kind: Kind::Migration, dry_run: true, answer, finished_at: None, ..run(RunStatus::Succeeded) };
    assert_snapshot!(read(&run_letter(&report(&run, &rows))));
}

#[test]
fn no_letter_names_a_client() {
    let rows = rows(RowResult::Failed, Some(FixBy::Firm), 2);
    for status in [RunStatus::Partial, RunStatus::Failed, RunStatus::Held, RunStatus::Cancelled, RunStatus::Interrupted, RunStatus::Running]
    {
        let letter = run_letter(&report(&run(status), &rows));
        assert!(!read(&letter).contains("Zyskowski") && !read(&letter).contains("48213"), "{letter:?}");
    }
}
