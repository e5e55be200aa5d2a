//! Whose refusal a 401 or 403 is: the key's, or that of the one record that was asked about. A cheap request proves the key. A key that is
//! not proved to open the firm's own account can be given up: no request goes out with it any more.

use std::sync::OnceLock;

use reqwest::Method;
use serde::de::IgnoredAny;
use tokio::sync::OnceCell;

use super::attempt::{Call, Payload};
use super::{About, Failure, Vendor, VendorHttp};

/// What a vendor says of the key. It is asked at most once, however many requests are refused: those that are refused meanwhile wait.
#[derive(Debug, Default)]
pub(super) struct KeyProof {
    verdict: OnceCell<Verdict>,
    /// Why no request goes out with the key any more.
    given_up: OnceLock<Failure>,
}

#[derive(Debug, Clone, Copy)]
enum Verdict {
    Accepted,
    Refused,
    /// The vendor could not be asked.
    Unknown,
}

impl Vendor {
    /// What every key may read.
    const fn proof_path(self) -> &'static str {
        match self {
            Vendor::CasePeer => "/account",
            Vendor::CaseStatus => "/firm",
        }
    }
}

impl VendorHttp {
    /// Sends nothing more in this run: each further request comes to this failure.
    pub fn give_up(&self, failure: Failure) {
        let _ = self.proof.given_up.set(failure);
    }

    /// Whether requests go out in this run.
    pub(super) fn is_not_given_up(&self) -> Result<(), Failure> {
        self.proof.given_up.get().map_or(Ok(()), |failure| Err(failure.clone()))
    }

    /// What a failure of a request to `path` comes to: a 401 or 403 is about the key only if the key is refused by itself too.
    pub(super) async fn judged(&self, failure: Failure, path: &str, what: &'static str) -> Failure {
        let Failure::Refused { vendor, status: status @ (401 | 403), code, detail } = failure else { return failure };
        if path == vendor.proof_path() {
            // Whoever is refused next need not ask again.
            let _ = self.proof.verdict.set(Verdict::Refused);
            return Failure::KeyRefused { vendor, status };
        }
        match self.proof.verdict.get_or_init(|| self.prove()).await {
            Verdict::Accepted => {
                let detail = format!("{detail}, about {what}, though the key is accepted");
                Failure::Refused { vendor, status, code, detail }
            }
            Verdict::Refused => Failure::KeyRefused { vendor, status },
            Verdict::Unknown => Failure::Unproven { vendor, status },
        }
    }

    async fn prove(&self) -> Verdict {
        let path = self.vendor().proof_path().to_owned();
        let call = Call {
            method: Method::GET,
            path,
            idempotency_key: None,
            body: Payload::Nothing,
            what: "a proof of the key",
            about: About::Nothing,
        };
        // Boxed, since a refused proof is judged as well.
        let proved = Box::pin(self.repeated(call, |_| Ok(IgnoredAny))).await;
        let verdict = match proved {
            Err(Failure::KeyRefused { .. }) => Verdict::Refused,
            // Whatever else it says, it let the key in.
            Ok(_) | Err(Failure::Refused { .. } | Failure::Malformed { .. }) => Verdict::Accepted,
            Err(_) => Verdict::Unknown,
        };
        tracing::info!(vendor = %self.vendor(), ?verdict, "key checked after a refused request");
        verdict
    }
}
