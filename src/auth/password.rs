//! Passwords: what is taken for one, and the hash that is kept of it.

use std::sync::LazyLock;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use secrecy::{ExposeSecret as _, SecretString};
use zxcvbn::{Score, zxcvbn};

use super::hashing_queue::HashingQueue;

/// Fewer characters are guessed too easily (NIST SP 800-63B asks for 15 where a password stands alone, and 8 at the least).
const SHORTEST: usize = 12;

/// More bytes are nobody's password, and take time.
const LONGEST: usize = 1_024;

/// Few are hashed at once: each takes [`Params`]' 19 MiB.
static QUEUE: LazyLock<HashingQueue> = LazyLock::new(HashingQueue::new);

/// What is compared where there is no user, so that it takes the same time.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash(&SecretString::from("nobody's password")).unwrap_or_default());

/// A password that is fit to be set.
pub struct Password(SecretString);

/// Why a text is not taken for a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is too short.
    #[error("a password has at least {SHORTEST} characters; a few words that have nothing to do with each other are a good one")]
    Short,
    /// It is too long.
    #[error("a password has at most {LONGEST} bytes")]
    Long,
    /// It is common, was in a breach, or is put together from such words: fewer than 10^8 guesses find it.
    #[error("this password is among the first that anybody would try; a few words that have nothing to do with each other are a good one")]
    Obvious,
}

impl Password {
    /// Reads a password for the user of this address.
    pub fn new(text: SecretString, address: &str) -> Result<Password, WeakPassword> {
        let shown = text.expose_secret();
        if shown.chars().count() < SHORTEST {
            return Err(WeakPassword::Short);
        }
        if shown.len() > LONGEST {
            return Err(WeakPassword::Long);
        }
        let folded = shown.to_lowercase();
        // What stands before the @ is part of many first guesses.
        let name = address.split('@').next().unwrap_or_default();
        let guessed = zxcvbn(&folded, &[address, name, "casebridge", "casepeer", "casestatus"]);
        if guessed.score() < Score::Three {
            return Err(WeakPassword::Obvious);
        }
        Ok(Password(text))
    }

    /// What is kept of it: Argon2id, as a PHC string. `None` where the machine has no randomness.
    pub(super) async fn hashed(self) -> Option<String> {
        // The turn goes along: who waits may go away, and the work goes on.
        let turn = QUEUE.turn(0).await?;
        let hashing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            hash(&self.0)
        });
        hashing.await.ok().flatten()
    }
}

/// Whether a password is the one that a hash was made of, once it is the turn of somebody who has guessed so often; `None` where too many
/// wait. Takes as long where there is no hash.
pub(super) async fn is_right(shown: SecretString, kept: Option<String>, guesses: usize) -> Option<bool> {
    if shown.expose_secret().len() > LONGEST {
        return Some(false);
    }
    let turn = QUEUE.turn(guesses).await?;
    let compared = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        let is_somebody = kept.is_some();
        let kept = kept.unwrap_or_else(|| NOBODY.clone());
        let matches = PasswordHash::new(&kept).is_ok_and(|kept| argon().verify_password(shown.expose_secret().as_bytes(), &kept).is_ok());
        is_somebody && matches
    });
    Some(compared.await.unwrap_or(false))
}

/// 19 MiB, twice, in one lane: what OWASP recommends as the least.
fn argon() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn hash(password: &SecretString) -> Option<String> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).ok()?;
    argon().hash_password_with_salt(password.expose_secret().as_bytes(), &salt).ok().map(|hash| hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parameters_are_those_that_are_recommended() {
        let parameters = Params::default();
        assert_eq!((parameters.m_cost(), parameters.t_cost(), parameters.p_cost()), (19 * 1024, 2, 1));
    }

    #[test]
    fn weak_passwords_are_refused() {
        let read = |text: &str| Password::new(SecretString::from(text.to_owned()), "jo@hartwell.example").err();
        assert_eq!(read("elevenchars"), Some(WeakPassword::Short));
        assert_eq!(read("aaaaaaaaaaaaaa"), Some(WeakPassword::Obvious));
        assert_eq!(read("Jo@Hartwell.example"), Some(WeakPassword::Obvious));
        for common in
            ["qwertyuiop12", "Password123456", "iloveyou1234", "1q2w3e4r5t6y", "trustno1trustno1", "casebridge2026", "abcabcabcabc"]
        {
            assert_eq!(read(common), Some(WeakPassword::Obvious), "{common}");
        }
        assert_eq!(read(&"ab".repeat(600)), Some(WeakPassword::Long));
        assert_eq!(read("four quiet harbour lights"), None);
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_and_nobody_has_one() {
        let right = || SecretString::from("four quiet harbour lights");
        let kept = Password::new(right(), "jo@hartwell.example").unwrap().hashed().await.unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert_eq!(is_right(right(), Some(kept.clone()), 0).await, Some(true));
        assert_eq!(is_right(SecretString::from("four quiet harbour light"), Some(kept), 0).await, Some(false));
        assert_eq!(is_right(SecretString::from("nobody's password"), None, 0).await, Some(false));
    }
}
