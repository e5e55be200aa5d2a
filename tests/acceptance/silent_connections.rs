//! Connections that say nothing, or never to the end: they take nobody's place, and `serve` goes on with its work.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;

use crate::host::Scene;
use crate::http::{Answer, ask, ask_with};
use crate::rules::Rules;
use crate::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::vendors::World;
use crate::visitor::{PASSWORD, SUPPORT, add};

/// More than are held open at once; in the long form, as many as a small flood has.
fn flood() -> usize {
    if std::env::var_os("CASEBRIDGE_LONG").is_some() { 2_000 } else { 600 }
}

fn sign_in(address: &str, email: &str) -> Option<Answer> {
    let form = format!("email={email}&password={}&to=", PASSWORD.replace(' ', "+"));
    ask_with(address, "POST", "/sign-in", &[("content-type", "application/x-www-form-urlencoded")], Some(&form))
}

/// Whether the host has closed a connection; reads what it says before.
fn is_closed(mut stream: TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_mins(1))).expect("a time-out");
    let mut said = Vec::new();
    match stream.read_to_end(&mut said) {
        Ok(_) => true,
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn more_silent_connections_than_are_held_keep_nobody_out() {
    let mut world = World::of(1..=3);
    world.peer(1)["stage"] = json!("Negotiation");
    let scene = Scene::new(world, &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    add(&scene.host, SUPPORT, &["support"]);
    let support = token(&scene.host, &["ops", "--role", "support"]);
    let mut serving = Serving::start(&scene.host);
    let address = serving.address.clone();

    // One in three says nothing, one half of a head, one a head and half of a body.
    let begun = ["", "GET /healthz HTTP/1.1\r\nhost: x\r\n", "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nemail="];
    let mut silent: Vec<TcpStream> = (0..flood())
        .map(|number| {
            let mut stream = TcpStream::connect(&address).expect("a connection");
            stream.write_all(begun[number % 3].as_bytes()).expect("a connection");
            stream
        })
        .collect();

    assert_eq!(ask(&address, "GET", "/healthz", &[]).expect("an answer").status, 200);
    let begun = serving.send(&support, "POST", "/api/v1/firms/hartwell/sync", None).answers(202);
    assert_eq!(serving.ended(&support, &begun)["status"], "succeeded");

    // Sign-ins come from another address of this machine's meanwhile, many and wrong; an honest one is let in among them.
    let guessing: Vec<_> = (0..8)
        .map(|guesser| {
            let address = address.clone();
            std::thread::spawn(move || {
                for guess in 0..if flood() > 1_000 { 750 } else { 12 } {
                    let answer = sign_in(&address, &format!("guess{guess}-{guesser}@firm.example"));
                    assert!(answer.is_none_or(|answer| answer.status != 303));
                }
            })
        })
        .collect();
    serving.until("an honest sign-in is let in", || {
        let form = format!("email={SUPPORT}&password={}&to=", PASSWORD.replace(' ', "+"));
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-forwarded-for", "203.0.113.7")];
        ask_with(&address, "POST", "/sign-in", &headers, Some(&form)).is_some_and(|answer| answer.status == 303)
    });
    guessing.into_iter().for_each(|guesser| guesser.join().expect("a guesser"));

    // The oldest made room for newer ones, and the newest are closed once they have kept silent for too long.
    assert!(is_closed(silent.remove(0)), "the oldest");
    assert!(silent.drain(silent.len() - 3..).all(is_closed), "the newest");
    serving.stop();
}

#[test]
fn the_host_stops_though_connections_are_silent() {
    let scene = Scene::new(World::of([1]), &Rules::new().with("schedule", NOTHING_BY_ITSELF));
    let serving = Serving::start(&scene.host);
    let silent: Vec<_> = (0..20).map(|_| TcpStream::connect(&serving.address).expect("a connection")).collect();
    // A connection may be used again and again.
    let mut kept = TcpStream::connect(&serving.address).expect("a connection");
    for _ in 0..3 {
        kept.write_all(b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n").expect("a connection");
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\nok\n") {
            let mut bytes = [0; 1_024];
            let count = kept.read(&mut bytes).expect("an answer");
            assert_ne!(count, 0, "it is closed: {}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&bytes[..count]);
        }
    }
    serving.stop();
    assert!(silent.into_iter().all(is_closed) && is_closed(kept));
}
