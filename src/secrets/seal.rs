//! Sealing: XChaCha20-Poly1305 under a fresh nonce, bound to the secret's name and to what the secret may be sent to.

use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use secrecy::zeroize::Zeroize as _;
use secrecy::{ExposeSecret as _, SecretBox, SecretString};
use sha2::{Digest as _, Sha256};

use crate::domain::SecretName;
use crate::store::StoreError;

/// How the bytes are laid out: this, the mark of the key, the nonce, the sealed text. Bound to the name alone.
const BOUND_TO_NAME: u8 = 1;
/// The same, bound to the name and to a destination.
const BOUND_TO_DESTINATION: u8 = 2;
/// How many bytes tell one key from another.
const MARK: usize = 8;
const NONCE: usize = 24;
const KEY: usize = 32;

/// The key that seals.
pub struct SealKey(SecretBox<[u8; KEY]>);

impl fmt::Debug for SealKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SealKey(…)")
    }
}

/// Why sealed bytes do not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unopened {
    /// Another key sealed them.
    AnotherKey,
    /// They are not what was sealed under this name.
    Altered,
}

impl SealKey {
    /// A fresh one.
    pub fn fresh() -> Result<SealKey, StoreError> {
        let mut filled = Ok(());
        let key = SecretBox::init_with_mut(|key: &mut [u8; KEY]| filled = getrandom::fill(key));
        filled.map_err(|_| StoreError::NoRandomness)?;
        Ok(SealKey(key))
    }

    /// Reads 64 hexadecimal digits, or 32 bytes in base64 of either alphabet.
    pub fn parse(text: &str) -> Option<SealKey> {
        let mut bytes = hexadecimal(text).or_else(|| base64(text))?;
        let key = (bytes.len() == KEY).then(|| SealKey(SecretBox::init_with_mut(|key: &mut [u8; KEY]| key.copy_from_slice(&bytes))));
        bytes.zeroize();
        key
    }

    /// Its 64 hexadecimal digits.
    pub fn to_text(&self) -> SecretString {
        let mut text: String = self.0.expose_secret().iter().map(|byte| format!("{byte:02x}")).collect();
        let secret = SecretString::from(text.as_str());
        text.zeroize();
        secret
    }

    /// Seals a value under a name, and for a destination alone if one is given.
    pub(super) fn seal(&self, name: &SecretName, to: Option<&str>, value: &SecretString) -> Result<Vec<u8>, StoreError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| StoreError::NoRandomness)?;
        let (layout, bound_to) = bound(name, to);
        let payload = Payload { msg: value.expose_secret().as_bytes(), aad: bound_to.as_bytes() };
        // It fails for texts of many gigabytes only.
        let text = self.cipher().encrypt(&XNonce::from(nonce), payload).map_err(|_| StoreError::Unreadable("secret"))?;
        Ok([&[layout][..], &self.mark(), &nonce, &text].concat())
    }

    /// Opens what was sealed under a name, and for this destination if there is one.
    pub(super) fn open(&self, name: &SecretName, to: Option<&str>, sealed: &[u8]) -> Result<SecretString, Unopened> {
        let (layout, rest) = sealed.split_first().ok_or(Unopened::Altered)?;
        let (mark, rest) = rest.split_first_chunk::<MARK>().ok_or(Unopened::Altered)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or(Unopened::Altered)?;
        let (expected, bound_to) = bound(name, to);
        if *layout != expected || text.len() < size_of::<Tag>() {
            return Err(Unopened::Altered);
        }
        if *mark != self.mark() {
            return Err(Unopened::AnotherKey);
        }
        let payload = Payload { msg: text, aad: bound_to.as_bytes() };
        let mut value = self.cipher().decrypt(&XNonce::from(*nonce), payload).map_err(|_| Unopened::Altered)?;
        let secret = std::str::from_utf8(&value).map(SecretString::from).map_err(|_| Unopened::Altered);
        value.zeroize();
        secret
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.0.expose_secret().into())
    }

    /// Tells this key from others and says nothing of it: nobody guesses 256 random bits.
    fn mark(&self) -> [u8; MARK] {
        let mut mark = [0; MARK];
        let digest = Sha256::new().chain_update("casebridge seal key").chain_update(self.0.expose_secret()).finalize();
        mark.iter_mut().zip(digest).for_each(|(mark, byte)| *mark = byte);
        mark
    }
}

/// The layout, and what is sealed along: no name has a line end in it.
fn bound(name: &SecretName, to: Option<&str>) -> (u8, String) {
    match to {
        None => (BOUND_TO_NAME, name.to_string()),
        Some(to) => (BOUND_TO_DESTINATION, format!("{name}\n{to}")),
    }
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let is_one = text.len() == 2 * KEY && text.bytes().all(|letter| letter.is_ascii_hexdigit());
    is_one.then(|| (0..KEY).filter_map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()).collect())
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let mut standard = text.replace('-', "+").replace('_', "/");
    let bytes = GeneralPurpose::new(&STANDARD, config).decode(&standard).ok();
    standard.zeroize();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> SecretName {
        SecretName::new(text).unwrap()
    }

    fn sealed(key: &SealKey, under: &str, value: &str) -> Vec<u8> {
        key.seal(&name(under), None, &SecretString::from(value)).unwrap()
    }

    #[test]
    fn what_was_sealed_opens_under_its_name_and_by_its_key_alone() {
        let (key, other) = (SealKey::fresh().unwrap(), SealKey::fresh().unwrap());
        let bytes = sealed(&key, "peer", "cp-live-4711");
        assert_eq!(key.open(&name("peer"), None, &bytes).unwrap().expose_secret(), "cp-live-4711");
        assert_eq!(key.open(&name("status"), None, &bytes).err(), Some(Unopened::Altered));
        assert_eq!(other.open(&name("peer"), None, &bytes).err(), Some(Unopened::AnotherKey));
        assert!(!bytes.windows(4).any(|window| window == b"4711"));
    }

    #[test]
    fn what_was_sealed_for_a_destination_opens_for_it_alone() {
        let key = SealKey::fresh().unwrap();
        let (vendor, other) = (Some("https://my.casepeer.com"), Some("https://my.casepeer.com:444"));
        let bytes = key.seal(&name("peer"), vendor, &SecretString::from("cp-live-4711")).unwrap();
        assert_eq!(key.open(&name("peer"), vendor, &bytes).unwrap().expose_secret(), "cp-live-4711");
        for (under, to) in [("peer", other), ("peer", None), ("status", vendor)] {
            assert_eq!(key.open(&name(under), to, &bytes).err(), Some(Unopened::Altered), "{under} {to:?}");
        }
        let mut unbound = bytes.clone();
        unbound[0] = BOUND_TO_NAME;
        assert!(key.open(&name("peer"), None, &unbound).is_err());
    }

    #[test]
    fn no_byte_can_be_changed_and_none_left_out() {
        let key = SealKey::fresh().unwrap();
        let bytes = sealed(&key, "peer", "cp-live-4711");
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(key.open(&name("peer"), None, &altered).is_err(), "byte {at}");
            assert!(key.open(&name("peer"), None, &bytes[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn the_same_value_is_sealed_otherwise_each_time() {
        let key = SealKey::fresh().unwrap();
        let [one, other] = [(); 2].map(|()| sealed(&key, "peer", "cp-live-4711"));
        assert_eq!(one[..=MARK], other[..=MARK], "the mark of the key");
        assert_ne!(one[1 + MARK..1 + MARK + NONCE], other[1 + MARK..1 + MARK + NONCE]);
        assert_ne!(one[1 + MARK + NONCE..], other[1 + MARK + NONCE..]);
    }

    #[test]
    fn a_key_is_read_in_each_form_and_at_its_length_alone() {
        let key = SealKey::parse(&"fb".repeat(32)).unwrap();
        assert_eq!(key.to_text().expose_secret(), "fb".repeat(32));
        let bytes = sealed(&key, "peer", "value");
        for text in [
            "FB".repeat(32).as_str(),
            "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s=",
            "+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/v7+/s",
            "-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_v7-_s=",
        ] {
            assert!(SealKey::parse(text).unwrap().open(&name("peer"), None, &bytes).is_ok(), "{text}");
        }
        for text in ["", "a passphrase", &"fb".repeat(31), &"fb".repeat(33), &"gb".repeat(32), &"é".repeat(32)] {
            assert!(SealKey::parse(text).is_none(), "{text}");
        }
        assert!(!format!("{key:?}").contains("fb"));
    }
}
