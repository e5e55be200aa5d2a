//! Pages that say what the binary says: `docs/commands.md` is made of its arguments and `docs/settings.md` of its settings, and each
//! command that a page names is one that it takes. `CASEBRIDGE_DOCS=1` writes the pages.

mod commands;
mod named;
mod settings;

use std::fs;
use std::path::{Path, PathBuf};

/// A path from the top level.
fn at(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Holds what stands between two marks of a page against what it should be, or writes it there.
fn holds(page: &str, begin: &str, end: Option<&str>, expected: &str) {
    let text = fs::read_to_string(at(page)).expect("the page");
    let (before, rest) = text.split_once(begin).unwrap_or_else(|| panic!("{page} has lost its line `{begin}`"));
    let after = end.map_or("", |end| &rest[rest.find(end).unwrap_or_else(|| panic!("{page} has lost its line `{end}`"))..]);
    let gap = if after.is_empty() { "" } else { "\n" };
    let current = format!("{before}{begin}\n\n{expected}{gap}{after}");
    if std::env::var_os("CASEBRIDGE_DOCS").is_some() {
        fs::write(at(page), current).expect("the page is written");
    } else if text != current {
        let differs = text.lines().zip(current.lines()).find(|(is, should)| is != should);
        panic!("{page} is not current: CASEBRIDGE_DOCS=1 cargo nextest run --features temporal --test it pages\n{differs:#?}");
    }
}
