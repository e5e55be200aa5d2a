//! A letter as the bytes that mail servers and programs for mail understand (RFC 5322 and MIME).

use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use lettre::message::header::{ContentTransferEncoding, ContentType, Header, HeaderName, HeaderValue};
use lettre::message::{Body, MultiPart, SinglePart};
use lettre::{Address, Message};

use super::error::MailError;
use super::letter::Letter;

/// Who it is from and when, and what it is called.
#[derive(Debug, Clone)]
pub(super) struct Stamp {
    pub from: Address,
    pub at: Timestamp,
    /// The same for every try, so that a message that arrives twice can be told to be one.
    pub id: String,
}

/// The message for these readers.
pub(super) fn compose(letter: &Letter, stamp: &Stamp, to: &[Address]) -> Result<Vec<u8>, MailError> {
    let unwritable = |problem: &dyn std::fmt::Display| MailError::Unwritable(problem.to_string());
    let mut message = Message::builder()
        .from(lettre::message::Mailbox::new(Some("casebridge".to_owned()), stamp.from.clone()))
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(stamp.at.as_second()).unwrap_or_default()))
        .message_id(Some(format!("<{}@{}>", stamp.id, stamp.from.domain())))
        .subject(letter.subject().to_owned())
        // Nobody's holiday notice needs to answer.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    for reader in to {
        message = message.to(reader.clone().into());
    }
    let text = SinglePart::plain(letter.text().to_owned());
    let message = match letter.csv() {
        None => message.singlepart(text),
        Some(csv) => {
            // Any other encoding might touch line ends on the way.
            let body = Body::new_with_encoding(csv.content.clone(), ContentTransferEncoding::Base64);
            let body = body.map_err(|_| unwritable(&"the CSV cannot be encoded"))?;
            let kind = ContentType::parse(&format!("text/csv; charset=utf-8; name={}", csv.name)).map_err(|error| unwritable(&error))?;
            let part = SinglePart::builder().header(kind).header(AttachedAs(csv.name.clone())).body(body);
            message.multipart(MultiPart::mixed().singlepart(text).singlepart(part))
        }
    };
    Ok(message.map_err(|error| unwritable(&error))?.formatted())
}

/// `Content-Disposition` of an attachment with a plain name. The library's own writes all but short names in a form (RFC 2231) that not
/// every program for mail reads.
#[derive(Clone)]
struct AttachedAs(String);

impl Header for AttachedAs {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Content-Disposition")
    }

    fn parse(_: &str) -> Result<AttachedAs, Box<dyn std::error::Error + Send + Sync>> {
        Err("written only".into())
    }

    fn display(&self) -> HeaderValue {
        let AttachedAs(name) = self;
        // `Letter::with` left nothing in the name that would need quoting.
        let encoded = format!("attachment;\r\n filename=\"{name}\"");
        HeaderValue::dangerous_new_pre_encoded(AttachedAs::name(), format!("attachment; filename=\"{name}\""), encoded)
    }
}
