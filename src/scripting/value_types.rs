//! Which fields the values of scripts have, and of what types: read from what is registered, so that the two cannot differ.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use rhai::Engine;

use super::api::{self, ScriptApi};
use super::engine;
use super::limits::ScriptLimits;

/// What is known of a value before a script runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(super) enum ValueType {
    /// `()`.
    Nothing,
    /// Anything: its fields are not checked.
    #[default]
    Unknown,
    /// A text, a number, or true or false; perhaps `()`.
    Plain,
    /// One of the types that casebridge registers; perhaps `()`.
    Value(Arc<str>),
    /// A list of these.
    List(Box<ValueType>),
    /// A function of one of the script's files, with the values that it captured.
    Function { file: usize, name: Arc<str>, captured: Vec<ValueType> },
}

impl ValueType {
    pub(super) fn value(name: &str) -> ValueType {
        ValueType::Value(name.into())
    }

    /// The type that Rust calls so.
    pub(super) fn of_rust(name: &str) -> ValueType {
        name.rsplit("::").next().and_then(|name| name.strip_suffix("Value")).map_or(ValueType::Unknown, ValueType::value)
    }

    pub(super) fn list_of(item: ValueType) -> ValueType {
        ValueType::List(Box::new(item))
    }

    pub(super) fn item(&self) -> ValueType {
        if let ValueType::List(item) = self { (**item).clone() } else { ValueType::Unknown }
    }

    /// What is either this or that.
    pub(super) fn or(self, other: ValueType) -> ValueType {
        match (self, other) {
            (ValueType::Nothing, known) | (known, ValueType::Nothing) => known,
            (ValueType::List(one), ValueType::List(other)) => ValueType::list_of(one.or(*other)),
            (one, other) if one == other => one,
            _ => ValueType::Unknown,
        }
    }
}

/// Signatures say `Dynamic` and `Array` of these: lists, and values that may be missing.
fn unsigned(of: &str, name: &str) -> Option<ValueType> {
    let list = |item: &str| Some(ValueType::list_of(ValueType::value(item)));
    match (of, name) {
        ("Case", "staff") => list("StaffMember"),
        ("Client", "phones") => list("Phone"),
        ("PracticeArea", "stages") => list(STAGE),
        ("CasePeer", "get_case") => Some(ValueType::value("Case")),
        ("CasePeer", "list_cases") => list("Case"),
        ("CaseStatus", "get_case") => Some(ValueType::value("ExistingCase")),
        ("CaseStatus", "list_cases") => list("ExistingCase"),
        ("CaseStatus", "list_staff") => list("StaffUser"),
        ("CaseStatus", "list_practice_areas") => list("PracticeArea"),
        ("CaseStatus", "list_messages") => list("Message"),
        (_, "additional_attorneys" | "paralegals") => Some(ValueType::list_of(ValueType::Plain)),
        _ if OPTIONAL.contains(&name) => Some(ValueType::Plain),
        _ => None,
    }
}

/// Texts and numbers that may be missing.
const OPTIONAL: [&str; 12] = [
    "name",
    "description",
    "opened_on",
    "closed_on",
    "email",
    "case_date",
    "closed_date",
    "phone",
    "client_email",
    "case_id",
    "sender_email",
    "reason",
];

/// The stages of a practice area are maps.
const STAGE: &str = "a practice area's stage";

/// The registered types, each with its fields and functions.
#[derive(Default)]
pub(super) struct FieldTypes {
    fields: BTreeMap<String, BTreeMap<String, ValueType>>,
    functions: BTreeMap<(String, String), ValueType>,
    /// The fields of Rhai's own types, whichever they are of.
    plain: Vec<String>,
}

impl FieldTypes {
    /// Those of migrations, which have all that hooks and expressions have.
    pub(super) fn all() -> &'static FieldTypes {
        static ALL: LazyLock<FieldTypes> = LazyLock::new(|| {
            let mut engine = engine::for_migrations(&ScriptLimits::default());
            api::register(&mut engine, &ScriptApi::default());
            FieldTypes::of(&engine)
        });
        &ALL
    }

    fn of(engine: &Engine) -> FieldTypes {
        let signatures = engine.collect_fn_metadata(
            None,
            |function| {
                let data = function.metadata;
                let first = data.params_info.first().map(ToString::to_string).unwrap_or_default();
                Some((data.name.to_string(), first, data.return_type.to_string()))
            },
            true,
        );
        let mut types = FieldTypes::default();
        for (name, first, answer) in signatures {
            let Some(of) = first.rsplit([' ', '&', ':']).next().and_then(|of| of.strip_suffix("Value")) else {
                types.plain.extend(name.strip_prefix("get$").map(str::to_owned));
                continue;
            };
            let field = name.strip_prefix("get$");
            let answer = unsigned(of, field.unwrap_or(&name)).unwrap_or_else(|| signed(&answer));
            match field {
                Some(field) => drop(types.fields.entry(of.to_owned()).or_default().insert(field.to_owned(), answer)),
                None => drop(types.functions.insert((of.to_owned(), name), answer)),
            }
        }
        let stage = ["number", "name"].map(|field| (field.to_owned(), ValueType::Plain));
        types.fields.insert(STAGE.to_owned(), stage.into());
        types
    }

    /// The type of a field; an error with the fields that there are instead.
    pub(super) fn field(&self, of: &ValueType, name: &str) -> Result<ValueType, Vec<&str>> {
        match of {
            ValueType::Value(of) => {
                let Some(fields) = self.fields.get(&**of) else { return Ok(ValueType::Unknown) };
                fields.get(name).cloned().ok_or_else(|| fields.keys().map(String::as_str).collect())
            }
            ValueType::Plain | ValueType::List(_) if !self.plain.iter().any(|known| known == name) => Err(Vec::new()),
            _ => Ok(ValueType::Unknown),
        }
    }

    /// Whether `value["field"]` reads what `value.field` does, as it does of maps.
    pub(super) fn is_map(of: &str) -> bool {
        of == STAGE
    }

    /// What a function on a value answers.
    pub(super) fn answer(&self, of: &ValueType, name: &str) -> ValueType {
        let ValueType::Value(of) = of else { return ValueType::Unknown };
        self.functions.get(&(of.to_string(), name.to_owned())).cloned().unwrap_or_default()
    }
}

/// The type that a signature names.
fn signed(answer: &str) -> ValueType {
    let inner = answer.strip_prefix("Result<").and_then(|inner| inner.split(',').next()).unwrap_or(answer);
    match inner.trim() {
        "ImmutableString" | "String" | "INT" | "i64" | "bool" => ValueType::Plain,
        other => ValueType::of_rust(other),
    }
}
