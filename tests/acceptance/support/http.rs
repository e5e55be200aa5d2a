//! HTTP as it is on the wire: one request, one connection, one answer.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    /// By their names in lower case.
    pub headers: BTreeMap<String, String>,
    pub body: String,
}

impl Answer {
    /// A header; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// Asserts its status.
    #[track_caller]
    pub fn answers(self, status: u16) -> Answer {
        assert_eq!(self.status, status, "{self:#?}");
        self
    }

    /// Its body, which must be JSON and say so.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert!(self.header("content-type").contains("json"), "{self:#?}");
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }

    /// The same without what differs between two answers to the same request.
    pub fn without_its_time_and_id(mut self) -> Answer {
        self.headers.retain(|name, _| name != "date" && name != "x-request-id");
        self
    }
}

/// Asks; `None` where nobody listens or the connection breaks off before an answer.
pub fn ask(address: &str, method: &str, path: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    ask_with(address, method, path, headers, None)
}

/// The same with a body.
pub fn ask_with(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.map_or_else(String::new, |body| format!("content-length: {}\r\n", body.len()));
    let body = body.unwrap_or_default();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}{length}\r\n{body}").ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).ok()?;
    read(&String::from_utf8(bytes).ok()?, method)
}

/// Reads an answer, if it is whole.
pub fn read(text: &str, method: &str) -> Option<Answer> {
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: BTreeMap<String, String> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    // An answer says how long it is, and one to HEAD how long it would be.
    let whole = method == "HEAD" || headers.get("content-length").is_none_or(|length| length.parse() == Ok(body.len()));
    let in_pieces = headers.get("transfer-encoding").is_some_and(|encoding| encoding == "chunked");
    let body = if in_pieces { joined(body)? } else { body.to_owned() };
    whole.then_some(Answer { status, headers, body })
}

/// A body that came in pieces, each behind its length in bytes, if it is whole: the last piece is empty.
fn joined(mut rest: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (length, behind) = rest.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.push_str(behind.get(..length)?);
        rest = behind.get(length..)?.strip_prefix("\r\n")?;
    }
}
