//! What people get of a run: the CSV of every case, and the JSON that commands and the API answer with.

mod csv;
mod run_view;

pub use csv::{harmless, write_csv};
pub use run_view::{ROWS_SHOWN, RunView};
