//! `casebridge store copy`: the whole store moved from SQLite to PostgreSQL, or back.

use std::time::Duration;

use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use super::table::{as_text, table};
use super::{Context, Exit, Refusal, output};
use crate::settings::store_address;
use crate::store::{CopiedTable, CopyError, CopyStep, Store};

/// What can be done with stores.
#[derive(Debug, Subcommand)]
pub enum StoreCommand {
    /// Copy a store into an empty one and compare the two row by row; nothing may use either meanwhile
    Copy {
        /// The store as it is: sqlite://PATH or postgres://USER@HOST/DATABASE; a password rather stands in PGPASSWORD or ~/.pgpass
        // Not parsed here: a refusal by the parser of arguments would show what was typed, which may hold a password.
        from: String,
        /// The empty one, likewise
        to: String,
    },
}

pub(super) async fn store(context: &Context, command: StoreCommand) -> Result<Exit, Refusal> {
    match command {
        StoreCommand::Copy { from, to } => copy(context, &from, &to).await,
    }
}

async fn copy(context: &Context, from: &str, to: &str) -> Result<Exit, Refusal> {
    let source = address_of("the store that is copied", from)?;
    let target = address_of("the store that is copied to", to)?;
    if source.file().is_some_and(|file| !file.exists()) {
        return Err(Refusal::usage("there is no store to copy at the first address", "check its path"));
    }
    let (source, target) = (open(context, &source).await?, open(context, &target).await?);
    let bar = if context.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    bar.enable_steady_tick(Duration::from_millis(100));
    let copied = source.copy_to(&target, |step| show(&bar, step)).await;
    bar.finish_and_clear();
    source.close().await;
    target.close().await;
    let tables = copied.map_err(|error| refusal(&error))?;
    let is_whole = tables.iter().all(|table| table.rows == table.equal);
    if context.json {
        output::json(&json!({ "copied": is_whole, "tables": tables.iter().map(as_json).collect::<Vec<_>>() }));
    } else {
        say(&tables, is_whole);
    }
    Ok(if is_whole { Exit::Success } else { Exit::Failed })
}

fn address_of(which: &str, text: &str) -> Result<crate::domain::StoreAddress, Refusal> {
    store_address(text).ok_or_else(|| {
        Refusal::usage(
            format!("the address of {which} names neither a SQLite file nor a PostgreSQL database"),
            "write sqlite://PATH, such as sqlite://var/casebridge.db, or postgres://USER@HOST/DATABASE",
        )
    })
}

async fn open(context: &Context, address: &crate::domain::StoreAddress) -> Result<Store, Refusal> {
    Ok(Store::open(&context.settings.data_dir, address).await?)
}

fn refusal(error: &CopyError) -> Refusal {
    let help = match error {
        CopyError::Store(_) | CopyError::Columns(_) => return Refusal::failed(error.to_string()),
        CopyError::NotEmpty(_) => "name a database that has no tables yet, or a file that is not there yet",
        CopyError::Served(_) => "stop every `casebridge serve` of it first; start them on the copy afterwards",
        CopyError::AtWork(_) => "wait for its end: `casebridge runs list` shows it",
    };
    Refusal::usage(error.to_string(), help)
}

fn show(bar: &ProgressBar, step: CopyStep) {
    if let Ok(style) = ProgressStyle::with_template("{msg} {pos} of {len} {wide_bar}") {
        bar.set_style(style);
    }
    bar.set_message(format!("{} {}", if step.comparing { "comparing" } else { "copying" }, step.table));
    bar.set_length(step.of);
    bar.set_position(step.done);
}

fn as_json(table: &CopiedTable) -> serde_json::Value {
    json!({ "table": table.name, "rows": table.rows, "equal": table.equal })
}

fn say(tables: &[CopiedTable], is_whole: bool) {
    let mut shown = table(["table", "rows", "equal"]);
    for table in tables {
        shown.add_row([table.name.to_owned(), table.rows.to_string(), table.equal.to_string()]);
    }
    output::line(as_text(&shown));
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    output::line(if is_whole {
        format!("{rows} rows copied, and every one is equal; set `database_url` to the copy and start casebridge on it")
    } else {
        "some rows are not equal: nothing was kept".to_owned()
    });
}
