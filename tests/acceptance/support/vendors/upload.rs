//! A form with a file in it: hashed while it comes in, of which the sum and the size are kept and nothing else.

use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request};
use serde_json::{Value, json};

use super::content::Sum;

/// Reads all of a form: its texts by name, and `{size, sha256}` under the name of its file. `null` where it is no form or ends early.
pub async fn read(request: Request) -> Value {
    fields(request).await.unwrap_or(Value::Null)
}

async fn fields(mut request: Request) -> Option<Value> {
    // Otherwise axum stops at 2 MB. What is too large is for the vendor to say.
    DefaultBodyLimit::disable().apply(&mut request);
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let mut read = json!({});
    while let Some(mut field) = form.next_field().await.ok()? {
        let name = field.name()?.to_owned();
        if name != "file" {
            read[name] = json!(field.text().await.ok()?);
            continue;
        }
        let mut sum = Sum::default();
        while let Some(part) = field.chunk().await.ok()? {
            sum.add(&part);
        }
        read[name] = json!({ "size": sum.size, "sha256": sum.sha256() });
    }
    Some(read)
}
