//! Signing in, and what changes who can.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use thiserror::Error;

use super::password::{Password, is_right};
use super::throttle::{COUNTED, WrongPasswords};
use crate::domain::{Email, PasswordUse, Role, TokenText, User};
use crate::store::{Store, StoreError};

/// Why somebody is not let in.
#[derive(Debug, Error)]
pub enum SignInRefused {
    /// The address or the password is not right; which, nobody is told.
    #[error("the address or the password is not right")]
    Wrong,
    /// The password is right, and was for one sign-in.
    #[error("this password was for one sign-in and has been used; ask whoever gave it to you for another one")]
    Used,
    /// Too much was wrong of late.
    #[error("too many wrong passwords; try again in {} min", wait.as_mins().max(1))]
    Wait {
        /// For how long.
        wait: SignedDuration,
    },
    /// Too many sign in at this moment.
    #[error("too many people sign in at this moment; try again in a few seconds")]
    Busy,
    /// The store, or the machine.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Lets somebody in who comes from `origin`, an address of the network: the user whose password this is.
pub async fn sign_in(store: &Store, email: &Email, password: SecretString, origin: &str) -> Result<SignedIn, SignInRefused> {
    let signed_in = compare_password(store, email, password, origin).await?;
    if signed_in.user.password_use == PasswordUse::Used { Err(SignInRefused::Used) } else { Ok(signed_in) }
}

/// Finds the user whose password this is, though it was for one sign-in.
///
/// # Errors
/// It is wrong, or too much was wrong before.
pub async fn compare_password(store: &Store, email: &Email, password: SecretString, origin: &str) -> Result<SignedIn, SignInRefused> {
    let now = Timestamp::now();
    // Counted before it is looked at: many at once would otherwise all be looked at before one is counted.
    let counted = store.count_sign_in(email, origin, now - COUNTED, now).await?;
    let by_address = if counted.is_known { &[][..] } else { &counted.by_address };
    let wrong = WrongPasswords { pair: &counted.by_both, origin: &counted.by_origin, address: by_address };
    if let Some(until) = wrong.wait_until().filter(|until| *until > now) {
        store.forget_sign_in(counted.number).await?;
        return Err(SignInRefused::Wait { wait: until.duration_since(now) });
    }
    let (user, kept) = store.user(email).await?.map_or((None, None), |(user, kept)| (Some(user), Some(kept)));
    let Some(is_right) = is_right(password, kept.clone(), counted.by_origin.len()).await else {
        store.forget_sign_in(counted.number).await?;
        return Err(SignInRefused::Busy);
    };
    match (user.filter(|user| is_right && user.disabled_at.is_none()), kept) {
        (Some(user), Some(password)) => {
            store.forget_failed_sign_ins(email, Some(origin)).await?;
            Ok(SignedIn { user, password })
        }
        _ => Err(SignInRefused::Wrong),
    }
}

/// Somebody whose password was right.
pub struct SignedIn {
    /// Who.
    pub user: User,
    /// The hash that it was held against.
    password: String,
}

impl SignedIn {
    /// Begins a session from `origin`, and answers its text, which nobody else knows.
    ///
    /// # Errors
    /// The password was changed meanwhile, or the user was disabled; the store says no, or the machine has no randomness.
    pub async fn begin_session(&self, store: &Store, origin: &str) -> Result<TokenText, SignInRefused> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).map_err(|_| StoreError::NoRandomness)?;
        let text = TokenText::of_session(random);
        let has_begun = store.put_session(&text.hash(), &self.user.email, &self.password, origin, Timestamp::now()).await?;
        if has_begun { Ok(text) } else { Err(SignInRefused::Wrong) }
    }

    /// Takes another password instead of the one that was right, which ends every session; nothing if somebody has set another one meanwhile.
    pub async fn change_password(self, store: &Store, password: Password) -> Result<Option<SignedIn>, StoreError> {
        let put = put_password(store, &self.user.email, password, PasswordUse::Own, Some(&self.password)).await?;
        Ok(put.map(|password| SignedIn { password, ..self }))
    }
}

/// Adds a user; `false` if one of this address is there.
pub async fn add_user(store: &Store, email: Email, role: Role, password: Password, password_use: PasswordUse) -> Result<bool, StoreError> {
    let hash = password.hashed().await.ok_or(StoreError::NoRandomness)?;
    store.put_user(&User { email, role, created_at: Timestamp::now(), disabled_at: None, password_use }, &hash).await
}

/// Gives a user another password, and ends their sessions.
pub async fn change_password(store: &Store, email: &Email, password: Password, password_use: PasswordUse) -> Result<(), StoreError> {
    put_password(store, email, password, password_use, None).await.map(drop)
}

/// Keeps the hash of a password and answers it; nothing if the one of now is not `instead_of`.
async fn put_password(
    store: &Store,
    email: &Email,
    password: Password,
    password_use: PasswordUse,
    instead_of: Option<&str>,
) -> Result<Option<String>, StoreError> {
    let hash = password.hashed().await.ok_or(StoreError::NoRandomness)?;
    if !store.put_password(email, &hash, password_use, instead_of).await? {
        return Ok(None);
    }
    // Whoever guessed at the old one keeps nobody out with the new one.
    store.forget_failed_sign_ins(email, None).await?;
    Ok(Some(hash))
}
