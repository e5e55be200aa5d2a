//! Downloads: a body that goes to a file as it arrives, whatever its size, and is known by its length and hash.

use std::path::Path;
use std::time::Duration;

use reqwest::{Method, header};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

use super::attempt::error_body;
use super::failure::TransportError;
use super::retry::retry_after;
use super::{Backoff, Failure, VendorHttp};

/// No download takes longer as a whole; how long each part may take is the endpoint's time-out.
const LONGEST: Duration = Duration::from_hours(6);

/// The bytes a second that a file comes with at least, but for the endpoint's time-out.
const SLOWEST: u64 = 10_000;

/// What arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Downloaded {
    /// Bytes.
    pub size: u64,
    /// SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Why a download came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum DownloadFailure {
    /// The vendor.
    #[error(transparent)]
    Vendor(#[from] Failure),
    /// The file that it goes to.
    #[error("{0}")]
    File(#[from] std::io::Error),
}

impl VendorHttp {
    /// Downloads to a file, from its beginning at each try. It is given up once it is longer than `most` bytes.
    pub(crate) async fn download(&self, path: &str, what: &'static str, to: &Path, most: u64) -> Result<Downloaded, DownloadFailure> {
        let mut backoff = Backoff::new(self.endpoint.attempts);
        loop {
            self.admitted(&Method::GET)?;
            let failure = match self.download_once(path, what, to, most).await {
                Err(DownloadFailure::Vendor(failure)) if failure.is_transient() => failure,
                Err(DownloadFailure::Vendor(failure)) => {
                    self.answered(&Method::GET);
                    return Err(self.judged(failure, path, what).await.into());
                }
                other => {
                    self.answered(&Method::GET);
                    return other;
                }
            };
            if !backoff.wait(&failure).await {
                self.exhausted(&Method::GET);
                return Err(failure.into());
            }
        }
    }

    async fn download_once(&self, path: &str, what: &'static str, to: &Path, most: u64) -> Result<Downloaded, DownloadFailure> {
        let vendor = self.endpoint.vendor;
        let unsure = |trouble| Failure::InDoubt { vendor, trouble, retry_after: None };
        let turn = self.limiter.turn().await;
        let request = self.request(Method::GET, path).timeout(LONGEST);
        let sent = tokio::time::timeout(self.endpoint.timeout, request.send()).await.map_err(|_| unsure(TransportError::TimedOut))?;
        let mut response = sent.map_err(|error| self.transport(&error))?;
        let status = response.status();
        if !status.is_success() {
            let after = response.headers().get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
            let after = after.and_then(|value| retry_after(value, jiff::Timestamp::now()));
            let body = tokio::time::timeout(self.endpoint.timeout, error_body(response)).await.unwrap_or_default();
            return Err(self.refusal(status, &body, after).into());
        }
        let announced = response.content_length();
        let mut file = tokio::fs::File::create(to).await?;
        let (mut size, mut hash) = (0_u64, Sha256::new());
        let began = Instant::now();
        loop {
            let until = began + self.endpoint.timeout + Duration::from_secs(size / SLOWEST);
            let until = until.min(Instant::now() + self.endpoint.timeout);
            let chunk = tokio::time::timeout_at(until, response.chunk()).await.map_err(|_| unsure(TransportError::TimedOut))?;
            let Some(chunk) = chunk.map_err(|error| self.transport(&error))? else { break };
            size += chunk.len() as u64;
            if size > most {
                return Err(Failure::Malformed { vendor, what: "a file that is longer than it says" }.into());
            }
            hash.update(&chunk);
            file.write_all(&chunk).await?;
        }
        file.flush().await?;
        drop(turn);
        if announced.is_some_and(|announced| announced != size) {
            return Err(unsure(TransportError::CutOff).into());
        }
        tracing::debug!(%vendor, what, size, "downloaded");
        Ok(Downloaded { size, sha256: hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect() })
    }
}
