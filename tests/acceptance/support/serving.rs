//! The always-on host under way, and what a test asks of it from outside.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;

use crate::support::host::{Host, Scene};
use crate::support::http::{Answer, ask, ask_with};
use crate::support::process::{Finished, Running};

/// Fakes the clock of one process; `./test` installs it.
pub const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// Schedules that run nothing by themselves: an interval might come while a test looks.
pub const NOTHING_BY_ITSELF: &str = "{ nightly_sync: { enabled: false }, stage_sync: { enabled: false }, \
    message_sync: { enabled: false }, document_sync: { enabled: false } }";

/// The nightly sync alone, as built in.
pub const NIGHTLY_ALONE: &str = "{ stage_sync: { enabled: false }, message_sync: { enabled: false }, document_sync: { enabled: false } }";

/// `casebridge serve` under way.
pub struct Serving {
    pub running: Running,
    pub address: String,
}

impl Serving {
    /// Enables every firm whose rules are in order, and starts it.
    #[track_caller]
    pub fn start(host: &Host) -> Serving {
        enable_all(host);
        Serving::start_with_new_firms(host)
    }

    /// Starts it as it is and waits until it is ready.
    #[track_caller]
    pub fn start_with_new_firms(host: &Host) -> Serving {
        let mut running = host.start(&["serve"]);
        let heard = running.stderr();
        let mut address = None;
        running.until("it listens", || {
            address = heard.after("listening on http://");
            address.is_some()
        });
        let address = address.expect("an address");
        running.until("it is ready", || ask(&address, "GET", "/readyz", &[]).is_some_and(|answer| answer.status == 200));
        Serving { running, address }
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

    /// Asks without saying who asks.
    #[track_caller]
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[])
    }

    /// Asks with a token.
    #[track_caller]
    pub fn get_as(&self, token: &str, path: &str) -> Answer {
        self.ask("GET", path, &[("authorization", &format!("Bearer {token}"))])
    }

    /// Asks anything.
    #[track_caller]
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(&self.address, method, path, headers).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    /// Sends JSON with a token; without a value, nothing.
    #[track_caller]
    pub fn send(&self, token: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
        let text = body.map(Value::to_string);
        let content = text.is_some().then_some(("content-type", "application/json"));
        self.send_with(token, method, path, content.as_slice(), text.as_deref())
    }

    /// Sends anything with a token.
    #[track_caller]
    pub fn send_with(&self, token: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Answer {
        let bearer = format!("Bearer {token}");
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        ask_with(&self.address, method, path, &headers, body).unwrap_or_else(|| panic!("no answer to {method} {path}"))
    }

    /// Asks for a run until it has ended.
    #[track_caller]
    pub fn ended(&mut self, token: &str, begun: &Answer) -> Value {
        let run = begun.json()["run_id"].as_str().expect("a run").to_owned();
        let is_ended = |answer: &Answer| !["queued", "running"].contains(&answer.json()["status"].as_str().unwrap_or("running"));
        self.until_answer("the run ends", token, &format!("/api/v1/runs/{run}"), is_ended).answers(200).json()
    }

    /// Waits until it is so.
    #[track_caller]
    pub fn until(&mut self, what: &str, is_so: impl FnMut() -> bool) {
        self.running.until(what, is_so);
    }

    /// Waits until an answer is so.
    #[track_caller]
    pub fn until_answer(&mut self, what: &str, token: &str, path: &str, mut is_so: impl FnMut(&Answer) -> bool) -> Answer {
        let (address, header) = (self.address.clone(), format!("Bearer {token}"));
        let mut last = None;
        self.until(what, || {
            last = ask(&address, "GET", path, &[("authorization", &header)]);
            last.as_ref().is_some_and(&mut is_so)
        });
        last.expect("an answer")
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
        self.running.terminate();
        self.running.wait().exits(0)
    }
}

/// Enables every firm whose rules are in order. What their files say stays as it is.
pub fn enable_all(host: &Host) {
    if host.run(&["firm", "enable", "--all"]).code != Some(2) {
        return;
    }
    let is_rules = |path: &PathBuf| {
        path.extension().is_some_and(|kind| kind == "yaml") && path.parent().is_some_and(|folder| folder.ends_with("rules"))
    };
    let files: Vec<(PathBuf, Vec<u8>)> =
        host.files().into_iter().filter(is_rules).map(|path| (path.clone(), std::fs::read(path).expect("a file"))).collect();
    host.run(&["firm", "enable", "--all", "--messages", "beginning"]);
    files.into_iter().for_each(|(path, text)| std::fs::write(path, text).expect("a file"));
}

/// Makes a token.
#[track_caller]
pub fn token(host: &Host, arguments: &[&str]) -> String {
    let created = host.run(&[&["token", "create"], arguments].concat()).exits(0);
    created.stdout.trim_end().to_owned()
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
