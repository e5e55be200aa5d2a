//! What a request is about, and whether its answer is about the same: an answer that names another case, note or message is never taken for
//! the one that was asked for.

use serde_json::Value;

use super::{Failure, Vendor};

/// What the answer to a request has to be about. Every request says it, so that no operation can leave the check out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum About<'a> {
    /// No single thing: a listing, or what belongs to the key.
    Nothing,
    /// The thing that has these identities; an answer that leaves one out says nothing against it.
    One(&'a [Named<'a>]),
}

/// One identity of a thing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Named<'a> {
    /// What people call such a thing.
    pub kind: &'static str,
    /// The field of the answer that has the identity.
    pub field: &'static str,
    /// The identity, as text.
    pub is: &'a str,
}

impl About<'_> {
    /// Holds a whole answer against it.
    pub(super) fn check(&self, vendor: Vendor, body: &[u8]) -> Result<(), Failure> {
        let About::One(names) = self else { return Ok(()) };
        // Whoever reads the answer says what else is wrong with it.
        let Ok(Value::Object(answer)) = serde_json::from_slice(body) else { return Ok(()) };
        for name in *names {
            let answered = match answer.get(name.field) {
                None | Some(Value::Null) => continue,
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
            };
            if answered != name.is {
                return Err(Failure::other(vendor, name.kind, name.is, &answered));
            }
        }
        Ok(())
    }
}

impl Failure {
    /// An answer about another thing than the request.
    pub(crate) fn other(vendor: Vendor, kind: &'static str, asked: &str, answered: &str) -> Failure {
        Failure::OtherIdentity { vendor, kind, asked: shown(asked), answered: shown(answered) }
    }
}

/// An identity as it may be shown: one that is not made as identities are may be anything.
fn shown(id: &str) -> String {
    let plain = (1..=64).contains(&id.len())
        && id.bytes().all(|letter| letter.is_ascii_alphanumeric() || b"_-.".contains(&letter))
        && id.bytes().any(|letter| letter.is_ascii_digit());
    if plain { id.to_owned() } else { "of another name".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: About<'_> =
        About::One(&[Named { kind: "case", field: "id", is: "10000" }, Named { kind: "note", field: "external_id", is: "note-1" }]);

    fn check(answer: &str) -> Result<(), String> {
        CASE.check(Vendor::CasePeer, answer.as_bytes()).map_err(|failure| failure.to_string())
    }

    #[test]
    fn the_same_identity_is_the_same_as_a_number_and_as_text() {
        for answer in [r#"{"id":10000}"#, r#"{"id":"10000","external_id":null}"#, r#"{"external_id":"note-1"}"#, "{}", "[]", "", "{"] {
            assert_eq!(check(answer), Ok(()), "{answer}");
        }
    }

    #[test]
    fn another_identity_is_named_and_a_free_text_is_not() {
        assert_eq!(check(r#"{"id":10001}"#).unwrap_err(), "CASEpeer answered case 10001 to the request for case 10000");
        assert_eq!(check(r#"{"id":"10000 "}"#).unwrap_err(), "CASEpeer answered case of another name to the request for case 10000");
        assert_eq!(check(r#"{"id":{"a":"Jane"}}"#).unwrap_err(), "CASEpeer answered case of another name to the request for case 10000");
        let note = check(r#"{"id":10000,"external_id":"note-2"}"#);
        assert_eq!(note.unwrap_err(), "CASEpeer answered note note-2 to the request for note note-1");
    }
}
