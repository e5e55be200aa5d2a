//! The always-on host under way, and what a test asks of it from outside.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::host::{Host, Scene};
use crate::process::{Finished, Running};

/// Fakes the clock of one process; `./test` installs it.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// `casebridge serve` under way.
pub struct Serving {
    pub running: Running,
    pub address: String,
}

impl Serving {
    /// Starts it and waits until it is ready.
    #[track_caller]
    pub fn start(host: &mut Host) -> Serving {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).expect("a free port").port();
        let address = format!("127.0.0.1:{port}");
        host.set("CASEBRIDGE_LISTEN", &address);
        host.set("CASEBRIDGE_JOBS_SPREAD", "0s");
        let mut serving = Serving { running: host.start(&["serve"]), address: address.clone() };
        serving.running.until("it is ready", || get(&address, "/readyz").is_some_and(|(status, _)| status == 200));
        serving
    }

    /// Starts it with its clock set to this time of New York; behind ` x10`, it runs ten times as fast.
    #[track_caller]
    pub fn start_at(host: &mut Host, time: &str) -> Serving {
        assert!(std::path::Path::new(FAKETIME).exists(), "{FAKETIME} is missing: `./test` installs it");
        host.set("LD_PRELOAD", FAKETIME);
        host.set("FAKETIME", &format!("@{time}"));
        host.set("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        host.set("TZ", "America/New_York");
        let serving = Serving::start(host);
        ["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "TZ"].into_iter().for_each(|name| host.unset(name));
        serving
    }

    /// What an address of it answers.
    #[track_caller]
    pub fn get(&self, path: &str) -> (u16, String) {
        get(&self.address, path).unwrap_or_else(|| panic!("{path} is not answered"))
    }

    /// Waits until it is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl FnMut() -> bool) {
        self.running.until(what, is_so);
    }

    /// Lets so much time pass, in which it must not end.
    #[track_caller]
    pub fn goes_on_for(&mut self, time: Duration) {
        std::thread::sleep(time);
        assert!(self.running.is_running());
    }

    /// Stops it as an init system does, and waits for its end.
    #[track_caller]
    pub fn stop(self) -> Finished {
        self.running.interrupt();
        self.running.wait().exits(0)
    }
}

/// What an address of a host answers, if it does.
pub fn get(address: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

impl Scene {
    /// The kinds of the firm's runs, latest first.
    #[track_caller]
    pub fn kinds(&self) -> Vec<String> {
        let listed = self.host.run(&["runs", "list", "--json"]).exits(0).json();
        let runs = listed.as_array().or_else(|| listed["runs"].as_array()).expect("runs");
        runs.iter().map(|run| run["kind"].as_str().expect("a kind").to_owned()).collect()
    }

    /// What came of the edits of the firm's rules, latest first.
    #[track_caller]
    pub fn receipts(&self) -> Vec<Value> {
        let listed = self.host.run(&["rules", "receipts", "hartwell", "--json"]).exits(0).json();
        listed.as_array().expect("receipts").clone()
    }

    /// The outcomes of the latest edits, latest first.
    pub fn outcomes(&self) -> Vec<String> {
        self.receipts().iter().map(|receipt| receipt["outcome"].as_str().expect("an outcome").to_owned()).collect()
    }

    /// The mail that became files, by its subjects, oldest first.
    pub fn subjects(&self) -> Vec<String> {
        let mut files: Vec<_> = self.host.files().into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "eml")).collect();
        files.sort();
        let subject = |path| {
            let text = std::fs::read_to_string(path).expect("mail");
            text.lines().find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned)).expect("a subject")
        };
        files.into_iter().map(subject).collect()
    }
}
