//! From a firm's rules to its two vendors: the one place where keys go from rules into clients.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};

use crate::rules::{Connection, FirmRules};
use crate::vendors::{CasePeer, CaseStatus, Endpoint, Http, Vendor};

/// One firm's two vendors.
#[derive(Debug, Clone)]
pub struct Reach {
    /// CASEpeer.
    pub casepeer: CasePeer,
    /// Case Status.
    pub case_status: CaseStatus,
}

impl Reach {
    /// The vendors of a firm, within the limits of its rules.
    ///
    /// # Errors
    /// The machine's TLS set-up.
    pub fn new(rules: &FirmRules) -> Result<Reach, reqwest::Error> {
        Ok(Reach {
            casepeer: CasePeer::new(Arc::new(Http::new(endpoint(rules, Vendor::CasePeer, &rules.connections.casepeer))?)),
            case_status: CaseStatus::new(Arc::new(Http::new(endpoint(rules, Vendor::CaseStatus, &rules.connections.case_status))?)),
        })
    }
}

fn endpoint(rules: &FirmRules, vendor: Vendor, connection: &Connection) -> Endpoint {
    let header = &connection.auth_header;
    Endpoint {
        vendor,
        base_url: connection.base_url.to_string(),
        auth_header: header.name.to_string(),
        auth_value: SecretString::from(header.template.replace("{key}", connection.key.expose_secret())),
        page_size: connection.page_size,
        concurrency: rules.limits.concurrency,
        requests_per_second: rules.limits.requests_per_second,
        attempts: rules.limits.attempts,
        timeout: rules.limits.timeout,
    }
}
