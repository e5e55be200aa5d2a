//! YAML files in every form that people write: blocks, brackets, quotes, comments and blank lines, generated.

use proptest::prelude::*;

/// A value as a file may have it.
#[derive(Debug, Clone)]
pub enum Written {
    /// In one line, or a block scalar whose lines are not indented yet.
    Scalar(String),
    /// A list of scalars: within brackets, within brackets over several lines, or as a block.
    List(Vec<String>, u8),
    /// A map, likewise.
    Map(Vec<(String, Written)>, u8),
    /// Nothing.
    Nothing,
}

const SCALARS: [&str; 12] = [
    "1",
    "true",
    "some text",
    "\"quoted # text\"",
    "'it''s'",
    "10%",
    "\"→ ✓\"",
    "ünï",
    "a#b",
    "\"\"",
    "|\nfirst\n  second\n",
    ">+\nfolded\n\n",
];
const KEYS: [&str; 8] = ["alpha", "beta", "gamma", "two words", "\"quoted: key\"", "'single'", "ünï", "delta"];
fn scalar(within_brackets: bool) -> impl Strategy<Value = String> {
    // A block scalar has no place within brackets.
    (0..if within_brackets { SCALARS.len() - 2 } else { SCALARS.len() }).prop_map(|index| SCALARS[index].to_owned())
}

pub fn entries(value: impl Strategy<Value = Written>, least: usize) -> impl Strategy<Value = Vec<(String, Written)>> {
    (proptest::sample::subsequence(&KEYS[..], least..4), proptest::collection::vec(value, 4))
        .prop_map(|(keys, values)| keys.into_iter().map(str::to_owned).zip(values).collect())
}

/// What can stand within brackets.
fn flow() -> impl Strategy<Value = Written> {
    let leaf = prop_oneof![
        5 => scalar(true).prop_map(Written::Scalar),
        1 => proptest::collection::vec(scalar(true), 0..3).prop_map(|items| Written::List(items, 0)),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| entries(inner, 0).prop_map(|entries| Written::Map(entries, 0)))
}

pub fn written() -> impl Strategy<Value = Written> {
    let leaf = prop_oneof![
        5 => scalar(false).prop_map(Written::Scalar),
        1 => Just(Written::Nothing),
        2 => proptest::collection::vec(scalar(true), 1..4).prop_map(|items| Written::List(items, 2)),
        2 => (proptest::collection::vec(scalar(true), 0..4), 0..2_u8).prop_map(|(items, form)| Written::List(items, form)),
        3 => (entries(flow(), 0), 0..2_u8).prop_map(|(entries, form)| Written::Map(entries, form)),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| entries(inner, 1).prop_map(|entries| Written::Map(entries, 2)))
}

/// Writes a file with comments and blank lines at places that `noise` chooses.
pub struct Page<'n> {
    /// What is written so far.
    pub text: String,
    noise: &'n [u8],
    at: usize,
    step: usize,
}

impl Page<'_> {
    /// An empty one, whose blocks are indented by `step`.
    pub fn new(noise: &[u8], step: usize) -> Page<'_> {
        Page { text: String::new(), noise, at: 0, step }
    }

    fn chance(&mut self) -> u8 {
        self.at += 1;
        self.noise[self.at % self.noise.len()]
    }

    /// Ends a line, perhaps with a comment, and perhaps with blank lines and comments under it.
    fn end_line(&mut self, indent: usize) {
        let chance = self.chance();
        if chance.is_multiple_of(4) {
            self.text += &format!("  # {}: [c] \"", self.at);
        }
        self.text += "\n";
        if chance.is_multiple_of(7) {
            self.text += "\n";
        }
        if chance.is_multiple_of(5) {
            self.text += &format!("{}# {} above\n", " ".repeat(indent), self.at);
        }
    }

    /// Writes a map as a block.
    pub fn block(&mut self, entries: &[(String, Written)], indent: usize) {
        for (key, value) in entries {
            let pad = " ".repeat(indent);
            self.text += &format!("{pad}{key}:");
            match value {
                Written::Nothing => self.end_line(indent),
                Written::Scalar(text) if text.contains('\n') => {
                    let (header, body) = text.split_once('\n').unwrap();
                    self.text += &format!(" {header}\n");
                    for line in body.lines() {
                        self.text += &if line.is_empty() { "\n".to_owned() } else { format!("{pad}  {line}\n") };
                    }
                }
                Written::Map(inner, 2) => {
                    self.end_line(indent + self.step);
                    self.block(inner, indent + self.step);
                }
                Written::List(items, 2) => {
                    self.end_line(indent);
                    for item in items {
                        self.text += &format!("{pad}- {item}");
                        self.end_line(indent);
                    }
                }
                value => {
                    self.text += " ";
                    self.flow(value, indent);
                    self.end_line(indent);
                }
            }
        }
    }

    fn flow(&mut self, value: &Written, indent: usize) {
        let (open, parts, close, form): (_, Vec<(String, &Written)>, _, _) = match value {
            Written::Scalar(text) => {
                self.text += text;
                return;
            }
            Written::Nothing => return,
            Written::List(items, form) => {
                let items = items.join(", ");
                self.text += &if *form == 1 { format!("[\n{}  {items}\n{0}]", " ".repeat(indent)) } else { format!("[{items}]") };
                return;
            }
            Written::Map(entries, form) => ("{", entries.iter().map(|(key, value)| (format!("{key}: "), value)).collect(), "}", *form),
        };
        self.text += open;
        let count = parts.len();
        for (index, (key, value)) in parts.into_iter().enumerate() {
            let last = index + 1 == count;
            self.text += &if form == 1 { format!("\n{}  {key}", " ".repeat(indent)) } else { format!(" {key}") };
            self.flow(value, indent + 2);
            let bare = last && (form == 0 || self.chance().is_multiple_of(2));
            self.text += if bare { "" } else { "," };
            if form == 1 && self.chance().is_multiple_of(3) {
                self.text += &format!(" # {} within", self.at);
            }
        }
        self.text += &if form == 1 { format!("\n{}{close}", " ".repeat(indent)) } else { format!(" {close}") };
    }
}
