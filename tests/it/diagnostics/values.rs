//! Values: what is of the right type and still cannot be.

use insta::assert_snapshot;

use super::{check, firm};

#[test]
fn stages_outside_1_to_12_and_mapped_twice() {
    assert_snapshot!(check(&firm(
        "stages:
  map:
    - { casepeer: [Intake, Treating], to: 0 }
    - { casepeer: Litigation, to: 13 }
    - { casepeer: Treating, to: 3 }
    - { casepeer: \"\", to: 3 }
  by_case_type:
    Dog Bite:
      - { casepeer: Negotiation, to: 5 }
      - { casepeer: [Negotiation], to: 6 }
practice_areas:
  map:
    - { casepeer: [Auto Accident, Auto Accident], to: Motor Vehicle }
"
    )));
}

#[test]
fn the_same_stage_but_for_letter_case() {
    assert_snapshot!(check(&firm(
        "stages:
  match: ignore_case
  map: [{ casepeer: Treating, to: 3 }, { casepeer: TREATING, to: 4 }]
  by_case_type: { Dog Bite: [], dog bite: [] }
"
    )));
}

#[test]
fn zones_percentages_and_limits() {
    assert_snapshot!(check(&firm(
        "time_zone: America/New_Yrok
guard: { max_stage_changes: 120% }
limits: { concurrency: 0, requests_per_second: 200000, attempts: 99, timeout: 20m }
messages: { directions: [from_client] }
sync: { attributes: [stage, status, stage] }
"
    )));
    assert_snapshot!("percentages_without_a_sign", check(&firm("guard: { max_stage_changes: 25 }\n")));
}

#[test]
fn cron() {
    let schedules = ["0 21 * *", "0 0 21 * * *", "61 * * * *", "0 9 1 * 1", "0 0 31 2 *", "@daily"];
    let faults: Vec<String> =
        schedules.iter().map(|cron| check(&firm(&format!("schedule: {{ nightly_sync: {{ cron: \"{cron}\" }} }}\n")))).collect();
    assert_snapshot!(faults.join("\n"));
}

#[test]
fn validation() {
    assert_snapshot!(check(&firm(
        "validation:
  phone: { region: USA }
  required: [client.frist_name, colour]
  rules:
    - { when: 'case_tpye == \"Dog Bite\"', error: A }
    - { when: 'stage ==', error: B }
    - { when: 'stage', error: C }
    - { when: 'client.phone == ()', error: D }
    - { when: 'eval(\"1\") == 1', error: E }
    - { when: 'sleep(1) == ()', error: F }
    - { when: 'opened_on == ()', error: \"\" }
    - when: |
        case_type == \"Dog Bite\"
          && opend_on == ()
      error: H
"
    )));
}

#[test]
fn connections() {
    assert_snapshot!(check(
        "name: Firm
connections:
  casepeer: { base_url: \"http://my.casepeer.com\", key: \"${env:HARTWELL_NO_SUCH}\", page_size: 500, auth_header: \"bad header\" }
  case_status: { base_url: \"https://evil.example/v1\", key: \"${file:hartwell-status}\", auth_header: \"X-Key: {kay}\" }
"
    ));
    assert_snapshot!(
        "connections_of_other_kinds",
        check(
            "name: Firm
connections:
  casepeer: { base_url: \"https://user:word@my.casepeer.com\", key: \"${secret:hartwell/casepeer}\", webhook_secret: \"${vault:x}\" }
  case_status: { base_url: my.casestatus.com, key: plainly-written-key }
"
        )
    );
}
