//! The API as people read it: every operation with what it wants, what it answers and how it is asked, made of its own description.

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{Layout, NavItem, page};
use crate::web::access::{Access, Routes};
use crate::web::api::DESCRIPTION;
use crate::web::problem::Problem;
use crate::web::{AppState, session};

/// The order in which an address's operations are read.
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Objects within objects are shown so far.
const DEEP: u32 = 6;

pub(super) fn routes(routes: Routes) -> Routes {
    routes.get("/api", Access::Public, show)
}

#[derive(Template)]
#[template(path = "api.html")]
struct ApiPage {
    frame: Layout,
    about: String,
    groups: Vec<Group>,
}

/// The operations on one noun.
struct Group {
    name: String,
    about: String,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: String,
    path: String,
    summary: String,
    about: Vec<String>,
    parameters: Vec<Parameter>,
    body: Option<Content>,
    answers: Vec<Answer>,
    curl: String,
}

struct Parameter {
    name: String,
    place: String,
    kind: String,
    about: String,
    is_required: bool,
}

struct Answer {
    status: String,
    about: String,
    content: Option<Content>,
}

struct Content {
    kind: String,
    sample: String,
}

/// The page, for whoever comes.
pub(super) async fn show(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, Problem> {
    let caller = session::caller(&headers, &app).await?;
    let frame = caller.map_or_else(Layout::for_strangers, |caller| Layout::of(&caller, NavItem::Api));
    Ok(page(&ApiPage { frame, about: text(&DESCRIPTION["info"]["description"]), groups: groups() }))
}

fn groups() -> Vec<Group> {
    let group = |tag: &Value| Group { name: text(&tag["name"]), about: text(&tag["description"]), operations: operations(&tag["name"]) };
    DESCRIPTION["tags"].as_array().into_iter().flatten().map(group).filter(|group| !group.operations.is_empty()).collect()
}

fn operations(tag: &Value) -> Vec<Operation> {
    let mut found = Vec::new();
    for (path, item) in DESCRIPTION["paths"].as_object().into_iter().flatten() {
        let of_tag = |method: &&str| item[*method]["tags"].as_array().is_some_and(|tags| tags.contains(tag));
        found.extend(METHODS.into_iter().filter(of_tag).map(|method| operation(method, path, &item[method])));
    }
    found
}

fn operation(method: &str, path: &str, described: &Value) -> Operation {
    let answer = |(status, answer): (&String, &Value)| Answer {
        status: status.clone(),
        about: text(&answer["description"]),
        content: content(answer).filter(|_| status.starts_with('2')),
    };
    let body = content(&described["requestBody"]);
    Operation {
        id: text(&described["operationId"]),
        curl: curl(method, path, described, body.as_ref()),
        method: method.to_uppercase(),
        path: path.to_owned(),
        summary: text(&described["summary"]),
        about: text(&described["description"]).split("\n\n").filter(|part| !part.is_empty()).map(str::to_owned).collect(),
        parameters: described["parameters"].as_array().into_iter().flatten().map(parameter).collect(),
        body,
        answers: described["responses"].as_object().into_iter().flatten().map(answer).collect(),
    }
}

fn parameter(described: &Value) -> Parameter {
    let kind = &described["schema"]["type"];
    let kind = kind.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null")).unwrap_or(kind);
    Parameter {
        name: text(&described["name"]),
        place: text(&described["in"]),
        kind: text(kind),
        about: text(&described["description"]),
        is_required: described["required"] == true,
    }
}

fn content(described: &Value) -> Option<Content> {
    let (kind, content) = described["content"].as_object()?.iter().next()?;
    let sample = match &content["example"] {
        Value::Null if kind.ends_with("json") => sample(&content["schema"], DEEP),
        Value::Null => return Some(Content { kind: kind.clone(), sample: String::new() }),
        example => example.clone(),
    };
    Some(Content { kind: kind.clone(), sample: serde_json::to_string_pretty(&sample).unwrap_or_default() })
}

/// Something that a schema lets through.
fn sample(schema: &Value, deep: u32) -> Value {
    if deep == 0 {
        return json!("…");
    }
    if let Some(name) = schema["$ref"].as_str() {
        return sample(DESCRIPTION.pointer(name.trim_start_matches('#')).unwrap_or(&Value::Null), deep);
    }
    if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        return choices.iter().find(|choice| choice["type"] != "null").map_or(Value::Null, |choice| sample(choice, deep));
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let whole = parts.iter().map(|part| sample(part, deep)).filter_map(|part| part.as_object().cloned()).flatten();
        return Value::Object(whole.collect());
    }
    if let Some(first) = schema["enum"].get(0) {
        return first.clone();
    }
    let kind = &schema["type"];
    let kind = kind.as_array().and_then(|kinds| kinds.iter().find(|kind| *kind != "null")).unwrap_or(kind);
    match kind.as_str() {
        Some("string") => json!("…"),
        Some("integer" | "number") => json!(1),
        Some("boolean") => json!(false),
        Some("array") => json!([sample(&schema["items"], deep - 1)]),
        Some("object") => {
            let fields = schema["properties"].as_object().into_iter().flatten();
            Value::Object(fields.map(|(name, field)| (name.clone(), sample(field, deep - 1))).collect::<Map<_, _>>())
        }
        _ => Value::Null,
    }
}

/// How it is asked from a shell.
fn curl(method: &str, path: &str, described: &Value, body: Option<&Content>) -> String {
    let mut lines = vec![String::from("curl")];
    if method != "get" {
        lines[0] += &format!(" -X {}", method.to_uppercase());
    }
    if described["security"].as_array().is_some_and(|security| !security.is_empty()) {
        lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    if method == "put" {
        lines.push("-H 'If-Match: \"52b3c487e88a52b3c487e88a\"'".to_owned());
    }
    match body {
        Some(body) if body.sample.is_empty() => {
            lines.push(format!("-H 'Content-Type: {}'", body.kind));
            lines.push("--data-binary @hartwell.yaml".to_owned());
        }
        Some(body) if described["requestBody"]["required"] == true => {
            lines.push(format!("-H 'Content-Type: {}'", body.kind));
            let sample: Value = serde_json::from_str(&body.sample).unwrap_or_default();
            lines.push(format!("-d '{sample}'"));
        }
        _ => {}
    }
    let path =
        path.replace("{firm}", "hartwell").replace("{run}", "20261125-084414-n84m").replace("{id}", "48213").replace("{letter}", "7");
    lines.push(format!("http://127.0.0.1:8080{path}"));
    lines.join(" \\\n  ")
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
