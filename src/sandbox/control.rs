//! The sandbox's own routes, on both ports and without a key: what was asked so far, which faults happen from now on, and what people do
//! in CASEpeer.

use axum::body::Body;
use axum::http::{Method, Response};
use serde_json::json;

use super::actions::perform;
use super::reply::SandboxReply;
use super::respond::{sent, whole};
use super::shared::Shared;
use super::{Content, Faults};

/// `GET` and `DELETE /sandbox/journal`, `PUT /sandbox/faults`, and the actions of [`perform`].
pub(super) fn control(shared: &Shared, method: &Method, what: &str, body: &[u8]) -> Response<Body> {
    let done = || sent(200, "application/json", &Content::Stored("null".into()));
    match (method.as_str(), what) {
        ("GET", "journal") => shared.journal(|journal| whole(&SandboxReply::of(200, json!(journal)))),
        ("DELETE", "journal") => {
            shared.journal(Vec::clear);
            done()
        }
        ("PUT", "faults") => match Faults::parse(&String::from_utf8_lossy(body)) {
            Ok(faults) => {
                shared.set_faults(faults);
                done()
            }
            Err(problem) => whole(&SandboxReply::error(422, "invalid", &problem)),
        },
        ("POST", path) => whole(&perform(shared, path, body).unwrap_or_else(SandboxReply::not_found)),
        _ => whole(&SandboxReply::not_found()),
    }
}
