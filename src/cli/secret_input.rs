//! Secrets on their way in: a person types them unseen, a program writes them as a line of standard input. Never as an argument, which
//! every user of the machine can read and shells remember. And the answer of whoever is asked whether to go on.

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

/// Refuses unless what was shown is accepted: by a person who is asked, or by a line of standard input; anything but yes is no. Where there
/// is neither, the command itself is the answer.
pub(super) fn accepted() -> Result<(), Refusal> {
    if by_a_person() {
        eprint!("Accept? [y/N] ");
    }
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).map_err(|error| unread("answer", &error))?;
    let is_yes = matches!(line.trim().to_lowercase().as_str(), "y" | "yes");
    if is_yes || read == 0 && !by_a_person() { Ok(()) } else { Err(Refusal::failed("nothing was accepted")) }
}

fn unread(what: &str, error: &std::io::Error) -> Refusal {
    Refusal::failed(format!("no {what} can be read: {}", error.kind()))
}
