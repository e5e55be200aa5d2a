//! What can be typed after `casebridge firm`, `rules`, `runs` and `letters`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::arguments::run;
use crate::domain::RunId;
use crate::rules::raw::Start;

/// What helps to write scripts.
#[derive(Debug, Subcommand)]
pub enum ScriptCommand {
    /// Print a .d.rhai file for editors, with every function, property and name that scripts can use
    Definitions,
}

/// The commands about firms.
#[derive(Debug, Subcommand)]
pub enum FirmCommand {
    /// List every firm with its state and that of its rules
    List,
    /// Show a firm's rules after merging
    Show {
        /// The firm, by the name of its rules file
        firm: String,
    },
    /// Check that both keys work and belong to one firm, and compare the mapping with the firm's cases
    Verify {
        /// The firm, by the name of its rules file
        firm: String,
    },
    /// Accept other origins or accounts for the firm's keys; shows them, asks, and accepts these alone
    #[command(group(clap::ArgGroup::new("accepted").required(true)))]
    Trust {
        /// The firm, by the name of its rules file
        firm: String,
        /// Let the keys go to other origins than they were first used for: to these URLs, or, without one, to those that it shows
        #[arg(long, group = "accepted", num_args = 0.., value_name = "URL")]
        origin: Vec<String>,
        /// Take the accounts that the keys open now as the firm's
        #[arg(long, group = "accepted")]
        account: bool,
    },
    /// Change keys of a firm's file in place; comments and order stay, and an edit with a fault is refused
    Set {
        /// The firm, by the name of its rules file
        firm: String,
        /// A key and its value as YAML has it, such as `schedule.nightly_sync.enabled=false`
        // Not parsed here: a refusal by the parser of arguments would show the value, which may be a secret.
        #[arg(required = true, value_name = "KEY=VALUE")]
        settings: Vec<String>,
    },
    /// Let a firm's schedules and webhooks work
    Enable {
        /// The firm, by the name of its rules file
        #[arg(required_unless_present = "all", conflicts_with = "all")]
        firm: Option<String>,
        /// Every firm except those that somebody disabled
        #[arg(long)]
        all: bool,
        /// The first message that becomes a note; written into the firm's file unless that has `messages.start`
        #[arg(long, value_name = "now|beginning")]
        messages: Option<MessageStart>,
    },
    /// Stop firms that go on although their files are gone, since many files went at once
    Remove {
        /// The firms
        #[arg(required = true)]
        firms: Vec<String>,
    },
    /// Stop a firm's schedules and webhooks; commands still work
    Disable {
        /// The firm, by the name of its rules file
        firm: String,
        /// The reason, which others will read
        #[arg(long)]
        reason: String,
    },
}

/// With which message a firm begins.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum MessageStart {
    /// The next one that arrives
    Now,
    /// The first one there is
    Beginning,
}

impl From<MessageStart> for Start {
    fn from(start: MessageStart) -> Start {
        match start {
            MessageStart::Now => Start::Now,
            MessageStart::Beginning => Start::Beginning,
        }
    }
}

/// The commands about edits of rules, and about rules that are kept in the store.
#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// List the latest edits of a firm's rules that the always-on host noticed, each with its outcome
    Receipts {
        /// The firm, by the name of its rules file
        firm: String,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Copy the files of rules and scripts into the store, for `rules_source: store`; refused if they have faults or a test fails
    Push {
        /// Read `rules` and `scripts` in this folder instead of the folders of the settings
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
        /// Remove from the store what the folders do not have
        #[arg(long)]
        remove: bool,
    },
    /// Write the store's files of rules and scripts into `rules` and `scripts` in a folder; names files there that the store does not have
    Pull {
        /// The folder
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
        /// Overwrite files that hold other text
        #[arg(long)]
        force: bool,
        /// Remove files of `rules` and `scripts` that the store does not have
        #[arg(long)]
        remove: bool,
    },
}

/// The commands about dead letters.
#[derive(Debug, Subcommand)]
pub enum LettersCommand {
    /// List dead letters, each with its number and reason
    List {
        /// Only this firm's
        #[arg(long)]
        firm: Option<String>,
    },
    /// Retry letters at the next pass; a letter is deleted once its message or document is delivered
    Retry {
        /// Their numbers
        #[arg(required = true)]
        letters: Vec<i64>,
    },
    /// Drop letters: they are never delivered
    Drop {
        /// Their numbers
        #[arg(required = true)]
        letters: Vec<i64>,
    },
}

/// The commands about runs.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// List the latest runs
    List {
        /// Only this firm's
        #[arg(long)]
        firm: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show a run and its rows
    Show {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
    },
    /// Approve a held run: it goes ahead if its moves are still the ones that were shown
    Approve {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
    },
    /// Cancel a run in whatever process it is, once what is in flight is finished; discard a held run
    Cancel {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
    },
    /// Restore what a run changed and nobody has changed since, and list the rest
    Undo {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
        /// Show what would be restored, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
}
