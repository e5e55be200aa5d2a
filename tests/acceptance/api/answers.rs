//! The API as a whole: who is let in, who sees what, and how it says no.

use serde_json::json;

use crate::support::host::Scene;
use crate::support::http::Answer;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::{Vendors, World};

fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

/// Two firms, each with a run.
struct Two {
    scene: Scene,
    others: Vendors,
    runs: [String; 2],
}

fn two() -> Two {
    let mut scene = Scene::new(World::of([1, 2]), &rules());
    let mut world = World::of([1, 2]);
    world.casepeer_key = "cpk-of-osprey-77".to_owned();
    world.case_status_key = "csk-of-osprey-77".to_owned();
    let others = Vendors::boot(world);
    scene.host.firm("osprey", &others, &rules().with("name", "Osprey & Daughters"));
    let runs = ["hartwell", "osprey"].map(|firm| scene.host.run(&["sync", firm, "--json"]).exits(0).run().id().to_owned());
    Two { scene, others, runs }
}

#[track_caller]
fn is_a_problem(answer: &Answer) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:#?}");
    let problem = answer.json();
    assert_eq!(problem["status"], answer.status, "{problem:#}");
    assert!(problem["title"].is_string() && problem["detail"].is_string() && problem["type"] == "about:blank", "{problem:#}");
}

#[test]
fn nobody_is_let_in_without_a_token() {
    let two = two();
    let serving = Serving::start(&two.scene.host);
    let good = token(&two.scene.host, &["ops", "--role", "support"]);
    let run = &two.runs[0];
    let reports = format!("/api/v1/runs/{run}/report.csv");
    for path in ["/api/v1/firms", "/api/v1/firms/hartwell", "/api/v1/runs", &format!("/api/v1/runs/{run}"), &reports, "/api/v1/nothing"] {
        let without = serving.get(path).answers(401);
        is_a_problem(&without);
        assert_eq!(without.header("www-authenticate"), "Bearer realm=\"casebridge\"");
        for shown in ["Bearer cbt_1", &format!("Basic {good}"), &good, &format!("Bearer {good}x"), "Bearer "] {
            let refused = serving.ask("GET", path, &[("authorization", shown)]).answers(401);
            is_a_problem(&refused);
            assert!(refused.header("www-authenticate").starts_with("Bearer "), "{refused:#?}");
            assert!(!refused.body.contains(run) && !refused.body.contains("Hartwell"), "{refused:#?}");
        }
        let both = [("authorization", "Bearer cbt_1"), ("authorization", &*format!("Bearer {good}"))];
        serving.ask("GET", path, &both).answers(401);
        assert_ne!(serving.get_as(&good, path).status, 401);
    }
    serving.ask("GET", "/api/v1/firms", &[("authorization", &format!("bearer {good}"))]).answers(200);
}

#[test]
fn support_sees_every_firm() {
    let two = two();
    let serving = Serving::start(&two.scene.host);
    let support = token(&two.scene.host, &["ops", "--role", "support"]);

    let firms = serving.get_as(&support, "/api/v1/firms").answers(200).json();
    let names: Vec<_> = firms["firms"].as_array().unwrap().iter().map(|firm| firm["firm"].clone()).collect();
    assert_eq!(names, ["hartwell", "osprey"]);
    let runs = serving.get_as(&support, "/api/v1/runs").answers(200).json();
    assert_eq!(runs["runs"].as_array().unwrap().len(), 2, "{runs:#}");
    for run in &two.runs {
        serving.get_as(&support, &format!("/api/v1/runs/{run}")).answers(200);
        serving.get_as(&support, &format!("/api/v1/runs/{run}/report.csv")).answers(200);
    }
}

#[test]
fn to_staff_other_firms_are_as_if_they_were_not_there() {
    let two = two();
    let [own, other] = &two.runs;
    let serving = Serving::start(&two.scene.host);
    let staff = token(&two.scene.host, &["hart", "--role", "staff", "--firm", "hartwell"]);
    let get = |path: &str| serving.get_as(&staff, path);

    let firms = get("/api/v1/firms").answers(200).json();
    assert_eq!(firms["firms"].as_array().unwrap().len(), 1, "{firms:#}");
    assert_eq!(firms["firms"][0]["firm"], "hartwell");
    for path in ["/api/v1/runs", "/api/v1/runs?firm=hartwell"] {
        let runs = get(path).answers(200).json();
        assert_eq!(json!([runs["runs"][0]["run_id"], runs["runs"][1]]), json!([own, null]), "{runs:#}");
    }
    get("/api/v1/firms/hartwell").answers(200);
    get(&format!("/api/v1/runs/{own}")).answers(200);
    get(&format!("/api/v1/runs/{own}/report.csv")).answers(200);

    // What belongs to another firm is answered word for word as what never was.
    for (there, not_there) in [
        ("/api/v1/firms/osprey".to_owned(), "/api/v1/firms/nobody"),
        ("/api/v1/runs?firm=osprey".to_owned(), "/api/v1/runs?firm=nobody"),
        (format!("/api/v1/runs?before={other}"), "/api/v1/runs?before=20000101-000000-aaaa"),
        (format!("/api/v1/runs/{other}"), "/api/v1/runs/20000101-000000-aaaa"),
        (format!("/api/v1/runs/{other}/report.csv"), "/api/v1/runs/20000101-000000-aaaa/report.csv"),
    ] {
        let refused = get(&there);
        is_a_problem(&refused);
        assert!(refused.status == 404 || there.contains("before"), "{refused:#?}");
        assert_eq!(refused.without_its_time_and_id(), get(not_there).without_its_time_and_id(), "{there}");
    }
}

#[test]
fn staff_of_a_firm_whose_file_is_gone_see_its_runs_and_nothing_else() {
    let two = two();
    let staff = token(&two.scene.host, &["osp", "--role", "staff", "--firm", "osprey"]);
    std::fs::remove_file(two.scene.host.path("rules/osprey.yaml")).unwrap();
    let serving = Serving::start(&two.scene.host);
    assert_eq!(serving.get_as(&staff, "/api/v1/firms").answers(200).json(), json!({ "firms": [] }));
    serving.get_as(&staff, "/api/v1/firms/osprey").answers(404);
    let runs = serving.get_as(&staff, "/api/v1/runs").answers(200).json();
    assert_eq!(runs["runs"][0]["run_id"], two.runs[1].as_str(), "{runs:#}");
}

#[test]
fn no_answer_has_a_key() {
    let two = two();
    let serving = Serving::start(&two.scene.host);
    let support = token(&two.scene.host, &["ops", "--role", "support"]);
    let mut keys = vec![support.clone()];
    for vendors in [&two.scene.vendors, &two.others] {
        let world = vendors.world();
        keys.extend([world.casepeer_key.clone(), world.case_status_key.clone()]);
    }
    let run = &two.runs[0];
    for path in ["/api/v1/firms", "/api/v1/firms/osprey", "/api/v1/runs", &format!("/api/v1/runs/{run}"), "/metrics", "/readyz"] {
        let answer = format!("{:?}", serving.get_as(&support, path).answers(200));
        for key in &keys {
            assert!(!answer.contains(key.as_str()), "{path}: {answer}");
        }
        assert!(!answer.contains("_KEY"), "not even where it comes from: {answer}");
    }
}

#[test]
fn every_answer_can_be_found_in_the_log_and_is_kept_by_nobody() {
    let scene = Scene::new(World::of([1]), &rules());
    let serving = Serving::start(&scene.host);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut ids = std::collections::BTreeSet::new();
    for (token, path) in [
        ("", "/healthz"),
        ("", "/readyz"),
        ("", "/metrics"),
        ("", "/"),
        ("", "/api/v1/firms"),
        (&*support, "/api/v1/firms"),
        (&*support, "/api/v1/firms/%ff"),
        (&*support, "/api/v1/runs/%00"),
        (&*support, "/api/v1/runs?limit=%ff"),
    ] {
        let answer = serving.get_as(token, path);
        ids.insert(answer.header("x-request-id").to_owned());
        for (name, value) in [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("referrer-policy", "no-referrer")] {
            assert_eq!(answer.header(name), value, "{answer:#?}");
        }
        assert!(answer.header("content-security-policy").contains("default-src 'none'"), "{answer:#?}");
        if answer.status >= 400 {
            is_a_problem(&answer);
        }
    }
    assert_eq!(ids.len(), 9, "{ids:?}");
    assert!(ids.iter().all(|id| id.len() >= 16), "{ids:?}");

    // A proxy in front may have given the request an id; one that is odd is not taken over.
    let with_id = |id: &str| serving.ask("GET", "/healthz", &[("x-request-id", id)]).header("x-request-id").to_owned();
    assert_eq!(with_id("trace-7f.3_a"), "trace-7f.3_a");
    for odd in ["a b", "a\"b", &"x".repeat(65)] {
        assert_ne!(with_id(odd), odd);
    }
}

#[test]
fn what_cannot_be_asked_is_said_to_be_so() {
    let scene = Scene::new(World::of([1]), &rules());
    let serving = Serving::start(&scene.host);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let header = format!("Bearer {support}");
    for path in ["/api/v1/nothing", "/api/v1/firms/", "/api/v2/firms", "/nothing", "/api/v1/firms/..%2fhartwell"] {
        is_a_problem(&serving.get_as(&support, path).answers(404));
    }
    for method in ["POST", "DELETE", "PUT"] {
        let refused = serving.ask(method, "/api/v1/firms", &[("authorization", &header)]).answers(405);
        is_a_problem(&refused);
        assert!(refused.header("allow").contains("GET"), "{refused:#?}");
    }
    let head = serving.ask("HEAD", "/healthz", &[]);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}
