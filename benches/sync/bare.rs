//! The bare client: what an ordinary program with reqwest and serde does for the same sync. It reads the same pages into plain types, pairs the
//! cases, and sends the same updates at the same concurrency. It checks little, decides by one table and records nothing.

use std::collections::HashMap;

use futures_util::stream::{self, StreamExt as _};
use reqwest::{Client, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Page<T> {
    #[serde(default)]
    next_cursor: Option<String>,
    data: Vec<T>,
}

/// A case of CASEpeer's.
#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "the contract calls them so")]
#[allow(dead_code, reason = "an ordinary client reads what the contract has")]
pub struct Case {
    id: u64,
    case_number: String,
    case_type: String,
    stage: String,
    status: String,
    description: Option<String>,
    opened_on: Option<String>,
    client: Person,
    staff: Vec<Member>,
}

/// A case of Case Status's.
#[derive(Deserialize)]
#[allow(dead_code, reason = "an ordinary client reads what the contract has")]
pub struct Existing {
    id: String,
    integration_id: String,
    readable_id: String,
    practice_area: String,
    stage: u8,
    status: String,
    primary_attorney_email: String,
    paralegal_emails: Vec<String>,
    description: Option<String>,
    case_date: Option<String>,
    client: Person,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "an ordinary client reads what the contract has")]
struct Person {
    first_name: String,
    last_name: String,
    email: Option<String>,
}

#[derive(Deserialize)]
#[allow(dead_code, reason = "an ordinary client reads what the contract has")]
struct Member {
    role: String,
    name: String,
    email: Option<String>,
}

/// Sends what a sync of the firm sends: so many updates.
pub fn sync(casepeer: &str, case_status: &str, concurrency: &str, different: &str) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (concurrency, different): (usize, usize) = (concurrency.parse().expect("a number"), different.parse().expect("a number"));
    tokio::runtime::Runtime::new().expect("threads").block_on(async {
        let (at_casepeer, at_case_status) = (client("bench-casepeer"), client("bench-case-status"));
        let (cases, existing, _, _) = tokio::join!(
            pages::<Case>(&at_casepeer, format!("{casepeer}/cases?connected=true&limit=200")),
            pages::<Existing>(&at_case_status, format!("{case_status}/cases?limit=200")),
            pages::<Value>(&at_case_status, format!("{case_status}/staff?limit=200")),
            pages::<Value>(&at_case_status, format!("{case_status}/practice-areas?limit=200")),
        );
        let cases: HashMap<u64, Case> = cases.into_iter().map(|case| (case.id, case)).collect();
        let updates = existing.iter().filter_map(|existing| {
            let case = cases.get(&existing.integration_id.parse().ok()?)?;
            Some((&existing.id, difference(case, existing)?))
        });
        let client = &at_case_status;
        let sent = stream::iter(updates.map(|(id, body)| async move {
            let answer = client.patch(format!("{case_status}/cases/{id}")).json(&body).send().await.expect("an answer");
            assert!(answer.status().is_success(), "{id}: {}", answer.status());
            answer.json::<Existing>().await.expect("a case")
        }));
        let sent = sent.buffer_unordered(concurrency).count().await;
        assert_eq!(sent, different);
    });
}

/// What has to be sent for this case.
pub fn difference(case: &Case, existing: &Existing) -> Option<Value> {
    let stage = match case.stage.as_str() {
        "Intake" | "Signed Up" => 1,
        "Treating" => 3,
        "Demand Prep" => 4,
        "Negotiation" => 6,
        "Litigation" => 7,
        _ => 8,
    };
    if existing.stage != stage {
        Some(json!({ "stage": stage }))
    } else if existing.description != case.description {
        Some(json!({ "description": case.description }))
    } else if existing.case_date != case.opened_on {
        Some(json!({ "case_date": case.opened_on }))
    } else {
        None
    }
}

fn client(key: &str) -> Client {
    let mut headers = header::HeaderMap::new();
    headers.insert(header::AUTHORIZATION, format!("Bearer {key}").parse().expect("a header"));
    Client::builder().default_headers(headers).no_proxy().build().expect("a client")
}

async fn pages<T: DeserializeOwned>(client: &Client, url: String) -> Vec<T> {
    let mut items = Vec::new();
    let mut next = Some(url.clone());
    while let Some(page) = next {
        let page: Page<T> = client.get(&page).send().await.expect("an answer").json().await.expect("a page");
        items.extend(page.data);
        next = page.next_cursor.map(|cursor| format!("{url}&cursor={cursor}"));
    }
    items
}
