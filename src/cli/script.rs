//! `casebridge script definitions`: what editors need to know of everything that scripts can use.

use super::subcommands::ScriptCommand;
use super::{Exit, answer};
use crate::scripting::definitions;

pub(super) fn script(command: &ScriptCommand) -> Exit {
    match command {
        ScriptCommand::Definitions => answer::line(definitions().trim_end()),
    }
    Exit::Success
}
