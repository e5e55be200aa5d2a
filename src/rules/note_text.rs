//! The text of the case note that a message becomes.

use super::{FirmRules, Hook};
use crate::domain::{Message, Note};

/// The firm's prefix and the message, then the firm's script; `None` leaves the message out.
///
/// # Errors
/// The script failed; the message is then neither written nor passed over.
pub fn note_text(rules: &FirmRules, message: &Message) -> Result<Option<String>, Note> {
    let text = format!("{}{}", rules.messages.note_prefix, message.body);
    match &rules.hooks {
        Some(hooks) if hooks.origin(Hook::NoteText).is_some() => Ok(hooks.note_text(message, &text)?),
        _ => Ok(Some(text)),
    }
}
