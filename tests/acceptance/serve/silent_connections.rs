//! Connections that say nothing, or never to the end: they take nobody's place, and `serve` goes on with its work.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::json;
use tokio::net::TcpSocket;

use crate::support::host::Scene;
use crate::support::http::{Answer, ask, ask_with};
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving, token};
use crate::support::vendors::World;
use crate::support::visitor::{PASSWORD, SUPPORT, add};

/// So many connections keep silent: more than are held open at once. `./test --long` sets 2,000.
fn flood() -> usize {
    std::env::var("CASEBRIDGE_SILENT_CONNECTIONS").map_or(600, |count| count.parse().expect("a number of connections"))
}

/// Opens a connection from one of 200 addresses of this machine.
fn connect_from(number: usize, address: &str) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4().expect("a socket");
        let from = [127, 0, 0, u8::try_from(2 + number % 200).expect("below 202")];
        socket.bind((from, 0).into()).expect("an address");
        socket.connect(address.parse().expect("an address")).await.expect("a connection").into_std().expect("a connection")
    });
    stream.set_nonblocking(false).expect("a connection");
    stream
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
    let before = serving.running.memory();

    // One in three says nothing, one half of a head, one a head and half of a body.
    let begun = ["", "GET /healthz HTTP/1.1\r\nhost: x\r\n", "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nemail="];
    let mut silent: Vec<TcpStream> = (0..flood())
        .map(|number| {
            let mut stream = connect_from(number, &address);
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
                for guess in 0..flood() * 3 / 8 {
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
    let (peak, after) = (serving.running.peak_memory(), serving.running.memory());
    assert!(peak < 150 << 20, "{} MiB at most, {} before, {} after", peak >> 20, before >> 20, after >> 20);
    assert!(after < before + (20 << 20), "{} MiB after, {} before", after >> 20, before >> 20);

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
