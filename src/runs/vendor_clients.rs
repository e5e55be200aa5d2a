//! From a firm's rules to its two vendors: the one place where keys go from rules into clients.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret as _, SecretString};

use crate::rules::{Connection, FirmRules};
use crate::store::LeaseWatch;
use crate::vendors::{CasePeer, CaseStatus, Clients, Endpoint, Failure, PermitSource, Vendor, VendorHttp, WriteFence};

/// One firm's two vendors.
#[derive(Debug, Clone)]
pub struct VendorClients {
    /// CASEpeer.
    pub casepeer: CasePeer,
    /// Case Status.
    pub case_status: CaseStatus,
}

impl VendorClients {
    /// The vendors of a firm, within this share of the limits of its rules. Where `slots` has some for a vendor, the rate is kept there.
    pub fn new(rules: &FirmRules, clients: &Clients, share: f64, slots: impl Fn(Vendor) -> Option<Arc<dyn PermitSource>>) -> VendorClients {
        let http = |vendor, connection| Arc::new(VendorHttp::new(endpoint(rules, vendor, connection, share), clients, slots(vendor)));
        VendorClients {
            casepeer: CasePeer::new(http(Vendor::CasePeer, &rules.connections.casepeer)),
            case_status: CaseStatus::new(http(Vendor::CaseStatus, &rules.connections.case_status)),
        }
    }

    /// The same ways for the next run, which has not proved its keys yet.
    pub fn unproved(&self) -> VendorClients {
        let http = |http: &VendorHttp| Arc::new(http.unproved());
        VendorClients { casepeer: CasePeer::new(http(self.casepeer.http())), case_status: CaseStatus::new(http(self.case_status.http())) }
    }

    /// Sends nothing more to either vendor in this run: each further request comes to this failure.
    pub fn give_up(&self, failure: &Failure) {
        self.casepeer.http().give_up(failure.clone());
        self.case_status.http().give_up(failure.clone());
    }

    /// The same ways for a run that writes only as long as it holds its lock: that is looked at before each write, when its turn has come.
    pub fn fenced_by(&self, hold: &LeaseWatch) -> VendorClients {
        let http = |http: &VendorHttp| Arc::new(http.fenced_by(Arc::new(hold.clone())));
        VendorClients { casepeer: CasePeer::new(http(self.casepeer.http())), case_status: CaseStatus::new(http(self.case_status.http())) }
    }
}

impl WriteFence for LeaseWatch {
    fn may_write(&self) -> BoxFuture<'_, bool> {
        Box::pin(self.is_held())
    }

    fn is_over(&self) -> BoxFuture<'_, ()> {
        Box::pin(LeaseWatch::is_over(self))
    }
}

fn endpoint(rules: &FirmRules, vendor: Vendor, connection: &Connection, share: f64) -> Endpoint {
    let header = &connection.auth_header;
    Endpoint {
        vendor,
        base_url: connection.base_url.to_string(),
        auth_header: header.name.to_string(),
        auth_value: SecretString::from(header.template.replace("{key}", connection.key.expose_secret())),
        page_size: connection.page_size,
        concurrency: part(rules.limits.concurrency, share),
        requests_per_second: rules.limits.requests_per_second * share,
        attempts: rules.limits.attempts,
        timeout: rules.limits.timeout,
        max_pages: rules.limits.max_pages,
    }
}

/// A part of so many requests in flight, at least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)] // 1 to 256, and a share below 1
fn part(concurrency: usize, share: f64) -> usize {
    ((concurrency as f64 * share).round() as usize).max(1)
}
