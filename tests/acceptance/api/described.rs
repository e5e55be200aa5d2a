//! What the API says of itself, to programs and to people.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::host::Scene;
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::World;

fn serving() -> (Scene, Serving) {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let serving = Serving::start(&scene.host);
    (scene, serving)
}

#[test]
fn every_operation_is_described_to_whoever_asks() {
    let (_scene, serving) = serving();
    let description = serving.get("/api/openapi.json").answers(200).json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"), "{}", description["openapi"]);
    assert_eq!(description["servers"][0]["url"], "/");
    assert_eq!(description["components"]["securitySchemes"]["bearer"]["scheme"], "bearer");
    let described: BTreeSet<String> =
        operations(&description).map(|(method, path, _)| format!("{} {path}", method.to_uppercase())).collect();
    let routes = casebridge::web::route_rules().into_iter().filter(|rule| rule.path.starts_with("/api/") && !rule.path.contains('*'));
    assert_eq!(described, routes.map(|rule| format!("{} {}", rule.method, rule.path)).collect());

    for (method, path, operation) in operations(&description) {
        let place = format!("{method} {path}");
        assert!(operation["summary"].is_string() && operation["operationId"].is_string(), "{place}");
        let is_open = operation["security"] == serde_json::json!([]);
        assert_eq!(is_open, path == "/api/openapi.json", "{place}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{place}");
        assert_eq!(responses.contains_key("401"), !is_open, "{place}");
        for (status, response) in responses.iter().filter(|(status, _)| !status.starts_with('2')) {
            assert!(response["content"]["application/problem+json"]["schema"].is_object(), "{place} {status}");
        }
        let names = operation["parameters"].as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "path").count();
        assert_eq!(names, path.matches('{').count(), "{place}");
    }
    // Whatever is referred to is there.
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(description.pointer(reference).is_some(), "{reference}");
    }
}

fn operations(description: &Value) -> impl Iterator<Item = (&String, &String, &Value)> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths.flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, operation)| (method, path, operation)))
}

#[test]
fn people_read_the_same_without_signing_in() {
    let (_scene, serving) = serving();
    let page = serving.get("/api").answers(200);
    assert!(page.header("content-type").starts_with("text/html"), "{page:#?}");
    let description = serving.get("/api/openapi.json").answers(200).json();
    for (method, path, operation) in operations(&description) {
        assert!(page.body.contains(&format!("{} {path}", method.to_uppercase())), "{method} {path}");
        assert!(page.body.contains(&format!("id=\"{}\"", operation["operationId"].as_str().unwrap())), "{method} {path}");
    }
    assert!(page.body.matches("curl").count() >= operations(&description).count(), "an example each");
    assert!(!page.body.contains("style=") && !page.body.contains("null\n"), "{}", page.body);
}
