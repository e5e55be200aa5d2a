//! What became of a message, for people and for programs.

use std::path::{Path, PathBuf};

use lettre::Address;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::MailError;

/// What became of a message.
#[derive(Debug)]
pub struct Delivery {
    /// Its readers.
    pub to: Vec<Address>,
    /// Those whom the mail server did not take it for, and why. Without a server, everyone and no reason.
    pub(super) unreached: Vec<(Address, Option<MailError>)>,
    /// Where the message for the unreached is kept, or why it is not.
    pub(super) kept: Option<Result<PathBuf, MailError>>,
}

/// What became of a message, as JSON.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Mail)]
pub struct MailView {
    /// Its readers, separated by commas.
    to: String,
    /// Whether a mail server took it for all of them.
    sent: bool,
    /// The file that holds it for those it did not get to.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    /// Why it did not get to them.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Delivery {
    /// Whether a mail server took it for every reader.
    pub fn sent(&self) -> bool {
        self.unreached.is_empty()
    }

    /// The file that holds it for the readers it did not get to.
    pub fn file(&self) -> Option<&Path> {
        self.kept.as_ref()?.as_deref().ok()
    }

    /// Whether some reader gets it neither by mail nor from a file.
    pub fn is_lost(&self) -> bool {
        !self.sent() && self.file().is_none()
    }

    /// What went wrong. To keep messages as files because no server is set is not wrong.
    pub fn error(&self) -> Option<String> {
        let mut reasons: Vec<(String, Vec<String>)> = Vec::new();
        for (reader, error) in &self.unreached {
            let Some(reason) = error.as_ref().map(ToString::to_string) else { continue };
            match reasons.iter_mut().find(|(known, _)| *known == reason) {
                Some((_, readers)) => readers.push(reader.to_string()),
                None => reasons.push((reason, vec![reader.to_string()])),
            }
        }
        let everyone = reasons.iter().all(|(_, readers)| readers.len() == self.to.len());
        let sentence =
            |(reason, readers): (String, Vec<String>)| if everyone { reason } else { format!("for {}, {reason}", readers.join(", ")) };
        let mut sentences: Vec<String> = reasons.into_iter().map(sentence).collect();
        if let Some(Err(error)) = &self.kept {
            sentences.push(error.to_string());
        }
        (!sentences.is_empty()).then(|| sentences.join("; "))
    }

    /// The readers, separated by commas.
    pub fn readers(&self) -> String {
        joined(self.to.iter())
    }

    /// The readers it did not get to, separated by commas.
    pub fn unreached(&self) -> String {
        joined(self.unreached.iter().map(|(reader, _)| reader))
    }

    /// As JSON.
    pub fn view(&self) -> MailView {
        let file = self.file().map(|path| path.display().to_string());
        MailView { to: self.readers(), sent: self.sent(), file, error: self.error() }
    }
}

fn joined<'a>(addresses: impl Iterator<Item = &'a Address>) -> String {
    addresses.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
