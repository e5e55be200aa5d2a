//! Documents that clients and firm share in Case Status.

use axum::body::Bytes;
use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::content::Content;
use super::pages::feed;
use super::world::{World, minute};

/// One of them.
pub struct Shared {
    /// What the API says about it.
    pub about: Value,
    /// What is in it.
    pub content: Content,
}

impl World {
    /// Shares a document in a case. Answers its id.
    pub fn document(&mut self, id: u64, file_name: &str, bytes: impl Into<Bytes>) -> String {
        self.share(id, file_name, Content::of(bytes))
    }

    /// Shares a document of so many bytes, however many; no two have the same. Answers its id.
    pub fn large_document(&mut self, id: u64, file_name: &str, length: u64) -> String {
        let content = Content::made(self.documents.len() as u64, length);
        self.share(id, file_name, content)
    }

    fn share(&mut self, id: u64, file_name: &str, content: Content) -> String {
        let case = self.status(id)["id"].clone();
        let number = self.documents.len() + 1;
        let named = format!("doc-{number}");
        let about = json!({
            "id": named, "case_id": case, "integration_id": id.to_string(), "file_name": file_name, "content_type": "application/pdf",
            "size": content.length(), "sha256": content.sha256(), "uploaded_at": minute(number)
        });
        self.documents.push(Shared { about, content });
        named
    }
}

/// The feed of them.
pub fn list(world: &World, call: &Call) -> Answer {
    let all: Vec<Value> = world.documents.iter().map(|held| held.about.clone()).collect();
    feed("documents", &all, call)
}

/// The bytes of one.
pub fn content(world: &World, id: &str) -> Option<Answer> {
    world.documents.iter().find(|held| held.about["id"] == id).map(|held| Answer::file(held.content.clone()))
}
