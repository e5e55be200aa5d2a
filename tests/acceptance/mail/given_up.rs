//! A server that is not there, or slow: the command ends all the same.

use std::io::Write as _;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{ANN, attachment, kept, scene, start, sync, with_server};

#[test]
fn a_server_that_is_not_there() {
    let mut scene = scene();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    scene.host.set("CASEBRIDGE_MAIL_SMTP", &format!("smtp://{free}"));
    let finished = sync(&scene, ANN).exits(0);
    let run = finished.run();
    let error = run.0["mail"]["error"].as_str().unwrap();
    assert!(error.contains("cannot be reached") && error.contains(&free.to_string()), "{error}");
    assert_eq!(attachment(&kept(&scene)[0]), std::fs::read(scene.host.path(run.text("report"))).unwrap());
}

#[test]
fn a_server_that_never_says_a_word() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut scene = scene();
    scene.host.set("CASEBRIDGE_MAIL_SMTP", &format!("smtp://{}", silent.local_addr().unwrap()));
    scene.host.set("CASEBRIDGE_MAIL_TIMEOUT", "1s");
    let begun = Instant::now();
    let run = sync(&scene, ANN).exits(0).run();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let error = run.0["mail"]["error"].as_str().unwrap();
    assert!(error.contains("within 1 s"), "{error}");
    assert_eq!(kept(&scene).len(), 1);
}

#[test]
fn a_server_that_never_ends_its_line() {
    let endless = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut scene = scene();
    scene.host.set("CASEBRIDGE_MAIL_SMTP", &format!("smtp://{}", endless.local_addr().unwrap()));
    scene.host.set("CASEBRIDGE_MAIL_TIMEOUT", "1s");
    let (heard, sent) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let line = vec![b'2'; 65_536];
        for mut stream in endless.incoming().map_while(Result::ok) {
            let sent = std::iter::repeat_with(|| stream.write(&line)).map_while(Result::ok).sum::<usize>();
            let _ = heard.send(sent);
        }
    });
    assert_eq!(sync(&scene, ANN).exits(0).run().0["mail"]["sent"], false);
    assert_eq!(kept(&scene).len(), 1);
    // What the system holds ready for a reader comes on top.
    let sent = sent.recv_timeout(Duration::from_secs(20)).unwrap();
    assert!(sent < 16 << 20, "{sent}");
}

#[test]
fn a_server_that_takes_its_time_to_take_it() {
    let Some((mut scene, server)) = with_server(json!({ "slow": { "at": "DATA", "seconds": 60 } })) else { return };
    scene.host.set("CASEBRIDGE_MAIL_TIMEOUT", "2s");
    let begun = Instant::now();
    let run = sync(&scene, ANN).exits(0).run();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(run.0["mail"]["sent"], false);
    assert!(server.taken().is_empty());
    assert_eq!(kept(&scene).len(), 1);
}

#[test]
fn a_little_patience_is_all_it_takes() {
    let Some((scene, server)) = with_server(json!({ "slow": { "at": "DATA", "seconds": 3 } })) else { return };
    let run = sync(&scene, ANN).exits(0).run();
    assert_eq!(run.0["mail"], json!({ "to": ANN, "sent": true }));
    server.only();
}

#[test]
fn ctrl_c_ends_the_waiting_and_the_run_stays_what_it_was() {
    let Some((scene, server)) = with_server(json!({ "slow": { "at": "RCPT", "seconds": 60 } })) else { return };
    let mut running = start(&scene, ANN);
    running.until("the mail is under way", || server.commands().iter().any(|command| command.starts_with("RCPT")));
    let begun = Instant::now();
    running.interrupt();
    let run = running.wait().exits(0).run();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!((run.status(), &run.0["mail"]["error"]), ("succeeded", &json!("stopped before it was sent")));
    assert_eq!(kept(&scene).len(), 1);
}
