//! Secrets on their way in: a person types them unseen, a program writes them as a line of standard input. Never as an argument, which
//! every user of the machine can read and shells remember.

use std::io::{BufRead as _, IsTerminal as _};

use secrecy::SecretString;
use secrecy::zeroize::Zeroize as _;

use super::Refusal;

/// Whether a person is at the other end.
pub(super) fn by_a_person() -> bool {
    std::io::stdin().is_terminal()
}

/// Asks a person, without showing what is typed. `what` says what cannot be read then.
pub(super) fn unseen(prompt: &str, what: &str) -> Result<SecretString, Refusal> {
    rpassword::prompt_password(prompt).map(SecretString::from).map_err(|error| unread(what, &error))
}

/// The first line of standard input.
pub(super) fn line(what: &str) -> Result<SecretString, Refusal> {
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| unread(what, &error))?;
    let secret = SecretString::from(line.trim_end_matches(['\r', '\n']));
    line.zeroize();
    Ok(secret)
}

/// Asks a person whether to go on; anything but yes is no.
pub(super) fn agrees(prompt: &str) -> Result<bool, Refusal> {
    eprint!("{prompt}");
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|error| unread("answer", &error))?;
    Ok(matches!(line.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn unread(what: &str, error: &std::io::Error) -> Refusal {
    Refusal::failed(format!("no {what} can be read: {}", error.kind()))
}
