//! Why a message did not get through, in words that are safe to show and to log.

use std::fmt;
use std::time::Duration;

use thiserror::Error;

/// Why a message did not get through.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MailError {
    /// The file of certificates cannot be used.
    #[error("the certificates in {path} cannot be used: {problem}")]
    CaFile {
        /// The file.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody answers there.
    #[error("the mail server {server} cannot be reached: {problem}")]
    Unreachable {
        /// Host and port.
        server: String,
        /// What the system says.
        problem: String,
    },
    /// The connection broke off, or what came was no SMTP.
    #[error("the connection to the mail server {server} broke off")]
    Broken {
        /// Host and port.
        server: String,
    },
    /// The time is over.
    #[error("the mail server {server} was not done within {} s", limit.as_secs())]
    TimedOut {
        /// Host and port.
        server: String,
        /// How long was waited in all.
        limit: Duration,
    },
    /// No TLS came about.
    #[error("no secure connection to the mail server {server}: {problem}")]
    Tls {
        /// Host and port.
        server: String,
        /// For instance that nobody known has signed the certificate.
        problem: String,
    },
    /// The server offers no STARTTLS.
    #[error("the mail server {server} offers no STARTTLS, and nothing is sent in the clear over a network")]
    NoStartTls {
        /// Host and port.
        server: String,
    },
    /// The server does not take the user name and password.
    #[error("the mail server {server} does not take the user name and password ({code})")]
    Login {
        /// Host and port.
        server: String,
        /// Its answer's number.
        code: u16,
    },
    /// The server knows no way to sign in that is known here.
    #[error("the mail server {server} offers no way to sign in that is known here")]
    NoLogin {
        /// Host and port.
        server: String,
    },
    /// The server says no, and would again.
    #[error("the mail server {server} refused it: {answer}")]
    Refused {
        /// Host and port.
        server: String,
        /// What it said.
        answer: SmtpReply,
    },
    /// The server said several times that it should be tried again later.
    #[error("the mail server {server} does not take it now: {answer}")]
    Deferred {
        /// Host and port.
        server: String,
        /// What it said.
        answer: SmtpReply,
    },
    /// Letters in an address that this server has no way to take.
    #[error("the mail server {server} takes no addresses with letters beyond a to z")]
    Letters {
        /// Host and port.
        server: String,
    },
    /// The message cannot be put together.
    #[error("the message cannot be put together: {0}")]
    Unwritable(String),
    /// Somebody asked casebridge to stop.
    #[error("stopped before it was sent")]
    Stopped,
    /// The message could not be kept as a file either.
    #[error("it cannot be written to {path}: {problem}")]
    NotKept {
        /// The folder.
        path: String,
        /// What the system says.
        problem: String,
    },
}

impl MailError {
    /// Whether the same may go through a moment later.
    pub fn is_passing(&self) -> bool {
        matches!(self, MailError::Unreachable { .. } | MailError::Broken { .. } | MailError::Deferred { .. })
            || matches!(self, MailError::Login { code, .. } if *code < 500)
    }
}

/// A server's answer reduced to what is safe to show: its number, its enhanced number, and a few plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpReply {
    /// For instance 550.
    pub code: u16,
    words: String,
}

impl SmtpReply {
    /// So many words are kept.
    const WORDS: usize = 8;

    /// Reduces an answer. A server repeats addresses and, if it looks for spam, parts of the message.
    pub(super) fn new(code: u16, text: &str) -> SmtpReply {
        let enhanced = text.split_whitespace().next().filter(|word| {
            let numbers: Vec<&str> = word.split('.').collect();
            numbers.len() == 3 && numbers.iter().all(|number| (1..=3).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit()))
        });
        let plain = |word: &&str| {
            let bare = word.trim_end_matches([',', '.', ':', ';', '!']);
            (1..=20).contains(&bare.len()) && bare.bytes().all(|letter| letter.is_ascii_alphabetic() || letter == b'-')
        };
        let words = enhanced.into_iter().chain(text.split_whitespace().filter(plain).take(SmtpReply::WORDS));
        SmtpReply { code, words: words.collect::<Vec<_>>().join(" ") }
    }
}

impl fmt::Display for SmtpReply {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.code)?;
        let words = self.words.trim_end_matches([',', '.', ':', ';']);
        if words.is_empty() { Ok(()) } else { write!(formatter, " {words}") }
    }
}

#[cfg(test)]
mod tests {
    use super::SmtpReply;

    #[test]
    fn of_an_answer_only_numbers_and_plain_words_are_shown() {
        for (code, text, shown) in [
            (
                550,
                "5.1.1 <jane.doe@firm.example>: Recipient address rejected: User unknown",
                "550 5.1.1 Recipient address rejected: User unknown",
            ),
            (554, "5.7.1 Message contains \"Zyskowski, +13105550001\" http://x.example", "554 5.7.1 Message contains"),
            (451, "", "451"),
            (552, "one two three four five six seven eight nine", "552 one two three four five six seven eight"),
            (550, "\u{1b}[2J gone\r\n", "550 gone"),
            (550, "5.1.1.1 no", "550 no"),
        ] {
            assert_eq!(SmtpReply::new(code, text).to_string(), shown);
        }
    }
}
