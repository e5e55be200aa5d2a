//! A request on its way to a vendor, and what tests ask about it.

use std::ops::Deref;

use axum::extract::Request;
use casebridge::sandbox::SandboxRequest;

use super::Vendor;

/// What stands before every path; contracts name these in `servers`.
pub fn prefix(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Casepeer => "/api/partner/v1",
        Vendor::CaseStatus => "/v1",
    }
}

/// One request.
#[derive(Debug, Clone)]
pub struct Call {
    pub vendor: Vendor,
    /// Its path is without the prefix: `/cases/cs-48213`.
    pub request: SandboxRequest,
}

impl Deref for Call {
    type Target = SandboxRequest;

    fn deref(&self) -> &SandboxRequest {
        &self.request
    }
}

impl Call {
    /// Reads all of a request.
    pub async fn read(vendor: Vendor, request: Request) -> Call {
        let mut request = SandboxRequest::read(request).await;
        // A path without the prefix matches nothing: the base URL was joined wrongly.
        request.path = request.path.strip_prefix(prefix(vendor)).unwrap_or("outside the base URL").to_owned();
        Call { vendor, request }
    }

    /// Whether it is this request of this vendor.
    pub fn is(&self, vendor: Vendor, method: &str, path: &str) -> bool {
        self.vendor == vendor && self.method == method && self.path == path
    }

    /// Whether it changes something.
    pub fn is_write(&self) -> bool {
        self.method != "GET"
    }

    /// A request that asks whose the key is.
    pub fn is_proof(&self) -> bool {
        self.method == "GET" && (self.path == "/account" || self.path == "/firm")
    }

    /// Whether it updates a case in Case Status.
    pub fn is_patch(&self) -> bool {
        self.vendor == Vendor::CaseStatus && self.method == "PATCH"
    }

    /// Whether it marks a case as connected in CASEpeer.
    pub fn is_mark(&self) -> bool {
        self.vendor == Vendor::Casepeer && self.method == "PUT" && self.path.ends_with("/connection")
    }

    /// Whether it adds a note to a case in CASEpeer.
    pub fn is_note(&self) -> bool {
        self.vendor == Vendor::Casepeer && self.method == "POST" && self.path.ends_with("/notes")
    }

    /// Whether it adds a document to a case in CASEpeer.
    pub fn is_upload(&self) -> bool {
        self.vendor == Vendor::Casepeer && self.method == "POST" && self.path.ends_with("/documents")
    }

    /// Whether it asks Case Status for what is in a document.
    pub fn is_download(&self) -> bool {
        self.vendor == Vendor::CaseStatus && self.method == "GET" && self.path.ends_with("/content")
    }

    /// Whether it sends a message in Case Status.
    pub fn is_message(&self) -> bool {
        self.vendor == Vendor::CaseStatus && self.method == "POST" && self.path.ends_with("/messages")
    }

    /// Whether it tells CASEpeer what became of an outbound message.
    pub fn is_receipt(&self) -> bool {
        self.vendor == Vendor::Casepeer && self.method == "PUT" && self.path.ends_with("/receipt")
    }

    /// Whether it asks for the first page of all cases of a firm, or for a later one. A page of one is a look at `total`.
    pub fn lists_cases(&self) -> bool {
        let one = |name: &str| self.query.get(name).is_some_and(|value| value == "1");
        self.method == "GET" && self.path == "/cases" && !self.query.contains_key("integration_id") && !one("limit")
    }
}
