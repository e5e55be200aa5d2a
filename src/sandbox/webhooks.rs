//! CASEpeer's webhooks: an event is sent to a host as the contract says, signed, and again until the host takes it.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Client;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::watch;

use super::world::now;

/// So often an event is sent that the host does not take.
const TRIES: u32 = 10;

/// A host that has not answered by then does not.
const PATIENCE: Duration = Duration::from_secs(10);

/// Sends webhooks to one host.
#[derive(Debug, Clone)]
pub(super) struct WebhookSender {
    url: String,
    client: Client,
}

impl WebhookSender {
    /// A sender to the host at this address.
    pub(super) fn of(url: &str) -> Result<WebhookSender, String> {
        let parsed = url::Url::parse(url).map_err(|_| format!("`{url}` is no URL"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("`{url}` is no http or https URL"));
        }
        let client = Client::builder().no_proxy().timeout(PATIENCE).build().map_err(|error| error.to_string())?;
        Ok(WebhookSender { url: url.trim_end_matches('/').to_owned(), client })
    }

    /// Sends an event of a firm's in the background, until the host takes it or everything stops.
    pub(super) fn send(&self, firm: &str, secret: String, event: &Value, mut stopped: watch::Receiver<bool>) {
        let (client, url, body) = (self.client.clone(), format!("{}/hooks/casepeer/{firm}", self.url), event.to_string());
        let kind = event["type"].as_str().unwrap_or_default().to_owned();
        tokio::spawn(async move {
            for attempt in 0..TRIES {
                let request = client.post(&url).header("content-type", "application/json");
                let sent = request.header("x-casepeer-signature", signature(&secret, &body)).body(body.clone()).send().await;
                match sent.map(|answer| answer.status()) {
                    Ok(status) if status.is_success() => return tracing::info!(url, kind, status = status.as_u16(), "webhook sent"),
                    // Another time it is signed anew, and the host may have its secret by then.
                    Ok(status) => tracing::warn!(url, kind, status = status.as_u16(), "webhook refused by the host"),
                    Err(_) => tracing::warn!(url, kind, "webhook not answered by the host"),
                }
                let wait = Duration::from_millis(500) * 2_u32.pow(attempt);
                tokio::select! {
                    () = tokio::time::sleep(wait) => {}
                    _ = stopped.wait_for(|stopped| *stopped) => return,
                }
            }
            tracing::warn!(url, kind, "webhook given up");
        });
    }
}

/// An event, under an id that no other has.
pub(super) fn event(kind: &str, data: &Value) -> Value {
    json!({ "id": unique("evt"), "type": kind, "created_at": now(), "data": data })
}

/// An id that nothing else has, whichever sandbox made it.
pub(super) fn unique(what: &str) -> String {
    // Without randomness, the time is what differs.
    let number = getrandom::u64().unwrap_or_else(|_| jiff::Timestamp::now().as_microsecond().unsigned_abs());
    format!("{what}_{number:016x}")
}

fn signature(secret: &str, body: &str) -> String {
    let time = jiff::Timestamp::now().as_second();
    let digest = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map(|mut mac| {
        mac.update(format!("{time}.{body}").as_bytes());
        mac.finalize().into_bytes()
    });
    // HMAC takes keys of any length, so there is a digest.
    let digest: String = digest.unwrap_or_default().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("t={time},v1={digest}")
}
