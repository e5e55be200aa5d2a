//! The sandbox's CASEpeer tells a host of what happens, signed, and again until the host takes it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::http::StatusCode;
use casebridge::sandbox::{Config, Faults, Sandbox, data, webhook_secret};
use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::mpsc;

/// A host that does not take the first that it is told. Answers its address, and what it was told: path, signature and body.
async fn host() -> (String, mpsc::UnboundedReceiver<(String, String, String)>) {
    let (told, heard) = mpsc::unbounded_channel();
    let first = Arc::new(Mutex::new(true));
    let router = Router::new().fallback(move |request: Request| {
        let (told, first) = (told.clone(), Arc::clone(&first));
        async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
            let signature = parts.headers["x-casepeer-signature"].to_str().expect("text").to_owned();
            let body = String::from_utf8(body.to_vec()).expect("text");
            told.send((parts.uri.path().to_owned(), signature, body)).expect("a listener");
            let is_first = std::mem::replace(&mut *first.lock().expect("a flag"), false);
            if is_first { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::ACCEPTED }
        }
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://{address}/"), heard)
}

#[tokio::test]
async fn what_people_do_is_told_until_it_is_taken() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = Config { casepeer: anywhere, case_status: anywhere, firms: vec![data::hartwell()], faults: Faults::none() };
    let sandbox = Sandbox::start(config).await.expect("free ports");
    let client = Client::builder().no_proxy().build().expect("a client");
    let base = sandbox.casepeer_url();
    let deed = async |path: &str, body: Value| {
        let answer = client.post(format!("{base}/sandbox/hartwell/{path}")).body(body.to_string()).send().await.expect("an answer");
        answer.status().as_u16()
    };
    assert!(sandbox.send_webhooks_to("ftp://nowhere").is_err());
    // Nobody is told as long as nobody is to be.
    assert_eq!(deed("cases/48202/stage", json!({ "stage": "Treating" })).await, 200);
    let (url, mut heard) = host().await;
    sandbox.send_webhooks_to(&url).expect("an address");

    for (path, body, kind) in [
        ("cases/48202/stage", json!({ "stage": "Negotiation" }), "case.stage_changed"),
        ("cases/48202/close", json!({}), "case.closed"),
        ("cases/48221/connect", json!({ "requested_by": "ann@hartwell.example" }), "case.connect_requested"),
        ("outbox", json!({ "case_id": 48_202, "body": "Hello", "author_email": "ann@hartwell.example" }), "message.send_requested"),
    ] {
        assert_eq!(deed(path, body).await, 200, "{path}");
        let mut next = async || tokio::time::timeout(Duration::from_mins(1), heard.recv()).await.expect("it is told").expect("a host");
        let (told_at, mut signature, body) = next().await;
        if kind == "case.stage_changed" {
            let (_, again, same) = next().await;
            assert_eq!(body, same);
            signature = again;
        }
        assert_eq!(told_at, "/hooks/casepeer/hartwell");
        let event: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(event["type"], kind);
        let (time, digest) = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1=")).expect("a signature");
        let mut mac = Hmac::<Sha256>::new_from_slice(webhook_secret("hartwell").as_bytes()).expect("a key");
        mac.update(format!("{time}.{body}").as_bytes());
        let expected: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(digest, expected);
    }
    let (stage, status, typed) = sandbox
        .world("hartwell", |world| {
            let case = &world.cases[&48_202];
            (case["stage"].clone(), case["status"].clone(), world.outbox.last().map(|message| message["body"].clone()))
        })
        .expect("the firm");
    assert_eq!((stage, status, typed), (json!("Negotiation"), json!("closed"), Some(json!("Hello"))));
    for (path, body) in [
        ("cases/1/close", json!({})),
        ("cases/48202/open", json!({})),
        ("outbox", json!({ "case_id": 1, "author_email": "a", "body": "b" })),
    ] {
        assert_eq!(deed(path, body).await, 404, "{path}");
    }
    assert_eq!(deed("cases/48202/stage", json!({ "stage": "" })).await, 422);
}
