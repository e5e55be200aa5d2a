//! The CSV of a run: every attempted and every skipped case, safe to open in a spreadsheet.

use std::borrow::Cow;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use crate::domain::{FixBy, Row};
use crate::private_files::private_folder;

/// Writes the CSV beside its final place first, so that nobody ever reads half of one.
pub fn write_csv(path: &Path, rows: &[Row]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        private_folder(folder)?;
    }
    let unfinished = path.with_extension("csv.part");
    let mut writer = csv::Writer::from_path(&unfinished)?;
    writer.write_record(Row::COLUMNS)?;
    write_rows(&mut writer, rows)?;
    writer.flush()?;
    fs::rename(unfinished, path)
}

/// The lines of some rows as [`write_csv`] writes them, below the line of headings where they come first.
pub fn csv_lines(rows: &[Row], first: bool) -> io::Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    if first {
        writer.write_record(Row::COLUMNS)?;
    }
    write_rows(&mut writer, rows)?;
    writer.into_inner().map_err(csv::IntoInnerError::into_error)
}

fn write_rows(writer: &mut csv::Writer<impl Write>, rows: &[Row]) -> io::Result<()> {
    for row in rows {
        let fix_by = row.fix_by.map_or("", FixBy::as_str);
        let (reason, rule) = (row.reason.as_deref().unwrap_or_default(), row.rule.as_deref().unwrap_or_default());
        let cells = [&row.integration_id, &row.readable_id, &row.client, row.result.as_str(), &row.changes, reason, rule, fix_by];
        for cell in cells {
            writer.write_field(harmless(cell).as_bytes())?;
        }
        writer.write_record(None::<&[u8]>)?;
    }
    Ok(())
}

/// A cell that no spreadsheet takes for a formula: one that begins like one gets an apostrophe in front, also where spaces or
/// invisible characters stand before the sign.
pub fn harmless(cell: &str) -> Cow<'_, str> {
    let invisible =
        |letter: char| letter.is_whitespace() || letter.is_control() || ('\u{200b}'..='\u{200f}').contains(&letter) || letter == '\u{feff}';
    let first = cell.trim_start_matches(invisible).chars().next();
    let begins_oddly = cell.starts_with(['\t', '\r', '\n']);
    let formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠' | '|' | '%'));
    if formula || begins_oddly { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_cell_that_a_spreadsheet_would_compute_is_made_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "\u{feff}=1", "\n=1", "＝1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        for cell in ["", "Doe", "PI-2024-0113", "stage: 3 → 4", "O'Neill", "a=b"] {
            assert_eq!(harmless(cell), cell);
        }
    }
}
