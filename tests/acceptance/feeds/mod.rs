//! Messages and documents.

mod documents;
mod letters_retried;
mod messages;
mod outbox;
