//! The mail server as plain values, and when a connection to it may be in the clear.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use secrecy::SecretString;

/// A mail server and how to talk to it.
#[derive(Clone)]
pub struct Server {
    /// Its name or its address, the latter without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from others' eyes.
    pub security: Security,
    /// The user name and password to sign in with.
    pub login: Option<(String, SecretString)>,
    /// Certificates in PEM that the server's may be signed by, besides those that the system trusts.
    pub ca_file: Option<PathBuf>,
}

/// How a connection is kept from others' eyes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the start, the certificate checked.
    Tls,
    /// STARTTLS, the certificate checked; without it nothing is sent.
    StartTls,
    /// STARTTLS if the server offers it, any certificate, else in the clear: for a server on this machine. Such a one has a certificate
    /// that was made with it, if any, and what does not leave the machine could as well go in the clear.
    Local,
}

impl Security {
    /// What an `smtp://` address of this host asks for.
    pub fn of(host: &str) -> Security {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let named = host == "localhost" || host.ends_with(".localhost");
        if named || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback()) {
            Security::Local
        } else {
            Security::StartTls
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Server({self}, {:?})", self.security)
    }
}

#[cfg(test)]
mod tests {
    use super::Security;

    #[test]
    fn only_this_machine_may_be_spoken_to_in_the_clear() {
        for host in ["localhost", "LOCALHOST", "localhost.", "mail.localhost", "127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(Security::of(host), Security::Local, "{host}");
        }
        for host in ["mail.firm.example", "10.0.0.1", "0.0.0.0", "::", "localhost.firm.example", "notlocalhost", "127.0.0.1.example", ""] {
            assert_eq!(Security::of(host), Security::StartTls, "{host}");
        }
    }
}
