//! Listens on loopback: finds the firm by its key, answers by the contract, and lets faults happen on the way.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Uri, header};
use futures_util::stream;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::journal::MOST;
use super::reply::{Reply, Request};
use super::{Entry, Fault, Faults, RetryAfter, Vendor, World, case_status, casepeer};

/// What a sandbox starts with.
#[derive(Debug)]
pub struct Config {
    /// Where CASEpeer listens; port 0 takes a free one.
    pub casepeer: SocketAddr,
    /// Where Case Status listens; port 0 takes a free one.
    pub case_status: SocketAddr,
    /// The firms.
    pub firms: Vec<Firm>,
    /// Faults from the start.
    pub faults: Faults,
}

/// A firm of the sandbox, found by either key.
#[derive(Debug, Clone)]
pub struct Firm {
    /// What it is called here.
    pub name: String,
    /// Its key for CASEpeer.
    pub casepeer_key: String,
    /// Its key for Case Status.
    pub case_status_key: String,
    /// What both vendors hold of it.
    pub world: World,
}

/// Both vendors, until they are stopped or dropped.
pub struct Sandbox {
    shared: Arc<Shared>,
    casepeer: SocketAddr,
    case_status: SocketAddr,
    serving: [JoinHandle<()>; 2],
}

struct Shared {
    firms: Vec<(Firm, Mutex<World>)>,
    faults: RwLock<Faults>,
    journal: Mutex<Vec<Entry>>,
    requests: AtomicU64,
}

/// Nothing here panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sandbox {
    /// Starts both vendors.
    ///
    /// # Errors
    /// An address that is taken.
    pub async fn start(config: Config) -> io::Result<Sandbox> {
        let firms = config.firms.into_iter().map(|mut firm| {
            let world = std::mem::take(&mut firm.world);
            (firm, Mutex::new(world))
        });
        let shared = Arc::new(Shared {
            firms: firms.collect(),
            faults: RwLock::new(config.faults),
            journal: Mutex::default(),
            requests: AtomicU64::new(0),
        });
        let (casepeer, casepeer_address) = listen(config.casepeer, Vendor::Casepeer, &shared).await?;
        let (case_status, case_status_address) = listen(config.case_status, Vendor::CaseStatus, &shared).await?;
        Ok(Sandbox { shared, casepeer: casepeer_address, case_status: case_status_address, serving: [casepeer, case_status] })
    }

    /// CASEpeer's base URL.
    #[must_use]
    pub fn casepeer_url(&self) -> String {
        format!("http://{}", self.casepeer)
    }

    /// Case Status's base URL.
    #[must_use]
    pub fn case_status_url(&self) -> String {
        format!("http://{}", self.case_status)
    }

    /// Lets other faults happen from now on.
    pub fn set_faults(&self, faults: Faults) {
        *self.shared.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
    }

    /// What was asked so far.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        lock(&self.shared.journal).clone()
    }

    /// Forgets what was asked so far.
    pub fn clear_journal(&self) {
        lock(&self.shared.journal).clear();
    }

    /// Looks at, or changes, what the vendors hold of a firm; `None` if there is no such firm.
    pub fn world<T>(&self, firm: &str, look: impl FnOnce(&mut World) -> T) -> Option<T> {
        self.shared.firms.iter().find(|(known, _)| known.name == firm).map(|(_, world)| look(&mut lock(world)))
    }

    /// Stops both vendors.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.serving.iter().for_each(JoinHandle::abort);
    }
}

async fn listen(address: SocketAddr, vendor: Vendor, shared: &Arc<Shared>) -> io::Result<(JoinHandle<()>, SocketAddr)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let app = axum::Router::new().fallback(answer).with_state((vendor, Arc::clone(shared)));
    let serving = tokio::spawn(async move {
        // Ends with the task alone: accepting goes on after any single connection's trouble.
        let _ = axum::serve(listener, app).await;
    });
    Ok((serving, address))
}

async fn answer(
    State((vendor, shared)): State<(Vendor, Arc<Shared>)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    if let Some(control) = uri.path().strip_prefix("/sandbox/") {
        return shared.control(&method, control, &body);
    }
    let count = shared.requests.fetch_add(1, Ordering::Relaxed);
    let (fault, latency, retry_after) = {
        let faults = shared.faults.read().unwrap_or_else(PoisonError::into_inner);
        (faults.draw(count), faults.latency, faults.retry_after)
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let firm = shared.firm(vendor, &headers);
    let not_done = matches!(fault, Some(Fault::TooManyRequests | Fault::ErrorBefore | Fault::HangBefore));
    let reply = match firm {
        None => Reply::error(401, "unauthorized", "no such key"),
        Some(_) if not_done => Reply::error(500, "internal", "something went wrong"),
        Some((_, world)) => {
            let query = uri.query().map_or_else(HashMap::new, |query| url::form_urlencoded::parse(query.as_bytes()).into_owned().collect());
            let request = Request {
                method: method.as_str(),
                path: uri.path().split('/').filter(|segment| !segment.is_empty()).collect(),
                query,
                idempotency_key: headers.get("idempotency-key").and_then(|key| key.to_str().ok()),
                body: &body,
            };
            let mut world = lock(world);
            match vendor {
                Vendor::Casepeer => casepeer::answer(&mut world, &request),
                Vendor::CaseStatus => case_status::answer(&mut world, &request),
            }
        }
    };
    let status = match fault {
        None | Some(Fault::CutOff) => reply.status,
        Some(Fault::TooManyRequests) => 429,
        Some(Fault::ErrorBefore | Fault::ErrorAfter) => 500,
        Some(Fault::HangBefore | Fault::HangAfter) => 0,
    };
    shared.note(Entry {
        vendor,
        firm: firm.map(|(firm, _)| firm.name.clone()).unwrap_or_default(),
        method: method.to_string(),
        path: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        status,
        fault,
        wrote: reply.wrote,
        body: if method == Method::GET { None } else { serde_json::from_slice(&body).ok() },
    });
    send(reply, fault, retry_after, count).await
}

impl Shared {
    fn firm(&self, vendor: Vendor, headers: &HeaderMap) -> Option<(&Firm, &Mutex<World>)> {
        let key = headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")?;
        let found = self.firms.iter().find(|(firm, _)| match vendor {
            Vendor::Casepeer => firm.casepeer_key == key,
            Vendor::CaseStatus => firm.case_status_key == key,
        });
        found.map(|(firm, world)| (firm, world))
    }

    fn note(&self, entry: Entry) {
        let mut journal = lock(&self.journal);
        if journal.len() < MOST {
            journal.push(entry);
        }
    }

    /// `GET` and `DELETE /sandbox/journal`, `PUT /sandbox/faults`.
    fn control(&self, method: &Method, what: &str, body: &[u8]) -> Response<Body> {
        let reply = match (method.as_str(), what) {
            ("GET", "journal") => Reply::ok(&*lock(&self.journal)),
            ("DELETE", "journal") => {
                lock(&self.journal).clear();
                Reply::ok(&serde_json::Value::Null)
            }
            ("PUT", "faults") => match Faults::parse(&String::from_utf8_lossy(body)) {
                Ok(faults) => {
                    *self.faults.write().unwrap_or_else(PoisonError::into_inner) = faults;
                    Reply::ok(&serde_json::Value::Null)
                }
                Err(problem) => Reply::error(422, "invalid", &problem),
            },
            _ => Reply::not_found(),
        };
        respond(reply.status, Body::from(reply.body))
    }
}

async fn send(reply: Reply, fault: Option<Fault>, retry_after: RetryAfter, count: u64) -> Response<Body> {
    match fault {
        None => respond(reply.status, Body::from(reply.body)),
        Some(Fault::TooManyRequests) => {
            let reply = Reply::error(429, "too_many_requests", "slow down");
            let mut response = respond(429, Body::from(reply.body));
            let value = match retry_after {
                RetryAfter::Silent => None,
                RetryAfter::Seconds(seconds) => Some(seconds.to_string()),
                RetryAfter::Date(seconds) => {
                    let then = jiff::Timestamp::now() + Duration::from_secs(seconds);
                    Some(then.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
                }
            };
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                response.headers_mut().insert(header::RETRY_AFTER, value);
            }
            response
        }
        Some(Fault::ErrorBefore | Fault::ErrorAfter) => {
            respond(500, Body::from(Reply::error(500, "internal", "something went wrong").body))
        }
        Some(Fault::HangBefore | Fault::HangAfter) => {
            tokio::time::sleep(Duration::from_mins(5)).await;
            respond(504, Body::empty())
        }
        Some(Fault::CutOff) => {
            let half = Bytes::from(reply.body[..reply.body.len() / 2].to_vec());
            if count.is_multiple_of(2) {
                // Complete by its length, and half of a JSON value.
                return respond(reply.status, Body::from(half));
            }
            // Announced whole, and the connection breaks.
            let broken: [Result<Bytes, io::Error>; 2] = [Ok(half), Err(io::Error::other("cut off"))];
            let mut response = respond(reply.status, Body::from_stream(stream::iter(broken)));
            response.headers_mut().insert(header::CONTENT_LENGTH, HeaderValue::from(reply.body.len()));
            response
        }
    }
}

fn respond(status: u16, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
