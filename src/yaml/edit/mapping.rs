//! Changes one line of a mapping: a list whose items say `{ casepeer: NAME, to: TARGET }`, or `{ casepeer: [NAME, NAME], to: TARGET }`.

use super::add::{column, end_of_comments, line_end, line_start};
use super::extent::{Kind, Walk, is_alias, is_flow, pieces};
use super::{KeyPath, NewValue, Splice, entry, put, replace, spliced};
use crate::diagnostic::Diagnostic;
use crate::yaml::node::{Node, Value, parse};

const FROM: &str = "casepeer";
const TO: &str = "to";

/// The text with `from` mapped to `to` in the mapping at `path`: where an item is about it alone, its target is changed; from an item
/// that names others too it is taken out; and what no item names gets one of its own, at the end. `name` is the file as users know it.
///
/// # Errors
/// The text cannot be parsed, or the mapping cannot be changed without losing a comment or changing something else.
pub fn map_to(name: &str, text: &str, path: &KeyPath, from: &str, to: &Value) -> Result<String, Diagnostic> {
    let (source, root) = parse(name, text.to_owned())?;
    let Some((list, items)) = root.under(path).and_then(items) else {
        let item = Node { span: 0..0, value: item(from, to) };
        let list = NewValue { value: Value::List(vec![item]), as_written: None };
        return put(name, text, path, &list);
    };
    let by_hand = |near: &Node, problem: &str| {
        Diagnostic::error(&source, near.span.clone(), format!("`{from}` cannot be mapped here: {problem}")).help("edit the file by hand")
    };
    if is_alias(text, list) {
        return Err(by_hand(list, "this repeats another part of the file"));
    }
    let mut splices = Vec::new();
    match find(items, from) {
        Some(found) if found.to.value.is_same(to) => return Ok(text.to_owned()),
        Some(Found { alone: true, to_key, to: held, .. }) => {
            let put = replace::replace(text, to_key, held, &to.in_one_line());
            splices.push(put.map_err(|_| by_hand(held, "a comment would be lost"))?);
        }
        Some(Found { names, at, .. }) => {
            splices.push(without(text, names, at).ok_or_else(|| by_hand(&names[at], "a comment would be lost"))?);
            splices.push(appended(text, list, items, from, to));
        }
        None => splices.push(appended(text, list, items, from, to)),
    }
    let edited = spliced(text, splices);
    let (_, tree) = parse(name, edited.clone())?;
    let is_as_wanted =
        tree.under(path).and_then(self::items).and_then(|(_, items)| find(items, from)).is_some_and(|found| found.to.value.is_same(to));
    if is_as_wanted { Ok(edited) } else { Err(by_hand(list, "its form is unusual")) }
}

/// A mapping that has items.
fn items(node: &Node) -> Option<(&Node, &[Node])> {
    match &node.value {
        Value::List(items) if !items.is_empty() => Some((node, items)),
        _ => None,
    }
}

fn item(from: &str, to: &Value) -> Value {
    let node = |value| Node { span: 0..0, value };
    let entry = |key: &str, value| (node(Value::Text(key.to_owned())), node(value));
    Value::Map(vec![entry(FROM, Value::Text(from.to_owned())), entry(TO, to.clone())])
}

/// Where a name is mapped.
struct Found<'n> {
    /// Whether its item is about it alone.
    alone: bool,
    names: &'n [Node],
    at: usize,
    to_key: &'n Node,
    to: &'n Node,
}

/// The item that names `from`, letter for letter: whether letter case counts is for whoever knows the rules.
fn find<'n>(items: &'n [Node], from: &str) -> Option<Found<'n>> {
    items.iter().find_map(|item| {
        let ((_, casepeer), (to_key, to)) = (entry(item, FROM)?, entry(item, TO)?);
        let names = match &casepeer.value {
            Value::List(names) => names.as_slice(),
            _ => std::slice::from_ref(casepeer),
        };
        let at = names.iter().position(|name| matches!(&name.value, Value::Text(text) if text == from))?;
        Some(Found { alone: names.len() == 1, names, at, to_key, to })
    })
}

/// Takes one of several names out of its list; `None` where a comment would go with it.
fn without(text: &str, names: &[Node], at: usize) -> Option<Splice> {
    let name = &names[at];
    let in_block = text[line_start(text, name.span.start)..name.span.start].trim() == "-";
    let range = if in_block {
        let next = text[name.span.end..].find('\n').map_or(text.len(), |more| name.span.end + more + 1);
        line_start(text, name.span.start)..next
    } else if let Some(next) = names.get(at + 1) {
        name.span.start..next.span.start
    } else {
        names[at - 1].span.end..name.span.end
    };
    let has_comment = pieces(text, range.clone()).any(|piece| piece.kind == Kind::Comment && !name.span.contains(&piece.range.start));
    (!has_comment).then(|| Splice { range, with: String::new() })
}

/// Adds an item at the end of a mapping that has some.
fn appended(text: &str, list: &Node, items: &[Node], from: &str, to: &Value) -> Splice {
    let written = item(from, to).in_one_line();
    let mut walk = Walk::new(text);
    let end = items.iter().fold(list.span.end, |at, item| walk.end(at, item).max(at));
    if is_flow(list) {
        return Splice::at(end, format!(", {written}"));
    }
    let first = items.first().map_or(list.span.start, |item| item.span.start);
    let before = &text[line_start(text, first)..first];
    let indent = before.rfind('-').map_or_else(|| column(text, first), |dash| before[..dash].chars().count());
    Splice::at(end_of_comments(text, end, indent), format!("{}{}- {written}", line_end(text), " ".repeat(indent)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "# Hartwell
stages:
  map:
    - { casepeer: [Intake, Signed Up], to: 1 }   # the first days
    # treatment
    - casepeer: Treating
      to: 3
    - casepeer:
        - Demand Prep
        - Demand Sent   # out of the house
      to: 4
    # the last line of the map
  by_case_type:
    Dog Bite: [{ casepeer: Negotiation, to: 5 }]
sync: {}
";

    fn path(text: &str) -> KeyPath {
        KeyPath::parse(text).unwrap()
    }

    fn with(text: &str, at: &str, from: &str, to: i64) -> String {
        map_to("x.yaml", text, &path(at), from, &Value::Int(to)).unwrap()
    }

    fn pairs(text: &str, at: &str) -> Vec<(String, String)> {
        let (_, root) = parse("x.yaml", text.to_owned()).unwrap();
        let Some((_, items)) = root.under(&path(at)).and_then(items) else { return Vec::new() };
        let mut pairs: Vec<(String, String)> = Vec::new();
        for item in items {
            let ((_, casepeer), (_, to)) = (entry(item, FROM).unwrap(), entry(item, TO).unwrap());
            let names = if let Value::List(names) = &casepeer.value { names.clone() } else { vec![casepeer.clone()] };
            pairs.extend(names.iter().map(|name| (name.value.in_one_line(), to.value.in_one_line())));
        }
        pairs.sort();
        pairs
    }

    #[test]
    fn a_target_changes_where_it_stands_and_every_comment_stays() {
        let edited = with(TEXT, "stages.map", "Treating", 4);
        assert_eq!(edited, TEXT.replace("      to: 3", "      to: 4"));
    }

    #[test]
    fn one_of_several_names_gets_an_item_of_its_own() {
        let edited = with(TEXT, "stages.map", "Signed Up", 2);
        let wanted = TEXT
            .replace("[Intake, Signed Up]", "[Intake]")
            .replace("    # the last line of the map\n", "    # the last line of the map\n    - { casepeer: Signed Up, to: 2 }\n");
        assert_eq!(edited, wanted);
        let edited = with(TEXT, "stages.map", "Demand Prep", 2);
        assert!(!edited.contains("        - Demand Prep\n") && edited.contains("- { casepeer: Demand Prep, to: 2 }"), "{edited}");
        // The comment is about it, and people decide what becomes of that.
        map_to("x.yaml", TEXT, &path("stages.map"), "Demand Sent", &Value::Int(2)).unwrap_err();
    }

    #[test]
    fn a_name_that_nothing_maps_is_added_in_the_form_of_the_list() {
        let edited = with(TEXT, "stages.map", "Lien: \"final\"", 8);
        assert!(edited.contains("    # the last line of the map\n    - { casepeer: \"Lien: \\\"final\\\"\", to: 8 }\n"), "{edited}");
        let edited = with(TEXT, "stages.by_case_type.\"Dog Bite\"", "Litigation", 7);
        assert!(edited.contains("[{ casepeer: Negotiation, to: 5 }, { casepeer: Litigation, to: 7 }]"), "{edited}");
        // One that differs in letter case is another.
        let edited = with(TEXT, "stages.map", "treating", 9);
        assert_eq!(edited.replace("    - { casepeer: treating, to: 9 }\n", ""), TEXT, "{edited}");
        let edited = with("name: X\n", "stages.map", "Intake", 1);
        assert_eq!(pairs(&edited, "stages.map"), [("Intake".to_owned(), "1".to_owned())]);
    }

    proptest! {
        #[test]
        fn every_other_name_stays_as_it_is(
            from in prop_oneof!["Intake", "Treating", "Demand Prep", "Signed Up", "[A-Za-z :#'\"-]{1,20}"],
            to in 1_i64..=12,
        ) {
            prop_assume!(!from.trim().is_empty());
            let Ok(edited) = map_to("x.yaml", TEXT, &path("stages.map"), &from, &Value::Int(to)) else { return Ok(()) };
            let (_, root) = parse("x.yaml", edited.clone()).unwrap();
            let found = root.under(&path("stages.map")).and_then(items).and_then(|(_, items)| find(items, &from)).unwrap();
            prop_assert!(found.to.value.is_same(&Value::Int(to)));
            let others = |text: &str| {
                pairs(text, "stages.map").into_iter().filter(|(name, _)| *name != Value::Text(from.clone()).in_one_line()).collect::<Vec<_>>()
            };
            prop_assert_eq!(others(&edited), others(TEXT));
            prop_assert_eq!(pairs(&edited, "stages.by_case_type.\"Dog Bite\""), pairs(TEXT, "stages.by_case_type.\"Dog Bite\""));
            for comment in TEXT.lines().filter_map(|line| line.split_once('#').map(|(_, comment)| comment)) {
                prop_assert!(edited.contains(comment), "{}", edited);
            }
        }
    }
}
