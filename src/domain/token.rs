//! Tokens: by which programs show who they are, and by which browsers show whose session it is.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use super::named;
use super::{Email, Role};

/// What a token is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TokenName(Box<str>);

impl TokenName {
    /// Letters, digits, `-`, `_`, `.` and `@`, at most 64, beginning with a letter or digit.
    pub fn new(text: &str) -> Option<TokenName> {
        let plain = |letter: u8| letter.is_ascii_alphanumeric() || b"-_.@".contains(&letter);
        let begins = text.as_bytes().first().is_some_and(u8::is_ascii_alphanumeric);
        (begins && text.len() <= 64 && text.bytes().all(plain)).then(|| TokenName(text.into()))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What is known of a token; not its text, which nobody knows but who holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is called. No two that were not revoked have the same name.
    pub name: TokenName,
    /// What who holds it may see.
    pub role: Role,
    /// The user who made it, with whom it ends; `None` for one that was made by command.
    pub owner: Option<Email>,
    /// Whether its owner may sign in no more.
    pub is_orphaned: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was shown last, to the minute.
    pub last_used_at: Option<Timestamp>,
    /// From when on it is worth nothing, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

named! {
    /// Whether a token is worth something.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum TokenState {
        /// It is.
        Active => "active",
        /// It was until a moment that was set when it was made.
        Expired => "expired",
        /// It was until somebody revoked it.
        Revoked => "revoked",
        /// It is not as long as its owner may not sign in.
        Orphaned => "orphaned",
    }
}

/// How long a token is worth something unless somebody says otherwise.
pub const TOKEN_LIFETIME: SignedDuration = SignedDuration::from_hours(90 * 24);

impl Token {
    /// Whether it is worth something at this moment.
    pub fn state(&self, now: Timestamp) -> TokenState {
        if self.revoked_at.is_some() {
            return TokenState::Revoked;
        }
        if self.is_orphaned {
            return TokenState::Orphaned;
        }
        if self.expires_at.is_some_and(|expires_at| expires_at <= now) { TokenState::Expired } else { TokenState::Active }
    }
}

/// A token's text: what who holds it shows. It is said once, when the token is made.
#[derive(Debug, Clone)]
pub struct TokenText(SecretString);

impl TokenText {
    /// The text of these random bits, which must be unpredictable. It begins in a way by which people, and programs that look for
    /// keys where none should be, know what it is.
    pub fn of(random: [u8; 32]) -> TokenText {
        TokenText(format!("cbt_{}", hexadecimal(&random)).into())
    }

    /// The text of a session, likewise. A browser keeps it in a cookie.
    pub fn of_session(random: [u8; 32]) -> TokenText {
        TokenText(format!("cbs_{}", hexadecimal(&random)).into())
    }

    /// The text itself.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// What is kept of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash::of(self.expose())
    }
}

/// What is kept of a token's text: enough to know it again, and of no use to who reads the store.
///
/// It is a plain SHA-256, without salt and not slow. Slow hashes are for passwords, which people choose and programs guess; 256 random
/// bits cannot be guessed however fast the hash is, no two tokens are the same, and an answer of the API need not wait for it. A token is
/// looked up by its hash, so that how far a wrong text agrees with a right one shows in no time that anybody could measure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenHash(String);

impl TokenHash {
    /// The hash of what somebody shows.
    pub fn of(text: &str) -> TokenHash {
        TokenHash(hexadecimal(&<[u8; 32]>::from(Sha256::digest(text))))
    }

    /// In hexadecimal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_says_what_it_is_and_is_no_part_of_its_hash() {
        let text = TokenText::of([0xa7; 32]);
        assert_eq!(text.expose(), format!("cbt_{}", "a7".repeat(32)));
        assert_eq!(text.hash(), TokenHash::of(text.expose()));
        assert_eq!(text.hash().as_str().len(), 64);
        assert!(!format!("{text:?}").contains("a7a7"));
    }

    #[test]
    fn a_token_ends_at_its_moment_and_by_being_revoked() {
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let name = TokenName::new("grafana").unwrap();
        let (owner, last_used_at) = (None, None);
        let token = Token {
            name,
            role: Role::Support,
            owner,
            is_orphaned: false,
            created_at: at(0),
            last_used_at,
            expires_at: Some(at(10)),
            revoked_at: None,
        };
        assert_eq!([9, 10].map(|second| token.state(at(second))), [TokenState::Active, TokenState::Expired]);
        assert_eq!(Token { is_orphaned: true, ..token.clone() }.state(at(5)), TokenState::Orphaned);
        assert_eq!(Token { revoked_at: Some(at(5)), ..token }.state(at(20)), TokenState::Revoked);
    }

    #[test]
    fn names_are_plain() {
        for good in ["grafana", "Ops-2", "jo@firm.example", "0"] {
            assert!(TokenName::new(good).is_some(), "{good}");
        }
        for bad in ["", "-x", "a b", "ü", "a\n", &"x".repeat(65)] {
            assert!(TokenName::new(bad).is_none(), "{bad}");
        }
    }
}
