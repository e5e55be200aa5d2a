//! What pages look like and what little they run: files that the program carries with it.

use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use sha2::{Digest as _, Sha256};

use crate::web::access::{Access, Routes};

const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Every file: its address, its type, its content.
const FILES: [(&str, &str, &[u8]); 5] = [
    ("/assets/console.css", CSS, include_bytes!("../../../web/console.css")),
    ("/assets/console.js", SCRIPT, include_bytes!("../../../web/console.js")),
    ("/assets/htmx.min.js", SCRIPT, include_bytes!("../../../web/vendor/htmx.min.js")),
    ("/assets/htmx-sse.js", SCRIPT, include_bytes!("../../../web/vendor/htmx-sse.js")),
    ("/assets/favicon.svg", "image/svg+xml", include_bytes!("../../../web/favicon.svg")),
];

/// Changes with any of the files: pages ask for them under it, so that browsers keep them for good.
pub(super) static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    FILES.iter().for_each(|(_, _, content)| hash.update(content));
    hash.finalize().iter().take(6).fold(String::new(), |mut text, byte| {
        // Writing to a text never fails.
        let _ = write!(text, "{byte:02x}");
        text
    })
});

pub(super) fn routes(routes: Routes) -> Routes {
    FILES.into_iter().fold(routes, |routes, (path, kind, content)| routes.get(path, Access::Public, async move || file(kind, content)))
}

fn file(kind: &'static str, content: &'static [u8]) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], content)
}
