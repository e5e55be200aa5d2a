//! The bare client: the same pages and the same updates, with nothing read but the cursor and nothing decided or recorded.

use std::sync::Arc;

use casebridge::sandbox::data;
use futures_util::stream::{self, StreamExt as _};
use reqwest::{Client, header};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{CASES, DIFFERENT};

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    next_cursor: Option<String>,
    #[serde(rename = "data")]
    _data: IgnoredAny,
}

/// Sends what a sync of the firm sends.
pub fn replay(casepeer: &str, case_status: &str, concurrency: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let updates = updates();
    let concurrency = concurrency.parse().expect("a number");
    tokio::runtime::Runtime::new().expect("threads").block_on(async {
        let (at_casepeer, at_case_status) = (client("bench-casepeer"), client("bench-case-status"));
        tokio::join!(
            pages(&at_casepeer, format!("{casepeer}/cases?connected=true&limit=200")),
            pages(&at_case_status, format!("{case_status}/cases?limit=200")),
            pages(&at_case_status, format!("{case_status}/staff?limit=200")),
            pages(&at_case_status, format!("{case_status}/practice-areas?limit=200")),
        );
        let (client, base) = (&at_case_status, &Arc::<str>::from(case_status));
        let sent = stream::iter(updates.into_iter().map(|(id, body)| async move {
            let request = client.patch(format!("{base}/cases/{id}")).header(header::CONTENT_TYPE, "application/json").body(body);
            let answer = request.send().await.expect("an answer");
            assert!(answer.status().is_success(), "{id}: {}", answer.status());
            answer.bytes().await.expect("a body")
        }));
        let sent = sent.buffer_unordered(concurrency).count().await;
        assert_eq!(sent, DIFFERENT);
    });
}

fn client(key: &str) -> Client {
    let mut headers = header::HeaderMap::new();
    headers.insert(header::AUTHORIZATION, format!("Bearer {key}").parse().expect("a header"));
    Client::builder().default_headers(headers).no_proxy().build().expect("a client")
}

async fn pages(client: &Client, url: String) {
    let mut next = Some(url.clone());
    while let Some(page) = next {
        let body = client.get(&page).send().await.expect("an answer").bytes().await.expect("a body");
        let page: Page = serde_json::from_slice(&body).expect("a page");
        next = page.next_cursor.map(|cursor| format!("{url}&cursor={cursor}"));
    }
}

/// What a sync would send: the firm is the same for the same seed, so this is known before either side is asked.
fn updates() -> Vec<(String, String)> {
    let world = data::generated("bench", 7, CASES, CASES, DIFFERENT).world;
    let stage = |name: &str| match name {
        "Intake" | "Signed Up" => 1,
        "Treating" => 3,
        "Demand Prep" => 4,
        "Negotiation" => 6,
        "Litigation" => 7,
        _ => 8,
    };
    let differing = world.existing.iter().filter_map(|existing| {
        let case = world.cases.get(&existing.integration_id.as_ref()?.parse().ok()?)?;
        let body = if existing.stage != stage(&case.stage) {
            format!(r#"{{"stage":{}}}"#, stage(&case.stage))
        } else if existing.description != case.description {
            serde_json::json!({ "description": case.description }).to_string()
        } else if existing.case_date != case.opened_on {
            serde_json::json!({ "case_date": case.opened_on }).to_string()
        } else {
            return None;
        };
        Some((existing.id.clone(), body))
    });
    differing.collect()
}
