//! Keys and types: what the shape of a file can have wrong.

use insta::assert_snapshot;

use super::{check, firm};

#[test]
fn unknown_keys_are_named_with_the_nearest() {
    assert_snapshot!(check(&firm("stagse: {}\nsync: { attribute: [], colour: red }\nlimits: { zzz: 1 }\n")));
}

#[test]
fn a_key_twice() {
    assert_snapshot!(check(&firm("guard: { from_cases: 10 }\nsync: { reopen: true, reopen: false }\nguard: { from_cases: 12 }\n")));
}

#[test]
fn other_types_than_wanted() {
    assert_snapshot!(check(&firm(
        "time_zone: 5
sync: [stage]
stages:
  match: true
  settle: 60
  map: { casepeer: Intake, to: 1 }
messages: { skip_own: yes, note_prefix: }
validation: { required: name, phone: { labels: mobile } }
guard: { from_cases: many }
limits: { requests_per_second: fast, concurrency: -1, timeout: 5 minutes }
"
    )));
}

#[test]
fn words_that_are_not_known() {
    assert_snapshot!(check(&firm(
        "sync: { attributes: [stage, paralegal, colour] }
stages: { match: exakt, unmapped: guess }
practice_areas: { unmapped: same-name }
validation: { attorney: must_exists }
messages: { directions: [from_clients], start: begin }
"
    )));
}

#[test]
fn entries_that_lack_something() {
    assert_snapshot!(check(&firm(
        "stages:
  map:
    - { casepeer: Intake }
    - { to: 3 }
    - { casepeer: [], to: 4 }
practice_areas:
  map: [{ casepeer: Auto Accident }]
validation:
  rules: [{ when: 'opened_on == ()' }, { error: No }]
"
    )));
}

#[test]
fn a_firm_without_name_and_keys() {
    assert_snapshot!(check("time_zone: America/Chicago\n"));
}

#[test]
fn an_empty_file() {
    assert_snapshot!(check(""));
}
