//! The letter to whoever asked for a connect.

use casebridge::domain::{CaseId, Email, FixBy, Kind, Name, NewCase, Row, RowResult, Run, RunStatus, Stage};
use casebridge::mail::{ConnectReport, RunMail, connect_letter};
use insta::assert_snapshot;

use super::{read, report, rows, run};

fn letter(status: RunStatus, rows: &[Row], reason: Option<&str>, pushed: Option<&NewCase>) -> String {
    let run = Run { kind: Kind::Connect, reason: reason.map(str::to_owned), ..run(status) };
    let report = RunMail { csv: None, ..report(&run, rows) };
    read(&connect_letter(&ConnectReport { report, case: CaseId(48_213), pushed }))
}

fn pushed() -> NewCase {
    NewCase {
        integration_id: CaseId(48_213),
        readable_id: "PI-2024-0113".into(),
        practice_area: Name::new("Motor Vehicle"),
        stage: Stage::new(3).expect("a stage"),
        primary_attorney: Email::new("ann@hartwell.example"),
        additional_attorneys: Vec::new(),
        paralegals: vec![Email::new("pam@hartwell.example"), Email::new("pete@hartwell.example")],
        description: Some("Rear-end collision of Jane Zyskowski".into()),
        case_date: None,
        first_name: "Jane".into(),
        last_name: "Zyskowski".into(),
        phone: Some("+13105550113".to_owned()),
        client_email: Some("zyskowski@client.example".into()),
    }
}

#[test]
fn a_case_that_was_created() {
    let mut rows = rows(RowResult::Created, None, 1);
    rows[0].reason = Some("carl@hartwell.example is not active in Case Status and was left out; 2 paralegals".to_owned());
    let letter = letter(RunStatus::Succeeded, &rows, None, Some(&pushed()));
    assert!(!letter.contains("Zyskowski") && !letter.contains("+1310") && !letter.contains("zyskowski@"), "{letter}");
    assert_snapshot!(letter);
}

#[test]
fn a_case_that_was_there_and_one_that_was_connected() {
    assert_snapshot!("marked", letter(RunStatus::Succeeded, &rows(RowResult::Updated, None, 1), None, None));
    assert_snapshot!("connected_already", letter(RunStatus::Succeeded, &rows(RowResult::Unchanged, None, 1), None, None));
}

#[test]
fn what_stands_in_the_way_and_who_can_put_it_right() {
    for (name, fix_by) in [("the_firm_can", Some(FixBy::Firm)), ("support_can", Some(FixBy::Support))] {
        let mut rows = rows(RowResult::Failed, fix_by, 1);
        rows[0].reason = Some("the client has no valid cell phone; the case has no primary attorney".to_owned());
        assert_snapshot!(name, letter(RunStatus::Failed, &rows, None, None));
    }
    assert_snapshot!("vendors_were_down", letter(RunStatus::Failed, &[], Some("Case Status cannot be reached"), None));
}
