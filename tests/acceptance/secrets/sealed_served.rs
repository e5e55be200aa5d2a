//! Sealed secrets under `serve`: one that is set or removed beside it is taken up, and touches no firm that does not use it.

use std::time::Duration;

use crate::secrets::sealed::{is_nowhere, keys, sealed, set, unsealed};
use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::Vendor;

fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

fn answered(scene: &Scene) -> usize {
    scene.vendors.journal().iter().filter(|entry| entry.call.vendor == Vendor::Casepeer && entry.status == Some(200)).count()
}

#[test]
fn a_firm_begins_once_its_secrets_are_set() {
    let scene = unsealed(&rules());
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);
    let state = |state: &'static str| move |answer: &crate::support::http::Answer| answer.body.contains(&format!("\"state\":\"{state}\""));
    serving.until_answer("the firm is disabled", &support, "/api/v1/firms/hartwell", state("rejected"));

    let [casepeer, case_status] = keys(&scene);
    set(&scene.host, "hartwell/casepeer", &casepeer).exits(0);
    set(&scene.host, "hartwell/case-status", &case_status).exits(0);
    serving.until_answer("its rules are in use", &support, "/api/v1/firms/hartwell", state("active"));

    scene.host.run(&["secret", "remove", "hartwell/casepeer"]).exits(0);
    serving.until_answer("its last rules stay in use", &support, "/api/v1/firms/hartwell", state("held"));
    let finished = serving.stop();
    [casepeer, case_status].iter().for_each(|key| is_nowhere(&scene.host, key, &[&finished]));
    assert_eq!(scene.outcomes(), ["rejected", "applied", "rejected"]);
}

#[test]
fn a_changed_secret_is_used_for_the_next_request() {
    let every_minute = "{ message_sync: { cron: \"* * * * *\" }, document_sync: { enabled: false } }";
    let mut scene = sealed(&Rules::new().with("schedule", every_minute));
    let [casepeer, _] = keys(&scene);
    set(&scene.host, "hartwell/casepeer", "a-key-of-old").exits(0);
    let mut serving = Serving::start_at(&mut scene.host, "2026-06-10 10:00:30 x10");
    serving.until("people are told that the key is refused", || scene.subjects().len() == 1);
    assert_eq!(answered(&scene), 0);

    set(&scene.host, "hartwell/casepeer", &casepeer).exits(0);
    serving.until("the new key is used", || answered(&scene) > 0);
    let finished = serving.stop();
    is_nowhere(&scene.host, "a-key-of-old", &[&finished]);
    is_nowhere(&scene.host, &casepeer, &[&finished]);
}

#[test]
fn a_secret_of_others_is_no_edit() {
    let scene = sealed(&rules());
    let mut serving = Serving::start(&scene.host);
    serving.until("the rules are in use", || scene.outcomes() == ["applied"]);
    set(&scene.host, "another/casepeer", "plain-4711").exits(0);
    serving.goes_on_for(Duration::from_secs(2));
    // The same secret set once more is another change and the same rules.
    let [casepeer, _] = keys(&scene);
    set(&scene.host, "hartwell/casepeer", &casepeer).exits(0);
    serving.goes_on_for(Duration::from_secs(2));
    assert_eq!(scene.outcomes(), ["applied"]);
    serving.stop();
}
