//! Connections: addresses that keys may be sent to, and secrets that are references, never the secrets themselves.

use secrecy::{ExposeSecret as _, SecretString};

use super::owner::Ownership;
use super::{Resolver, origin};
use crate::domain::{Reference, ReferenceKind, is_loopback};
use crate::rules::firm_rules::WEBHOOKS;
use crate::rules::{AuthHeader, Connection, Connections, raw};
use crate::yaml::{At, Written};

const REFERENCES: &str = "write ${env:NAME} for an environment variable, ${file:NAME} for a file under secrets_dir, or ${secret:NAME} for one sealed in the store";

/// Fewer characters can be guessed from one signature that was overheard.
const SHORTEST_WEBHOOK_SECRET: usize = 16;

/// What a secret is for.
#[derive(Clone, Copy)]
enum Purpose<'a> {
    /// It is sent to this scheme, host and port, and belongs to one firm.
    Key { destination: Option<&'a str> },
    /// It proves what came in, and several firms may share it.
    Webhooks,
}

impl Resolver<'_> {
    pub(super) fn connections(&mut self, raw: raw::RawConnections, near: Option<&Written>) -> Option<Connections> {
        let near = raw.written.as_ref().filter(|written| *written.at.source.name == *self.firm_file).or(near);
        let casepeer = self.connection(raw.casepeer.unwrap_or_default(), "connections.casepeer", near);
        let case_status = self.connection(raw.case_status.unwrap_or_default(), "connections.case_status", near);
        Some(Connections { casepeer: casepeer?, case_status: case_status? })
    }

    fn connection(&mut self, raw: raw::RawConnection, key: &str, near: Option<&Written>) -> Option<Connection> {
        let near = raw.written.as_ref().filter(|written| *written.at.source.name == *self.firm_file).or(near);
        let base_url = self.need(raw.base_url, &format!("{key}.base_url"), near).and_then(|url| self.base_url(&url));
        let destination = base_url.as_ref().map(|(_, destination)| &**destination);
        let key_origin = raw.key.as_ref().map(origin);
        let api_key = self.need(raw.key, &format!("{key}.key"), near);
        let api_key = api_key.and_then(|at| self.secret(&at, &format!("{key}.key"), Purpose::Key { destination }));
        let webhook_secrets = self.webhook_secrets(raw.webhook_secret, &format!("{key}.webhook_secret"));
        let auth_header = self.need(raw.auth_header, &format!("{key}.auth_header"), near).and_then(|at| self.auth_header(&at));
        let page_size = self.need(raw.page_size, &format!("{key}.page_size"), near).and_then(|at| self.number(&at, "a page size", 1..=200));
        let ((base_url, destination), (key_reference, api_key)) = (base_url?, api_key?);
        Some(Connection {
            base_url,
            destination,
            key_reference,
            key: api_key,
            key_origin: key_origin?,
            auth_header: auth_header?,
            page_size: u32::try_from(page_size?).ok()?,
            webhook_secrets: webhook_secrets?,
        })
    }

    /// What signs webhooks: one secret, or two while one takes the place of the other.
    fn webhook_secrets(&mut self, raw: Option<raw::OneOrMore>, field: &str) -> Option<Box<[(Reference, SecretString)]>> {
        let written = raw.map_or_else(Vec::new, |some| some.0);
        if let Some(third) = written.get(2) {
            self.error(third, "at most two webhook secrets hold at a time", "take out those that CASEpeer no longer signs with");
        }
        let secrets: Vec<_> = written.iter().map(|at| self.webhook_secret(at, field)).collect();
        secrets.into_iter().collect::<Option<_>>().filter(|_| written.len() <= 2)
    }

    fn webhook_secret(&mut self, at: &At<String>, field: &str) -> Option<(Reference, SecretString)> {
        let (reference, secret) = self.secret(at, field, Purpose::Webhooks)?;
        if secret.expose_secret().len() >= SHORTEST_WEBHOOK_SECRET {
            return Some((reference, secret));
        }
        let fault = format!("the secret of `{reference}` has fewer than {SHORTEST_WEBHOOK_SECRET} characters");
        let help = "`openssl rand -hex 32` makes one that nobody guesses; let both hold until CASEpeer has it: webhook_secret: [OLD, NEW]";
        let is_known = (self.resolve_context.since)(self.owner.firm).is_some();
        if is_known && self.owner.stood_before(field, &reference) {
            self.faults.push(at.error(format!("{fault}: 0.3.0 will refuse it")).help(help).warning());
            return Some((reference, secret));
        }
        self.error(at, fault, help);
        None
    }

    /// A `base_url`, and its scheme, host and port.
    fn base_url(&mut self, at: &At<String>) -> Option<(Box<str>, Box<str>)> {
        let trimmed = at.value.trim_end_matches('/');
        let Ok(url) = url::Url::parse(trimmed) else {
            // A login may stand in it.
            let shown = if at.value.contains('@') { "this".to_owned() } else { format!("`{}`", at.value) };
            self.error(at, format!("{shown} is no URL"), "write it with its scheme, such as https://api.casestatus.com/v1");
            return None;
        };
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let loopback = is_loopback(host);
        let help = match url.scheme() {
            "https" | "http" if !url.username().is_empty() || url.password().is_some() => {
                Some("take the user name and password out; the key says who asks")
            }
            "https" | "http" if url.query().is_some() || url.fragment().is_some() => Some("take out what follows ? or #"),
            "http" if loopback => None,
            "http" => Some("write https: a key must not cross a network in the clear"),
            "https" => None,
            _ => Some("write an https URL"),
        };
        if let Some(help) = help {
            self.error(at, "this address cannot be used", help);
            return None;
        }
        if let Some(hosts) = self.resolve_context.vendor_hosts
            && !hosts.allow(host)
            && !(hosts.is_default() && self.resolve_context.secrets.knows_host(host))
        {
            let help = format!("if it is the vendor's, name it in `vendor_hosts` in casebridge.yaml; keys go to {hosts} only");
            self.error(at, format!("`{host}` is not among the hosts that keys may be sent to"), help);
            return None;
        }
        Some((trimmed.into(), url.origin().ascii_serialization().into()))
    }

    /// What the reference in `field` stands for, if the firm may use it.
    fn secret(&mut self, at: &At<String>, field: &str, purpose: Purpose<'_>) -> Option<(Reference, SecretString)> {
        let Some(reference) = Reference::read(&at.value) else {
            self.error(at, "a secret must not stand in this file", REFERENCES);
            return None;
        };
        let secrets = self.resolve_context.secrets;
        let may_be_shared = matches!(purpose, Purpose::Webhooks);
        let ownership = self.owner.ownership(&reference, field, may_be_shared, secrets);
        // What is not the firm's is not looked for: the refusal reads the same whether it is there or not.
        if ownership == Ownership::Refused {
            self.refuse(at, &reference);
            return None;
        }
        if let Purpose::Key { destination: Some(to) } = purpose
            && let Some(given_for) = secrets.destination(&reference)
            && given_for != to
        {
            let firm = self.owner.firm;
            let mut help = format!("if {to} is the vendor's: `casebridge firm trust {firm} --origin` on the host's machine");
            if given_for == WEBHOOKS {
                help = format!("give the key a reference of its own, beginning with {firm}");
            } else if reference.kind == ReferenceKind::Sealed {
                help += &format!(", or type the key again: `casebridge secret set {}`", reference.name);
            }
            self.error(at, format!("the key of `{reference}` was given for {given_for}, and is not sent to {to}"), help);
            return None;
        }
        let found = match reference.kind {
            ReferenceKind::Env => secrets.env(&reference.name),
            ReferenceKind::File => secrets.file(&reference.name),
            ReferenceKind::Sealed => secrets.secret(&reference.name),
        };
        match (found, ownership) {
            (Ok(secret), Ownership::Tolerated) => {
                self.faults.push(self.owner.warning(at, &reference, field, may_be_shared));
                Some((reference, secret))
            }
            (Ok(secret), _) => Some((reference, secret)),
            (Err(_), Ownership::Tolerated) => {
                self.refuse(at, &reference);
                None
            }
            (Err(missing), _) => {
                self.error(at, missing.problem, missing.help);
                None
            }
        }
    }

    fn refuse(&mut self, at: &At<String>, reference: &Reference) {
        self.faults.push(self.owner.refusal(at, reference));
    }

    fn auth_header(&mut self, at: &At<String>) -> Option<AuthHeader> {
        let (name, template) = match at.value.split_once(':') {
            Some((name, template)) => (name.trim(), template.trim()),
            None if at.value.eq_ignore_ascii_case("authorization") => ("authorization", "Bearer {key}"),
            None => (at.value.trim(), "{key}"),
        };
        let token = |letter: u8| letter.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&letter);
        let valid_name = !name.is_empty() && name.bytes().all(token);
        let valid_value = template.bytes().all(|letter| (b' '..0x7f).contains(&letter)) && template.matches("{key}").count() == 1;
        if valid_name && valid_value {
            Some(AuthHeader { name: name.to_ascii_lowercase().into(), template: template.into() })
        } else {
            self.error(
                at,
                // The key itself may stand in what is no header.
                if at.value.contains([':', ' ']) { "this is no header".to_owned() } else { format!("`{}` is no header", at.value) },
                "write a name such as X-Api-Key, or a name and its value with {key} in it",
            );
            None
        }
    }
}
