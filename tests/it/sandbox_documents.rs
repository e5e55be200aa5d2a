//! Documents in the sandbox: what Case Status shares and CASEpeer takes, whole or spoilt by a fault.

use std::net::SocketAddr;

use axum::body::Bytes;
use casebridge::sandbox::{Config, Content, Fault, Faults, Sandbox, data};
use futures_util::{StreamExt as _, stream};
use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const MEGABYTE: u64 = 1_000_000;

/// Both vendors with Hartwell, and someone who asks them.
struct Asking {
    sandbox: Sandbox,
    client: Client,
}

impl Asking {
    async fn start() -> Asking {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let config = Config { casepeer: anywhere, case_status: anywhere, firms: vec![data::hartwell()], faults: Faults::none() };
        let client = Client::builder().no_proxy().build().expect("a client");
        Asking { sandbox: Sandbox::start(config).await.expect("free ports"), client }
    }

    async fn get(&self, path: &str) -> Response {
        let url = format!("{}{path}", self.sandbox.case_status_url());
        self.client.get(url).bearer_auth("sandbox-hartwell-case-status").send().await.expect("an answer")
    }

    async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.expect("JSON")
    }

    fn upload(&self, case: u64) -> RequestBuilder {
        let url = format!("{}/cases/{case}/documents", self.sandbox.casepeer_url());
        self.client.post(url).bearer_auth("sandbox-hartwell-casepeer")
    }

    async fn post(&self, case: u64, form: Form) -> (StatusCode, Value) {
        let answer = self.upload(case).multipart(form).send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    /// Posts a form as it is on the wire.
    async fn post_text(&self, content_type: &str, body: &str) -> (StatusCode, Value) {
        let request = self.upload(48_201).header("content-type", content_type).body(body.to_owned());
        let answer = request.send().await.expect("an answer");
        (answer.status(), answer.json().await.expect("JSON"))
    }

    /// The path of a document of so many made bytes.
    fn share(&self, length: u64) -> String {
        let content = Content::Generated { seed: 5, length };
        let id = self
            .sandbox
            .world("hartwell", |world| world.share(48_201, "scan.pdf", None, content).map(|document| document.about["id"].clone()));
        let id = id.flatten().expect("the case is in Case Status");
        format!("/documents/{}/content", id.as_str().expect("an id"))
    }

    fn received(&self) -> Vec<(u64, String, String)> {
        let held = self.sandbox.world("hartwell", |world| world.received_documents.clone()).expect("the firm");
        let text = |document: &Value, field: &str| document[field].as_str().expect("a text").to_owned();
        let of_case = |(case, documents): (u64, Vec<Value>)| {
            documents.into_iter().map(move |document| (case, text(&document, "external_id"), text(&document, "file_name")))
        };
        held.into_iter().flat_map(of_case).collect()
    }
}

fn form(external_id: &str, file_name: &str, file: impl Into<reqwest::Body>) -> Form {
    let file = Part::stream(file).file_name("upload");
    Form::new().text("external_id", external_id.to_owned()).text("file_name", file_name.to_owned()).part("file", file)
}

fn streamed(length: u64) -> reqwest::Body {
    let chunks = Content::Generated { seed: 9, length }.chunks();
    reqwest::Body::wrap_stream(stream::iter(chunks.map(Ok::<Bytes, std::convert::Infallible>)))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn shared_documents_are_listed_and_read() {
    let asking = Asking::start().await;
    let first = asking.json("/documents?limit=2").await;
    assert_eq!((&first["has_more"], first["data"].as_array().expect("a list").len()), (&json!(true), 2));
    let photo = &first["data"][0];
    let bytes = asking.get("/documents/doc_1/content").await.bytes().await.expect("a file");
    let whole = json!({
        "id": "doc_1", "case_id": "cs_3", "integration_id": "48203", "file_name": "IMG 2041 (1).jpg", "content_type": "image/jpeg",
        "size": bytes.len(), "sha256": hash(&bytes), "uploaded_at": "2026-11-20T16:00:30Z"
    });
    assert_eq!(photo, &whole);
    let rest = asking.json(&format!("/documents?after={}", first["next_cursor"].as_str().expect("a cursor"))).await;
    assert_eq!(rest["has_more"], json!(false));
    for document in first["data"].as_array().into_iter().chain(rest["data"].as_array()).flatten() {
        let answer = asking.get(&format!("/documents/{}/content", document["id"].as_str().expect("an id"))).await;
        assert_eq!(answer.headers()["content-type"], "application/octet-stream");
        let bytes = answer.bytes().await.expect("a file");
        assert_eq!(document["size"], json!(bytes.len()));
        assert_eq!(document["sha256"], json!(hash(&bytes)));
    }
    assert_eq!(asking.get("/documents/doc_99/content").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn an_empty_document_is_whole() {
    let asking = Asking::start().await;
    let answer = asking.get(&asking.share(0)).await;
    assert_eq!((answer.status(), answer.content_length()), (StatusCode::OK, Some(0)));
    assert!(answer.bytes().await.expect("a file").is_empty());
    let document = asking.json("/documents").await["data"][3].clone();
    assert_eq!((&document["size"], &document["sha256"]), (&json!(0), &json!(hash(b""))));
    // Whose kind nobody said has none.
    assert_eq!((&document["case_id"], document.get("content_type")), (&json!("cs_1"), None));
}

#[tokio::test]
async fn a_large_document_goes_from_one_vendor_to_the_other() {
    let asking = Asking::start().await;
    let path = asking.share(20 * MEGABYTE + 1);
    let answer = asking.get(&path).await;
    assert_eq!(answer.content_length(), Some(20 * MEGABYTE + 1));
    let document = asking.json("/documents").await["data"][3].clone();
    let (status, taken) = asking.post(48_201, form("doc-4", "scan.pdf", reqwest::Body::wrap_stream(answer.bytes_stream()))).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!((&taken["size"], &taken["sha256"]), (&document["size"], &document["sha256"]));
    assert_eq!(taken["id"], json!(1));
}

#[tokio::test]
async fn a_second_post_changes_nothing() {
    let asking = Asking::start().await;
    let (status, first) = asking.post(48_201, form("doc-1", "a.txt", "one")).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(first, json!({ "id": 1, "external_id": "doc-1", "file_name": "a.txt", "size": 3, "sha256": hash(b"one") }));
    assert_eq!(asking.post(48_201, form("doc-1", "b.txt", "two!")).await, (StatusCode::OK, first));
    // Another case's is another document.
    assert_eq!(asking.post(48_202, form("doc-1", "b.txt", "two!")).await.0, StatusCode::CREATED);
    let (one, two) = ("doc-1".to_owned(), "doc-1".to_owned());
    assert_eq!(asking.received(), [(48_201, one, "a.txt".to_owned()), (48_202, two, "b.txt".to_owned())]);
    let journal = asking.sandbox.journal();
    assert_eq!(journal.iter().map(|entry| entry.wrote).collect::<Vec<_>>(), [true, false, true]);
    let noted = json!({ "external_id": "doc-1", "file_name": "a.txt", "file": { "size": 3, "sha256": hash(b"one") } });
    assert_eq!(journal[0].body, Some(noted));
}

#[tokio::test]
async fn what_is_not_valid_is_refused() {
    let asking = Asking::start().await;
    assert_eq!(asking.post(48_299, form("doc-1", "a.txt", streamed(3 * MEGABYTE))).await.0, StatusCode::NOT_FOUND);
    let fields = |answer: &Value| {
        let fields = answer["error"]["fields"].as_array().cloned().unwrap_or_default();
        fields.iter().map(|field| format!("{} {}", field["field"], field["code"]).replace('"', "")).collect::<Vec<_>>()
    };
    let (status, answer) = asking.post(48_201, Form::new().text("content_type", "text/plain")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&answer), ["external_id required", "file_name required", "file required"]);
    let (status, answer) = asking.post(48_201, form(&"é".repeat(129), &"n".repeat(9_000), "one")).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(fields(&answer), ["external_id too_long", "file_name too_long"]);
    assert_eq!(asking.post(48_201, form(&"é".repeat(128), &"n".repeat(255), "")).await.0, StatusCode::CREATED);
    for (kind, body) in [("application/json", "{}"), ("multipart/form-data", ""), ("multipart/form-data; boundary=b", "--b\r\nno form")] {
        assert_eq!(asking.post_text(kind, body).await.0, StatusCode::BAD_REQUEST, "{kind}");
    }
    assert_eq!(asking.received().len(), 1);
}

#[tokio::test]
async fn a_file_ends_at_its_boundary_and_nowhere_else() {
    let asking = Asking::start().await;
    let kind = "multipart/form-data; boundary=----a7c1";
    // All of the boundary but its end, and the boundary at no beginning of a line.
    let file = "Dear\r\n------a7c\r\n------a7\n------a7c1 Jane";
    let text = |name: &str, text: &str| format!("------a7c1\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let head = "Content-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf";
    let texts = [text("external_id", "doc-1"), text("file_name", "letter.pdf"), text("content_type", "application/pdf")].concat();
    let whole = format!("{texts}------a7c1\r\n{head}\r\n\r\n{file}\r\n------a7c1--\r\n");
    let ends_within = &whole[..whole.len() - 15];
    assert!(ends_within.ends_with("Jane\r"));
    let (status, refusal) = asking.post_text(kind, ends_within).await;
    assert_eq!((status, &refusal["error"]["code"]), (StatusCode::BAD_REQUEST, &json!("invalid_body")));
    assert!(asking.received().is_empty());
    let (status, taken) = asking.post_text(kind, &whole).await;
    let expected = json!({
        "id": 1, "external_id": "doc-1", "file_name": "letter.pdf", "content_type": "application/pdf", "size": file.len(),
        "sha256": hash(file.as_bytes())
    });
    assert_eq!((status, taken), (StatusCode::CREATED, expected));
    let journal = asking.sandbox.journal();
    assert_eq!(journal.iter().map(|entry| entry.wrote).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn a_cut_off_document_is_half_or_breaks() {
    let asking = Asking::start().await;
    let made = asking.share(3 * MEGABYTE);
    asking.sandbox.set_faults(Faults { cut_off: 1.0, ..Faults::none() });
    for (path, length) in [("/documents/doc_1/content", None), (made.as_str(), Some(3 * MEGABYTE))] {
        let (mut halves, mut broken) = (0, 0);
        for _ in 0..16 {
            let answer = asking.get(path).await;
            assert_eq!(answer.status(), StatusCode::OK);
            let announced = answer.content_length().expect("a length");
            let mut got = 0;
            let mut chunks = answer.bytes_stream();
            let mut is_whole = true;
            while let Some(chunk) = chunks.next().await {
                match chunk {
                    Ok(chunk) => got += chunk.len() as u64,
                    Err(_) => is_whole = false,
                }
            }
            if is_whole {
                halves += 1;
                assert_eq!(got, announced);
                assert!(length.is_none_or(|length| got == length / 2));
            } else {
                broken += 1;
                assert!(got < announced);
                assert!(length.is_none_or(|length| announced == length));
            }
        }
        assert!(halves > 0 && broken > 0, "{path}: {halves} halves, {broken} broken");
    }
}

#[tokio::test]
async fn errors_come_before_or_after_a_document_is_taken() {
    let asking = Asking::start().await;
    let large = || streamed(3 * MEGABYTE);
    for (faults, status, taken) in [
        (Faults { error_before: 1.0, ..Faults::none() }, StatusCode::INTERNAL_SERVER_ERROR, 0),
        (Faults { too_many_requests: 1.0, ..Faults::none() }, StatusCode::TOO_MANY_REQUESTS, 0),
        (Faults { error_after: 1.0, ..Faults::none() }, StatusCode::INTERNAL_SERVER_ERROR, 1),
        (Faults::none(), StatusCode::OK, 1),
    ] {
        asking.sandbox.set_faults(faults);
        assert_eq!(asking.post(48_201, form("doc-1", "a.mp4", large())).await.0, status);
        assert_eq!(asking.received().len(), taken);
    }
    asking.sandbox.set_faults(Faults { error_before: 1.0, ..Faults::none() });
    let answer = asking.get("/documents/doc_1/content").await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.headers()["content-type"], "application/json");
    let journal = asking.sandbox.journal();
    assert_eq!(journal.last().and_then(|entry| entry.fault), Some(Fault::ErrorBefore));
}
