//! Properties of an edit in place: the value is there, nothing else has changed, and no comment is lost, however the file is written.

use casebridge::ruleset::edit;
use casebridge::yaml::{KeyPath, Value as Yaml, parse};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::page::{Page, entries, written};

const VALUES: [(&str, &str); 8] = [
    ("7", "7"),
    ("false", "false"),
    ("new text", "\"new text\""),
    ("\"a, b: c # d\"", "\"a, b: c # d\""),
    ("[x, \"y z\"]", "[\"x\",\"y z\"]"),
    ("{ k: [1], l: {} }", "{\"k\":[1],\"l\":{}}"),
    ("\"two\\nlines ✓\"", "\"two\\nlines ✓\""),
    ("12.5%", "\"12.5%\""),
];

const TOKENS: [&str; 32] = [
    "a: ", "b: ", "a:\n", "b:\n", "  a: ", "  b: ", "1", "x", "*x", "&x ", "!!str ", "{ ", " }", "[", "]", ", ", "- ", "? ", "|\n", ">+\n",
    "\n", "\r\n", "\n  ", " # c\n", "#", "'", "\"", "é", "<<: ", "---\n", "\t", "\u{feff}",
];

fn tree(text: &str) -> Value {
    serde_json::to_value(&parse("rules/x.yaml", text.to_owned()).unwrap().1.value).unwrap()
}

/// The paths of every map's keys, and of one more in each map.
fn paths(value: &Value, above: &[String], found: &mut Vec<Vec<String>>) {
    let under = |key: &str| above.iter().cloned().chain([key.to_owned()]).collect::<Vec<_>>();
    let Value::Object(entries) = value else { return };
    for (key, value) in entries {
        found.push(under(key));
        paths(value, &under(key), found);
    }
    found.push(under("added"));
    found.push([under("added"), vec!["added too".to_owned()]].concat());
}

/// The same, with a value of its own calculation under the path.
fn with_value(tree: &Value, path: &[String], value: &Value) -> Value {
    let [key, rest @ ..] = path else { return value.clone() };
    let mut entries = tree.as_object().cloned().unwrap_or_else(Map::new);
    let held = entries.get(key).cloned().unwrap_or(Value::Null);
    entries.insert(key.clone(), with_value(&held, rest, value));
    Value::Object(entries)
}

/// How many comments there are, by what `Page` writes into them; a text that has a # in it is none.
fn comments(text: &str) -> usize {
    [": [c] \"", " above", " within"].iter().map(|sign| text.matches(sign).count()).sum()
}

fn repeats_a_key(value: &Yaml) -> bool {
    match value {
        Yaml::Map(entries) => entries.iter().enumerate().any(|(position, (key, value))| {
            repeats_a_key(&value.value) || entries[..position].iter().any(|(earlier, _)| earlier.value.is_same(&key.value))
        }),
        Yaml::List(items) => items.iter().any(|item| repeats_a_key(&item.value)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_value_is_there_and_nothing_else_has_changed(
        root in entries(written(), 1),
        noise in proptest::collection::vec(any::<u8>(), 8..60),
        step in 1..4_usize,
        choice in any::<proptest::sample::Index>(),
        (typed, meant) in proptest::sample::select(&VALUES[..]),
        ended in any::<bool>(),
    ) {
        let mut page = Page::new(&noise, step);
        page.block(&root, 0);
        let text = if ended { page.text } else { page.text.trim_end().to_owned() };
        let before = tree(&text);
        let mut all = Vec::new();
        paths(&before, &[], &mut all);
        let path = choice.get(&all);
        let quoted: Vec<String> = path.iter().map(|key| format!("\"{key}\"")).collect();
        let change = [(KeyPath::parse(&quoted.join(".")).unwrap(), typed.to_owned())];
        let wanted = with_value(&before, path, &serde_json::from_str(meant).unwrap());
        match edit("rules/x.yaml", &text, &change) {
            Ok(edited) => {
                prop_assert_eq!(tree(&edited.text).to_string(), wanted.to_string(), "{}\n---\n{}", text, edited.text);
                prop_assert_eq!(comments(&text), comments(&edited.text), "{}\n---\n{}", text, edited.text);
                prop_assert_eq!(text.ends_with('\n'), edited.text.ends_with('\n'));
                let again = edit("rules/x.yaml", &edited.text, &change).unwrap();
                prop_assert!(!again.settings[0].changed && again.text == edited.text);
                if text.contains('\n') {
                    let crlf = edit("rules/x.yaml", &text.replace('\n', "\r\n"), &change).unwrap();
                    prop_assert_eq!(crlf.text, edited.text.replace('\n', "\r\n"));
                }
                if before.pointer(&format!("/{}", path.join("/"))).is_none() {
                    let mut letters = edited.text.chars();
                    let all_there = text.chars().all(|letter| letters.any(|other| other == letter));
                    prop_assert!(all_there, "something was taken away:\n{}\n---\n{}", text, edited.text);
                }
            }
            Err(faults) => {
                let said = faults[0].to_string();
                // A text over several lines that ends the file without a line end would get one.
                let unended = !ended && said.contains("without a change of something else") && text.contains(['|', '>']);
                prop_assert!(unended || said.contains("would be lost"), "{}: {}\n---\n{}", change[0].0, said, text);
            }
        }
    }

    #[test]
    fn no_text_is_damaged_and_none_ends_in_a_panic(
        tokens in proptest::collection::vec(proptest::sample::select(&TOKENS[..]), 0..24),
        key in proptest::sample::select(&["a", "b", "a.b", "a.b.a"][..]),
        (typed, meant) in proptest::sample::select(&VALUES[..]),
    ) {
        let text = tokens.concat();
        // JSON, by which this test compares, has no place for a key that is there twice.
        let repeats = parse("rules/x.yaml", text.clone()).is_ok_and(|(_, node)| repeats_a_key(&node.value));
        if !repeats && let Ok(edited) = edit("rules/x.yaml", &text, &[(KeyPath::parse(key).unwrap(), typed.to_owned())]) {
            let path: Vec<String> = key.split('.').map(str::to_owned).collect();
            let wanted = with_value(&tree(&text), &path, &serde_json::from_str(meant).unwrap());
            prop_assert_eq!(tree(&edited.text), wanted, "{}\n---\n{}", text, edited.text);
        }
    }
}

#[test]
fn pages_have_every_form() {
    assert_eq!(tree("a: { b: [1] }\n"), json!({ "a": { "b": [1] } }));
    assert_eq!(with_value(&json!({ "a": 1 }), &["b".to_owned(), "c".to_owned()], &json!(2)), json!({ "a": 1, "b": { "c": 2 } }));
}
