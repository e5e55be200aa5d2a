//! A plain table, as every listing shows it.

use comfy_table::{Row, Table, presets};

/// A table without lines; its cells are added by the caller.
pub(super) fn table(header: impl Into<Row>) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(header);
    table
}

/// The table as text, without blanks at the ends of its lines.
pub(super) fn as_text(table: &Table) -> String {
    table.trim_fmt()
}
