//! What differs between two texts, line by line, with some lines around each change.

use similar::{ChangeTag, TextDiff};

/// Lines shown around a change.
const AROUND: usize = 3;

/// A line of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiffLine {
    /// It is in both.
    Kept(String),
    /// It is in the later text alone.
    Added(String),
    /// It was in the earlier text alone.
    Removed(String),
    /// Lines that are in both are left out here.
    Gap,
}

/// What differs; nothing where the texts are the same.
pub fn diff(earlier: &str, later: &str) -> Vec<DiffLine> {
    let compared = TextDiff::from_lines(earlier, later);
    let mut lines = Vec::new();
    for group in compared.grouped_ops(AROUND) {
        if !lines.is_empty() {
            lines.push(DiffLine::Gap);
        }
        for change in group.iter().flat_map(|op| compared.iter_changes(op)) {
            let text = change.value().trim_end_matches(['\r', '\n']).to_owned();
            lines.push(match change.tag() {
                ChangeTag::Equal => DiffLine::Kept(text),
                ChangeTag::Insert => DiffLine::Added(text),
                ChangeTag::Delete => DiffLine::Removed(text),
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_stand_among_some_lines_and_the_rest_is_left_out() {
        let numbers = |from: u32, to: u32| (from..=to).map(|number| format!("{number}\n")).collect::<String>();
        let (earlier, later) = (numbers(1, 30), numbers(1, 30).replace("\n15\n", "\nfifteen\n"));
        assert_eq!(diff(&earlier, &earlier), []);
        let lines = diff(&earlier, &later);
        assert_eq!(lines.len(), 8);
        assert_eq!(lines[3..5], [DiffLine::Removed("15".into()), DiffLine::Added("fifteen".into())]);
    }
}
