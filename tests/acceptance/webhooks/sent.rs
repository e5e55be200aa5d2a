//! Webhooks as CASEpeer sends them: signed over the time and the raw body, one connection each.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::host::{Host, Scene};
use crate::support::http::{Answer, read};
use crate::support::rules::Rules;
use crate::support::serving::{NOTHING_BY_ITSELF, Serving};
use crate::support::vendors::{Vendor, Vendors, World};

/// The secret of `hartwell`.
pub const SECRET: &str = "whsec-4e7d21c9aa";

/// Where `hartwell`'s events go.
pub const HARTWELL: &str = "/hooks/casepeer/hartwell";

/// An event of `hartwell`'s of this type, under an id of its own by `number`.
pub fn event(number: u64, kind: &str, data: &Value) -> Value {
    json!({ "id": format!("evt_{number}"), "type": kind, "created_at": "2026-03-02T15:04:05Z", "data": data })
}

/// The header of a body that is signed under a secret, so many seconds from now.
pub fn signed(secret: &str, body: &str, ahead: i64) -> String {
    let time = Timestamp::now().as_second() + ahead;
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{time}.{body}").as_bytes());
    let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={digest}")
}

/// Posts a body with these headers; `None` where the connection breaks off before an answer.
pub fn post(address: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
    post_part(address, path, headers, body, body.len())
}

/// The same, and only so much of the body comes before the connection is half closed.
pub fn post_part(address: &str, path: &str, headers: &[(&str, &str)], body: &str, sent: usize) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    write!(stream, "POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n").ok()?;
    stream.write_all(&body.as_bytes()[..sent]).ok()?;
    if sent < length {
        stream.shutdown(Shutdown::Write).ok()?;
    }
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    read(&String::from_utf8(bytes).ok()?, "POST")
}

impl Serving {
    /// Sends an event as CASEpeer does for `hartwell`.
    #[track_caller]
    pub fn told(&self, event: &Value) -> Answer {
        let body = event.to_string();
        let signature = signed(SECRET, &body, 0);
        post(&self.address, HARTWELL, &[("x-casepeer-signature", &signature)], &body).expect("an answer")
    }

    /// Tells of another stage of a case.
    #[track_caller]
    pub fn told_of_stage(&self, number: u64, case: u64) -> Answer {
        self.told(&event(number, "case.stage_changed", &json!({ "case_id": case, "from": "Treating", "to": "Negotiation" })))
    }
}

/// Rules of a firm that has a webhook secret; nothing runs by itself.
pub fn rules() -> Rules {
    Rules::new().with("schedule", NOTHING_BY_ITSELF)
}

/// Gives a firm of this host a webhook secret.
pub fn give_secret(host: &mut Host, firm: &str, secret: &str) {
    let path = format!("rules/{firm}.yaml");
    let variable = format!("{}_WEBHOOK_SECRET", firm.to_uppercase());
    let key = format!("{}_CASEPEER_KEY}}\"", firm.to_uppercase());
    let text = host.read(&path);
    assert!(text.contains(&key), "{text}");
    host.write(&path, &text.replace(&key, &format!("{key}, webhook_secret: \"${{env:{variable}}}\"")));
    host.set(&variable, secret);
}

impl Scene {
    /// `hartwell` with a webhook secret.
    pub fn hooked(world: World, rules: &Rules) -> Scene {
        let mut scene = Scene::new(world, rules);
        give_secret(&mut scene.host, "hartwell", SECRET);
        scene
    }

    /// Whether Case Status has the case at this stage.
    pub fn is_at(&self, case: u64, stage: u64) -> bool {
        self.vendors.world().status(case)["stage"] == stage
    }

    /// How often CASEpeer was asked for a case.
    pub fn looks_at(&self, case: u64) -> usize {
        let path = format!("/cases/{case}");
        self.vendors.journal().iter().filter(|entry| entry.call.is(Vendor::Casepeer, "GET", &path)).count()
    }

    /// The event of the message that staff typed.
    pub fn send_requested(&self, number: u64, message: &str) -> Value {
        let world = self.vendors.world();
        let typed = world.outbox.iter().find(|typed| typed["id"] == message).expect("a message");
        event(number, "message.send_requested", typed)
    }

    /// The mail that became files, as text whose lines are whole, oldest first.
    pub fn letters(&self) -> Vec<String> {
        let mut files: Vec<_> = self.host.files().into_iter().filter(|path| path.extension().is_some_and(|kind| kind == "eml")).collect();
        files.sort_by_key(|path| std::fs::metadata(path).and_then(|file| file.modified()).expect("a file"));
        files.into_iter().map(|path| std::fs::read_to_string(path).expect("mail").replace("=\r\n", "")).collect()
    }

    /// How many of the firm's events are in this state.
    pub fn events(&self, state: &str) -> i64 {
        let sql = "select cast(count(*) as text) from events where firm = 'hartwell' and state = $1";
        crate::support::store::number(&self.host, sql, &[state])
    }
}

/// Another firm beside `hartwell`, with vendors of its own.
pub fn other_firm(host: &mut Host, world: World, secret: &str) -> Vendors {
    let vendors = Vendors::boot(world);
    host.firm("okafor", &vendors, &rules());
    give_secret(host, "okafor", secret);
    vendors
}
