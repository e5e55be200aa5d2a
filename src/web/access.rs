//! Who comes in by which route.
//!
//! Architecture invariant: every route of the API and of the console is added here with its [`Access`], and one guard holds requests to it
//! before any handler runs. A route that has none lets nobody in. What a caller may not see is refused in the words, and after the work,
//! of what is not there.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts as _, MatchedPath, Path, Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{MethodFilter, any, on};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::AppState;
use super::caller::{AuthScheme, AuthorizedRun, Caller, send_to};
use super::problem::Problem;
use crate::domain::FirmId;

/// Whom a route lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Everybody, known or not.
    Public,
    /// Whoever is known.
    Known,
    /// Who may see the firm that the address names.
    SeesFirm,
    /// Who may do the work of the firm that the address names.
    WorksForFirm,
    /// Who may see the firm of the run that the address names.
    SeesRun,
    /// Who may do the work of the firm of the run that the address names.
    WorksForRun,
    /// Integration support.
    Support,
}

/// A route and whom it lets in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteRule {
    /// How it is asked.
    pub method: Method,
    /// Its address, with names in braces.
    pub path: String,
    /// Whom it lets in.
    pub access: Access,
}

/// Routes that are asked through one door, each with whom it lets in.
pub(super) struct Routes {
    door: AuthScheme,
    router: OpenApiRouter<AppState>,
    rules: Vec<RouteRule>,
}

impl Routes {
    pub(super) fn by(door: AuthScheme, description: OpenApi) -> Routes {
        Routes { door, router: OpenApiRouter::with_openapi(description), rules: Vec::new() }
    }

    pub(super) fn get<H: Handler<T, AppState>, T: 'static>(self, path: &str, access: Access, handler: H) -> Routes {
        self.on(Method::GET, MethodFilter::GET, path, access, handler)
    }

    pub(super) fn post<H: Handler<T, AppState>, T: 'static>(self, path: &str, access: Access, handler: H) -> Routes {
        self.on(Method::POST, MethodFilter::POST, path, access, handler)
    }

    /// The same whatever way it is asked.
    pub(super) fn any<H: Handler<T, AppState>, T: 'static>(mut self, path: &str, access: Access, handler: H) -> Routes {
        let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        self.rules.extend(methods.map(|method| RouteRule { method, path: path.to_owned(), access }));
        Routes { router: self.router.route(path, any(handler)), ..self }
    }

    fn on<H: Handler<T, AppState>, T: 'static>(
        mut self,
        method: Method,
        filter: MethodFilter,
        path: &str,
        access: Access,
        handler: H,
    ) -> Routes {
        self.rules.push(RouteRule { method, path: path.to_owned(), access });
        Routes { router: self.router.route(path, on(filter, handler)), ..self }
    }

    /// Adds what `utoipa_axum::routes!` makes of a handler, and its description with it.
    pub(super) fn described(mut self, access: Access, routes: UtoipaMethodRouter<AppState>) -> Routes {
        for (path, item) in &routes.1.paths {
            let methods = [
                (&item.get, Method::GET),
                (&item.post, Method::POST),
                (&item.put, Method::PUT),
                (&item.patch, Method::PATCH),
                (&item.delete, Method::DELETE),
            ];
            let asked = methods.into_iter().filter(|(operation, _)| operation.is_some());
            self.rules.extend(asked.map(|(_, method)| RouteRule { method, path: path.clone(), access }));
        }
        Routes { router: self.router.routes(routes), ..self }
    }

    /// Adds what another file of the same door has.
    pub(super) fn with(self, more: impl FnOnce(Routes) -> Routes) -> Routes {
        more(self)
    }

    /// Every route and whom it lets in.
    pub(super) fn rules(&self) -> &[RouteRule] {
        &self.rules
    }

    /// What is said of the routes.
    pub(super) fn description(self) -> OpenApi {
        self.router.into_openapi()
    }

    /// The same within something that every request goes through once it is let in.
    pub(super) fn through(self, layer: impl FnOnce(OpenApiRouter<AppState>) -> OpenApiRouter<AppState>) -> Routes {
        Routes { router: layer(self.router), ..self }
    }

    /// The routes under their guard.
    pub(super) fn guarded(self, app: &AppState) -> Router<AppState> {
        let rules = self.rules.into_iter().map(|rule| ((rule.method, rule.path), rule.access)).collect();
        let guard = Guard { app: app.clone(), door: self.door, rules: Arc::new(rules) };
        let (router, _) = self.router.split_for_parts();
        router.route_layer(from_fn_with_state(guard, hold))
    }
}

#[derive(Clone)]
struct Guard {
    app: AppState,
    door: AuthScheme,
    rules: Arc<HashMap<(Method, String), Access>>,
}

/// Lets a request through if its route lets its caller in.
async fn hold(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    match guard.admit(request).await {
        Ok(request) => {
            let caller = request.extensions().get::<Caller>().cloned();
            seen_by(caller, next.run(request).await)
        }
        Err(refusal) => refusal,
    }
}

/// An answer that knows whom it is for: a problem is shown within what they see.
fn seen_by(caller: Option<Caller>, mut answer: Response) -> Response {
    if let Some(caller) = caller {
        answer.extensions_mut().insert(caller);
    }
    answer
}

impl Guard {
    async fn admit(&self, request: Request) -> Result<Request, Response> {
        // Whoever may read may ask for the head of what is read.
        let method = if request.method() == Method::HEAD { Method::GET } else { request.method().clone() };
        let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
        let is_own_account = path.starts_with("/account") || path == "/sign-out";
        let Some(access) = self.rules.get(&(method, path)).copied() else { return Err(Problem::nothing_here().into_response()) };
        let (mut parts, body) = request.into_parts();
        if access == Access::Public {
            return Ok(Request::from_parts(parts, body));
        }
        let caller = match Caller::coming_by(self.door, &parts.headers, &self.app).await {
            Ok(Some(caller)) => caller,
            Ok(None) => return Err(self.door.refuses_strangers(&parts)),
            Err(problem) => return Err(problem.into_response()),
        };
        if caller.has_one_time_password && !is_own_account {
            return Err(send_to("/account", &parts));
        }
        let names = Path::<BTreeMap<String, String>>::from_request_parts(&mut parts, &self.app).await;
        let names = names.map(|Path(names)| names).unwrap_or_default();
        let part = |name: &str| names.get(name).map(String::as_str).unwrap_or_default();
        parts.extensions.insert(caller.clone());
        let refused = |problem: Problem| seen_by(Some(caller.clone()), problem.into_response());
        match access {
            Access::Public | Access::Known => {}
            Access::Support if caller.role.is_support() => {}
            Access::Support => return Err(refused(Problem::not_yours())),
            Access::SeesFirm | Access::WorksForFirm => {
                let firm = FirmId::new(part("firm")).filter(|firm| caller.role.may_see(firm));
                let firm = firm.ok_or_else(|| refused(Problem::no_firm()))?;
                if access == Access::WorksForFirm && !caller.role.may_work_for(&firm) {
                    return Err(refused(Problem::not_yours()));
                }
                // Programs are told by what they ask for; people are not shown a form that leads nowhere.
                if access == Access::WorksForFirm
                    && self.door == AuthScheme::Console
                    && !self.app.registry.current().firms.contains_key(&firm)
                {
                    return Err(refused(Problem::no_firm()));
                }
            }
            Access::SeesRun | Access::WorksForRun => {
                let run = AuthorizedRun::named(part("run"), &caller, &self.app).await.map_err(refused)?;
                let run = run.ok_or_else(|| refused(Problem::no_run()))?;
                if access == Access::WorksForRun && !caller.role.may_work_for(&run.0.firm) {
                    return Err(refused(Problem::not_yours()));
                }
                parts.extensions.insert(run);
            }
        }
        Ok(Request::from_parts(parts, body))
    }
}
