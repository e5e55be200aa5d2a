//! One firm's way to one vendor: limits, time-outs, retries, a circuit, and failures that are safe to show.

mod about;
mod attempt;
mod circuit;
mod client;
mod clients;
mod download;
mod endpoint;
mod failure;
mod feed;
mod key_proof;
mod limiter;
mod pace;
mod pages;
mod pagination;
mod permit_batch;
mod retry;
mod shared_rate;
mod vendor_dns;
mod write_fence;

pub(crate) use about::{About, Named};
pub use client::VendorHttp;
pub use clients::Clients;
pub use download::{DownloadFailure, Downloaded};
pub use endpoint::{Endpoint, Vendor};
pub use failure::{Endless, Failure};
pub use feed::{Feed, FeedPage};
pub use pages::{Listed, ListingSize, Unreadable};
pub(super) use pages::{Listing, each_item};
pub use retry::Backoff;
pub use shared_rate::{PermitRequest, PermitSource, Permits};
pub use write_fence::WriteFence;
