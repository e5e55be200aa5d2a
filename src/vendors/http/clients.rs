//! The HTTP clients of the whole host: a firm has limits of its own, but no connections, certificates and threads of its own.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{header, redirect};

use super::vendor_dns::VendorDns;
use crate::domain::VendorHosts;

/// How long setting up a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// The HTTP clients of the host.
#[derive(Debug, Clone)]
pub struct Clients {
    /// To vendors on this machine.
    near: reqwest::Client,
    /// To all others.
    far: reqwest::Client,
}

impl Clients {
    /// Redirects are not followed, since the key would go along.
    pub fn new(hosts: VendorHosts) -> Result<Clients, reqwest::Error> {
        // A vendor on this machine is a sandbox: a proxy would not find it, and it has no certificate to hold against the machine's roots.
        Ok(Clients {
            near: builder().no_proxy().tls_certs_only([]).build()?,
            far: builder().dns_resolver(Arc::new(VendorDns(hosts))).build()?,
        })
    }

    /// The client for this address.
    pub(super) fn to(&self, base_url: &str) -> reqwest::Client {
        let is_near = base_url.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http://"));
        if is_near { self.near.clone() } else { self.far.clone() }
    }
}

fn builder() -> reqwest::ClientBuilder {
    let mut headers = header::HeaderMap::new();
    headers.insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
    reqwest::Client::builder()
        .user_agent(concat!("casebridge/", env!("CARGO_PKG_VERSION")))
        .default_headers(headers)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .pool_max_idle_per_host(256)
}
