//! `casebridge script definitions`: what editors need to know of everything that scripts can use.

use super::subcommands::ScriptCommand;
use super::{Exit, output};
use crate::scripting::definitions;

pub(super) fn script(command: &ScriptCommand) -> Exit {
    match command {
        ScriptCommand::Definitions => output::line(definitions().trim_end()),
    }
    Exit::Success
}
