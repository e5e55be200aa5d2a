//! Changes by the attributes' names, as JSON: how the store keeps them, and how scripts and rule tests write them.

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::{Attribute, Changes, Email, ExistingStatus, Name, Stage};

/// Why a JSON object is not changes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangesFault {
    /// No attribute is called so.
    #[error("a case in Case Status has no attribute `{0}`")]
    UnknownAttribute(String),
    /// A value is not what its attribute wants.
    #[error("`{attribute}` is {wanted}")]
    WrongValue {
        /// The attribute.
        attribute: &'static str,
        /// What it wants, in words.
        wanted: &'static str,
    },
}

/// The date of a closing, which is no attribute of its own and goes with `status`.
const CLOSED_DATE: &str = "closed_date";

impl Changes {
    /// The names that [`Changes::from_json`] knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Attribute::ALL.into_iter().map(Attribute::as_str).chain([CLOSED_DATE])
    }

    /// Reads `{"stage": 4, "description": null}`.
    pub fn from_json(object: &Map<String, Value>) -> Result<Changes, ChangesFault> {
        let mut changes = Changes::default();
        for (name, value) in object {
            if name == CLOSED_DATE {
                changes.closed_date = Some(date(CLOSED_DATE, value)?);
                continue;
            }
            let attribute = Attribute::ALL.into_iter().find(|attribute| attribute.as_str() == name);
            changes.set(attribute.ok_or_else(|| ChangesFault::UnknownAttribute(name.clone()))?, value)?;
        }
        Ok(changes)
    }

    fn set(&mut self, attribute: Attribute, value: &Value) -> Result<(), ChangesFault> {
        let name = attribute.as_str();
        match attribute {
            Attribute::Stage => self.stage = Some(value.as_i64().and_then(Stage::new).ok_or(wrong(name, "a number from 1 to 12"))?),
            Attribute::Status => {
                let status = value.as_str().and_then(ExistingStatus::parse);
                self.status = Some(status.ok_or(wrong(name, "open, closed or on_hold"))?);
            }
            Attribute::PrimaryAttorney => self.primary_attorney = Some(Email::new(text(name, "an e-mail address", value)?)),
            Attribute::AdditionalAttorneys => self.additional_attorneys = Some(emails(name, value)?),
            Attribute::Paralegals => self.paralegals = Some(emails(name, value)?),
            Attribute::Description => {
                self.description = Some(match value {
                    Value::Null => None,
                    Value::String(text) => (!text.is_empty()).then(|| text.as_str().into()),
                    _ => return Err(wrong(name, "a text, or nothing")),
                });
            }
            Attribute::PracticeArea => self.practice_area = Some(Name::new(text(name, "a practice area's name", value)?)),
            Attribute::CaseDate => self.case_date = Some(date(name, value)?),
            Attribute::ReadableId => self.readable_id = Some(text(name, "a text", value)?.into()),
        }
        Ok(())
    }

    /// Writes what [`Changes::from_json`] reads.
    pub fn to_json(&self) -> Map<String, Value> {
        let mut object = Map::new();
        for attribute in Attribute::ALL {
            let value = match attribute {
                Attribute::Stage => self.stage.map(|stage| json!(stage.number())),
                Attribute::Status => self.status.map(|status| json!(status.as_str())),
                Attribute::PrimaryAttorney => self.primary_attorney.as_ref().map(|email| json!(email.as_str())),
                Attribute::AdditionalAttorneys => self.additional_attorneys.as_deref().map(addresses),
                Attribute::Paralegals => self.paralegals.as_deref().map(addresses),
                Attribute::Description => self.description.as_ref().map(|text| json!(text.as_deref())),
                Attribute::PracticeArea => self.practice_area.as_ref().map(|name| json!(name.as_str())),
                Attribute::CaseDate => self.case_date.map(|date| json!(date)),
                Attribute::ReadableId => self.readable_id.as_ref().map(|id| json!(&**id)),
            };
            object.extend(value.map(|value| (attribute.as_str().to_owned(), value)));
        }
        object.extend(self.closed_date.map(|date| (CLOSED_DATE.to_owned(), json!(date))));
        object
    }
}

fn wrong(attribute: &'static str, wanted: &'static str) -> ChangesFault {
    ChangesFault::WrongValue { attribute, wanted }
}

fn text<'a>(name: &'static str, wanted: &'static str, value: &'a Value) -> Result<&'a str, ChangesFault> {
    value.as_str().filter(|text| !text.trim().is_empty()).ok_or(wrong(name, wanted))
}

fn emails(name: &'static str, value: &Value) -> Result<Vec<Email>, ChangesFault> {
    let wanted = "a list of e-mail addresses";
    let list = value.as_array().ok_or(wrong(name, wanted))?;
    list.iter().map(|email| text(name, wanted, email).map(Email::new)).collect()
}

fn date(name: &'static str, value: &Value) -> Result<Option<Date>, ChangesFault> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => text.parse().map(Some).map_err(|_| wrong(name, "a date such as 2024-02-03, or nothing")),
        _ => Err(wrong(name, "a date such as 2024-02-03, or nothing")),
    }
}

fn addresses(emails: &[Email]) -> Value {
    emails.iter().map(Email::as_str).collect()
}
