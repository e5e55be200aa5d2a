//! People who use the console, and their sessions.

use jiff::Timestamp;

use super::named;
use super::{Email, Role};

/// Somebody who may sign in to the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Their address, by which they sign in.
    pub email: Email,
    /// What they may see and do.
    pub role: Role,
    /// When they were added.
    pub created_at: Timestamp,
    /// Since when they may no longer sign in, if they may not.
    pub disabled_at: Option<Timestamp>,
    /// How often they may sign in by their password.
    pub password_use: PasswordUse,
}

named! {
    /// How often a password lets its user in.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    pub enum PasswordUse {
        /// Always: nobody else has set it.
        Own => "own",
        /// Once, and then they choose their own: somebody else has set it and knows it.
        OneTime => "one_time",
        /// No more: it was for one sign-in, which has been.
        Used => "used",
    }
}

impl PasswordUse {
    /// Reads such a name.
    pub fn new(name: &str) -> Option<PasswordUse> {
        [PasswordUse::Own, PasswordUse::OneTime, PasswordUse::Used].into_iter().find(|password_use| password_use.as_str() == name)
    }
}

/// A session of somebody who has signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Who.
    pub user: User,
    /// When they signed in.
    pub created_at: Timestamp,
    /// When they were last seen, to the minute.
    pub seen_at: Timestamp,
}

/// Reads an address by which somebody may sign in, in lower case: what a mail server would take, at most 254 characters.
pub fn sign_in_address(text: &str) -> Option<Email> {
    let text = text.trim();
    let (local, host) = text.rsplit_once('@')?;
    let plain = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"<>()[],;:\\\"".contains(letter);
    let is_address = text.len() <= 254 && !local.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    (is_address && text.chars().all(plain)).then(|| Email::new(&text.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_lower_case_and_nonsense_is_none() {
        assert_eq!(sign_in_address(" Jo@Firm.example ").unwrap().as_str(), "jo@firm.example");
        for bad in ["", "jo", "@firm.example", "jo@firm", "jo@firm.", "j o@firm.example", "<jo@firm.example>", "jo@firm.example\r\nx"] {
            assert_eq!(sign_in_address(bad), None, "{bad}");
        }
    }
}
