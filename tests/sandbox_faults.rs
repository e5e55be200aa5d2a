//! The faults of the sandbox that `docs/operations.md` has a line for: each is there, and does what the line says.

use std::net::SocketAddr;

use casebridge::sandbox::{Config, Faults, Sandbox, data};

/// The faults of the page's table.
fn named() -> Vec<String> {
    let page = include_str!("../docs/operations.md");
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
                // A creation needs a body of the contract's: what comes of it is tested beside the fault, in `sandbox/odd.rs`.
                assert_eq!(ask("/cases/48202").await, 200);
            }
            other => panic!("no test has the fault `{other}`"),
        }
    }
}
