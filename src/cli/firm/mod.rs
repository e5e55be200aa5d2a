//! `casebridge firm list|show|verify|trust|set|enable|disable|remove`.

mod disable;
mod enable;
mod list;
mod remove;
mod set;
mod show;
mod trust;
mod trust_account;
mod verify;

use super::subcommands::FirmCommand;
use super::{Context, Exit, Refusal};

pub(super) async fn firm(context: &Context, command: FirmCommand) -> Result<Exit, Refusal> {
    match command {
        FirmCommand::List => list::list(context).await,
        FirmCommand::Show { firm } => show::show(context, &firm).await,
        FirmCommand::Verify { firm } => verify::verify(context, &firm).await,
        FirmCommand::Trust { firm, account: true, .. } => trust_account::accounts(context, &firm).await,
        FirmCommand::Trust { firm, origin, .. } => trust::origins(context, &firm, &origin).await,
        FirmCommand::Set { firm, settings } => set::set(context, &firm, &settings).await,
        FirmCommand::Enable { firm, all: _, messages } => enable::enable(context, firm.as_deref(), messages.map(Into::into)).await,
        FirmCommand::Remove { firms } => remove::remove(context, &firms).await,
        FirmCommand::Disable { firm, reason } => disable::disable(context, &firm, &reason).await,
    }
}
