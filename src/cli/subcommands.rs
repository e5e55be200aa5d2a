//! What can be typed after `casebridge firm`, `rules`, `runs` and `letters`.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

use super::arguments::run;
use crate::domain::RunId;
use crate::rules::raw::Start;

/// What helps to write scripts.
#[derive(Debug, Subcommand)]
pub enum ScriptCommand {
    /// Print a .d.rhai file with every function, property and name that scripts can use
    Definitions,
}

/// The commands about firms.
#[derive(Debug, Subcommand)]
pub enum FirmCommand {
    /// Every firm and the state of its rules
    List,
    /// A firm's rules as they are after merging
    Show {
        /// The firm, by the name of its rules file
        firm: String,
    },
    /// Prove both keys and hold the mapping against what is there
    Verify {
        /// The firm, by the name of its rules file
        firm: String,
    },
    /// Accept what the host holds back for the firm; says what that is, and accepts nothing else
    #[command(group(clap::ArgGroup::new("accepted").required(true)))]
    Trust {
        /// The firm, by the name of its rules file
        firm: String,
        /// The origins that its rules would send keys to that were given for others: these URLs alone, or, without one, those that it shows
        #[arg(long, group = "accepted", num_args = 0.., value_name = "URL")]
        origin: Vec<String>,
        /// The accounts that its keys open now
        #[arg(long, group = "accepted")]
        account: bool,
    },
    /// Change keys of a firm's file in place; its comments and order stay, and nothing is written that would have a fault
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
        /// Every firm that nobody disabled
        #[arg(long)]
        all: bool,
        /// With which message the firm begins; written into its file, which may say it already
        #[arg(long, value_name = "now|beginning")]
        messages: Option<MessageStart>,
    },
    /// Stop firms whose files are gone, where they go on since many went at once
    Remove {
        /// The firms
        #[arg(required = true)]
        firms: Vec<String>,
    },
    /// Let nothing run for a firm by itself; what a person begins works
    Disable {
        /// The firm, by the name of its rules file
        firm: String,
        /// Why, as others will read it
        #[arg(long)]
        reason: String,
    },
}

/// With which message a firm begins.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum MessageStart {
    /// With what comes from now on
    Now,
    /// With the first message there is
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
    /// What came of the latest edits of a firm's rules, as the always-on host noticed them
    Receipts {
        /// The firm, by the name of its rules file
        firm: String,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Bring the files of rules and scripts from folders into the store, for hosts with `rules_source: store`; refused if they have faults
    Push {
        /// Take them from `rules` and `scripts` in this folder, and not from the folders of the settings
        #[arg(long, value_name = "FOLDER")]
        from: Option<PathBuf>,
        /// Remove from the store what the folders do not have
        #[arg(long)]
        remove: bool,
    },
    /// Write the store's files of rules and scripts into `rules` and `scripts` in a folder
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
    /// Every letter, with its number and reason
    List {
        /// Only this firm's
        #[arg(long)]
        firm: Option<String>,
    },
    /// Try letters again, at the next pass
    Retry {
        /// Their numbers
        #[arg(required = true)]
        letters: Vec<i64>,
    },
    /// Leave letters out for good
    Drop {
        /// Their numbers
        #[arg(required = true)]
        letters: Vec<i64>,
    },
}

/// The commands about runs.
#[derive(Debug, Subcommand)]
pub enum RunsCommand {
    /// The latest runs
    List {
        /// Only this firm's
        #[arg(long)]
        firm: Option<String>,
        /// At most so many
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// A run and its rows
    Show {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
    },
    /// Carry out a held run, if its moves are still the ones that were shown
    Approve {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
    },
    /// Ask a run to stop, in whatever process it is; it finishes what is in flight. One that is held is put away
    Cancel {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
    },
    /// Restore what a run changed and nobody has changed since
    Undo {
        /// The run's id
        #[arg(value_parser = run)]
        run: RunId,
        /// Say what would be restored; write nothing
        #[arg(long)]
        dry_run: bool,
    },
}
