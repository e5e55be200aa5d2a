//! Reads a file of cases for `connect --from`.

use std::path::Path;

use super::Refusal;
use crate::domain::CaseId;

/// The cases of a file: one number or CASEpeer URL a line, or the column `integration_id` (or else the first) of a CSV. Blank lines
/// and lines that begin with `#` mean nothing.
pub(super) fn read(path: &Path) -> Result<Vec<CaseId>, Refusal> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Refusal::usage(format!("{shown} cannot be read: {}", error.kind()), "name a text file of case numbers"))?;
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut cases = Vec::new();
    let mut column = 0;
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|_| Refusal::usage(format!("{shown} is no CSV"), "write one case number a line"))?;
        let line = record.position().map_or(0, csv::Position::line);
        let cell = record.get(column).unwrap_or_default().trim_start_matches('\u{feff}');
        if index == 0
            && CaseId::parse(cell).is_none()
            && let Some(named) = record.iter().position(|name| name.trim_start_matches('\u{feff}') == "integration_id")
        {
            column = named;
            continue;
        }
        if cell.is_empty() {
            continue;
        }
        let case = CaseId::parse(cell);
        cases.push(case.ok_or_else(|| {
            Refusal::usage(format!("{shown}:{line}: this is no case number"), "write a number such as 48213, or a CASEpeer URL")
        })?);
    }
    if cases.is_empty() {
        return Err(Refusal::usage(format!("{shown} names no case"), "write one case number a line"));
    }
    Ok(cases)
}
