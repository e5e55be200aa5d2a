//! Whether a webhook is CASEpeer's: `X-Casepeer-Signature: t=<unix seconds>,v1=<hex>`, where `v1` is HMAC-SHA-256 under the firm's
//! webhook secret of `<t>.<raw body>`. Pure.

use axum::http::HeaderMap;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;

const HEADER: &str = "x-casepeer-signature";

/// A signature that is older, or that much ahead, is not taken: whoever overheard one cannot use it for long.
const MOST_APART: i64 = 300;

/// Why a webhook is not taken. The log says so; the sender is told the same of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    Missing,
    Malformed,
    NoSecret,
    Wrong,
    FarApart,
}

impl Refusal {
    pub(super) fn why(self) -> &'static str {
        match self {
            Refusal::Missing => "it has no signature",
            Refusal::Malformed => "its signature cannot be read",
            Refusal::NoSecret => "the firm has no connections.casepeer.webhook_secret",
            Refusal::Wrong => "its signature is not of this body under the firm's webhook_secret",
            Refusal::FarApart => "it was signed more than five minutes ago, or ahead of this machine's clock",
        }
    }
}

/// Whether the body is signed with one of the secrets, at about this time. Without a secret nothing is, and finding that out takes as long.
pub(super) fn verify(secrets: &[&SecretString], headers: &HeaderMap, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
    let mut values = headers.get_all(HEADER).iter();
    let value = values.next().ok_or(Refusal::Missing)?;
    let signature = value.to_str().ok().filter(|_| values.next().is_none()).and_then(Signature::read).ok_or(Refusal::Malformed)?;
    // Two are held against it, however many there are and whichever is right.
    let keys = [0, 1].map(|nth| secrets.get(nth).map_or("", |secret| secret.expose_secret()));
    let right = keys.iter().filter(|key| signature.is_by(key, body) && !key.is_empty()).count();
    if keys.iter().all(|key| key.is_empty()) {
        return Err(Refusal::NoSecret);
    }
    if right == 0 {
        return Err(Refusal::Wrong);
    }
    let signed_at: i64 = signature.time.parse().map_err(|_| Refusal::FarApart)?;
    if now.as_second().abs_diff(signed_at) > MOST_APART.unsigned_abs() { Err(Refusal::FarApart) } else { Ok(()) }
}

struct Signature<'h> {
    /// As it was signed.
    time: &'h str,
    digest: [u8; 32],
}

impl<'h> Signature<'h> {
    fn is_by(&self, key: &str, body: &[u8]) -> bool {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return false };
        mac.update(self.time.as_bytes());
        mac.update(b".");
        mac.update(body);
        mac.verify_slice(&self.digest).is_ok()
    }

    /// Reads the header. Of each part there is one; parts of other names are other schemes'.
    fn read(header: &'h str) -> Option<Signature<'h>> {
        let (mut time, mut digest) = (None, None);
        for part in header.split(',') {
            match part.trim().split_once('=')? {
                ("t", value) => {
                    let plain = !value.is_empty() && value.bytes().all(|digit| digit.is_ascii_digit());
                    plain.then(|| time.replace(value)).filter(Option::is_none)?;
                }
                ("v1", value) => {
                    let read = digest_of(value)?;
                    Some(digest.replace(read)).filter(Option::is_none)?;
                }
                _ => {}
            }
        }
        Some(Signature { time: time?, digest: digest? })
    }
}

fn digest_of(hex: &str) -> Option<[u8; 32]> {
    let digits = hex.bytes().map(|digit| char::from(digit).to_digit(16)).collect::<Option<Vec<u32>>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair[0] * 16 + pair[1]).ok()).collect();
    (digits.len() == 64).then(|| bytes.try_into().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const TIME: i64 = 1_767_225_600;

    /// `printf '1767225600.{"id":"evt_1"}' | openssl dgst -sha256 -hmac 'whsec'`
    const DIGEST: &str = "bc5fc0c85a403f8db4e0bf59acc29c2e6c2ae54ab5ab59d324246c9ca5bd3380";

    fn verified(secret: Option<&str>, headers: &[&str], body: &str, after: i64) -> Result<(), Refusal> {
        let headers: HeaderMap = headers.iter().map(|value| (HEADER.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect();
        // As while one takes the place of the other.
        let secrets: Vec<SecretString> = secret.into_iter().flat_map(|secret| ["an-older-one", secret]).map(SecretString::from).collect();
        verify(&secrets.iter().collect::<Vec<_>>(), &headers, body.as_bytes(), Timestamp::from_second(TIME + after).unwrap())
    }

    #[test]
    fn a_signature_by_another_program_is_right_for_five_minutes_around() {
        let (good, body) = (format!("t={TIME},v1={DIGEST}"), r#"{"id":"evt_1"}"#);
        let upper = format!("v1={}, t={TIME}, v0=other", DIGEST.to_uppercase());
        for (header, after) in [(&good, 0), (&good, 300), (&good, -300), (&upper, 0)] {
            assert_eq!(verified(Some("whsec"), &[header], body, after), Ok(()), "{header} {after}");
        }
        assert_eq!(verified(Some("whsec"), &[&good], body, 301), Err(Refusal::FarApart));
        assert_eq!(verified(Some("whsec"), &[&good], body, -301), Err(Refusal::FarApart));
        assert_eq!(verified(Some("other"), &[&good], body, 0), Err(Refusal::Wrong));
        assert_eq!(verified(Some("whsec"), &[&good], r#"{"id":"evt_2"}"#, 0), Err(Refusal::Wrong));
        assert_eq!(verified(Some("whsec"), &[&format!("t={},v1={DIGEST}", TIME + 1)], body, 0), Err(Refusal::Wrong));
        assert_eq!(verified(None, &[&good], body, 0), Err(Refusal::NoSecret));
    }

    #[test]
    fn what_is_no_signature_is_none() {
        let (time, digest) = (format!("t={TIME}"), format!("v1={DIGEST}"));
        assert_eq!(verified(Some("whsec"), &[], "", 0), Err(Refusal::Missing));
        let good = format!("{time},{digest}");
        for bad in [
            String::new(),
            time.clone(),
            digest.clone(),
            format!("{good},{time}"),
            format!("{good},{digest}"),
            format!("t=+1,{digest}"),
            format!("t=-1,{digest}"),
            format!("t=,{digest}"),
            format!("{time},v1={}", &DIGEST[1..]),
            format!("{time},v1={DIGEST}00"),
            format!("{time},v1={}g", &DIGEST[1..]),
            format!("{time} {digest}"),
        ] {
            assert_eq!(verified(Some("whsec"), &[&bad], "", 0), Err(Refusal::Malformed), "{bad}");
        }
        assert_eq!(verified(Some("whsec"), &[&good, &good], "", 0), Err(Refusal::Malformed));
    }

    #[test]
    fn nothing_is_signed_without_a_secret_not_even_with_an_empty_one() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(format!("{TIME}.").as_bytes());
        let digest: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let header = format!("t={TIME},v1={digest}");
        assert_eq!(verified(None, &[&header], "", 0), Err(Refusal::NoSecret));
        assert_eq!(verified(Some(""), &[&header], "", 0), Err(Refusal::Wrong), "by the older one beside it");
        let headers: HeaderMap = [(HEADER.parse().unwrap(), HeaderValue::from_str(&header).unwrap())].into_iter().collect();
        assert_eq!(verify(&[&SecretString::from("")], &headers, b"", Timestamp::from_second(TIME).unwrap()), Err(Refusal::NoSecret));
    }
}
