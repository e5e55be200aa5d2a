//! The keys of a test file, `rules/<firm>.test.yaml`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Number};

use crate::domain::{Changes, ChangesFault, Direction, PeerCaseStatus, StaffRole, UserRole};
use crate::yaml::{At, Decode, Named, Node, Reader, Value, shape, words};

shape! {
    /// One test.
    pub(super) struct Test {
        /// What it shows, in a sentence.
        name: At<String>,
        /// The case in CASEpeer.
        case: PeerCase,
        /// The case in Case Status, by the names of `sync.attributes`.
        existing: At<Attributes>,
        /// Whether the case is connected, and not synced.
        connect: At<bool>,
        /// A message that becomes a note.
        message: Message,
        /// Staff users of Case Status who are not as their names in the case suggest.
        staff: Vec<User>,
        /// Practice areas of Case Status that have not all twelve stages.
        practice_areas: Named<Vec<At<i64>>>,
        /// What should come out.
        expect: Expect,
    }
}

shape! {
    /// A case in CASEpeer.
    pub(super) struct PeerCase {
        /// Its number.
        id: At<u64>,
        /// What people call it.
        case_number: String,
        /// Who against whom.
        name: At<Maybe>,
        /// What kind of case it is.
        case_type: String,
        /// CASEpeer's name of the stage.
        stage: String,
        /// `open` or `closed`.
        status: At<PeerCaseStatus>,
        /// Free text.
        description: At<Maybe>,
        /// The day it was opened.
        opened_on: At<Maybe>,
        /// The day it was closed.
        closed_on: At<Maybe>,
        /// Whether it is marked as connected.
        connected: At<bool>,
        /// The client.
        client: Client,
        /// The people who work on it.
        staff: Vec<Member>,
    }
}

shape! {
    /// A client.
    pub(super) struct Client {
        /// First name.
        first_name: String,
        /// Last name.
        last_name: String,
        /// E-mail.
        email: At<Maybe>,
        /// Phones, as typed.
        phones: Vec<Phone>,
    }
}

shape! {
    /// A phone.
    pub(super) struct Phone {
        /// For instance `mobile`.
        label: String,
        /// As typed.
        number: String,
    }
}

shape! {
    /// Someone who works on a case.
    pub(super) struct Member {
        /// `primary_attorney`, `attorney`, `paralegal` or `case_manager`.
        role: At<StaffRole>,
        /// Their name.
        name: String,
        /// Their e-mail.
        email: At<Maybe>,
    }
}

shape! {
    /// A staff user of Case Status.
    pub(super) struct User {
        /// What identifies them.
        email: String,
        /// `attorney`, `paralegal` or `admin`.
        role: At<UserRole>,
        /// Whether they still work there.
        active: At<bool>,
    }
}

shape! {
    /// A message in Case Status.
    pub(super) struct Message {
        /// The text.
        body: String,
        /// Who wrote it.
        direction: At<Direction>,
        /// Their name.
        sender_name: String,
        /// Their e-mail.
        sender_email: At<Maybe>,
    }
}

shape! {
    /// What should come out; what is left out is not looked at, but for a refusal.
    pub(super) struct Expect {
        /// Exactly what a sync writes.
        changes: At<Attributes>,
        /// Exactly the kinds of notes, such as `unmapped_stage`.
        notes: Vec<At<String>>,
        /// Whether the case is refused; or kinds of notes or sentences, all of which the refusal names.
        refused: At<Refused>,
        /// What connect creates, as far as it matters.
        creates: At<Attributes>,
        /// The client's phone that connect sends.
        phone: At<String>,
        /// The text of the note that a message becomes; nothing where the message is left out.
        note_text: At<Maybe>,
    }
}

/// A text, or nothing said on purpose.
#[derive(Debug, Clone)]
pub(super) struct Maybe(pub Option<String>);

impl Decode for Maybe {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Maybe> {
        if node.value == Value::Null { Some(Maybe(None)) } else { String::decode(node, reader).map(|text| Maybe(Some(text))) }
    }
}

/// Attributes by the names of `sync.attributes`.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes(pub Changes);

impl Decode for Attributes {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Attributes> {
        let mut read = Changes::default();
        for (key, name, value) in reader.entries(node, "a map of attributes")? {
            match Changes::from_json(&Map::from_iter([(name.to_owned(), json(value))])) {
                Ok(change) => read = read.overlaid(change),
                Err(ChangesFault::UnknownAttribute(_)) => {
                    let names: Vec<&str> = Changes::names().collect();
                    reader.unknown_key(key, name, &names);
                }
                Err(fault) => reader.fault(value, fault.to_string(), "docs/rules.md has the attributes"),
            }
        }
        Some(Attributes(read))
    }
}

fn json(node: &Node) -> serde_json::Value {
    match &node.value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Int(number) => (*number).into(),
        Value::Float(number) => Number::from_f64(*number).map_or(serde_json::Value::Null, serde_json::Value::Number),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        // No attribute is a map, and each says so of what it gets.
        Value::Map(_) => serde_json::Value::Object(Map::new()),
    }
}

/// Whether a case is refused, and perhaps why.
#[derive(Debug, Clone)]
pub(super) enum Refused {
    Is(bool),
    /// Kinds of notes, or parts of their sentences.
    Because(Vec<String>),
}

impl Decode for Refused {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Refused> {
        match &node.value {
            Value::Bool(is) => Some(Refused::Is(*is)),
            Value::Text(text) => Some(Refused::Because(vec![text.clone()])),
            Value::List(_) => Vec::decode(node, reader).map(Refused::Because),
            _ => {
                reader.wrong_type(node, "true, false, text or a list of texts");
                None
            }
        }
    }
}

words!(PeerCaseStatus { "open" => PeerCaseStatus::Open, "closed" => PeerCaseStatus::Closed });

words!(StaffRole {
    "primary_attorney" => StaffRole::PrimaryAttorney,
    "attorney" => StaffRole::Attorney,
    "paralegal" => StaffRole::Paralegal,
    "case_manager" => StaffRole::CaseManager,
});

words!(UserRole { "attorney" => UserRole::Attorney, "paralegal" => UserRole::Paralegal, "admin" => UserRole::Admin });

/// The JSON Schema of what is decoded by hand.
macro_rules! schema {
    ($name:ident, $schema:tt) => {
        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

schema!(Maybe, { "type": ["string", "null"] });
schema!(Attributes, { "type": "object" });
schema!(Refused, { "oneOf": [{ "type": "boolean" }, { "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
