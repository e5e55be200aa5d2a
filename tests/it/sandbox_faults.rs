//! The faults of the sandbox that `docs/operations.md` has a line for: each is there, and does what the line says.

use std::net::SocketAddr;

use casebridge::sandbox::{Config, Faults, Sandbox, data};

/// The faults of the page's table.
fn named() -> Vec<String> {
    let page = include_str!("../../docs/operations.md");
    let (_, section) = page.split_once("\n## What vendors' oddities come to\n").expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    section.lines().filter_map(|line| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned())).collect()
}

#[tokio::test]
async fn each_fault_of_the_page_can_be_asked_for_and_happens() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let named = named();
    assert!(!named.is_empty());
    for fault in named {
        let faults = Faults::parse(&format!("{fault}=100%")).expect("a fault of the sandbox");
        let config = Config { casepeer: anywhere, case_status: anywhere, firms: vec![data::hartwell()], faults };
        let sandbox = Sandbox::start(config).await.expect("free ports");
        let ask = async |path: &str| {
            let request = client.get(format!("{}{path}", sandbox.casepeer_url())).bearer_auth("sandbox-hartwell-casepeer");
            request.send().await.expect("an answer").status().as_u16()
        };
        match fault.as_str() {
            "record_403" => {
                assert_eq!((ask("/account").await, ask("/cases?limit=1").await), (200, 200));
                assert_eq!((ask("/cases/48202").await, ask("/cases/48202").await), (403, 403));
                sandbox.set_faults(Faults::parse("record_403=0%").expect("none"));
                assert_eq!(ask("/cases/48202").await, 200);
            }
            "wrong_identity" => {
                let request = client.get(format!("{}/cases/48202", sandbox.casepeer_url())).bearer_auth("sandbox-hartwell-casepeer");
                let body = request.send().await.expect("an answer").text().await.expect("a body");
                assert!(!body.contains("\"id\":48202,"), "{body}");
            }
            "replayed_create" => {
                let cases = format!("{}/cases", sandbox.case_status_url());
                let case = serde_json::json!({ "integration_id": "48299" });
                let request =
                    client.post(&cases).bearer_auth("sandbox-hartwell-case-status").header("idempotency-key", "a key").json(&case);
                assert_eq!(request.send().await.expect("an answer").status().as_u16(), 201);
                let request = client.get(format!("{cases}?integration_id=48299")).bearer_auth("sandbox-hartwell-case-status");
                assert_eq!(json(request).await["data"], serde_json::json!([]));
            }
            "cursor_round" => {
                let request = client.get(format!("{}/cases?limit=200", sandbox.casepeer_url())).bearer_auth("sandbox-hartwell-casepeer");
                assert_eq!(json(request).await["next_cursor"], "0");
                let request = client.get(format!("{}/messages", sandbox.case_status_url())).bearer_auth("sandbox-hartwell-case-status");
                assert_eq!(json(request).await["has_more"], true);
            }
            "not_kept" => {
                let cases = format!("{}/cases", sandbox.case_status_url());
                let case =
                    json(client.get(format!("{cases}?limit=1")).bearer_auth("sandbox-hartwell-case-status")).await["data"][0].clone();
                let stage = case["stage"].as_u64().expect("a stage");
                let patch = client.patch(format!("{cases}/{}", case["id"].as_str().expect("an id")));
                let patch = patch.bearer_auth("sandbox-hartwell-case-status").json(&serde_json::json!({ "stage": stage + 1 }));
                assert_eq!(json(patch).await["stage"], stage);
            }
            "shifting" => {
                let page = async |query: String| {
                    let request = client.get(format!("{}/cases?limit=2{query}", sandbox.casepeer_url()));
                    json(request.bearer_auth("sandbox-hartwell-casepeer")).await
                };
                let first = page(String::new()).await;
                let second = page(format!("&cursor={}", first["next_cursor"].as_str().expect("a cursor"))).await;
                assert_eq!(first["data"][1], second["data"][0]);
            }
            other => panic!("no test has the fault `{other}`"),
        }
    }
}

async fn json(request: reqwest::RequestBuilder) -> serde_json::Value {
    let text = request.send().await.expect("an answer").text().await.expect("a body");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
