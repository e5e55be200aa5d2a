//! Whose account a firm's keys open: looked at by `firm verify` and before every write.

use serde_json::{Value, json};

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NIGHTLY_ALONE, Serving, token};
use crate::support::store::owe_a_nightly_sync;
use crate::support::vendors::{Fault, Vendor, Vendors, World};

fn account(id: &str, name: &str) -> (String, String) {
    (id.to_owned(), name.to_owned())
}

/// A firm whose practice areas have every stage of the mapping.
fn world() -> World {
    let mut world = World::of([1, 2]);
    world.practice_areas.retain(|area| area["name"] != "Workers Comp");
    world
}

fn verified(scene: &Scene) -> Value {
    scene.host.run(&["firm", "verify", "hartwell", "--json"]).json()
}

fn doubts(scene: &Scene) -> String {
    let verified = verified(scene);
    assert_eq!(verified["ready"], verified["doubts"].as_array().expect("doubts").is_empty(), "{verified:#}");
    verified["doubts"].to_string()
}

#[test]
fn names_without_a_common_word_are_doubtful_until_somebody_trusts_them() {
    let scene = Scene::new(world(), &Rules::new());
    scene.host.run(&["firm", "verify", "hartwell"]).exits(0);
    let scene = Scene::new(world(), &Rules::new());
    scene.vendors.world().case_status_account = account("firm-9", "Okafor Injury Law");
    assert!(doubts(&scene).contains("Okafor Injury Law"));
    let said = scene.host.run(&["firm", "verify", "hartwell"]).exits(1).said();
    assert!(said.contains("casebridge firm trust hartwell --account"), "{said}");
    scene.host.run(&["firm", "trust", "hartwell"]).exits(2);
    scene.host.run_with_input("n\n", &["firm", "trust", "hartwell", "--account"]).exits(1);
    assert!(doubts(&scene) != "[]");
    let trusted = scene.host.run(&["firm", "trust", "hartwell", "--account"]).exits(0).stdout;
    assert!(trusted.contains("Okafor Injury Law") && trusted.contains("firm-9"), "{trusted}");
    scene.host.run(&["firm", "verify", "hartwell"]).exits(0);
    // That account alone was trusted.
    scene.vendors.world().case_status_account = account("firm-10", "Okafor Injury Law");
    assert!(doubts(&scene).contains("another account than before"));
}

#[test]
fn keys_of_two_firms_have_no_case_in_common() {
    let scene = Scene::new(world(), &Rules::new());
    for case in &mut scene.vendors.world().existing {
        case["integration_id"] = json!("77001");
    }
    assert!(doubts(&scene).contains("none is on both sides"));
    scene.vendors.world().existing.clear();
    assert_eq!(doubts(&scene), "[]");
}

#[test]
fn a_vendor_that_names_no_account_breaks_no_firm() {
    let scene = Scene::new(world(), &Rules::new());
    scene.vendors.always(Fault::Refused(404), |call| call.is_proof() && call.vendor == Vendor::CaseStatus);
    scene.sync().exits(0);
    let trusted = scene.host.run(&["firm", "trust", "hartwell", "--account"]).exits(0).stdout;
    assert!(trusted.contains("casepeer: the account") && trusted.contains("case_status: it names no account"), "{trusted}");
    scene.sync().exits(0);
    // Once it named one, no answer is no longer enough, until somebody says that it is.
    scene.vendors.mend();
    scene.sync().exits(0);
    scene.vendors.always(Fault::Refused(404), |call| call.is_proof() && call.vendor == Vendor::CaseStatus);
    scene.sync().exits(1);
    scene.host.run(&["firm", "trust", "hartwell", "--account"]).exits(0);
    scene.sync().exits(0);
}

#[test]
fn once_an_account_is_remembered_nothing_is_written_while_its_vendor_cannot_say_whose_it_is() {
    let mut world = World::of(1..=40);
    world.practice_areas.retain(|area| area["name"] != "Workers Comp");
    let scene = Scene::new(world, &Rules::new().resigned().with("guard", "{ max_stage_changes: 10% }"));
    scene.vendors.always(Fault::Refused(500), crate::support::vendors::Call::is_proof);
    scene.sync().exits(0);
    scene.vendors.mend();
    scene.host.run(&["messages", "hartwell"]).exits(0);
    scene.sync().exits(0);
    (1..=11).for_each(|case| scene.vendors.world().restage(case, "Negotiation", "2026-06-10T12:00:00Z"));
    let held = scene.sync().exits(3).run().id().to_owned();
    scene.vendors.world().unconnected(41);
    scene.vendors.world().message(1, "from_client", "hello");
    scene.vendors.world().outbound(1, "hello");
    scene.vendors.world().document(1, "letter.pdf", "hello");
    scene.vendors.world().casepeer_account = account("okafor", "Okafor");
    scene.vendors.take_journal();
    let unknown =
        [(500, "CASEpeer had an error (500)"), (403, "CASEpeer refuses the key (403)"), (404, "CASEpeer refused the request (404")];
    for (status, says) in unknown {
        scene.vendors.always(Fault::Refused(status), |call| call.is_proof() && call.vendor == Vendor::Casepeer);
        let failed = scene.sync().exits(1).run();
        assert_eq!(failed.status(), "failed");
        assert!(failed.text("reason").starts_with(says), "{}", failed.text("reason"));
        for pass in ["messages", "outbox", "documents"] {
            let failed = scene.host.run(&[pass, "hartwell", "--json"]).exits(1).run();
            assert_eq!(failed.status(), "failed", "{pass}");
            assert!(failed.text("reason").starts_with(says), "{pass}: {}", failed.text("reason"));
        }
        for by_hand in [&["sync", "hartwell", "--case", "1"][..], &["connect", "hartwell", "41"]] {
            scene.host.run(by_hand).exits(1);
        }
        let refused = scene.host.run(&["runs", "approve", &held]).exits(1).said();
        assert!(refused.contains("cannot say whose account"), "{refused}");
        assert_eq!(scene.vendors.journal().writes().len(), 0);
        scene.vendors.mend();
    }
    assert!(scene.sync().exits(1).said().contains("Okafor"));
}

#[test]
fn an_approval_that_cannot_begin_leaves_the_run_held_for_its_reason() {
    let scene =
        Scene::new(World::of(1..=40), &Rules::new().resigned().with("schedule", NIGHTLY_ALONE).with("guard", "{ max_stage_changes: 10% }"));
    scene.sync().exits(0);
    (1..=11).for_each(|case| scene.vendors.world().restage(case, "Negotiation", "2026-06-10T12:00:00Z"));
    let held = scene.sync().exits(3).run();
    scene.vendors.always(Fault::Refused(500), |call| call.is_proof() && call.vendor == Vendor::Casepeer);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);
    let approve = format!("/api/v1/runs/{}/approve", held.id());
    serving.send(&support, "POST", &approve, None).answers(409);
    let now = serving.get_as(&support, &format!("/api/v1/runs/{}", held.id())).answers(200).json();
    assert_eq!((now["status"].as_str(), now["reason"].as_str()), (Some("held"), Some(held.text("reason"))));

    scene.vendors.mend();
    let begun = serving.send(&support, "POST", &approve, None).answers(202);
    assert_eq!(serving.ended(&support, &begun)["counts"]["updated"], 11);
    serving.stop();
}

#[test]
fn another_account_than_before_is_written_to_by_nobody() {
    let mut scene = Scene::new(world(), &Rules::new().with("schedule", NIGHTLY_ALONE));
    scene.sync().exits(0);
    scene.vendors.world().restage(1, "Negotiation", "2026-06-10T12:00:00Z");
    scene.vendors.world().unconnected(3);
    scene.vendors.world().casepeer_account = account("okafor", "Okafor");
    let refused = scene.sync().exits(1).said();
    assert!(refused.contains("Okafor") && refused.contains("firm trust"), "{refused}");
    scene.vendors.world().message(1, "from_client", "another firm's");
    for by_hand in [&["connect", "hartwell", "3"][..], &["sync", "hartwell", "--case", "1"], &["messages", "hartwell"]] {
        scene.host.run(by_hand).exits(1);
    }
    // Looking is no writing.
    scene.host.run(&["plan", "hartwell"]).exits(0);
    assert!(scene.host.run(&["firm", "enable", "hartwell", "--messages", "now"]).exits(0).stdout.contains("nothing runs for it yet"));
    assert!(scene.host.run(&["status"]).exits(1).stdout.contains("hartwell: paused since"));
    owe_a_nightly_sync(&scene.host, "hartwell");
    let mut serving = Serving::start(&scene.host);
    serving.until("people are told", || scene.subjects().iter().any(|subject| subject.contains("wrong account")));
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let firm = serving.get_as(&support, "/api/v1/firms/hartwell").answers(200).json();
    assert_eq!((&firm["state"], &firm["paused"]["reason"]), (&json!("paused"), &json!("account")));
    serving.send(&support, "POST", "/api/v1/firms/hartwell/cases/1/sync", None).answers(409);
    let message = json!({ "body": "hello" });
    serving.send(&support, "POST", "/api/v1/firms/hartwell/cases/1/messages", Some(&message)).answers(409);
    serving.stop();
    assert_eq!(scene.vendors.journal().writes().len(), 0);

    scene.host.run(&["firm", "trust", "hartwell", "--account"]).exits(0);
    scene.sync().exits(0);
    assert_eq!(scene.vendors.journal().patches_of(1).len(), 1);
    assert_eq!(scene.host.run(&["firm", "list", "--json"]).exits(0).json()[0]["state"], "on");
    scene.host.set("HARTWELL_CASEPEER_KEY", "cpk-other");
    scene.vendors.world().other_keys.push("cpk-other".to_owned());
    // A new key of the same account is as good as the old one.
    scene.sync().exits(0);
}

#[test]
fn of_two_firms_with_one_account_the_one_that_ran_first_goes_on() {
    let mut scene = Scene::new(world(), &Rules::new());
    scene.host.firm("osprey", &scene.vendors, &Rules::new());
    for vendor in [Vendor::Casepeer, Vendor::CaseStatus] {
        let key = format!("key-of-osprey-{}", vendor as u8);
        scene.host.set(&crate::support::rules::key_variable("osprey", vendor), &key);
        scene.vendors.world().other_keys.push(key);
    }
    scene.sync().exits(0);
    let refused = scene.host.run(&["sync", "osprey"]).exits(1).said();
    assert!(refused.contains("hartwell") && refused.contains("osprey"), "{refused}");
    let listed = scene.host.run(&["firm", "list", "--json"]).exits(0).json();
    assert_eq!((&listed[0]["rules"]["state"], &listed[1]["rules"]["state"]), (&json!("active"), &json!("rejected")));
    let doubts = scene.host.run(&["firm", "verify", "osprey", "--json"]).exits(1).json()["doubts"].to_string();
    assert!(doubts.contains("hartwell"), "{doubts}");
    // It is hartwell's as long as there is a hartwell; a firm that was renamed has it again.
    scene.host.run(&["firm", "trust", "osprey", "--account"]).exits(1);
    scene.sync().exits(0);
    std::fs::remove_file(scene.host.path("rules/hartwell.yaml")).expect("a file");
    scene.host.run(&["firm", "trust", "osprey", "--account"]).exits(0);
    scene.host.run(&["sync", "osprey"]).exits(0);
    let elsewhere = Vendors::boot(world());
    scene.host.firm("hawk", &elsewhere, &Rules::new());
    scene.host.run(&["sync", "hawk"]).exits(0);
}

#[test]
fn a_copy_of_a_firms_file_is_rejected_and_the_firm_goes_on() {
    let mut scene = Scene::new(world(), &Rules::new());
    scene.sync().exits(0);
    // The copy comes first by its name.
    scene.host.write("rules/adler.yaml", &scene.host.read("rules/hartwell.yaml"));
    let checked = scene.host.run(&["check"]).exits(1).said();
    for vendor in ["CASEpeer", "Case Status"] {
        assert!(checked.contains(&format!("adler has the same key at {vendor} as hartwell")), "{checked}");
    }
    assert!(!checked.contains("hartwell has") && !checked.contains("warning"), "{checked}");
    scene.host.run(&["sync", "adler"]).exits(2);
    let refused = scene.host.run(&["firm", "enable", "adler", "--messages", "now"]).exits(1).said();
    assert!(refused.contains("adler has the same key at CASEpeer as hartwell"), "{refused}");
    // Nor does another name of the same machine make it another firm.
    let copy = scene.host.read("rules/hartwell.yaml").replace("127.0.0.1", "localhost").replace("HARTWELL", "ADLER");
    scene.host.write("rules/adler.yaml", &copy);
    let key = scene.vendors.world().casepeer_key.clone();
    scene.host.set("ADLER_CASEPEER_KEY", &key);
    let key = scene.vendors.world().case_status_key.clone();
    scene.host.set("ADLER_CASE_STATUS_KEY", &key);
    assert!(scene.host.run(&["check"]).exits(1).said().contains("adler has the same key at Case Status as hartwell"));
    scene.sync().exits(0);
    let mut serving = Serving::start(&scene.host);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let state = |serving: &Serving, firm: &str| {
        serving.get_as(&support, &format!("/api/v1/firms/{firm}")).answers(200).json()["rules"]["state"].clone()
    };
    assert_eq!((state(&serving, "adler"), state(&serving, "hartwell")), (json!("rejected"), json!("active")));
    scene.host.write("rules/osprey.yaml", &scene.host.read("rules/hartwell.yaml"));
    let is_rejected = |answer: &crate::support::http::Answer| answer.status == 200 && answer.json()["rules"]["state"] == "rejected";
    serving.until_answer("another one is rejected", &support, "/api/v1/firms/osprey", is_rejected);
    // Once it is alone with the key, it is a firm as any other.
    for file in ["rules/hartwell.yaml", "rules/osprey.yaml"] {
        std::fs::remove_file(scene.host.path(file)).expect("a file");
    }
    serving.until_answer("the copy is used", &support, "/api/v1/firms/adler", |answer| answer.json()["rules"]["state"] == "active");
    serving.stop();
}
