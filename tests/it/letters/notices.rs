//! The notices.

use casebridge::domain::{FirmId, FixBy, Origin, RowResult, Run, RunStatus};
use casebridge::mail::{FirmName, notice};
use insta::assert_snapshot;

use super::{firm, read, report, revision, rows, run};

fn named(id: &FirmId) -> FirmName<'_> {
    FirmName { id, name: "Hartwell Injury Law" }
}

#[test]
fn run_failed() {
    let rows = [rows(RowResult::Updated, None, 4), rows(RowResult::Failed, Some(FixBy::Firm), 2)].concat();
    assert_snapshot!(read(&notice::run_failed(&report(&run(RunStatus::Partial), &rows))));
}

#[test]
fn run_held() {
    let rows = [rows(RowResult::Unchanged, None, 21), rows(RowResult::Held, None, 5)].concat();
    let reason = "5 stage moves or closures now and 0 in the last 24 hours are more than 5% of 28 connected cases (rules/okafor.yaml:37)";
    let run = Run { reason: Some(reason.to_owned()), ..run(RunStatus::Held) };
    assert_snapshot!(read(&notice::run_held(&report(&run, &rows))));
}

#[test]
fn key_revoked() {
    let (firm, at) = (firm(), Origin { file: "rules/hartwell.yaml".into(), line: 4 });
    assert_snapshot!(read(&notice::key_revoked(named(&firm), "Case Status", Some(&at))));
    assert!(!read(&notice::key_revoked(named(&firm), "CASEpeer", None)).contains("named at"));
}

#[test]
fn no_firm_known() {
    assert_snapshot!(read(&notice::no_firm_known(3)));
}

#[test]
fn other_account() {
    let firm = firm();
    assert_snapshot!(read(&notice::other_account(named(&firm), "CASEpeer names another account for the key of hartwell: \"Okafor\"")));
}

#[test]
fn rules_rejected() {
    let faults = "error: there is no stage 17\n  --> rules/hartwell.yaml:12:35\n   |\n12 |     - { casepeer: Litigation, to: 17 }\n   |    \
                  \u{20}                              ^^\n   |\n   = help: Case Status numbers its stages from 1 to 12\n";
    let firm = firm();
    assert_snapshot!(read(&notice::rules_rejected(named(&firm), Some(&revision()), faults)));
    assert_snapshot!("rules_rejected_of_a_firm_that_never_had_good_ones", read(&notice::rules_rejected(named(&firm), None, faults)));
}

#[test]
fn set_up_complete() {
    let firm = firm();
    let runs = ["nightly sync: 9:00 PM, America/New_York".to_owned(), "messages: every 2 minutes".to_owned()];
    assert_snapshot!(read(&notice::set_up_complete(named(&firm), &runs)));
    assert_snapshot!("set_up_complete_with_nothing_scheduled", read(&notice::set_up_complete(named(&firm), &[])));
}

#[test]
fn a_firm_can_be_called_anything() {
    let firm = firm();
    let odd = FirmName { id: &firm, name: "Adler\r\nBcc: everyone@firm.example\r\n\r\n& \u{202e}hcniF\u{7} 𝒜" };
    let letters = [
        notice::key_revoked(odd, "CASEpeer\nX", None),
        notice::rules_rejected(odd, None, "error"),
        notice::set_up_complete(odd, &["a\nb".to_owned()]),
    ];
    for letter in letters {
        assert!(letter.subject().starts_with("Adler Bcc: everyone@firm.example & hcniF 𝒜: "), "{}", letter.subject());
        assert!(!letter.text().contains("\nBcc") && !letter.text().contains(['\r', '\u{202e}', '\u{7}']), "{}", letter.text());
    }
}

#[test]
fn rules_gone() {
    assert_snapshot!(read(&notice::rules_gone("/srv/casebridge/rules", &["adler", "hartwell"])));
}
