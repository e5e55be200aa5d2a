//! Messages as bytes, read where they are kept as files: nothing in a text can become a header, and nothing but ASCII in short lines
//! goes on the wire.

use std::path::Path;
use std::time::Duration;

use casebridge::mail::{Csv, Letter, Mailer};
use lettre::Address;
use tokio_util::sync::CancellationToken;

fn address(text: &str) -> Address {
    text.parse().expect("an address")
}

/// The message that these readers' file has.
async fn message(letter: &Letter, to: &[Address]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let kept = folder.path().join("var/mail");
    let mailer = Mailer::new(address("casebridge@firm.example"), None, kept.clone(), Duration::from_secs(1)).unwrap();
    let delivery = mailer.send(letter, to, &CancellationToken::new()).await;
    assert!(!delivery.sent() && !delivery.is_lost() && delivery.error().is_none());
    let file = delivery.file().expect("a file");
    assert_eq!(file.parent(), Some(kept.as_path()));
    assert_eq!(std::fs::read_dir(&kept).unwrap().count(), 1, "nothing unfinished is left");
    private(&kept, 0o700);
    private(file, 0o600);
    String::from_utf8(std::fs::read(file).unwrap()).unwrap()
}

#[cfg(unix)]
fn private(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, mode, "{}", path.display());
}

#[cfg(not(unix))]
fn private(_: &Path, _: u32) {}

/// The names of the headers, after a look at how all lines are formed.
fn headers(message: &str) -> Vec<&str> {
    assert!(message.is_ascii());
    assert!(!message.replace("\r\n", "").contains(['\r', '\n']), "a bare line end");
    let (head, _) = message.split_once("\r\n\r\n").expect("a body");
    assert!(message.split("\r\n").all(|line| line.len() <= 998));
    head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split_once(": ").expect("a header").0).collect()
}

const HEADERS: [&str; 8] = ["From", "Date", "Message-ID", "Subject", "Auto-Submitted", "To", "MIME-Version", "Content-Type"];

#[tokio::test]
async fn no_text_becomes_a_header() {
    let long = "x".repeat(10_000);
    for odd in [
        "a\r\nBcc: everyone@firm.example",
        "a\nBcc: x",
        "a\rBcc: x",
        "\r\n\r\nbody",
        "𝒜𝓃𝓃 — Zażółć",
        "=?utf-8?q?a=0d=0aBcc:?=",
        "\0",
        &long,
    ] {
        let letter = Letter::new(&format!("{odd}: sync"), odd).with(Some(Csv { name: format!("{odd}.csv"), content: odd.into() }));
        let message = message(&letter, &[address("support@firm.example")]).await;
        let names = headers(&message);
        assert_eq!(names.len(), HEADERS.len(), "{names:?} for {odd:?}");
        assert!(names.iter().all(|name| HEADERS.contains(name)), "{names:?} for {odd:?}");
        assert!(message.contains("\r\nAuto-Submitted: auto-generated\r\n"));
    }
}

#[tokio::test]
async fn a_letter_without_a_csv_is_plain_text() {
    let message = message(&Letter::new("a", "One line.\n"), &[address("a@firm.example"), address("b@firm.example")]).await;
    assert!(message.contains("\r\nTo: a@firm.example, b@firm.example\r\n"), "{message}");
    assert!(message.contains("Content-Type: text/plain; charset=utf-8") && message.contains("One line.\r\n"), "{message}");
    assert!(headers(&message).contains(&"Content-Transfer-Encoding"));
}

#[tokio::test]
async fn two_messages_of_one_moment_are_two_files() {
    let folder = tempfile::tempdir().unwrap();
    let mailer = Mailer::new(address("casebridge@firm.example"), None, folder.path().to_owned(), Duration::from_secs(1)).unwrap();
    let (letter, stop) = (Letter::new("a", "b"), CancellationToken::new());
    for _ in 0..20 {
        mailer.send(&letter, &[address("a@firm.example")], &stop).await;
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 20);
}

#[tokio::test]
async fn what_can_neither_be_sent_nor_kept_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("mail");
    std::fs::write(&blocked, "a file where the folder should be").unwrap();
    let mailer = Mailer::new(address("casebridge@firm.example"), None, blocked, Duration::from_secs(1)).unwrap();
    let delivery = mailer.send(&Letter::new("a", "b"), &[address("a@firm.example")], &CancellationToken::new()).await;
    assert!(delivery.is_lost() && !delivery.sent());
    assert!(delivery.error().unwrap().contains("cannot be written"), "{:?}", delivery.error());
}
