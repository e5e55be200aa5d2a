//! Only what CASEpeer signed is taken in, each event once, and who is not CASEpeer learns nothing of a firm.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::serving::{Serving, token};
use crate::support::vendors::World;
use crate::webhooks::sent::{HARTWELL, SECRET, event, other_firm, post, post_part, rules, signed};

const HEADER: &str = "x-casepeer-signature";

fn closed() -> String {
    event(1, "case.closed", &json!({ "case_id": 1 })).to_string()
}

#[test]
fn a_wrong_signature_is_refused_and_an_event_is_taken_in_once() {
    let mut scene = Scene::hooked(World::of([1]), &rules());
    let _okafor = other_firm(&mut scene.host, World::of([1]), "whsec-of-okafor-7");
    let serving = Serving::start(&scene.host);
    let body = closed();
    let send = |signature: &str, body: &str| post(&serving.address, HARTWELL, &[(HEADER, signature)], body).expect("an answer");
    let good = signed(SECRET, &body, 0);

    let unsigned = post(&serving.address, HARTWELL, &[], &body).expect("an answer").answers(401);
    for (what, signature) in [
        ("another secret", signed("whsec-guessed", &body, 0)),
        ("another firm's secret", signed("whsec-of-okafor-7", &body, 0)),
        ("no secret", signed("", &body, 0)),
        ("old", signed(SECRET, &body, -301)),
        ("ahead", signed(SECRET, &body, 310)),
        ("another body", signed(SECRET, &body.replace("evt_1", "evt_2"), 0)),
        ("another time", good.replacen("t=1", "t=2", 1)),
        ("a signature cut off", good[..good.len() - 2].to_owned()),
        ("no time", good.split_once(',').expect("two parts").1.to_owned()),
        ("nothing", String::new()),
        ("noise", "t=1,v1=\u{e9}".to_owned()),
    ] {
        let refused = send(&signature, &body).answers(401);
        assert_eq!(refused.clone().without_its_time_and_id(), unsigned.clone().without_its_time_and_id(), "{what}");
    }
    // Two signatures are none.
    let twice = [(HEADER, good.as_str()), (HEADER, good.as_str())];
    post(&serving.address, HARTWELL, &twice, &body).expect("an answer").answers(401);
    assert_eq!(scene.events("waiting") + scene.events("done"), 0);

    send(&signed(SECRET, &body, -290), &body).answers(202);
    // The same once more, be it CASEpeer's or somebody's who has overheard it.
    send(&good, &body).answers(200);
    send(&good, &body).answers(200);
    assert_eq!(scene.events("waiting") + scene.events("done"), 1);
    // Ids are each firm's own.
    let theirs = signed("whsec-of-okafor-7", &body, 0);
    post(&serving.address, "/hooks/casepeer/okafor", &[(HEADER, &theirs)], &body).expect("an answer").answers(202);

    let metrics = serving.get("/metrics").answers(200).body;
    for line in [
        r#"casebridge_events_total{type="case.closed",outcome="stored"} 2"#,
        r#"casebridge_events_total{type="case.closed",outcome="repeated"} 2"#,
        r#"casebridge_events_total{type="unknown",outcome="refused"} 13"#,
    ] {
        assert!(metrics.contains(line), "{line} in\n{metrics}");
    }
    let log = serving.stop().stderr;
    assert!(!log.contains(SECRET) && !log.contains(&good), "{log}");
}

#[test]
fn two_secrets_hold_while_one_takes_the_place_of_the_other_and_a_new_one_is_not_short() {
    const FILE: &str = "rules/hartwell.yaml";
    const ONE: &str = "\"${env:HARTWELL_WEBHOOK_SECRET}\"";
    const SHORT: &str = "fifteen-letters";
    let mut scene = Scene::hooked(World::of([1]), &rules());
    let text = scene.host.read(FILE);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let two = format!("[{ONE}, \"${{env:HARTWELL_NEXT}}\"]");
    let with_two = text.replace(ONE, &two);
    scene.host.write(FILE, &with_two);
    // Nobody was served with it yet.
    for (secret, code) in [(SHORT, 1), ("sixteen--letters", 0), ("whsec-of-tomorrow", 0)] {
        scene.host.set("HARTWELL_NEXT", secret);
        let said = scene.host.run(&["check"]).exits(code).said();
        assert!(!said.contains(secret) && said.contains("fewer than 16") == (code == 1), "{said}");
    }
    let serving = Serving::start(&scene.host);
    let send = |serving: &Serving, secret: &str, nth: u64| {
        let body = event(nth, "case.closed", &json!({ "case_id": 1 })).to_string();
        post(&serving.address, HARTWELL, &[(HEADER, &signed(secret, &body, 0))], &body).expect("an answer")
    };
    send(&serving, SECRET, 1).answers(202);
    send(&serving, "whsec-of-tomorrow", 2).answers(202);
    send(&serving, "whsec-of-yesterday", 3).answers(401);
    serving.stop();
    // A third secret is one too many, and what is none is not shown.
    scene.host.write(FILE, &text.replace(ONE, &two.replace(']', ", \"${env:HARTWELL_NEXT}\"]")));
    assert!(scene.host.run(&["check"]).exits(1).said().contains("at most two"));
    scene.host.write(FILE, &text.replace(ONE, "[plain-4711, 4712]"));
    let said = scene.host.run(&["check"]).exits(1).said();
    assert!(!said.contains("4711") && !said.contains("4712"), "{said}");
    // A short one that was there goes on with a warning; a new one comes in by no door.
    scene.host.write(FILE, &text);
    scene.host.set("HARTWELL_WEBHOOK_SECRET", SHORT);
    scene.host.set("HARTWELL_NEXT", SHORT);
    assert!(scene.host.run(&["check"]).exits(0).said().contains("fewer than 16 characters: 0.3.0 will refuse it"));
    let serving = Serving::start(&scene.host);
    send(&serving, SHORT, 4).answers(202);
    let is_refusal = |said: &str| assert!(said.contains("`${env:HARTWELL_NEXT}` has fewer than 16 characters\""), "{said}");
    let references = json!(["${env:HARTWELL_WEBHOOK_SECRET}", "${env:HARTWELL_NEXT}"]);
    let body = json!({ "connections.casepeer.webhook_secret": references });
    is_refusal(&serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&body)).answers(422).body);
    let set = scene.host.run(&["firm", "set", "hartwell", &format!("connections.casepeer.webhook_secret={references}"), "--json"]);
    is_refusal(&set.exits(1).said());
    serving.send(&support, "PATCH", "/api/v1/firms/hartwell", Some(&json!({ "name": "Hartwell" }))).answers(200);
    let text = scene.host.read(FILE);
    scene.host.write(FILE, &text.replace(ONE, &two));
    is_refusal(&scene.host.run(&["rules", "push", "--json"]).exits(1).said());
    scene.host.write(FILE, &text);
}

#[test]
fn who_is_not_casepeer_cannot_tell_whether_a_firm_has_a_secret() {
    let mut scene = Scene::new(World::of([1]), &rules());
    let _okafor = other_firm(&mut scene.host, World::of([1]), "whsec-of-okafor-7");
    let serving = Serving::start(&scene.host);
    let body = closed();
    let send = |path: &str, headers: &[(&str, &str)]| post(&serving.address, path, headers, &body).expect("an answer");
    for signature in [signed("", &body, 0), signed("guessed", &body, 0), "t=1".to_owned()] {
        let headers = [(HEADER, signature.as_str())];
        let without = send(HARTWELL, &headers).answers(401);
        let with = send("/hooks/casepeer/okafor", &headers).answers(401);
        assert_eq!(without.without_its_time_and_id(), with.without_its_time_and_id());
        for unknown in ["/hooks/casepeer/nobody", "/hooks/casepeer/Hartwell", "/hooks/casepeer/..%2Fhartwell", "/hooks/casepeer/%ff"] {
            send(unknown, &headers).answers(404);
        }
    }
    serving.ask("GET", HARTWELL, &[]).answers(405);
    assert_eq!(scene.events("waiting"), 0);
    // Whoever set it up finds out why from the log.
    assert!(serving.stop().stderr.contains("webhook_secret"));
}

#[test]
fn what_is_no_event_is_said_and_what_is_too_large_is_not_read() {
    let scene = Scene::hooked(World::of([1]), &rules());
    let serving = Serving::start(&scene.host);
    let send = |body: &str| post(&serving.address, HARTWELL, &[(HEADER, &signed(SECRET, body, 0))], body);
    for (status, body) in [
        (400, String::new()),
        (400, "{".to_owned()),
        (400, "[".repeat(100_000)),
        (422, "{}".to_owned()),
        (422, "[]".to_owned()),
        (422, closed().replace("case.closed", "case.reopened")),
        (422, closed().replace("case_id\":1", "case_id\":\"1\"")),
        (422, closed().replace("evt_1", "")),
    ] {
        let problem = send(&body).expect("an answer").answers(status);
        assert_eq!((problem.json()["status"].as_u64(), problem.header("content-type")), (Some(status.into()), "application/problem+json"));
    }
    let padded = |length: usize| format!("{}{}", closed(), " ".repeat(length - closed().len()));
    send(&padded(256 * 1024 + 1)).expect("an answer").answers(413);
    send(&padded(3 << 20)).expect("an answer").answers(413);
    // Whoever sends more than that may find the connection closed before the answer.
    if let Some(answer) = send(&padded(40 << 20)) {
        answer.answers(413);
    }
    send(&padded(256 * 1024)).expect("an answer").answers(202);

    let body = event(2, "case.closed", &json!({ "case_id": 1 })).to_string();
    let signature = signed(SECRET, &body, 0);
    let cut_off = post_part(&serving.address, HARTWELL, &[(HEADER, &signature)], &body, body.len() / 2);
    assert!(cut_off.is_none_or(|answer| answer.status == 400));
    assert_eq!(scene.events("waiting") + scene.events("done"), 1);
    serving.stop();
}
