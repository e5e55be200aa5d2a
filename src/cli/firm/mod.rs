//! `casebridge firm list|show|verify|set`.

mod list;
mod set;
mod show;
mod verify;

use super::arguments::FirmCommand;
use super::{Context, Exit, Refusal};

pub(super) async fn firm(context: &Context, command: FirmCommand) -> Result<Exit, Refusal> {
    match command {
        FirmCommand::List => list::list(context),
        FirmCommand::Show { firm } => show::show(context, &firm),
        FirmCommand::Verify { firm } => verify::verify(context, &firm).await,
        FirmCommand::Set { firm, settings } => set::set(context, &firm, &settings).await,
    }
}
