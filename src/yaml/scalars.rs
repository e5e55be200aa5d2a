//! How plain values, lists and open-ended maps are decoded.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::node::{Node, Value};
use super::shape::{At, Decode, Layer, Reader};

impl Decode for String {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<String> {
        if let Value::Text(text) = &node.value {
            Some(text.clone())
        } else {
            reader.wrong_type(node, "text");
            None
        }
    }
}

impl Decode for bool {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::Text(text) if ["yes", "no", "on", "off"].contains(&text.to_lowercase().as_str()) => {
                reader.fault(node, format!("`{text}` is text"), "write true or false");
                None
            }
            _ => {
                reader.wrong_type(node, "true or false");
                None
            }
        }
    }
}

impl Decode for i64 {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<i64> {
        if let Value::Int(number) = node.value {
            Some(number)
        } else {
            reader.wrong_type(node, "a whole number");
            None
        }
    }
}

impl Decode for u64 {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<u64> {
        if let Value::Int(number) = node.value
            && let Ok(number) = u64::try_from(number)
        {
            Some(number)
        } else {
            reader.wrong_type(node, "a whole number from 0 up");
            None
        }
    }
}

impl Decode for f64 {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<f64> {
        match node.value {
            // Rates and the like are far below 2^53, where this would round.
            #[allow(clippy::cast_precision_loss)]
            Value::Int(number) => Some(number as f64),
            Value::Float(number) => Some(number),
            _ => {
                reader.wrong_type(node, "a number");
                None
            }
        }
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Vec<T>> {
        let Value::List(items) = &node.value else {
            reader.wrong_type(node, "a list");
            return None;
        };
        // Every item is read, so that every fault is found, before any missing one spoils the list.
        let read: Vec<Option<T>> = items.iter().map(|item| T::decode(item, reader)).collect();
        read.into_iter().collect()
    }
}

impl<T> Layer for Vec<T> {
    fn layer(self, over: Vec<T>) -> Vec<T> {
        over
    }
}

/// A map whose keys are the user's own names, in the order written.
#[derive(Debug, Clone)]
pub struct Named<T>(pub Vec<(At<String>, T)>);

impl<T: Decode> Decode for Named<T> {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Named<T>> {
        let entries = reader.entries(node, "a map")?;
        let mut read = Vec::with_capacity(entries.len());
        for (key, _, value) in entries {
            if let (Some(key), Some(value)) = (At::<String>::decode(key, reader), T::decode(value, reader)) {
                read.push((key, value));
            }
        }
        Some(Named(read))
    }
}

impl<T: Layer> Layer for Named<T> {
    fn layer(mut self, over: Named<T>) -> Named<T> {
        for (key, value) in over.0 {
            let under = self.0.iter().position(|(name, _)| name.value == key.value).map(|at| self.0.remove(at));
            let value = match under {
                Some((_, under)) => under.layer(value),
                None => value,
            };
            self.0.push((key, value));
        }
        self
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": items })
    }
}

/// A length of time such as `60s`, `15m`, `6h`, `400d`, `250ms`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Span {
    /// Reads a length of time as people write it.
    pub fn parse(text: &str) -> Option<Span> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: u64 = number.parse().ok()?;
        let milliseconds = match unit.trim() {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        number.checked_mul(milliseconds).map(|total| Span(Duration::from_millis(total)))
    }
}

impl Decode for Span {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Span> {
        match &node.value {
            Value::Text(text) => {
                let span = Span::parse(text);
                if span.is_none() {
                    reader.fault(node, format!("`{text}` is no length of time"), "write a whole number and ms, s, m, h or d, such as 60s");
                }
                span
            }
            Value::Int(number) => {
                reader.fault(node, format!("`{number}` has no unit"), format!("write {number}s, {number}m, {number}h or {number}d"));
                None
            }
            _ => {
                reader.wrong_type(node, "a length of time such as 60s");
                None
            }
        }
    }
}

impl JsonSchema for Span {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+ *(ms|s|m|h|d)$" })
    }
}

/// An amount of bytes such as `128MB`; units are decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u64);

impl Size {
    fn parse(text: &str) -> Option<Size> {
        let (digits, unit) = text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()));
        let factor = match unit.trim().to_ascii_uppercase().as_str() {
            "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            _ => return None,
        };
        digits.parse::<u64>().ok()?.checked_mul(factor).map(Size)
    }
}

impl Decode for Size {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Size> {
        let Value::Text(text) = &node.value else {
            reader.wrong_type(node, "an amount of bytes such as 128MB");
            return None;
        };
        let size = Size::parse(text.trim());
        if size.is_none() {
            reader.fault(node, format!("`{text}` is no amount of bytes"), "write a whole number and KB, MB or GB, such as 128MB");
        }
        size
    }
}

impl JsonSchema for Size {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^[0-9]+ *([kK]|[mM]|[gG])[bB]$" })
    }
}

macro_rules! replaces {
    ($($kind:ty),*) => { $( impl Layer for $kind {
        fn layer(self, over: $kind) -> $kind {
            over
        }
    } )* };
}

replaces!(String, Span, Size);
