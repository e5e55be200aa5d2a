//! Requests that are tried until they succeed, are refused, or have used up their tries.

use std::ops::Deref;
use std::sync::Arc;

use reqwest::{Method, header};
use secrecy::ExposeSecret as _;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use super::attempt::{Call, FormMaker, Payload};
use super::circuit::Circuit;
use super::key_proof::KeyProof;
use super::limiter::Limiter;
use super::{About, Backoff, Clients, Endpoint, Failure, PermitSource, WriteFence};

/// One firm's way to one vendor.
#[derive(Debug)]
pub struct VendorHttp {
    pub(super) line: Arc<Inner>,
    /// Who is asked before each write.
    pub(super) leave: Option<Arc<dyn WriteFence>>,
    /// What the vendor says of the key; one run's own.
    pub(super) proof: Arc<KeyProof>,
}

/// What all that go the same way share; known in this room alone.
#[derive(Debug)]
pub struct Inner {
    pub(super) endpoint: Endpoint,
    client: reqwest::Client,
    /// The header that carries the key.
    auth: Option<(header::HeaderName, header::HeaderValue)>,
    pub(super) limiter: Limiter,
    reads: Circuit,
    writes: Circuit,
}

impl Deref for VendorHttp {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.line
    }
}

impl VendorHttp {
    /// A way to `endpoint`. With `slots` its rate is shared with whoever takes from there.
    pub fn new(endpoint: Endpoint, clients: &Clients, slots: Option<Arc<dyn PermitSource>>) -> VendorHttp {
        let name = header::HeaderName::from_bytes(endpoint.auth_header.as_bytes()).ok();
        let mut value = header::HeaderValue::from_str(endpoint.auth_value.expose_secret()).ok();
        if let Some(value) = &mut value {
            value.set_sensitive(true);
        }
        let limiter = Limiter::new(endpoint.concurrency, endpoint.requests_per_second, slots);
        let client = clients.to(&endpoint.base_url);
        let auth = name.zip(value);
        let line = Inner { client, auth, endpoint, limiter, reads: Circuit::default(), writes: Circuit::default() };
        VendorHttp { line: Arc::new(line), leave: None, proof: Arc::default() }
    }

    /// The same way, with the same limits, for work that has not proved its key yet.
    pub fn unproved(&self) -> VendorHttp {
        VendorHttp { line: Arc::clone(&self.line), leave: self.leave.clone(), proof: Arc::default() }
    }

    /// A request to this path, with the key and the time-out.
    pub(super) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.endpoint.base_url)).timeout(self.endpoint.timeout);
        match &self.auth {
            Some((name, value)) => request.header(name.clone(), value.clone()),
            // Rules are checked for this; a vendor says no.
            None => request,
        }
    }

    /// How often a request is tried.
    pub fn attempts(&self) -> u32 {
        self.endpoint.attempts
    }

    /// How long one try may take.
    pub fn timeout(&self) -> std::time::Duration {
        self.endpoint.timeout
    }

    /// Items a page of a listing.
    pub fn page_size(&self) -> u32 {
        self.endpoint.page_size
    }

    /// Pages of a listing or a feed that are read before it counts as one without an end.
    pub(super) fn max_pages(&self) -> u32 {
        self.endpoint.max_pages
    }

    /// Which vendor.
    pub fn vendor(&self) -> super::Vendor {
        self.endpoint.vendor
    }

    /// When the vendor may be asked again, if it is being left alone.
    pub fn left_alone_until(&self) -> Option<Instant> {
        self.reads.open_until().max(self.writes.open_until())
    }

    /// Reads and writes fail apart: a vendor that shows every case and takes no update is left alone with updates.
    fn circuit(&self, method: &Method) -> &Circuit {
        if *method == Method::GET { &self.reads } else { &self.writes }
    }

    /// GET, answered as `T`.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: String, what: &'static str, about: About<'_>) -> Result<T, Failure> {
        self.get_with(path, what, about, |body| serde_json::from_slice(&body)).await
    }

    /// GET, the body read by `read`.
    pub(crate) async fn get_with<T>(
        &self,
        path: String,
        what: &'static str,
        about: About<'_>,
        read: impl FnMut(Vec<u8>) -> serde_json::Result<T>,
    ) -> Result<T, Failure> {
        self.repeated(Call { method: Method::GET, path, idempotency_key: None, body: Payload::Nothing, what, about }, read).await
    }

    /// PUT of something that may be put again.
    pub(crate) async fn put<T: DeserializeOwned>(
        &self,
        path: String,
        body: &impl Serialize,
        what: &'static str,
        about: About<'_>,
    ) -> Result<T, Failure> {
        let call = Call { method: Method::PUT, path, idempotency_key: None, body: self.encode(body, what)?, what, about };
        self.repeated(call, |body| serde_json::from_slice(&body)).await
    }

    /// PUT of something that may be put again, whose answer says nothing more.
    pub(crate) async fn put_blindly(
        &self,
        path: String,
        body: &impl Serialize,
        what: &'static str,
        about: About<'_>,
    ) -> Result<(), Failure> {
        let call = Call { method: Method::PUT, path, idempotency_key: None, body: self.encode(body, what)?, what, about };
        self.repeated(call, |_| Ok(())).await
    }

    /// POST of something whose repeating is harmless: under a key, or because what it carries says which one it is.
    pub(crate) async fn post<T: DeserializeOwned>(
        &self,
        path: String,
        idempotency_key: Option<&str>,
        body: &impl Serialize,
        what: &'static str,
        about: About<'_>,
    ) -> Result<T, Failure> {
        let body = self.encode(body, what)?;
        let call = Call { method: Method::POST, path, idempotency_key, body, what, about };
        self.repeated(call, |body| serde_json::from_slice(&body)).await
    }

    /// POST of a form with a file of this size, whose repeating is harmless because it carries an id.
    pub(crate) async fn upload<T: DeserializeOwned>(
        &self,
        path: String,
        form: &FormMaker<'_>,
        size: u64,
        what: &'static str,
        about: About<'_>,
    ) -> Result<T, Failure> {
        let call = Call { method: Method::POST, path, idempotency_key: None, body: Payload::Form { make: form, size }, what, about };
        self.repeated(call, |body| serde_json::from_slice(&body)).await
    }

    /// One PATCH, tried once: after an answer that leaves it unsure, only reading the case can say what to do.
    pub(crate) async fn patch_once<T>(
        &self,
        path: String,
        body: &impl Serialize,
        what: &'static str,
        about: About<'_>,
        mut read: impl FnMut(Vec<u8>) -> serde_json::Result<T> + Send,
    ) -> Result<T, Failure> {
        let call = Call { method: Method::PATCH, path, idempotency_key: None, body: self.encode(body, what)?, what, about };
        self.admitted(&call.method)?;
        let done = self.attempt(&call, &mut read).await;
        if !done.as_ref().is_err_and(Failure::is_transient) {
            self.writes.answered();
        }
        match done {
            Ok(answer) => Ok(answer),
            Err(failure) => Err(self.judged(failure, &call.path, call.what).await),
        }
    }

    /// A write that was settled by hand used up all its tries.
    pub(crate) fn note_exhausted(&self) {
        self.writes.exhausted();
    }

    pub(super) async fn repeated<T>(&self, call: Call<'_>, mut read: impl FnMut(Vec<u8>) -> serde_json::Result<T>) -> Result<T, Failure> {
        let circuit = self.circuit(&call.method);
        let mut backoff = Backoff::new(self.endpoint.attempts);
        loop {
            self.admitted(&call.method)?;
            let failure = match self.attempt(&call, &mut read).await {
                Ok(answer) => {
                    circuit.answered();
                    return Ok(answer);
                }
                Err(failure) if !failure.is_transient() => {
                    circuit.answered();
                    return Err(self.judged(failure, &call.path, call.what).await);
                }
                Err(failure) => failure,
            };
            tracing::debug!(vendor = %self.endpoint.vendor, what = call.what, %failure, "request failed; retrying");
            if !backoff.wait(&failure).await {
                circuit.exhausted();
                return Err(failure);
            }
        }
    }

    /// The vendor answered something sensible.
    pub(super) fn answered(&self, method: &Method) {
        self.circuit(method).answered();
    }

    /// A request used up all its tries.
    pub(super) fn exhausted(&self, method: &Method) {
        self.circuit(method).exhausted();
    }

    pub(super) fn admitted(&self, method: &Method) -> Result<(), Failure> {
        self.is_not_given_up()?;
        if self.circuit(method).admits() { Ok(()) } else { Err(Failure::CircuitOpen { vendor: self.endpoint.vendor }) }
    }

    fn encode(&self, body: &impl Serialize, what: &'static str) -> Result<Payload<'static>, Failure> {
        serde_json::to_vec(body).map(Payload::Json).map_err(|_| Failure::Malformed { vendor: self.endpoint.vendor, what })
    }
}
