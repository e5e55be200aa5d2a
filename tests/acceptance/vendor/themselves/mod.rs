//! The vendors of these tests keep their contracts: what other tests rely on, asked by hand.

mod documents;
mod messages;
mod notes;
mod outbox;
mod uploads;

use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::support::vendors::{Vendor, Vendors, World};

/// Someone who asks vendors without a host.
struct Caller {
    vendors: Vendors,
    http: Client,
    runtime: Runtime,
}

/// What came back.
struct Reply {
    status: u16,
    content_type: String,
    bytes: Vec<u8>,
}

impl Caller {
    fn new(world: World) -> Caller {
        // Another test of this process may have done so before.
        let _known = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().build().expect("a client");
        Caller { vendors: Vendors::boot(world), http, runtime: Builder::new_current_thread().enable_all().build().expect("a runtime") }
    }

    /// A request with the right key.
    fn request(&self, vendor: Vendor, method: Method, path: &str) -> RequestBuilder {
        let world = self.vendors.world();
        let key = match vendor {
            Vendor::Casepeer => &world.casepeer_key,
            Vendor::CaseStatus => &world.case_status_key,
        };
        self.http.request(method, format!("{}{path}", self.vendors.base_url(vendor))).bearer_auth(key)
    }

    fn send(&self, request: RequestBuilder) -> Reply {
        self.runtime.block_on(async {
            let response = request.send().await.expect("an answer");
            let content_type = response.headers().get(CONTENT_TYPE).map(|value| value.to_str().expect("a type").to_owned());
            let status = response.status().as_u16();
            Reply { status, content_type: content_type.unwrap_or_default(), bytes: response.bytes().await.expect("a body").to_vec() }
        })
    }

    fn get(&self, vendor: Vendor, path: &str) -> Reply {
        self.send(self.request(vendor, Method::GET, path))
    }

    fn post(&self, vendor: Vendor, path: &str, body: &Value) -> Reply {
        self.send(self.request(vendor, Method::POST, path).json(body))
    }

    fn put(&self, vendor: Vendor, path: &str, body: &Value) -> Reply {
        self.send(self.request(vendor, Method::PUT, path).json(body))
    }
}

impl Reply {
    #[track_caller]
    fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).expect("JSON")
    }

    /// The ids of what it lists.
    #[track_caller]
    fn ids(&self) -> Vec<String> {
        self.json()["data"].as_array().expect("a list").iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
    }
}
