//! Listens on loopback: finds the firm by its key, answers by the contract, and lets faults happen on the way.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, to_bytes};
use axum::extract::{self, State};
use axum::http::{Method, Response};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::control::control;
use super::reply::SandboxReply;
use super::request::{LARGEST_BODY, SandboxRequest};
use super::respond::respond;
use super::shared::Shared;
use super::webhooks::WebhookSender;
use super::{Fault, Faults, JournalEntry, SandboxVendor, World, odd};

/// What a sandbox starts with.
#[derive(Debug)]
pub struct Config {
    /// Where CASEpeer listens; port 0 takes a free one.
    pub casepeer: SocketAddr,
    /// Where Case Status listens; port 0 takes a free one.
    pub case_status: SocketAddr,
    /// The firms.
    pub firms: Vec<SandboxFirm>,
    /// Faults from the start.
    pub faults: Faults,
}

/// A firm of the sandbox, found by either key.
#[derive(Debug, Clone)]
pub struct SandboxFirm {
    /// What it is called here.
    pub name: String,
    /// Its key for CASEpeer.
    pub casepeer_key: String,
    /// Its key for Case Status.
    pub case_status_key: String,
    /// What both vendors hold of it.
    pub world: World,
}

/// What CASEpeer signs the webhooks of a firm with.
pub fn webhook_secret(firm: &str) -> String {
    format!("sandbox-{firm}-webhook")
}

/// Both vendors, until they are stopped or dropped.
pub struct Sandbox {
    shared: Arc<Shared>,
    casepeer: SocketAddr,
    case_status: SocketAddr,
    serving: Vec<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts both vendors.
    pub async fn start(config: Config) -> io::Result<Sandbox> {
        let (casepeer, case_status) = (TcpListener::bind(config.casepeer).await?, TcpListener::bind(config.case_status).await?);
        let (casepeer_address, case_status_address) = (casepeer.local_addr()?, case_status.local_addr()?);
        let shared = Arc::new(Shared::new(config.firms, config.faults));
        let serving = vec![serve(casepeer, SandboxVendor::Casepeer, &shared), serve(case_status, SandboxVendor::CaseStatus, &shared)];
        Ok(Sandbox { shared, casepeer: casepeer_address, case_status: case_status_address, serving })
    }

    /// CASEpeer's base URL.
    pub fn casepeer_url(&self) -> String {
        format!("http://{}", self.casepeer)
    }

    /// Case Status's base URL.
    pub fn case_status_url(&self) -> String {
        format!("http://{}", self.case_status)
    }

    /// Sends the host at this address a webhook for what happens in CASEpeer from now on.
    pub fn send_webhooks_to(&self, url: &str) -> Result<(), String> {
        self.shared.set_webhooks(WebhookSender::of(url)?);
        Ok(())
    }

    /// Lets other faults happen from now on.
    pub fn set_faults(&self, faults: Faults) {
        self.shared.set_faults(faults);
    }

    /// What was asked so far.
    pub fn journal(&self) -> Vec<JournalEntry> {
        self.shared.journal(|journal| journal.clone())
    }

    /// Forgets what was asked so far.
    pub fn clear_journal(&self) {
        self.shared.journal(Vec::clear);
    }

    /// Looks at, or changes, what the vendors hold of a firm; `None` if there is no such firm.
    pub fn world<T>(&self, firm: &str, look: impl FnOnce(&mut World) -> T) -> Option<T> {
        self.shared.world(firm, look)
    }

    /// Stops both vendors. Awaiting the answer waits until the last connection is closed.
    pub fn stop(mut self) -> Stopped {
        Stopped { serving: std::mem::take(&mut self.serving) }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

/// Both vendors on their way down; awaited, until they are.
pub struct Stopped {
    serving: Vec<JoinHandle<()>>,
}

impl Future for Stopped {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        self.serving.retain_mut(|task| Pin::new(task).poll(context).is_pending());
        if self.serving.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }
}

fn serve(listener: TcpListener, vendor: SandboxVendor, shared: &Arc<Shared>) -> JoinHandle<()> {
    let app = axum::Router::new().fallback(answer).with_state((vendor, Arc::clone(shared)));
    let mut stopped = shared.stopped();
    // An answer in two parts would else wait for the client to acknowledge the first.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    tokio::spawn(async move {
        let stopped = async move { drop(stopped.wait_for(|stopped| *stopped).await) };
        // Never fails: accepting goes on after any single connection's trouble.
        let _ = axum::serve(listener, app).with_graceful_shutdown(stopped).await;
    })
}

async fn answer(State((vendor, shared)): State<(SandboxVendor, Arc<Shared>)>, request: extract::Request) -> Response<Body> {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    if let Some(what) = uri.path().strip_prefix("/sandbox/") {
        let body = to_bytes(request.into_body(), LARGEST_BODY).await.unwrap_or_default();
        return control(&shared, &method, what, &body);
    }
    let request = SandboxRequest::read(request).await;
    let drawn = shared.draw();
    if !drawn.latency.is_zero() {
        tokio::time::sleep(drawn.latency).await;
    }
    let firm = shared.firm_of_key(vendor, request.authorization.as_deref());
    let fault = drawn.fault.or_else(|| shared.refuses_record(&request).then_some(Fault::RecordRefused));
    let not_done = matches!(drawn.fault, Some(Fault::TooManyRequests | Fault::ErrorBefore | Fault::HangBefore));
    let reply = match firm {
        None => SandboxReply::error(401, "unauthorized", "no such key"),
        Some(_) if not_done => SandboxReply::error(500, "internal", "something went wrong"),
        Some(_) if fault == Some(Fault::RecordRefused) => SandboxReply::error(403, "forbidden", "this record is not for you"),
        Some(firm) => odd::answer(vendor, &mut firm.lock(), &request, drawn.fault),
    };
    let status = match fault {
        Some(Fault::TooManyRequests) => 429,
        Some(Fault::ErrorBefore | Fault::ErrorAfter) => 500,
        Some(Fault::HangBefore | Fault::HangAfter) => 0,
        _ => reply.status,
    };
    shared.note(JournalEntry {
        time: jiff::Timestamp::now(),
        vendor,
        firm: firm.map(|firm| firm.name.clone()).unwrap_or_default(),
        method: request.method,
        path: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        status,
        fault,
        wrote: reply.wrote,
        body: Some(request.body).filter(|body| method != Method::GET && !body.is_null()),
    });
    respond(reply, fault, drawn.retry_after, drawn.count, shared.stopped()).await
}
