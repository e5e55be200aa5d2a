//! Takes connections in, serves each, and ends those that keep silent too long.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::bodies::{Received, Sent};
use super::io::Observed;
use super::registry::{Connection, Registry};
use crate::settings::TrustedProxies;

/// How often it is looked at who has been silent too long.
const OFTEN: Duration = Duration::from_secs(1);

/// So long nothing is accepted after it failed, as where the machine has no more open files.
const REST: Duration = Duration::from_millis(100);

/// The most that is held of a request's head, and of an answer that is not read yet.
const BUFFER: usize = 64 * 1024;

/// Lets the process have as many files open as the machine allows; answers how many that are.
pub fn raise_open_files() -> Option<u64> {
    rlimit::increase_nofile_limit(u64::MAX).ok()
}

/// Answers until it is told to stop, and then finishes the answers that are under way.
pub(in crate::web) async fn accept(listener: TcpListener, router: Router, trusted: TrustedProxies, stop: CancellationToken) {
    let registry = Arc::new(Registry::new(trusted));
    let serving = TaskTracker::new();
    let mut ticks = interval(OFTEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut number = 0_u64;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            _ = ticks.tick() => {
                registry.close_overdue(Instant::now());
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) if is_of_one_connection(&error) => continue,
            Err(error) => {
                tracing::warn!(%error, "connection could not be accepted");
                sleep(REST).await;
                continue;
            }
        };
        number += 1;
        let Some(connection) = registry.admit(number, peer.ip(), Instant::now()) else { continue };
        let (router, registry, stop) = (router.clone(), Arc::clone(&registry), stop.clone());
        serving.spawn(async move {
            serve(stream, peer, connection, router, stop).await;
            registry.remove(number);
        });
    }
    drop(listener);
    serving.close();
    let overdue = async {
        loop {
            ticks.tick().await;
            registry.close_overdue(Instant::now());
        }
    };
    tokio::select! {
        () = serving.wait() => {}
        () = overdue => {}
    }
}

/// Serves one connection until it ends or is ended.
async fn serve(stream: TcpStream, peer: SocketAddr, connection: Arc<Connection>, router: Router, stop: CancellationToken) {
    let close = connection.close.clone();
    let answering = Arc::clone(&connection);
    let service = tower::service_fn(move |request: Request<Incoming>| {
        let (router, connection) = (router.clone(), Arc::clone(&answering));
        async move { Ok::<_, Infallible>(answer(request, peer, router, connection).await) }
    });
    let io = TokioIo::new(Observed { stream, connection: Arc::clone(&connection) });
    // Without a timer it has no time-outs of its own.
    let serving = http1::Builder::new().max_buf_size(BUFFER).serve_connection(io, TowerToHyperService::new(service));
    let mut serving = pin!(serving);
    tokio::select! {
        // A connection that breaks off is the peer's affair.
        _ = serving.as_mut() => return,
        () = close.cancelled() => return,
        () = stop.cancelled() => {}
    }
    if connection.progress().is_silent() {
        return;
    }
    serving.as_mut().graceful_shutdown();
    tokio::select! {
        _ = serving => {}
        () = close.cancelled() => {}
    }
}

async fn answer(request: Request<Incoming>, peer: SocketAddr, router: Router, connection: Arc<Connection>) -> Response<Sent> {
    connection.progress().head_is_whole(Instant::now());
    let mut request = request.map(|body| Body::new(Received::new(body, Arc::clone(&connection))));
    request.extensions_mut().insert(ConnectInfo(peer));
    let Ok(response) = tower::ServiceExt::oneshot(router, request).await;
    response.map(|body| Sent::new(body, connection))
}

/// Whether accepting failed because of the connection and not because of the machine.
fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}
