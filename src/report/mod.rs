//! What people get of a run: the CSV of every case and the JSON that commands and the API answer with.

mod csv;
mod run_entry;
mod run_view;

pub use csv::{csv_lines, harmless, write_csv};
pub use run_entry::RunEntry;
pub use run_view::{ClientNotices, ROWS_SHOWN, RunView};
