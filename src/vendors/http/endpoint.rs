//! Where a vendor is and how it may be asked.

use std::fmt;
use std::time::Duration;

use crate::domain::named;
use secrecy::SecretString;

named! {
    /// Which of the two.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Vendor {
        /// Where firms run their cases.
        CasePeer => "casepeer",
        /// Where their clients follow them.
        CaseStatus => "case_status",
    }
}

impl fmt::Display for Vendor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Vendor::CasePeer => "CASEpeer",
            Vendor::CaseStatus => "Case Status",
        })
    }
}

/// Where a vendor is for one firm, and how it may be asked.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Which vendor.
    pub vendor: Vendor,
    /// Without a slash at the end.
    pub base_url: String,
    /// The name of the header that carries the key.
    pub auth_header: String,
    /// Its whole value, key included.
    pub auth_value: SecretString,
    /// Items a page of a listing, 1 to 200.
    pub page_size: u32,
    /// Requests in flight.
    pub concurrency: usize,
    /// Requests a second, above 0 and up to 100,000.
    pub requests_per_second: f64,
    /// How often a request is tried.
    pub attempts: u32,
    /// How long one try may take.
    pub timeout: Duration,
    /// Pages of a listing or a feed that are read before it counts as one without an end.
    pub max_pages: u32,
}
