//! A request on the wire: the key is looked at, the fault is met, the vendor does its part, the journal keeps it.

use std::convert::Infallible;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::response::Response;
use casebridge::sandbox::SandboxReply;
use futures_util::stream;
use jiff::{Timestamp, fmt::rfc2822};

use super::call::Call;
use super::faults::Fault;
use super::journal::Entry;
use super::{Desk, Vendor};

/// Longer than any client waits.
const FOREVER: Duration = Duration::from_mins(10);

/// Serves one request.
pub async fn serve(desk: Arc<Desk>, vendor: Vendor, request: Request) -> Response {
    let call = Call::read(vendor, request).await;
    let _present = Present::enter(&desk, vendor);
    let number = {
        let mut journal = desk.journal.lock().expect("journal");
        journal.0.push(Entry { call: call.clone(), at: Timestamp::now(), status: None, applied: false, retry_at: None });
        journal.0.len() - 1
    };
    if !is_authorized(&desk, &call) {
        return finish(&desk, number, unauthorized(&call));
    }
    let fault = desk.faults.lock().expect("faults").draw(&call);
    match fault {
        None => finish(&desk, number, perform(&desk, &call)),
        Some(Fault::TooManySeconds(seconds)) => too_many(&desk, number, seconds, false),
        Some(Fault::TooManyUntil(seconds)) => too_many(&desk, number, seconds, true),
        Some(Fault::Unauthorized) => finish(&desk, number, unauthorized(&call)),
        Some(Fault::Refused(status)) => finish(&desk, number, broken(&call, status)),
        Some(Fault::DoneThen(status)) => {
            let done = perform(&desk, &call);
            finish(&desk, number, SandboxReply { wrote: done.wrote, ..broken(&call, status) })
        }
        Some(Fault::CutOff) => {
            let done = perform(&desk, &call);
            finish_with(&desk, number, done, true)
        }
        Some(Fault::Bomb { status, mebibytes }) => {
            desk.note(number, |entry| entry.status = Some(status));
            bomb(status, mebibytes)
        }
        Some(Fault::Trickle) => {
            let bytes = stream::unfold((), |()| async {
                tokio::time::sleep(Duration::from_millis(50)).await;
                Some((Ok::<_, Infallible>(" "), ()))
            });
            Response::new(Body::from_stream(bytes))
        }
        Some(Fault::Hang { done }) => {
            let applied = done && perform(&desk, &call).wrote;
            desk.note(number, |entry| entry.applied = applied);
            tokio::time::sleep(FOREVER).await;
            finish(&desk, number, SandboxReply { wrote: applied, ..broken(&call, 504) })
        }
        Some(Fault::Slow(time)) => {
            tokio::time::sleep(time).await;
            finish(&desk, number, perform(&desk, &call))
        }
        Some(Fault::Wait(gate)) => {
            gate.pass().await;
            finish(&desk, number, perform(&desk, &call))
        }
        Some(Fault::DoneThenWait(gate)) => {
            let done = perform(&desk, &call);
            desk.note(number, |entry| entry.applied = done.wrote);
            gate.pass().await;
            finish(&desk, number, done)
        }
        Some(Fault::Meanwhile(deed)) => {
            deed(&mut desk.world.lock().expect("world"));
            finish(&desk, number, perform(&desk, &call))
        }
        Some(Fault::Redirected(path)) => finish(&desk, number, perform(&desk, &redirected(call, path))),
        Some(Fault::Altered(change)) => {
            let mut done = perform(&desk, &call);
            change(&mut done.body);
            finish(&desk, number, done)
        }
        Some(Fault::Said(status, body)) => finish(&desk, number, SandboxReply::of(status, body)),
        Some(Fault::Instead(deed)) => {
            deed(&mut desk.world.lock().expect("world"));
            finish(&desk, number, broken(&call, 500))
        }
    }
}

fn perform(desk: &Desk, call: &Call) -> SandboxReply {
    desk.world.lock().expect("world").answer(call.vendor, &call.request)
}

fn redirected(mut call: Call, path: String) -> Call {
    call.request.path = path;
    call
}

fn is_authorized(desk: &Desk, call: &Call) -> bool {
    let world = desk.world.lock().expect("world");
    let key = match call.vendor {
        Vendor::Casepeer => &world.casepeer_key,
        Vendor::CaseStatus => &world.case_status_key,
    };
    let keys = std::iter::once(key).chain(&world.other_keys);
    keys.into_iter().any(|key| call.authorization.as_deref() == Some(format!("Bearer {key}").as_str()))
}

/// Vendors echo: an error that repeats the key is what a careless log would keep.
fn unauthorized(call: &Call) -> SandboxReply {
    SandboxReply::error(401, "unauthorized", &format!("`{}` is not known here", call.authorization.as_deref().unwrap_or_default()))
}

/// Likewise with what was sent.
fn broken(call: &Call, status: u16) -> SandboxReply {
    SandboxReply::error(status, "internal", &format!("while working on {} {}", call.path, call.body))
}

fn too_many(desk: &Desk, number: usize, seconds: u64, as_date: bool) -> Response {
    let until = Timestamp::now() + Duration::from_secs(seconds);
    // A date has no fractions, so what it promises is the whole second.
    let (text, until) = if as_date {
        let whole = Timestamp::from_second(until.as_second()).expect("a time");
        (rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&whole).expect("a date"), whole)
    } else {
        (seconds.to_string(), until)
    };
    desk.note(number, |entry| entry.retry_at = Some(until));
    let mut response = finish(desk, number, SandboxReply::error(429, "too_many_requests", "slow down"));
    response.headers_mut().insert(RETRY_AFTER, text.parse().expect("a header"));
    response
}

/// An answer that is small on the wire and large once it is unpacked.
fn bomb(status: u16, mebibytes: usize) -> Response {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let zeros = vec![0; 1 << 20];
    (0..mebibytes).for_each(|_| packed.write_all(&zeros).expect("memory"));
    let packed = packed.finish().expect("memory");
    Response::builder().status(status).header("content-encoding", "gzip").body(Body::from(packed)).expect("a response")
}

fn finish(desk: &Desk, number: usize, answer: SandboxReply) -> Response {
    finish_with(desk, number, answer, false)
}

/// Half of what there is to say, or all.
fn finish_with(desk: &Desk, number: usize, answer: SandboxReply, half: bool) -> Response {
    desk.note(number, |entry| {
        entry.status = Some(answer.status);
        entry.applied = answer.wrote;
    });
    let response = Response::builder().status(answer.status);
    if let Some(file) = answer.file {
        let file = if half { file.half() } else { file };
        let response = response.header(CONTENT_TYPE, "application/octet-stream").header(CONTENT_LENGTH, file.length());
        return response.body(Body::from_stream(stream::iter(file.chunks().map(Ok::<_, Infallible>)))).expect("a response");
    }
    if answer.body.is_null() {
        return response.body(Body::empty()).expect("a response");
    }
    let mut text = answer.body.to_string();
    if half {
        // Cut in characters, so that the half is text and the JSON alone is broken.
        text = text.chars().take(text.chars().count() / 2).collect();
    }
    response.header(CONTENT_TYPE, "application/json").body(Body::from(text)).expect("a response")
}

/// Counts the requests that a vendor has at the same time.
struct Present<'d>(&'d AtomicUsize);

impl Present<'_> {
    fn enter(desk: &Desk, vendor: Vendor) -> Present<'_> {
        let (now, peak) = &desk.presence[vendor as usize];
        peak.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        Present(now)
    }
}

// A caller that gives up drops the request half way, and counts as gone.
impl Drop for Present<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
