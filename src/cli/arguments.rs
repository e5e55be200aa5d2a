//! What can be typed after `casebridge`.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use lettre::Address;

use super::secret::SecretCommand;
use super::store::StoreCommand;
use super::subcommands::{FirmCommand, LettersCommand, RulesCommand, RunsCommand, ScriptCommand};
use super::token::TokenCommand;
use super::user::UserCommand;
use crate::domain::{CaseId, RunId};
use crate::settings::{Flags, address};

/// Keeps law firms' cases in step between CASEpeer and Case Status.
#[derive(Debug, Parser)]
#[command(version, about, arg_required_else_help = true)]
pub struct Arguments {
    /// The command.
    #[command(subcommand)]
    pub command: Command,
    /// The settings file instead of casebridge.yaml
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder of rules
    #[arg(long, global = true, value_name = "FOLDER")]
    rules_dir: Option<PathBuf>,
    /// The folder of scripts
    #[arg(long, global = true, value_name = "FOLDER")]
    scripts_dir: Option<PathBuf>,
    /// The folder for runs, reports and locks
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
    /// Answer with exactly one JSON value on standard output
    #[arg(long, global = true)]
    pub json: bool,
}

impl Arguments {
    /// The settings among the arguments.
    pub fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            rules_dir: self.rules_dir.clone(),
            scripts_dir: self.scripts_dir.clone(),
            data_dir: self.data_dir.clone(),
        }
    }
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Show casebridge at work: both vendors simulated on this machine, two firms, nothing to set up
    Demo {
        /// Then serve the two firms: the always-on host and its console, until Ctrl-C
        #[arg(long)]
        serve: bool,
    },
    /// Run the always-on host: schedules, messages, documents, webhooks, edits of rules, the console and the API
    Serve,
    /// Show where each firm stands; exit code 1 if somebody is needed
    Status,
    /// Run the simulated vendors for commands of your own, until Ctrl-C
    Sandbox(SandboxOptions),
    /// Check rules, their tests and scripts: every fault of every file at once
    Check {
        /// Only these firms
        firms: Vec<String>,
    },
    /// Show what a sync would write and what clients would notice; nothing goes to a vendor
    Plan {
        /// The firm, by the name of its rules file
        firm: String,
        /// One case: its number, or its CASEpeer URL
        #[arg(long, value_parser = case)]
        case: Option<CaseId>,
    },
    /// Make Case Status match CASEpeer, for all of a firm's cases or one
    Sync(SyncOptions),
    /// Create cases in Case Status and mark them as connected in CASEpeer
    Connect(ConnectOptions),
    /// Explain each attribute of a case: its values on both sides, and the rule that decided
    Explain {
        /// The firm, by the name of its rules file
        firm: String,
        /// The case: its number, or its CASEpeer URL
        #[arg(value_parser = case)]
        case: CaseId,
    },
    /// Turn Case Status's messages into case notes, in one pass now
    Messages {
        /// The firm, by the name of its rules file
        firm: String,
    },
    /// Bring Case Status's documents to CASEpeer, in one pass now
    Documents {
        /// The firm, by the name of its rules file
        firm: String,
    },
    /// Send what staff typed in CASEpeer through Case Status, in one pass now
    Outbox {
        /// The firm, by the name of its rules file
        firm: String,
    },
    /// Dead letters, messages and documents that could not be delivered: list, retry, drop
    #[command(subcommand)]
    Letters(LettersCommand),
    /// Run a migration, a script for many cases; without --apply it only shows what it would do
    Run(RunOptions),
    /// Help for writing scripts
    #[command(subcommand)]
    Script(ScriptCommand),
    /// Run the tests of firms' rules, rules/FIRM.test.yaml, without network or keys
    Test {
        /// Only these firms
        firms: Vec<String>,
    },
    /// List, show, verify and set firms
    #[command(subcommand)]
    Firm(FirmCommand),
    /// List, show, approve, cancel and undo runs
    #[command(subcommand)]
    Runs(RunsCommand),
    /// Receipts of edits of rules; rules to and from the store
    #[command(subcommand)]
    Rules(RulesCommand),
    /// The store: copy it into another database
    #[command(subcommand)]
    Store(StoreCommand),
    /// Secrets that rules refer to by ${secret:NAME}: set one, list them, remove one
    #[command(subcommand)]
    Secret(SecretCommand),
    /// API tokens: make one, list them, revoke one
    #[command(subcommand)]
    Token(TokenCommand),
    /// People who use the console: add one, list them, change what they may do
    #[command(subcommand)]
    User(UserCommand),
    /// Print the JSON Schema of a firm file
    Schema,
}

/// What `sandbox` can be told.
#[derive(Debug, Args)]
pub struct SandboxOptions {
    /// Faults to answer with, such as `429=10%,500=8%,done_but_500=8%,cut_off=3%,hang=1%,record_403=2%,latency=20ms`
    #[arg(long, value_name = "FAULTS")]
    pub faults: Option<String>,
    /// CASEpeer's port; the shipped rules expect 7101
    #[arg(long, default_value_t = 7101)]
    pub casepeer_port: u16,
    /// Case Status's port; the shipped rules expect 7102
    #[arg(long, default_value_t = 7102)]
    pub case_status_port: u16,
    /// Send CASEpeer's webhooks to this host, such as `http://127.0.0.1:8080`
    #[arg(long, value_name = "URL")]
    pub hooks: Option<String>,
}

/// What `sync` can be told.
#[derive(Debug, Args)]
pub struct SyncOptions {
    /// The firm, by the name of its rules file
    pub firm: String,
    /// One case: its number, or its CASEpeer URL
    #[arg(long, value_parser = case)]
    pub case: Option<CaseId>,
    /// Go on although a vendor lists none of its cases, or fewer than it says that it has
    #[arg(long, conflicts_with = "case")]
    pub accept_listing: bool,
    /// Send the CSV to this address; may be given several times, or several addresses with commas
    #[arg(long, value_name = "ADDRESS", value_delimiter = ',', value_parser = address)]
    pub mail_to: Vec<Address>,
}

/// What `connect` can be told.
#[derive(Debug, Args)]
pub struct ConnectOptions {
    /// The firm, by the name of its rules file
    pub firm: String,
    /// Cases: their numbers, or their CASEpeer URLs
    #[arg(value_parser = case, required_unless_present = "from")]
    pub cases: Vec<CaseId>,
    /// A file of cases: a number or URL on each line (`#` begins a comment), or a CSV with a column `integration_id`
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Show what would be created, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What `run` can be told.
#[derive(Debug, Args)]
pub struct RunOptions {
    /// The script: its name in the scripts folder, or its path
    pub script: String,
    /// The firm, by the name of its rules file
    #[arg(long)]
    pub firm: String,
    /// Write; without this nothing is written
    #[arg(long)]
    pub apply: bool,
    /// Start anew instead of resuming an interrupted run of the same script, firm and arguments
    #[arg(long, requires = "apply")]
    pub new: bool,
    /// The value of `run.arg("NAME")`; may be given several times
    #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = argument)]
    pub arguments: Vec<(String, String)>,
    /// A CSV file with a header: the rows of `run.input`
    #[arg(long, value_name = "FILE")]
    pub input: Option<PathBuf>,
}

fn argument(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').filter(|(name, _)| !name.is_empty()).ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub(super) fn case(text: &str) -> Result<CaseId, String> {
    CaseId::parse(text).ok_or_else(|| "write a case number such as 48213, or its CASEpeer URL".to_owned())
}

pub(super) fn run(text: &str) -> Result<RunId, String> {
    RunId::parse(text).ok_or_else(|| "write a run's id such as 20261124-001705-x7k2; `casebridge runs list` shows them".to_owned())
}
