//! One text or a list of them.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::yaml::{At, Decode, Layer, Node, Reader, Value};

/// One name, or a list of them.
#[derive(Debug, Clone)]
pub struct OneOrMore(pub Vec<At<String>>);

impl Decode for OneOrMore {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<OneOrMore> {
        match &node.value {
            Value::List(items) if items.is_empty() => {
                reader.fault(node, "the list is empty", "name at least one");
                None
            }
            Value::List(_) => Vec::decode(node, reader).map(OneOrMore),
            Value::Text(_) => At::decode(node, reader).map(|one| OneOrMore(vec![one])),
            _ => {
                reader.wrong_type(node, "text or a list of texts");
                None
            }
        }
    }
}

impl Layer for OneOrMore {
    fn layer(self, over: OneOrMore) -> OneOrMore {
        over
    }
}

impl JsonSchema for OneOrMore {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMore".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }] })
    }
}
