//! One conversation with the mail server: connect, make it secure, sign in, hand the message over.

use std::error::Error as _;
use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{
    AsyncSmtpConnection, AsyncTokioStream, Certificate, CertificateStore, TlsParameters, TlsParametersBuilder,
};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use secrecy::ExposeSecret as _;

use super::bounded_stream::BoundedStream;
use super::error::{MailError, SmtpReply};
use super::secured_stream::SecuredStream;
use super::server::{Security, Server};

/// How long a server may take to say goodbye. It has the message by then.
const GOODBYE: Duration = Duration::from_secs(2);

/// A server with everything that a conversation needs, read once.
#[derive(Clone)]
pub(super) struct Line {
    pub server: Server,
    tls: TlsParameters,
}

/// The readers whom the server would not take the message for, and why. It took it for the others.
pub(super) type Refusals = Vec<(Address, MailError)>;

impl Line {
    pub(super) fn new(server: Server) -> Result<Line, MailError> {
        let mut tls = TlsParametersBuilder::new(server.host.clone());
        if server.security == Security::Local {
            tls =
                tls.certificate_store(CertificateStore::None).dangerous_accept_invalid_certs(true).dangerous_accept_invalid_hostnames(true);
        } else if let Some(path) = &server.ca_file {
            let fault = |problem: String| MailError::CaFile { path: path.display().to_string(), problem };
            let pem = std::fs::read(path).map_err(|error| fault(error.kind().to_string()))?;
            let certificates = Certificate::from_pem(&pem).ok().filter(|_| pem.windows(16).any(|part| part == b"BEGIN CERTIFICAT"));
            tls = tls.add_root_certificate(certificates.ok_or_else(|| fault("there is no certificate in PEM in it".to_owned()))?);
        }
        let tls =
            tls.build().map_err(|error| MailError::Tls { server: server.to_string(), problem: tls_problem(&error).unwrap_or_default() })?;
        Ok(Line { server, tls })
    }

    /// Hands `message` over for these readers.
    pub(super) async fn send(&self, from: &Address, to: &[Address], message: &[u8]) -> Result<Refusals, MailError> {
        let mut connection = self.connect().await?;
        let refusals = self.hand_over(&mut connection, from, to, message).await;
        // Whatever came of it, the server is not kept waiting, and its goodbye changes nothing.
        let _ = tokio::time::timeout(GOODBYE, connection.abort()).await;
        refusals
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, MailError> {
        let Server { host, port, security, login, .. } = &self.server;
        let hello = ClientId::default();
        let unreachable = |problem: String| MailError::Unreachable { server: self.server.to_string(), problem };
        let stream = BoundedStream::connect(host, *port).await.map_err(|error| unreachable(error.to_string()))?;
        let connecting = async {
            let stream: Box<dyn AsyncTokioStream> = match security {
                Security::Tls => Box::new(SecuredStream::over(stream, self.tls.clone()).await?),
                Security::StartTls | Security::Local => Box::new(stream),
            };
            AsyncSmtpConnection::connect_with_transport(stream, &hello).await
        };
        let mut connection = connecting.await.map_err(|error| match (self.fault(&error), io_error(&error)) {
            (MailError::Broken { .. }, Some(problem)) => unreachable(problem.to_string()),
            (fault, _) => fault,
        })?;
        match security {
            Security::Tls => {}
            Security::StartTls if !connection.can_starttls() => return Err(MailError::NoStartTls { server: self.server.to_string() }),
            Security::Local if !connection.can_starttls() => {}
            Security::StartTls | Security::Local => {
                connection.starttls(self.tls.clone(), &hello).await.map_err(|error| self.fault(&error))?;
            }
        }
        if let Some((user, password)) = login {
            let known = DEFAULT_MECHANISMS.iter().any(|mechanism| connection.server_info().supports_auth_mechanism(*mechanism));
            if !known {
                return Err(MailError::NoLogin { server: self.server.to_string() });
            }
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let signed_in = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            // Of the answer its number alone: nothing keeps a server from repeating what it was given.
            signed_in.map_err(|error| match error.status() {
                Some(code) => MailError::Login { server: self.server.to_string(), code: code.into() },
                None => self.fault(&error),
            })?;
        }
        Ok(connection)
    }

    async fn hand_over(
        &self,
        connection: &mut AsyncSmtpConnection,
        from: &Address,
        to: &[Address],
        message: &[u8],
    ) -> Result<Refusals, MailError> {
        let mut options = Vec::new();
        if !to.iter().chain([from]).all(|address| address.to_string().is_ascii()) || !message.is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(MailError::Letters { server: self.server.to_string() });
            }
            options.extend([MailParameter::SmtpUtfEight, MailParameter::Body(MailBodyParameter::EightBitMime)]);
        }
        let fault = |error: Error| self.fault(&error);
        connection.command(Mail::new(Some(from.clone()), options)).await.map_err(fault)?;
        let mut refusals = Refusals::new();
        for reader in to {
            match connection.command(Rcpt::new(reader.clone(), Vec::new())).await {
                Ok(_) => {}
                Err(error) if error.status().is_some() => refusals.push((reader.clone(), self.fault(&error))),
                Err(error) => return Err(self.fault(&error)),
            }
        }
        if refusals.len() < to.len() {
            connection.command(Data).await.map_err(fault)?;
            connection.message(message).await.map_err(fault)?;
        }
        Ok(refusals)
    }

    /// What an error of the library means.
    fn fault(&self, error: &Error) -> MailError {
        let server = self.server.to_string();
        if let Some(code) = error.status() {
            let text = error.source().map(ToString::to_string).unwrap_or_default();
            let answer = SmtpReply::new(code.into(), &text);
            return if error.is_transient() { MailError::Deferred { server, answer } } else { MailError::Refused { server, answer } };
        }
        if let Some(problem) = tls_problem(error) {
            return MailError::Tls { server, problem };
        }
        MailError::Broken { server }
    }
}

/// The errors behind an error.
fn behind(error: &Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(error.source(), |error| (*error).source())
}

fn io_error(error: &Error) -> Option<&std::io::Error> {
    behind(error).find_map(|error| error.downcast_ref())
}

/// What TLS says, if it was TLS.
fn tls_problem(error: &Error) -> Option<String> {
    let wrapped = io_error(error).and_then(|error| error.get_ref()).and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let plain = || behind(error).find_map(|error| error.downcast_ref::<rustls::Error>());
    wrapped.or_else(plain).map(ToString::to_string)
}
