//! The console: what firm staff and integration support see and do, as pages that read, and forms that work, without a script.
//!
//! # A walk: a case is connected
//! 1. `web/middleware.rs` gives the request its id and the answer its security headers.
//! 2. `web/access.rs` has each route with whom it lets in, and one guard for all of them. It asks `web/session.rs` whose cookie this is. A
//!    route without an `Access` lets nobody in.
//! 3. `cases/connect.rs` reads the form and calls `preview_connect` of `jobs/service.rs`, which records nothing.
//! 4. The handler fills a struct, and a template of `web/templates` shows it. Templates are checked when the program is compiled, and escape
//!    everything.
//! 5. *Confirm* is a form; tower-http's `csrf` refuses one that was sent from elsewhere. `RunService::connect` starts the run on a task of
//!    its own, so that it goes on when the browser is closed.
//! 6. The audit log gets a line, and the answer leads to the run's page: loading it again repeats nothing. `web/run_watch.rs` looks at the
//!    run's progress twice a second, and `runs/events.rs` sends what changed as server-sent events.
//!
//! A message takes another way: it is stored as an event before anything is sent, so that a process that is killed loses none.

mod activity;
mod api_page;
mod assets;
mod audit;
mod cases;
mod firms;
mod instances;
mod layout;
mod letters;
mod messages;
mod onboarding;
mod people;
mod rules;
mod runs;
mod scripts;
mod sign_in;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse as _, Response};
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;
use utoipa::openapi::OpenApi;

pub(super) use self::layout::{Layout, NavItem};
use super::AppState;
use super::access::{Access, Routes};
use super::caller::{AuthScheme, Caller};
use super::problem::Problem;

/// What pages may do: show what this host sends, and send forms back to it.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The pages, and whom each lets in.
pub(super) fn plan() -> Routes {
    Routes::by(AuthScheme::Console, OpenApi::default())
        .with(assets::routes)
        .with(api_page::routes)
        .get("/sign-in", Access::Public, sign_in::show)
        .post("/sign-in", Access::Public, sign_in::sign_in)
        .post("/sign-out", Access::Known, sign_in::sign_out)
        .get("/", Access::Known, activity::show)
        .with(firms::routes)
        .with(cases::routes)
        .with(instances::routes)
        .with(letters::routes)
        .with(messages::routes)
        .with(rules::routes)
        .with(onboarding::routes)
        .with(runs::routes)
        .with(scripts::routes)
        .with(people::routes)
        .with(audit::routes)
}

/// The pages under their guard.
pub(super) fn routes(app: &AppState) -> Router<AppState> {
    let router = plan().guarded(app);
    // Forms carry nothing secret: a browser says by itself where a request comes from.
    let csrf = CsrfLayer::new().with_rejection_response(|_| Problem::from_elsewhere().into_response());
    router.route_layer(csrf).layer(from_fn(as_pages)).layer(CompressionLayer::new())
}

/// Gives pages their headers, and shows problems as pages.
async fn as_pages(request: Request, next: Next) -> Response {
    let is_part = request.headers().contains_key("hx-request");
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let status = response.status();
        let caller = response.extensions_mut().remove::<Caller>();
        response = (status, layout::problem_page(&problem, caller.as_ref(), is_part)).into_response();
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    response
}

/// What is answered where there is nothing: a page to a browser, a problem to a program.
pub(super) async fn nothing_here(headers: HeaderMap, uri: Uri) -> Response {
    let problem = Problem::nothing_here();
    let accepted = headers.get(header::ACCEPT).and_then(|accepted| accepted.to_str().ok()).unwrap_or_default();
    if uri.path().starts_with("/api/") || !accepted.contains("text/html") {
        return problem.into_response();
    }
    (problem.status(), [(header::CONTENT_SECURITY_POLICY, POLICY)], layout::problem_page(&problem, None, false)).into_response()
}

/// A template as an answer.
pub(super) fn page(template: &impl askama::Template) -> Response {
    match template.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "page could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, Problem::own()).into_response()
        }
    }
}
