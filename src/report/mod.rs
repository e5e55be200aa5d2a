//! What people get of a run: the CSV of every case, the JSON that commands and the API answer with, and mail.

mod counted;
mod csv;
pub mod mail;
mod private;
mod run_entry;
mod run_view;

pub use counted::counted;
pub use csv::{csv_lines, harmless, write_csv};
pub use run_entry::RunEntry;
pub use run_view::{ClientNotices, ROWS_SHOWN, RunView};
