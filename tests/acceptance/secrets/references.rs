//! A firm's references begin with its name: at every door by which a file of rules comes in.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Vendor, Vendors, World};
use crate::support::visitor::Visitor;

const FILE: &str = "rules/hartwell.yaml";
const OWN: &str = "${env:HARTWELL_CASEPEER_KEY}";
/// What hartwell may never name: another firm's, nobody's, and the host's own by name, by reference and by a path that leads there.
const FOREIGN: [&str; 9] = [
    "${env:OKAFOR_CASEPEER_KEY}",
    "${env:HARTWELL_EAST_KEY}",
    "${env:HOME}",
    "${env:CASEBRIDGE_SEAL_KEY}",
    "${env:HARTWELL_SEAL}",
    "${file:okafor-casepeer}",
    "${file:hartwell/../okafor-casepeer}",
    "${file:hartwell-link}",
    "${secret:okafor/casepeer}",
];

/// Three firms; hartwell's sealed secrets are sealed by a key that stands in `HARTWELL_SEAL`.
fn scene() -> Scene {
    let rules = Rules::new().with("schedule", NOTHING_BY_ITSELF);
    let mut scene = Scene::new(World::of([1]), &rules);
    for firm in ["okafor", "hartwell-east"] {
        let vendors = Vendors::boot(World::new());
        scene.host.firm(firm, &vendors, &rules);
    }
    let key = scene.host.run(&["secret", "new-key"]).exits(0).stdout;
    scene.host.set("HARTWELL_SEAL", key.trim_end());
    scene.host.set("HARTWELL_EAST_KEY", "key-of-east-4711");
    scene.host.set("CASEBRIDGE_SEAL_KEY", "${env:HARTWELL_SEAL}");
    scene.host.set("CASEBRIDGE_SECRETS_DIR", "secrets");
    scene.host.folder("secrets");
    scene.host.write("secrets/okafor-casepeer", "key-of-okafor-4711\n");
    scene.host.run_with_input("key-of-okafor-4711\n", &["secret", "set", "okafor/casepeer"]).exits(0);
    // A setting names this file; hartwell's name leads to it by a link.
    scene.host.write("secrets/ca.pem", "host-own-4711\n");
    std::os::unix::fs::symlink("ca.pem", scene.host.path("secrets/hartwell-link")).unwrap();
    scene.host.set("CASEBRIDGE_MAIL_CA_FILE", "secrets/ca.pem");
    scene
}

/// The refusal of a reference: without a word on whether there is such a secret.
#[track_caller]
fn is_refusal(said: &str, reference: &str) {
    assert!(said.contains(&format!("`{reference}` is no secret that hartwell may use")), "{reference}:\n{said}");
    for word in ["is not set", "cannot be read", "is sealed", "4711", "casebridge.yaml says"] {
        assert!(!said.contains(word), "{word:?} of {reference}:\n{said}");
    }
}

#[test]
fn no_door_lets_in_a_reference_of_another_firm_or_of_the_host() {
    let scene = scene();
    let text = scene.host.read(FILE);
    scene.host.run(&["check"]).exits(0);
    scene.host.run(&["rules", "push"]).exits(0);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let page = visitor.page("/firms/hartwell/rules");
    let etag = page.field("etag");
    for (nth, foreign) in FOREIGN.into_iter().chain(["${env:HARTWELL_EAST_NOT_SET}", "${env:NO_SUCH_VARIABLE}", "${file:none}"]).enumerate()
    {
        let edited = text.replace(OWN, foreign);
        let setting = format!("connections.casepeer.key={foreign}");
        is_refusal(&scene.host.run(&["firm", "set", "hartwell", &setting]).exits(1).said(), foreign);
        let body = json!({ "connections.casepeer.key": foreign });
        is_refusal(&serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(422).body, foreign);
        let body = json!({ "connections.casepeer.webhook_secret": foreign });
        is_refusal(&serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(422).body, foreign);
        let refused = visitor.post("/firms/hartwell/rules", &[("text", &edited), ("etag", &etag)]).answers(422);
        is_refusal(&crate::support::visitor::text(&refused.body), foreign);
        // Each of these is a start of a process: a few kinds are enough.
        if nth % 3 == 0 {
            scene.host.folder("checkout/rules");
            scene.host.write("checkout/rules/hartwell.yaml", &edited);
            is_refusal(&scene.host.run(&["rules", "push", "--from", "checkout"]).exits(1).said(), foreign);
        }
    }
    assert_eq!(scene.host.read(FILE), text);
    // A new firm brings no reference of others either.
    let fields = |reference| {
        [
            ("firm", "osprey"),
            ("name", "Osprey"),
            ("time_zone", "UTC"),
            ("casepeer_url", "http://127.0.0.1:1"),
            ("casepeer_key", ""),
            ("casepeer_reference", reference),
            ("case_status_url", "http://127.0.0.1:1"),
            ("case_status_key", ""),
            ("case_status_reference", reference),
        ]
    };
    for foreign in ["${env:OKAFOR_CASEPEER_KEY}", "${env:OSPREY}", "${secret:okafor/casepeer}"] {
        let refused = visitor.post("/firms/new", &fields(foreign)).answers(422);
        assert!(crate::support::visitor::text(&refused.body).contains("is no secret that osprey may use"), "{}", refused.body);
    }
    serving.stop();
    assert!(scene.vendors.journal().is_empty());
}

#[test]
fn what_stood_in_a_file_is_warned_about_with_its_cure_and_a_secret_of_the_host_is_refused() {
    let mut scene = scene();
    let text = scene.host.read(FILE);
    let key = scene.vendors.world().casepeer_key.clone();
    scene.host.set("PEER_KEY", &key);
    scene.host.write(FILE, &text.replace(OWN, "${env:PEER_KEY}"));
    let warned = scene.host.run(&["check", "--json"]).exits(0).json();
    let fault = &warned["diagnostics"][0];
    assert_eq!(json!([fault["severity"], warned["diagnostics"].as_array().unwrap().len()]), json!(["warning", 1]), "{warned:#}");
    assert!(fault["message"].as_str().unwrap().contains("0.3.0 will refuse it"), "{fault:#}");
    let cure = "key: \"${env:HARTWELL_CASEPEER_KEY}\"";
    assert!(fault["help"].as_str().unwrap().contains(cure), "{fault:#}");
    scene.sync().exits(0);
    // It stays through edits of other keys, and moves nowhere.
    scene.host.run(&["firm", "set", "hartwell", "name=Hartwell & Sons"]).exits(0);
    scene.host.run(&["firm", "set", "hartwell", "connections.case_status.key=${env:PEER_KEY}"]).exits(1);
    scene.host.run(&["firm", "set", "hartwell", "connections.casepeer.key=${env:HARTWELL_CASEPEER_KEY}"]).exits(0);
    scene.host.run(&["firm", "set", "hartwell", "connections.casepeer.key=${env:PEER_KEY}"]).exits(1);
    // Once in the store, an edit is held against what the store has.
    scene.host.write(FILE, &text.replace(OWN, "${env:PEER_KEY}"));
    scene.host.run(&["rules", "push"]).exits(1);
    for own in ["${env:HARTWELL_SEAL}", "${env:CASEBRIDGE_SEAL_KEY}", "${file:hartwell-link}"] {
        scene.host.write(FILE, &text.replace(OWN, own));
        is_refusal(&scene.host.run(&["check"]).exits(1).said(), own);
    }
    // And `serve` rejects the firm, while the others go on.
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let serving = Serving::start(&scene.host);
    let state = |firm: &str| serving.get_as(&support, &format!("/api/v1/firms/{firm}")).answers(200).json()["rules"]["state"].clone();
    assert_eq!([state("hartwell"), state("okafor")], ["rejected", "active"]);
    serving.stop();
}

#[test]
fn what_is_shared_stands_in_the_settings_and_is_no_key() {
    let mut scene = scene();
    let text = scene.host.read(FILE);
    scene.host.set("AGENCY_SECRET", "agency-secret-0001");
    let settings = scene.host.read("casebridge.yaml");
    let shared = |firms: &str| format!("{settings}shared_secrets: {{ \"env:AGENCY_SECRET\": [{firms}] }}\n");
    let webhook = ["firm", "set", "hartwell", "connections.casepeer.webhook_secret=${env:AGENCY_SECRET}"];
    scene.host.write("casebridge.yaml", &shared("okafor"));
    scene.host.run(&webhook).exits(1);
    scene.host.write("casebridge.yaml", &shared("okafor, hartwell"));
    scene.host.run(&webhook).exits(0);
    assert_eq!(scene.host.run(&["check", "--json"]).exits(0).json()["diagnostics"], json!([]));
    scene.host.run(&["firm", "set", "hartwell", "connections.casepeer.key=${env:AGENCY_SECRET}"]).exits(1);
    // A file of before says how it could be shared.
    scene.host.write("casebridge.yaml", &settings);
    let said = scene.host.run(&["check"]).exits(0).said();
    assert!(said.contains("shared_secrets: { \"env:AGENCY_SECRET\": [hartwell] }"), "{said}");
    for (line, word) in [
        ("{ \"AGENCY_SECRET\": [hartwell] }", "is no reference"),
        ("{ \"env:AGENCY_SECRET\": [Hart well] }", "no firm can be called"),
        ("{ \"env:HARTWELL_SEAL\": [hartwell] }", "the host's own secret"),
        ("{ \"env:CASEBRIDGE_LISTEN\": [hartwell] }", "the host's own secret"),
    ] {
        scene.host.write("casebridge.yaml", &format!("{settings}shared_secrets: {line}\n"));
        let refused = scene.host.run(&["check"]).exits(2).said();
        assert!(refused.contains(word), "{line}:\n{refused}");
    }
    assert!(!text.is_empty());
}

#[test]
fn of_two_names_with_one_prefix_the_newer_is_at_fault_and_takes_nothing() {
    let rules = Rules::new().with("schedule", NOTHING_BY_ITSELF);
    let mut scene = Scene::new(World::of([1]), &rules);
    let vendors = Vendors::boot(World::new());
    scene.host.firm("b_c", &vendors, &rules);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);
    let text = scene.host.read("rules/b_c.yaml");
    // A file of the name that comes first in order, and then an edit of the older one.
    scene.host.write("rules/b-c.yaml", &text);
    let is_seen = |answer: &crate::support::http::Answer| answer.status == 200 && answer.json()["rules"]["state"] == "rejected";
    serving.until_answer("the newer one is rejected", &support, "/api/v1/firms/b-c", is_seen);
    serving.send(&support, "PATCH", "/api/v1/firms/b_c", Some(&json!({ "name": "B & C" }))).answers(200);
    let refused = serving.send(&support, "PATCH", "/api/v1/firms/b-c", Some(&json!({ "name": "C & B" }))).answers(422).body;
    assert!(refused.contains("`b_c` was there first") && refused.contains("B_C_"), "{refused}");
    let mut visitor = Visitor::support(&scene.host, &serving);
    let url = vendors.base_url(Vendor::Casepeer);
    let fields = [
        ("firm", "hart_well"),
        ("name", "Twin"),
        ("time_zone", "UTC"),
        ("casepeer_url", url.as_str()),
        ("casepeer_key", ""),
        ("casepeer_reference", "${env:HART_WELL_CASEPEER_KEY}"),
        ("case_status_url", url.as_str()),
        ("case_status_key", ""),
        ("case_status_reference", "${env:HART_WELL_CASEPEER_KEY}"),
    ];
    scene.host.write("rules/hart-well.yaml", &text.replace("B_C", "HART_WELL"));
    visitor.post("/firms/new", &fields).answers(422);
    serving.stop();
    // Commands ask the store who was first, and where it does not know, the files.
    let said = scene.host.run(&["check", "b-c"]).exits(1).said();
    assert!(said.contains("`b_c` was there first"), "{said}");
    scene.host.run(&["check", "b_c"]).exits(0);
}
