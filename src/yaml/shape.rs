//! Typed shapes of a YAML file: one declaration gives the struct, its decoding with every fault, its layering and its JSON Schema.

use std::ops::Range;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator};

use super::node::{Node, Value};
use crate::diagnostic::{Diagnostic, Place, Source, nearest};

/// Collects the faults of one file while it is decoded.
pub struct Reader<'a> {
    /// The file.
    pub source: Arc<Source>,
    /// Every fault so far.
    pub faults: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Notes a fault at `node`.
    pub fn fault(&mut self, node: &Node, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(Diagnostic::error(&self.source, node.span.clone(), message).help(help));
    }

    /// Notes that `node` is not what its key wants.
    pub fn wrong_type(&mut self, node: &Node, wanted: &str) {
        let (message, help) = match &node.value {
            Value::Null => (format!("missing value: expected {wanted}"), "fill it in, or remove the key".to_owned()),
            other => {
                let help = match other {
                    Value::Int(_) | Value::Float(_) | Value::Bool(_) if wanted.contains("text") => "put it in quotes",
                    Value::Int(_) if wanted.contains("bytes") => "write KB, MB or GB behind the number",
                    _ => "see docs/rules.md for the form of this key",
                };
                (format!("expected {wanted}, found {}", other.kind()), help.to_owned())
            }
        };
        self.fault(node, message, help);
    }

    /// Notes a key that nothing here is called.
    pub fn unknown_key(&mut self, key: &Node, name: &str, known: &[&str]) {
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the keys here are: {}", known.join(", ")),
        };
        self.fault(key, format!("unknown key `{}`", super::mask::shown_key(name)), help);
    }

    /// The entries of a map with text keys, repeated keys reported and left out; `None` when `node` is no map.
    pub fn entries<'n>(&mut self, node: &'n Node, wanted: &str) -> Option<Vec<(&'n Node, &'n str, &'n Node)>> {
        let Value::Map(entries) = &node.value else {
            self.wrong_type(node, wanted);
            return None;
        };
        let mut read: Vec<(&Node, &str, &Node)> = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Value::Text(name) = &key.value else {
                self.wrong_type(key, "text as a key");
                continue;
            };
            if let Some((first, ..)) = read.iter().find(|(_, seen, _)| seen == name) {
                let line = self.source.line_of(first.span.start);
                self.fault(key, format!("`{name}` is here twice"), format!("it already stands in line {line}; keep one of them"));
            } else {
                read.push((key, name, value));
            }
        }
        Some(read)
    }
}

/// What can be read from a YAML value. A fault is noted and answers `None`, and reading goes on beside it.
pub trait Decode: Sized {
    /// Reads `node`.
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<Self>;
}

/// What can be laid over an earlier layer: maps merge key by key, lists and scalars replace.
pub trait Layer {
    /// `self` with `over` laid on top.
    fn layer(self, over: Self) -> Self;
}

impl<T: Layer> Layer for Option<T> {
    fn layer(self, over: Option<T>) -> Option<T> {
        match (self, over) {
            (Some(under), Some(over)) => Some(under.layer(over)),
            (under, over) => over.or(under),
        }
    }
}

/// A value and where it was written.
#[derive(Debug, Clone)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// The file.
    pub source: Arc<Source>,
    /// Its bytes there.
    pub span: Range<usize>,
}

impl<T> At<T> {
    /// Its file, line and column.
    pub fn place(&self) -> Place {
        self.source.place(self.span.clone())
    }

    /// An error at this value.
    pub fn error(&self, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(&self.source, self.span.clone(), message)
    }

    /// An error at the first line of this value, for what is missing from a map.
    pub fn first_line_error(&self, message: impl Into<String>) -> Diagnostic {
        let start = self.span.start.min(self.source.text.len());
        let line_end = self.source.text[start..].find('\n').map_or(self.span.end, |end| start + end);
        Diagnostic::error(&self.source, start..line_end.min(self.span.end.max(start)), message)
    }
}

impl<T: Decode> Decode for At<T> {
    fn decode(node: &Node, reader: &mut Reader<'_>) -> Option<At<T>> {
        let value = T::decode(node, reader)?;
        Some(At { value, source: Arc::clone(&reader.source), span: node.span.clone() })
    }
}

impl<T> Layer for At<T> {
    fn layer(self, over: At<T>) -> At<T> {
        over
    }
}

impl<T: JsonSchema> JsonSchema for At<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<T>()
    }
}

/// Where a map was written, and which of its keys are there but could not be read.
#[derive(Debug, Clone)]
pub struct Written {
    /// The map.
    pub at: At<()>,
    /// Keys whose fault has been reported, so that they are not reported as missing too.
    pub faulty: Vec<String>,
}

impl Written {
    /// The map at `node`.
    pub(crate) fn at(node: &Node, reader: &Reader<'_>) -> Written {
        Written { at: At { value: (), source: Arc::clone(&reader.source), span: node.span.clone() }, faulty: Vec::new() }
    }
}

impl Layer for Written {
    fn layer(self, mut over: Written) -> Written {
        over.faulty.extend(self.faulty);
        over
    }
}

/// Declares the struct of a YAML map: every key optional, each with what it decodes to and, if it is spelt otherwise in YAML, that spelling.
macro_rules! shape {
    ($(#[$doc:meta])* $vis:vis struct $name:ident {
        $( $(#[$field_doc:meta])* $field:ident $(as $key:literal)? : $kind:ty ),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        $vis struct $name {
            /// Where the map itself stands, in the topmost layer that has it.
            #[schemars(skip)]
            pub written: Option<$crate::yaml::Written>,
            $( $(#[$field_doc])* $(#[schemars(rename = $key)])? pub $field: Option<$kind>, )*
        }

        impl $name {
            /// The keys, as YAML spells them.
            pub const KEYS: &'static [&'static str] = &[ $( $crate::yaml::shape!(@key $field $($key)?) ),* ];
        }

        impl $crate::yaml::Decode for $name {
            fn decode(node: &$crate::yaml::Node, reader: &mut $crate::yaml::Reader<'_>) -> Option<Self> {
                let mut read = Self::default();
                let mut written = $crate::yaml::Written::at(node, reader);
                for (key, name, value) in reader.entries(node, "a map")? {
                    $( if name == $crate::yaml::shape!(@key $field $($key)?) {
                        read.$field = <$kind as $crate::yaml::Decode>::decode(value, reader);
                        if read.$field.is_none() {
                            written.faulty.push(name.to_owned());
                        }
                        continue;
                    } )*
                    reader.unknown_key(key, name, Self::KEYS);
                }
                read.written = Some(written);
                Some(read)
            }
        }

        impl $crate::yaml::Layer for $name {
            fn layer(self, over: Self) -> Self {
                $name { written: $crate::yaml::Layer::layer(self.written, over.written), $( $field: $crate::yaml::Layer::layer(self.$field, over.$field), )* }
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

/// Declares how the words of an enum are spelt in YAML.
macro_rules! words {
    ($name:ty { $( $word:literal => $value:expr ),* $(,)? }) => {
        impl $crate::yaml::Decode for $name {
            fn decode(node: &$crate::yaml::Node, reader: &mut $crate::yaml::Reader<'_>) -> Option<Self> {
                const WORDS: &[&str] = &[ $( $word ),* ];
                let $crate::yaml::Value::Text(text) = &node.value else {
                    reader.wrong_type(node, concat!("text (one of" $(, " ", $word)*, ")"));
                    return None;
                };
                match text.as_str() {
                    $( $word => Some($value), )*
                    other => {
                        let help = match $crate::diagnostic::nearest(other, WORDS.iter().copied()) {
                            Some(near) => format!("did you mean `{near}`?"),
                            None => format!("it is one of: {}", WORDS.join(", ")),
                        };
                        reader.fault(node, format!("`{other}` is not known here"), help);
                        None
                    }
                }
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "enum": [ $( $word ),* ] })
            }
        }
    };
}

pub(crate) use {shape, words};
