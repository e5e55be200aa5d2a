//! Mail: the letters that casebridge writes, and how they get to their readers.
//!
//! A [`Letter`] is made by pure functions (`run_letter`, `notice`), and the [`Mailer`] sends it, or keeps it as a file where no server
//! is set or the server would not take it. What a mail says about clients is in its CSV alone; logs and errors have neither that nor
//! the password of the mail server.

mod bounded_stream;
mod connect_letter;
mod delivery;
mod error;
mod letter;
mod message;
pub mod notice;
mod run_letter;
mod secured_stream;
mod sending;
mod server;
mod session;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lettre::Address;
use tokio_util::sync::CancellationToken;

pub use connect_letter::{ConnectReport, connect_letter};
pub use delivery::{Delivery, MailView};
pub use error::{MailError, SmtpReply};
pub use letter::{Csv, Letter};
pub use run_letter::{FirmName, RunMail, run_letter};
pub use server::{Security, Server};

use self::message::{Stamp, compose};
use self::session::Line;
use crate::private_files::{private_file, private_folder};

/// Gets letters to their readers.
#[derive(Clone)]
pub struct Mailer {
    from: Address,
    line: Option<Arc<Line>>,
    folder: PathBuf,
    limit: Duration,
}

impl Mailer {
    /// A mailer that sends by `server`, each letter within `limit`, and keeps in `folder` what it cannot send.
    pub fn new(from: Address, server: Option<Server>, folder: PathBuf, limit: Duration) -> Result<Mailer, MailError> {
        let line = server.map(Line::new).transpose()?.map(Arc::new);
        Ok(Mailer { from, line, folder, limit })
    }

    /// Sends a letter to these readers, at least one. Whoever it does not get to finds it in a file; so does everyone once `stop` is
    /// cancelled.
    pub async fn send(&self, letter: &Letter, to: &[Address], stop: &CancellationToken) -> Delivery {
        let now = Timestamp::now();
        let id = format!("{}-{:08x}", now.strftime("%Y%m%d-%H%M%S"), random());
        let stamp = Stamp { from: self.from.clone(), at: now, id };
        let unreached = match &self.line {
            None => to.iter().map(|reader| (reader.clone(), None)).collect(),
            Some(line) => self.hand_over(line, letter, &stamp, to, stop).await,
        };
        let readers: Vec<Address> = unreached.iter().map(|(reader, _)| reader.clone()).collect();
        let kept = (!readers.is_empty()).then(|| keep(&self.folder, letter, &stamp, &readers));
        let delivery = Delivery { to: to.to_vec(), unreached, kept };
        tracing::info!(mail = %stamp.id, readers = to.len(), sent = delivery.sent(), lost = delivery.is_lost(), "mail");
        delivery
    }

    async fn hand_over(
        &self,
        line: &Line,
        letter: &Letter,
        stamp: &Stamp,
        to: &[Address],
        stop: &CancellationToken,
    ) -> Vec<(Address, Option<MailError>)> {
        let unreached = match compose(letter, stamp, to) {
            Ok(message) => sending::send(line, &self.from, to, &message, self.limit, stop).await,
            Err(error) => to.iter().map(|reader| (reader.clone(), error.clone())).collect(),
        };
        unreached.into_iter().map(|(reader, error)| (reader, Some(error))).collect()
    }
}

/// Writes a letter to a file that programs for mail open.
fn keep(folder: &Path, letter: &Letter, stamp: &Stamp, to: &[Address]) -> Result<PathBuf, MailError> {
    let message = compose(letter, stamp, to)?;
    let path = folder.join(format!("{}.eml", stamp.id));
    let written = private_folder(folder).and_then(|()| private_file(&path, &message));
    written.map_err(|error| MailError::NotKept { path: folder.display().to_string(), problem: error.kind().to_string() })?;
    Ok(path)
}

fn random() -> u32 {
    // Without randomness, two messages of one second would differ by the process that sends them.
    getrandom::u32().unwrap_or_else(|_| std::process::id())
}
