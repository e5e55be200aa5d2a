//! Both vendors as one process that costs next to nothing: every answer is rendered before the first request, a thread a connection sends
//! bytes.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use casebridge::sandbox::data;
use serde_json::{Value, json};

use super::bare::{Case, Existing, difference};
use super::different;

const PAGE: usize = 200;

/// Whole HTTP responses by method and path, without the query but for the cursor.
type Responses = Arc<HashMap<String, Vec<u8>>>;

/// Serves a firm of so many cases until the process is killed; prints CASEpeer's address and that of Case Status.
pub fn serve(latency: &str, cases: &str) {
    let latency = Duration::from_millis(latency.parse().expect("milliseconds"));
    let (casepeer, case_status) = responses(cases.parse().expect("a number"));
    let listeners = [casepeer, case_status].map(|responses| (TcpListener::bind("127.0.0.1:0").expect("a free port"), Arc::new(responses)));
    for (listener, _) in &listeners {
        println!("http://{}", listener.local_addr().expect("an address"));
    }
    io::stdout().flush().expect("a pipe");
    std::thread::scope(|threads| {
        for (listener, responses) in &listeners {
            threads.spawn(move || {
                for connection in listener.incoming() {
                    let (connection, responses) = (connection.expect("a connection"), Arc::clone(responses));
                    // A client that goes away ends its thread.
                    std::thread::spawn(move || drop(converse(&connection, latency, &responses)));
                }
            });
        }
    });
}

fn converse(connection: &TcpStream, latency: Duration, responses: &Responses) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let (mut requests, mut answers) = (BufReader::with_capacity(16 * 1024, connection), connection);
    let (mut line, mut key, mut body) = (String::new(), String::new(), Vec::new());
    loop {
        line.clear();
        if requests.read_line(&mut line)? == 0 {
            return Ok(());
        }
        key_of(&line, &mut key);
        let mut length = 0;
        loop {
            line.clear();
            requests.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
        }
        body.resize(length, 0);
        requests.read_exact(&mut body)?;
        if !latency.is_zero() {
            std::thread::sleep(latency);
        }
        answers.write_all(responses.get(&key).map_or(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", Vec::as_slice))?;
    }
}

/// `GET /cases?connected=true&limit=200&cursor=3 HTTP/1.1` → `GET /cases 3`.
fn key_of(line: &str, key: &mut String) {
    let mut words = line.split(' ');
    let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    key.clear();
    key.extend([method, " ", path]);
    if let Some(cursor) = query.split('&').find_map(|pair| pair.strip_prefix("cursor=")) {
        key.extend([" ", cursor]);
    }
}

fn responses(cases: usize) -> (HashMap<String, Vec<u8>>, HashMap<String, Vec<u8>>) {
    let world = data::generated("bench", 7, cases, cases, different(cases)).world;
    let (mut casepeer, mut case_status) = (HashMap::new(), HashMap::new());
    listing(&mut casepeer, "/cases", &world.cases.values().collect::<Vec<_>>());
    listing(&mut case_status, "/cases", &world.existing.iter().collect::<Vec<_>>());
    listing(&mut case_status, "/staff", &world.staff.iter().collect::<Vec<_>>());
    listing(&mut case_status, "/practice-areas", &world.practice_areas.iter().collect::<Vec<_>>());
    for existing in &world.existing {
        let case = &world.cases[&existing["integration_id"].as_str().expect("an id").parse().expect("a number")];
        let mut updated = existing.clone();
        let typed: Case = serde_json::from_value(case.clone()).expect("a case");
        let found: Existing = serde_json::from_value(existing.clone()).expect("a case");
        if let (Some(Value::Object(change)), Value::Object(fields)) = (difference(&typed, &found), &mut updated) {
            fields.extend(change);
            case_status.insert(format!("PATCH /cases/{}", existing["id"].as_str().expect("an id")), response(&updated));
        }
    }
    (casepeer, case_status)
}

fn listing(responses: &mut HashMap<String, Vec<u8>>, path: &str, items: &[&Value]) {
    let pages = items.len().div_ceil(PAGE).max(1);
    for number in 0..pages {
        let page = &items[number * PAGE..items.len().min((number + 1) * PAGE)];
        let next = (number + 1 < pages).then(|| (number + 1).to_string());
        let key = if number == 0 { format!("GET {path}") } else { format!("GET {path} {number}") };
        responses.insert(key, response(&json!({ "data": page, "next_cursor": next, "total": items.len() })));
    }
}

fn response(value: &Value) -> Vec<u8> {
    let body = serde_json::to_vec(value).expect("JSON");
    let mut response = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len()).into_bytes();
    response.extend(body);
    response
}
