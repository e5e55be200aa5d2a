//! The sandbox's own routes, on both ports and without a key: what was asked so far, which faults happen from now on, and what people do
//! in CASEpeer.

use axum::body::Body;
use axum::http::{Method, Response};
use serde_json::Value;

use super::Faults;
use super::actions::perform;
use super::reply::Reply;
use super::respond::whole;
use super::shared::Shared;

/// `GET` and `DELETE /sandbox/journal`, `PUT /sandbox/faults`, and the actions of [`perform`].
pub(super) fn control(shared: &Shared, method: &Method, what: &str, body: &[u8]) -> Response<Body> {
    let reply = match (method.as_str(), what) {
        ("GET", "journal") => shared.journal(|journal| Reply::ok(journal)),
        ("DELETE", "journal") => {
            shared.journal(Vec::clear);
            Reply::ok(&Value::Null)
        }
        ("PUT", "faults") => match Faults::parse(&String::from_utf8_lossy(body)) {
            Ok(faults) => {
                shared.set_faults(faults);
                Reply::ok(&Value::Null)
            }
            Err(problem) => Reply::error(422, "invalid", &problem),
        },
        ("POST", path) => perform(shared, path, body).unwrap_or_else(Reply::not_found),
        _ => Reply::not_found(),
    };
    whole(&reply)
}
