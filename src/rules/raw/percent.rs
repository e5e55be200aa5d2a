//! A percentage.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::yaml::{Decode, Node, Reader, Value};

/// A share such as `25%`, kept as the number before the sign, 0 to 100.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Percent(pub f64);

impl Decode for Percent {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Percent> {
        let help = "write a number from 0 to 100 and %, such as 25%";
        match &node.value {
            Value::Text(text) => {
                let number = text.strip_suffix('%').and_then(|number| number.trim_end().parse::<f64>().ok());
                let share = number.filter(|number| (0.0..=100.0).contains(number)).map(Percent);
                if share.is_none() {
                    reader.fault(node, format!("`{text}` is no percentage"), help);
                }
                share
            }
            Value::Int(_) | Value::Float(_) => {
                reader.fault(node, "expected a percentage, found a number", help);
                None
            }
            _ => {
                reader.wrong_type(node, "a percentage such as 25%");
                None
            }
        }
    }
}

impl JsonSchema for Percent {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+)? *%$" })
    }
}
