//! What `run.input` is made of: the rows of a CSV, by its header.

use std::collections::BTreeMap;

/// No input is larger, in bytes.
pub const MAX_INPUT: u64 = 20 * 1024 * 1024;

/// A text that is no CSV with as many cells in each line as in the first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is no CSV with as many cells in each line as in the first")]
pub struct NoCsv {
    /// The line that is not, from 1, if it is known.
    pub line: Option<u64>,
}

/// The rows of a CSV, each by the names of its header. A byte order mark and blanks around cells mean nothing.
pub fn input_rows(text: &str) -> Result<Vec<BTreeMap<String, String>>, NoCsv> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let rows: Result<_, csv::Error> = reader.deserialize().collect();
    rows.map_err(|error| NoCsv { line: error.position().map(csv::Position::line) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_csv_is_rows_by_its_header() {
        let rows = input_rows("\u{feff}case, stage\r\n\"48213\", 4\r\n").unwrap();
        let expected = [("case", "48213"), ("stage", "4")].map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(rows, [BTreeMap::from(expected)]);
        assert_eq!(input_rows(""), Ok(Vec::new()));
    }

    #[test]
    fn a_line_of_another_length_is_named() {
        assert_eq!(input_rows("case,stage\n1,2\n3\n"), Err(NoCsv { line: Some(3) }));
    }
}
