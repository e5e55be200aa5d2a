//! A message of Case Status, to be read.

use std::sync::Arc;

use rhai::INT;
use rhai::plugin::*;

use super::optional;
use crate::domain::Message;

/// A message between a firm and its client.
#[derive(Clone)]
pub(in crate::scripting) struct MessageValue(pub Arc<Message>);

/// What a script can read of a message.
#[export_module]
#[allow(unreachable_pub)]
pub(in crate::scripting) mod message_functions {
    /// Case Status's id of it.
    #[rhai_fn(get = "id", pure)]
    pub fn id(message: &mut MessageValue) -> ImmutableString {
        (&*message.0.id).into()
    }

    /// The number of its case in CASEpeer; `()` where Case Status names none.
    #[rhai_fn(get = "case_id", pure)]
    pub fn case_id(message: &mut MessageValue) -> Dynamic {
        message.0.integration_id.and_then(|id| INT::try_from(id.0).ok()).map_or(Dynamic::UNIT, Dynamic::from)
    }

    /// `from_client` or `from_firm`.
    #[rhai_fn(get = "direction", pure)]
    pub fn direction(message: &mut MessageValue) -> ImmutableString {
        message.0.direction.as_str().into()
    }

    /// Who wrote it.
    #[rhai_fn(get = "sender_name", pure)]
    pub fn sender_name(message: &mut MessageValue) -> ImmutableString {
        (&*message.0.sender_name).into()
    }

    /// Their e-mail.
    #[rhai_fn(get = "sender_email", pure)]
    pub fn sender_email(message: &mut MessageValue) -> Dynamic {
        optional(message.0.sender_email.as_deref())
    }

    /// The text.
    #[rhai_fn(get = "body", pure)]
    pub fn body(message: &mut MessageValue) -> ImmutableString {
        (&*message.0.body).into()
    }

    /// When it was sent, for instance `2026-11-24T18:30:00Z`.
    #[rhai_fn(get = "sent_at", pure)]
    pub fn sent_at(message: &mut MessageValue) -> ImmutableString {
        message.0.sent_at.to_string().into()
    }
}
