//! `casebridge rules …`: what came of edits, and the files of rules between folders and the store.

mod pull;
mod push;
mod receipts;

use std::path::Path;

use self::pull::Over;
use super::subcommands::RulesCommand;
use super::{Context, Exit, Refusal};

pub(super) async fn rules(context: &Context, command: RulesCommand) -> Result<Exit, Refusal> {
    match command {
        RulesCommand::Receipts { firm, limit } => receipts::receipts(context, &firm, limit).await,
        RulesCommand::Push { from, remove } => push::push(&of_folders(context, from.as_deref()), remove).await,
        RulesCommand::Pull { to, force, remove } => pull::pull(context, &to, Over { force, remove }).await,
    }
}

/// The context of the rules in folders, wherever they are kept: those of the settings, or `rules` and `scripts` in another folder.
fn of_folders(context: &Context, folder: Option<&Path>) -> Context {
    let mut context = Context { stored_rules: None, ..context.clone() };
    if let Some(folder) = folder {
        context.settings.rules_dir = folder.join("rules");
        context.settings.scripts_dir = folder.join("scripts");
    }
    context
}
