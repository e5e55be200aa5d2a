//! A small API with a description of itself, which answers as a test says.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::extract::{Path, State};
use axum::http::header::{ALLOW, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// Who has it is let in.
pub const TOKEN: &str = "a-token";

type Answer = fn(u64) -> (u16, String);

#[derive(Clone)]
struct Served {
    answer: Answer,
    asked: Arc<Mutex<BTreeSet<u64>>>,
}

/// It, up until dropped.
pub struct Toy {
    address: String,
    asked: Arc<Mutex<BTreeSet<u64>>>,
    _runtime: Runtime,
}

impl Toy {
    /// Starts one that answers so to each number.
    pub fn serve(answer: Answer) -> Toy {
        let asked = Arc::default();
        let refused = || async { (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET")]) };
        let routes = Router::new()
            .route("/openapi.json", get(|| async { Json(description()) }))
            .route("/numbers/{id}", get(number).fallback(refused))
            .with_state(Served { answer, asked: Arc::clone(&asked) });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a listener");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        runtime.spawn(async move { axum::serve(tokio::net::TcpListener::from_std(listener).expect("a listener"), routes).await });
        Toy { address, asked, _runtime: runtime }
    }

    /// Where its description is.
    pub fn description(&self) -> String {
        format!("{}/openapi.json", self.address)
    }

    /// Whether somebody asked for this number.
    pub fn was_asked_for(&self, number: u64) -> bool {
        self.asked.lock().expect("numbers").contains(&number)
    }
}

async fn number(State(served): State<Served>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    if headers.get(AUTHORIZATION).is_none_or(|shown| shown != format!("Bearer {TOKEN}").as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Some(number) = id.parse().ok().filter(|number| *number <= 1_000) else { return StatusCode::NOT_FOUND.into_response() };
    served.asked.lock().expect("numbers").insert(number);
    let (status, body) = (served.answer)(number);
    (StatusCode::from_u16(status).expect("a status"), [(CONTENT_TYPE, "application/json")], body).into_response()
}

fn description() -> Value {
    let shape = json!({ "type": "object", "required": ["number"], "properties": { "number": { "type": "integer" } } });
    let answers = json!({
        "200": { "description": "It", "content": { "application/json": { "schema": shape } } },
        "401": { "description": "Not let in" },
        "404": { "description": "Not there" },
    });
    let id = json!({ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "minLength": 1 } });
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Numbers", "version": "1" },
        "security": [{ "token": [] }],
        "components": { "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } } },
        "paths": { "/numbers/{id}": { "get": { "parameters": [id], "responses": answers } } },
    })
}
