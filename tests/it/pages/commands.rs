//! `docs/commands.md`: every command with its usage and its arguments, as `--help` says it.

use std::fmt::Write as _;

use casebridge::cli::Arguments;
use clap::{Arg, Command, CommandFactory as _};

const BEGIN: &str = "<!-- What follows is written by `CASEBRIDGE_DOCS=1 cargo nextest run --features temporal --test it pages`. -->";

#[test]
fn the_page_of_commands_says_what_help_says() {
    let mut command = Arguments::command();
    command.build();
    let mut commands = Vec::new();
    gather(&command, &[], &mut commands);
    let mut page = String::from("## Overview\n\n| command | does |\n|---|---|\n");
    for (path, command) in &commands {
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(page, "| [`{path}`](#{}) | {} |", path.replace(' ', "-"), about.replace('|', "\\|"));
    }
    page.push_str("\nEvery command takes these:\n\n");
    command.get_arguments().filter(|argument| argument.is_global_set()).for_each(|argument| describe(argument, &mut page));
    for (path, command) in &mut commands {
        let usage = command.render_usage().to_string();
        let about = command.get_long_about().or(command.get_about()).map(ToString::to_string).unwrap_or_default();
        let _ = writeln!(page, "\n## {path}\n\n{}.\n\n```text\n{}\n```", about.trim_end_matches('.'), usage.trim_start_matches("Usage: "));
        let own = |argument: &&Arg| !argument.is_global_set() && !argument.is_hide_set() && argument.get_id() != "help";
        let mut own = command.get_arguments().filter(own).peekable();
        if own.peek().is_some() {
            page.push('\n');
        }
        own.for_each(|argument| describe(argument, &mut page));
    }
    super::holds("docs/commands.md", BEGIN, None, &page);
}

/// The commands that do something, in order, each with the words that name it.
fn gather(command: &Command, path: &[&str], found: &mut Vec<(String, Command)>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help" && !inner.is_hide_set()) {
        let path: Vec<&str> = path.iter().copied().chain([inner.get_name()]).collect();
        if inner.has_subcommands() {
            gather(inner, &path, found);
        } else {
            found.push((path.join(" "), inner.clone()));
        }
    }
}

fn describe(argument: &Arg, page: &mut String) {
    let help = argument.get_long_help().or(argument.get_help()).map(ToString::to_string).unwrap_or_default();
    let _ = write!(page, "- `{argument}`: {help}");
    let values: Vec<_> = argument.get_possible_values().into_iter().filter(|_| argument.get_action().takes_values()).collect();
    for value in &values {
        let help = value.get_help().map(|help| format!(" ({help})")).unwrap_or_default();
        let _ = write!(page, "; `{}`{help}", value.get_name());
    }
    if let Some(default) = argument.get_default_values().first().filter(|_| argument.get_action().takes_values()) {
        let _ = write!(page, "; default `{}`", default.to_string_lossy());
    }
    page.push('\n');
}
