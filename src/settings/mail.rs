//! How mail is sent and to whom notices go, as `mail:` has it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use lettre::Address;
use secrecy::SecretString;
use url::Url;

use crate::diagnostic::Diagnostic;
use crate::yaml::{At, Span, shape};

/// The sender where the settings name none.
const FROM: &str = "casebridge@localhost";
/// How long a message may take to the mail server where the settings do not say.
const TIMEOUT: Duration = Duration::from_secs(30);
/// What `timeout` may be.
const TIMEOUTS: std::ops::RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_mins(10);

shape! {
    /// How mail is sent.
    pub(super) struct Mail {
        /// The sender of mail.
        ///
        /// Default: `casebridge@localhost`
        from: At<String>,
        /// The [mail server](#mail): `smtp://HOST:PORT` or `smtps://HOST:PORT`, with `USER:PASSWORD@` if it needs a login.
        ///
        /// Default: none: mail becomes files
        smtp: At<String>,
        /// Who gets the [notices](operations.md#notices) of `serve`.
        ///
        /// Default: the sender
        notices: Vec<At<String>>,
        /// Certificates (PEM) that sign the mail server's, besides those that the system trusts.
        ///
        /// Default: none
        ca_file: String,
        /// How long a message may take in all, from `1s` to `10m`.
        ///
        /// Default: `30s`
        timeout: At<Span>,
    }
}

/// How mail is sent and to whom notices go.
#[derive(Debug, Clone)]
pub struct MailSettings {
    /// The sender.
    pub from: Address,
    /// The server; without one, messages become files.
    pub smtp: Option<Smtp>,
    /// Who gets notices; never empty.
    pub notices: Vec<Address>,
    /// Certificates that the server's may be signed by, besides those that the system trusts.
    pub ca_file: Option<PathBuf>,
    /// How long a message may take in all.
    pub timeout: Duration,
}

/// A mail server.
#[derive(Clone)]
pub struct Smtp {
    /// Its name or its address, the latter without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Whether the connection is TLS from its start (`smtps`), and not by STARTTLS.
    pub tls_from_start: bool,
    /// The user name and password to sign in with.
    pub login: Option<(String, SecretString)>,
}

impl fmt::Debug for Smtp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Smtp { host, port, .. } = self;
        write!(formatter, "Smtp({host}:{port})")
    }
}

/// Reads an e-mail address as people type it.
///
/// # Errors
/// A sentence that says what is wrong; it does not repeat the text.
pub fn address(text: &str) -> Result<Address, String> {
    let odd = |letter: char| letter.is_control() || letter.is_whitespace();
    let address = text.trim().parse::<Address>().ok().filter(|address| !address.to_string().contains(odd));
    address.ok_or_else(|| "write an e-mail address such as support@firm.example".to_owned())
}

impl Mail {
    /// The settings, every fault noted.
    pub(super) fn resolve(self, faults: &mut Vec<Diagnostic>) -> MailSettings {
        let mut read = |at: At<String>| match address(&at.value) {
            Ok(address) => Some(address),
            Err(help) => {
                faults.push(at.error("this is no e-mail address").help(help));
                None
            }
        };
        let from = self.from.and_then(&mut read);
        let notices: Vec<Address> = self.notices.into_iter().flatten().filter_map(&mut read).collect();
        let smtp = self.smtp.and_then(|at| match server(&at.value) {
            Ok(smtp) => Some(smtp),
            Err((message, help)) => {
                // The address may hold a password: the message does not quote it, and the line is shown masked.
                faults.push(at.error(message).help(help));
                None
            }
        });
        let timeout = self.timeout.map_or(TIMEOUT, |at| {
            if !TIMEOUTS.contains(&at.value.0) {
                faults.push(at.error("this time is out of range").help("it goes from 1s to 10m"));
            }
            at.value.0
        });
        let from = from.unwrap_or_else(|| {
            let (user, host) = FROM.split_once('@').unwrap_or_default();
            Address::new_dangerous(user, host)
        });
        let notices = if notices.is_empty() { vec![from.clone()] } else { notices };
        MailSettings { from, smtp, notices, ca_file: self.ca_file.map(PathBuf::from), timeout }
    }
}

/// What is wrong with a server's address, and what to do.
type Fault = (&'static str, &'static str);

fn server(text: &str) -> Result<Smtp, Fault> {
    const FORM: &str = "write smtp://HOST:PORT or smtps://HOST:PORT, with USER:PASSWORD@ before the host if it wants one";
    const CODED: &str = "in a user name or password write %40 for @, %3A for :, %2F for /, %3F for ?, %23 for # and %25 for %";
    let help = if text.contains('@') { CODED } else { FORM };
    let url = Url::parse(text.trim()).map_err(|_| ("`smtp` is no address of a mail server", help))?;
    let (tls_from_start, usual) = match url.scheme() {
        "smtp" => (false, 25),
        "smtps" => (true, 465),
        _ => return Err(("`smtp` does not begin with smtp:// or smtps://", FORM)),
    };
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_:".contains(letter);
    if host.is_empty() || !host.chars().all(plain) {
        return Err(("`smtp` names no host", FORM));
    }
    if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
        return Err(("something follows host and port in `smtp`", help));
    }
    let decoded = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8().map(std::borrow::Cow::into_owned);
    let login = match (url.username(), url.password()) {
        ("", None) => None,
        (user, Some(password)) if !user.is_empty() && !password.is_empty() => {
            let (Ok(user), Ok(password)) = (decoded(user), decoded(password)) else {
                return Err(("the user name or password in `smtp` is not UTF-8", CODED));
            };
            Some((user, SecretString::from(password)))
        }
        _ => return Err(("`smtp` has a user name without a password, or the other way round", FORM)),
    };
    Ok(Smtp { host: host.to_owned(), port: url.port().unwrap_or(usual), tls_from_start, login })
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::{address, server};

    #[test]
    fn servers_are_read_with_their_usual_ports() {
        for (text, host, port, tls) in [
            ("smtp://localhost", "localhost", 25, false),
            ("smtp://mail.firm.example:587/", "mail.firm.example", 587, false),
            ("smtps://mail.firm.example", "mail.firm.example", 465, true),
            ("smtp://[::1]:2525", "::1", 2525, false),
            (" smtp://127.0.0.1:25 ", "127.0.0.1", 25, false),
        ] {
            let read = server(text).unwrap();
            assert_eq!((read.host.as_str(), read.port, read.tls_from_start), (host, port, tls), "{text}");
            assert!(read.login.is_none());
        }
    }

    #[test]
    fn a_login_is_decoded_and_not_shown() {
        let read = server("smtps://bridge%40firm:hunter%3A2%2F%C3%A9@mail.firm.example").unwrap();
        let (user, password) = read.login.clone().unwrap();
        assert_eq!((user.as_str(), password.expose_secret()), ("bridge@firm", "hunter:2/é"));
        assert_eq!(format!("{read:?}"), "Smtp(mail.firm.example:465)");
    }

    #[test]
    fn what_is_no_server_is_refused_without_being_quoted() {
        for text in [
            "",
            "localhost:25",
            "http://localhost",
            "smtp://",
            "smtp://:25",
            "smtp://hunter2@host",
            "smtp://:hunter2@host",
            "smtp://user:@host",
            "smtp://user:hunter2/x@host",
            "smtp://user:hunter2#x@host",
            "smtp://user:hunter2?x@host",
            "smtp://host:99999",
            "smtp://host/path",
            "smtp://host?tls=none",
            "smtp://user:%ff@host",
            "smtp://a%0d%0ab",
        ] {
            let (message, help) = server(text).err().unwrap_or_else(|| panic!("{text:?} was read"));
            assert!(!message.contains("hunter2") && !help.contains("hunter2"));
        }
    }

    #[test]
    fn addresses_are_one_line_without_spaces() {
        for text in ["a@b.example", " support@firm.example ", "o'neill+x@firm.example", "jürgen@firm.example"] {
            assert!(address(text).is_ok(), "{text}");
        }
        for text in ["", "support", "@firm.example", "a@", "a b@firm.example", "a@firm.example\r\nBcc: x@y.example", "a@b\n.example"] {
            assert!(address(text).is_err(), "{text:?}");
        }
        for text in ["A <a@b.example>", "a@b.example, c@d.example", "\"a\r\nb\"@firm.example", "\"a b\"@firm.example", "a@b.example>"] {
            assert!(address(text).is_err(), "{text:?}");
        }
    }
}
