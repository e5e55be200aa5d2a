//! What the API says of itself: what its handlers say, and what all of them have in common.

use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use serde_json::{Map, Value, json};
use utoipa::OpenApi as _;
use utoipa::openapi::OpenApi;

use super::plan;
use super::runs::RunEvent;
use super::schemas::{FaultShape, ProblemShape};
use crate::web::access::{Access, RouteRule};

/// What a number in an address looks like.
const NUMBER: &str = "^[1-9][0-9]{0,17}$";

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "casebridge",
        description = "What programs ask of casebridge: firms, their rules, cases, runs and letters. Times are RFC 3339 in UTC. \
            Every answer that says no is a problem (RFC 9457)."
    ),
    servers((url = "/")),
    tags(
        (name = "Firms", description = "Firms: their rules, their schedules, and where they stand."),
        (name = "Rules", description = "A firm's file as a whole, and what came of its edits."),
        (name = "Cases", description = "Cases: synced, connected, explained."),
        (name = "Runs", description = "Runs: listed, watched, approved, cancelled, taken back."),
        (name = "Letters", description = "What could not be delivered."),
        (name = "Audit", description = "Who changed what."),
        (name = "Instances", description = "The instances of casebridge that serve from the store."),
        (name = "Description", description = "The API itself."),
    ),
    components(schemas(ProblemShape, FaultShape, RunEvent))
)]
struct Description;

/// What the handlers' descriptions are added to.
pub(super) fn beginning() -> OpenApi {
    Description::openapi()
}

/// The whole description.
pub(in crate::web) static DESCRIPTION: LazyLock<Value> = LazyLock::new(|| {
    let routes = plan();
    let rules = routes.rules().to_vec();
    // A description is always JSON.
    let mut described = serde_json::to_value(routes.description()).unwrap_or_default();
    described["components"]["securitySchemes"] = json!({ "bearer": { "type": "http", "scheme": "bearer",
        "description": "A token that `casebridge token create` printed." } });
    if let Some(paths) = described["paths"].as_object_mut() {
        paths.iter_mut().for_each(|(path, item)| complete(path, item, &rules));
    }
    described
});

/// The description (OpenAPI 3.1).
#[utoipa::path(get, path = "/api/openapi.json", tag = "Description", operation_id = "show_description",
    responses((status = 200, description = "This description.", body = Object)))]
pub(super) async fn show() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], DESCRIPTION.to_string())
}

/// Adds to the operations of an address what follows from it and from whom it lets in.
fn complete(path: &str, item: &mut Value, rules: &[RouteRule]) {
    let operations = item.as_object_mut().into_iter().flatten();
    for (method, operation) in operations.filter(|(method, _)| ["get", "post", "put", "patch", "delete"].contains(&method.as_str())) {
        let rule = rules.iter().find(|rule| rule.path == path && rule.method.as_str().eq_ignore_ascii_case(method));
        let access = rule.map_or(Access::Support, |rule| rule.access);
        let has_query = operation["parameters"].as_array().is_some_and(|parameters| !parameters.is_empty());
        let mut parameters = path_parameters(path);
        if method == "post" {
            parameters.push(json!({ "name": "Idempotency-Key", "in": "header", "required": false,
                "description": "By which the request may be repeated: under one key it is carried out once, and for 24 hours its first answer is given again.",
                "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" } }));
        }
        if method == "put" {
            parameters.push(json!({ "name": "If-Match", "in": "header", "required": true,
                "description": "The `etag` of the text that the new one takes the place of.", "schema": { "type": "string" } }));
        }
        parameters.extend(operation["parameters"].as_array().cloned().unwrap_or_default());
        let has_body = operation.get("requestBody").is_some();
        if !parameters.is_empty() {
            operation["parameters"] = Value::Array(parameters);
        }
        if let Some(who) = who(access) {
            let said = operation["description"].as_str().map_or_else(String::new, |text| format!("{text}\n\n"));
            operation["description"] = json!(format!("{said}For {who}."));
            operation["security"] = json!([{ "bearer": [] }]);
        } else {
            operation["security"] = json!([]);
        }
        refine(operation);
        if let Some(responses) = operation["responses"].as_object_mut() {
            add_problems(responses, path, method, access, has_query, has_body);
        }
    }
}

/// Says more exactly what bodies are than what they are made of says.
fn refine(operation: &mut Value) {
    // What the text of a firm's file may be is no matter of shapes: it is read as YAML, and its faults are told one by one.
    for content in ["/requestBody/content", "/responses/200/content"] {
        if let Some(yaml) = operation.pointer_mut(&format!("{content}/application~1yaml")) {
            yaml["schema"] = json!({});
        }
    }
    if let Some(events) = operation.pointer_mut("/responses/200/content/text~1event-stream") {
        let data = json!({ "type": "string", "contentMediaType": "application/json", "contentSchema": { "$ref": "#/components/schemas/RunEvent" } });
        events["schema"] = json!({ "type": "object", "required": ["event", "data"],
            "properties": { "event": { "enum": ["progress", "ended"] }, "data": data } });
    }
    // A body that may be left out is no null either.
    let Some(schema) = operation.pointer_mut("/requestBody/content/application~1json/schema") else { return };
    if let Some(shape) = schema["oneOf"].as_array().and_then(|choices| choices.iter().find(|choice| choice["type"] != "null")) {
        *schema = shape.clone();
        operation["requestBody"]["required"] = json!(false);
    }
}

/// Whom an operation is for, in words; `None` for everybody.
fn who(access: Access) -> Option<&'static str> {
    match access {
        Access::Public => None,
        Access::Known => Some("every token"),
        Access::SeesFirm => Some("whoever may see the firm"),
        Access::SeesRun => Some("whoever may see the run's firm"),
        Access::WorksForFirm => Some("integration support and the firm's staff"),
        Access::WorksForRun => Some("integration support and the staff of the run's firm"),
        Access::Support => Some("integration support"),
    }
}

fn path_parameters(path: &str) -> Vec<Value> {
    let names = path.split('/').filter_map(|part| part.strip_prefix('{')?.split('}').next());
    let described = names.map(|name| {
        let (text, schema) = match name {
            "firm" => ("The firm, as its file is called.", json!({ "type": "string" })),
            "run" => ("The run's id.", json!({ "type": "string" })),
            "letter" => ("The letter's number.", json!({ "type": "string", "pattern": NUMBER })),
            _ => ("The case's number in CASEpeer.", json!({ "type": "string", "pattern": NUMBER })),
        };
        json!({ "name": name, "in": "path", "required": true, "description": text, "schema": schema })
    });
    described.collect()
}

fn add_problems(responses: &mut Map<String, Value>, path: &str, method: &str, access: Access, has_query: bool, has_body: bool) {
    let (is_post, is_put) = (method == "post", method == "put");
    let asks_vendors = path.contains("/cases/");
    let changes_file = is_put || method == "patch";
    let narrows = has_query && !path.ends_with("/receipts");
    let works = matches!(access, Access::WorksForFirm | Access::WorksForRun | Access::Support);
    let problems = [
        ("400", has_query || has_body || is_post, "The request is invalid."),
        ("401", access != Access::Public, "No token, or one that is not valid."),
        ("403", works, "The caller may see this, and may not do it."),
        ("404", path.contains('{') || narrows, "It is not there, or the caller may not see it."),
        ("409", is_post || changes_file || asks_vendors, "Things are not as the request takes them to be."),
        ("412", is_put, "Somebody else has changed the file since."),
        ("413", has_body, "The body is larger than 256 KiB."),
        ("415", has_body, "The body is of another kind."),
        ("422", is_post || changes_file, "What is asked cannot be done; `diagnostics` has what a file would have wrong."),
        ("428", is_put, "The request does not say which version it replaces: send `If-Match`."),
        ("500", true, "casebridge's own trouble; its log says what, under the answer's `x-request-id`."),
        ("502", asks_vendors, "A vendor does not answer, or refuses."),
        ("503", access != Access::Public, "The store does not answer, or casebridge is stopping."),
    ];
    for (status, _, text) in problems.into_iter().filter(|(_, comes, _)| *comes) {
        let schema = json!({ "$ref": "#/components/schemas/Problem" });
        responses
            .insert(status.to_owned(), json!({ "description": text, "content": { "application/problem+json": { "schema": schema } } }));
    }
    responses.sort_keys();
}
