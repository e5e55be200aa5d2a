//! A key goes where it was given for, and to the vendors' hosts alone: at every door by which another address comes in.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use serde_json::json;

use crate::secrets::sealed::{keys, sealed, set};
use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::store::{execute, lines};
use crate::support::vendors::{Vendor, Vendors, World};
use crate::support::visitor::Visitor;

const FILE: &str = "rules/hartwell.yaml";
const REFERENCE: &str = "${env:HARTWELL_CASEPEER_KEY}";

fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

/// Vendors of the same firm at other addresses, which take the same keys and keep a journal of who asked.
fn elsewhere(scene: &Scene) -> Vendors {
    let mut world = World::of([1]);
    let [casepeer, case_status] = keys(scene);
    world.casepeer_key = casepeer;
    world.case_status_key = case_status;
    Vendors::boot(world)
}

fn origin(vendors: &Vendors) -> String {
    vendors.base_url(Vendor::Casepeer).split('/').take(3).collect::<Vec<_>>().join("/")
}

#[test]
fn a_changed_address_gets_no_key_by_any_door_until_it_is_trusted() {
    let scene = Scene::hooked(World::of([1]), &rules());
    let other = elsewhere(&scene);
    let text = scene.host.read(FILE);
    let moved = text.replace(&scene.vendors.base_url(Vendor::Casepeer), &other.base_url(Vendor::Casepeer));
    assert_ne!(moved, text);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    // To prove a key is its first use.
    scene.host.run(&["firm", "verify", "hartwell"]);
    scene.host.write(FILE, &moved);
    scene.host.run(&["check"]).exits(1);
    scene.host.write(FILE, &text);
    let mut serving = Serving::start(&scene.host);
    let mut visitor = Visitor::support(&scene.host, &serving);
    let (from, to) = (origin(&scene.vendors), origin(&other));
    let is_refusal = |said: &str| {
        let fault = format!("the key of `{REFERENCE}` was given for {from}, and is not sent to {to}");
        assert!(said.contains(&fault) && said.contains("casebridge firm trust hartwell --origin"), "{said}");
    };
    let url = other.base_url(Vendor::Casepeer);
    let body = json!({ "connections.casepeer.base_url": url });
    is_refusal(&serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(422).json()["diagnostics"][0].to_string());
    let etag = visitor.page("/firms/hartwell/rules").field("etag");
    let refused = visitor.post("/firms/hartwell/rules", &[("text", &moved), ("etag", &etag)]).answers(422);
    is_refusal(&crate::support::visitor::text(&refused.body));
    is_refusal(&scene.host.run(&["firm", "set", "hartwell", &format!("connections.casepeer.base_url={url}")]).exits(1).said());
    assert_eq!(scene.host.read(FILE), text);
    // By hand: the host goes on by the rules of before, and commands send nothing.
    scene.host.write(FILE, &moved);
    let is_held = |answer: &crate::support::http::Answer| answer.json()["rules"]["state"] == "held";
    serving.until_answer("the edit is held", &support, "/api/v1/firms/hartwell", is_held);
    is_refusal(&scene.host.run(&["check"]).exits(1).said());
    is_refusal(&scene.host.run(&["rules", "push"]).exits(1).said());
    for arguments in [&["sync", "hartwell"][..], &["plan", "hartwell"], &["firm", "verify", "hartwell"], &["explain", "hartwell", "1"]] {
        scene.host.run(arguments).exits(2);
    }
    // Nor does a key go along under the name of the other product.
    let crossed = text.replace("${env:HARTWELL_CASE_STATUS_KEY}", REFERENCE);
    scene.host.write(FILE, &crossed);
    assert!(scene.host.run(&["check"]).exits(1).said().contains(&format!("the key of `{REFERENCE}` was given for {from}")));
    // Nor a secret that proves webhooks.
    scene.host.write(FILE, &moved.replacen(REFERENCE, "${env:HARTWELL_WEBHOOK_SECRET}", 1));
    let said = scene.host.run(&["check"]).exits(1).said();
    assert!(said.contains(&format!("was given for webhooks, and is not sent to {to}")), "{said}");
    scene.host.write(FILE, &moved);
    assert_eq!(other.journal().len(), 0);
    // What is accepted is said, and that alone is accepted: nothing, where it is not what was named.
    let trust = |origin: &[&str]| scene.host.run(&[&["firm", "trust", "hartwell", "--json", "--origin"], origin].concat());
    for others in [&[from.as_str()][..], &["https://my.casepeer.com"], &[&to, "https://my.casepeer.com"]] {
        assert!(trust(others).exits(1).said().contains("nothing was accepted"));
    }
    scene.host.run(&["check"]).exits(1);
    let trusted = trust(&[&format!("{to}/any/path")]).exits(0).json();
    assert_eq!(trusted, json!({ "firm": "hartwell", "accepted": [{ "reference": REFERENCE, "from": from, "to": to }] }));
    let is_active = |answer: &crate::support::http::Answer| answer.json()["rules"]["state"] == "active";
    serving.until_answer("the edit is in use", &support, "/api/v1/firms/hartwell", is_active);
    serving.stop();
    scene.host.run(&["plan", "hartwell"]);
    assert!(!other.journal().is_empty());
    let again = scene.host.run(&["firm", "trust", "hartwell", "--origin"]).exits(0).stdout;
    assert!(again.contains("every key goes where it went before"), "{again}");
    scene.host.write(FILE, &text);
    scene.host.run(&["check"]).exits(1);
    let audit = lines(&scene.host, "select firm, subject, before, after from audit where action = 'origin_trusted'", &[]);
    assert_eq!(audit, [["hartwell", REFERENCE, from.as_str(), to.as_str()]]);
    scene.host.run(&["firm", "trust", "hartwell"]).exits(2);
    // Where a vendor leads elsewhere, no key follows.
    let leads = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", leads.local_addr().unwrap());
    scene.host.write(FILE, &text.replace(&scene.vendors.base_url(Vendor::Casepeer), &url));
    let answer = format!("HTTP/1.1 307 Temporary Redirect\r\nlocation: {to}/v1/firm\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    std::thread::spawn(move || {
        for mut stream in leads.incoming().map_while(Result::ok) {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    scene.host.run(&["firm", "trust", "hartwell", "--origin", &url]).exits(0);
    let asked = other.journal().len();
    scene.host.run(&["firm", "verify", "hartwell"]).exits(1);
    assert_eq!(other.journal().len(), asked);
}

#[test]
fn a_sealed_key_is_bound_by_its_seal_and_free_once_it_is_typed_again() {
    let scene = sealed(&rules());
    let other = elsewhere(&scene);
    let text = scene.host.read(FILE);
    let moved = text.replace(&scene.vendors.base_url(Vendor::Casepeer), &other.base_url(Vendor::Casepeer));
    Serving::start(&scene.host).stop();
    let bound = lines(&scene.host, "select name, origin from sealed_secrets order by name", &[]);
    assert_eq!(bound[1], ["hartwell/casepeer", &origin(&scene.vendors)]);
    scene.sync().exits(0);
    scene.host.write(FILE, &moved);
    let said = scene.host.run(&["check"]).exits(1).said();
    assert!(said.contains("casebridge secret set hartwell/casepeer"), "{said}");
    // Whoever can write in the store cannot bind it to something else.
    let statement = format!("update sealed_secrets set origin = '{}' where name = 'hartwell/casepeer'", origin(&other));
    execute(&scene.host, &statement, &[]);
    let said = scene.host.run(&["check"]).exits(1).said();
    assert!(said.contains("was altered since it was sealed"), "{said}");
    execute(&scene.host, "update sealed_secrets set origin = null", &[]);
    scene.host.run(&["check"]).exits(1);
    assert_eq!(other.journal().len(), 0);
    let [casepeer, case_status] = keys(&scene);
    set(&scene.host, "hartwell/casepeer", &casepeer).exits(0);
    set(&scene.host, "hartwell/case-status", &case_status).exits(0);
    scene.host.run(&["check"]).exits(0);
    scene.host.run(&["plan", "hartwell"]);
    assert!(!other.journal().is_empty());
    // From that use on it is bound again, and trusting seals it for the other address.
    scene.host.write(FILE, &text);
    scene.host.run(&["check"]).exits(1);
    scene.host.run_with_input("n\n", &["firm", "trust", "hartwell", "--origin"]).exits(1);
    scene.host.run(&["check"]).exits(1);
    let trusted = scene.host.run(&["firm", "trust", "hartwell", "--origin"]).exits(0).stdout;
    assert!(trusted.contains(&origin(&scene.vendors)), "{trusted}");
    scene.sync().exits(0);
    assert_eq!(lines(&scene.host, "select origin from sealed_secrets where name = 'hartwell/casepeer'", &[]), [[origin(&scene.vendors)]]);
}

#[test]
fn keys_go_to_the_vendors_hosts_alone_and_to_those_that_were_used_before() {
    let mut scene = Scene::new(World::of([1]), &rules());
    let text = scene.host.read(FILE);
    let at = |host: &str| text.replace(&scene.vendors.base_url(Vendor::Casepeer), &format!("https://{host}/v1"));
    let checked = |scene: &Scene, host: &str| {
        scene.host.write(FILE, &at(host));
        scene.host.run(&["check"])
    };
    let known = "casepeer.partner.example";
    for host in ["evil.example", "casepeer.com.evil.example", "10.1.2.3", "169.254.169.254", "[fd00::1]", known] {
        let said = checked(&scene, host).exits(1).said();
        assert!(said.contains("is not among the hosts that keys may be sent to") && said.contains("`vendor_hosts`"), "{host}:\n{said}");
    }
    for host in ["my.casepeer.com", "eu.my.casepeer.com:8443"] {
        checked(&scene, host).exits(0);
    }
    scene.host.set("CASEBRIDGE_VENDOR_HOSTS", &format!("10.1.0.0/16, *.partner.example, 127.0.0.1, {known}"));
    for (host, code) in [("10.1.2.3", 0), ("10.2.2.4", 1), ("my.casepeer.com", 1), ("partner.example", 1), (known, 0)] {
        checked(&scene, host).exits(code);
    }
    // What a firm was served with stays among them where no setting names any, as after an upgrade.
    Serving::start(&scene.host).stop();
    scene.host.unset("CASEBRIDGE_VENDOR_HOSTS");
    checked(&scene, known).exits(0);
    checked(&scene, "other.partner.example").exits(1);
    checked(&scene, known);
    let said = Serving::start(&scene.host).stop().stderr;
    assert!(said.contains("keys are sent to these hosts only") && said.contains("*.casestatus.com") && said.contains(known), "{said}");
}
