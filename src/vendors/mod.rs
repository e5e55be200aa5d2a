//! The two vendors as plain typed clients over HTTP.
//!
//! Architecture invariant: how a vendor spells things is known in its `wire` alone, and nothing here knows rules: a client gets an
//! [`Endpoint`] and speaks in domain values. Neither keys nor personal data are in any error or log line of this room.

mod account;
pub mod case_status;
pub mod casepeer;
mod http;

pub use case_status::CaseStatus;
pub use casepeer::CasePeer;
pub use http::{
    Backoff, Clients, DownloadFailure, Downloaded, Endless, Endpoint, Failure, Feed, FeedPage, Listed, ListingSize, PermitRequest,
    PermitSource, Permits, Unreadable, Vendor, VendorHttp, WriteFence,
};
