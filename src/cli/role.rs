//! A role, as commands are told it.

use clap::ValueEnum;

use super::context::known_firm;
use super::{Context, Refusal};
use crate::domain::Role;

/// A role by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RoleName {
    /// Integration support: every firm, and everything
    Support,
    /// A firm's staff: that firm alone, and its work
    Staff,
    /// Sees one firm, or all of them without --firm, and changes nothing
    Viewer,
}

/// The role of this name and firm, which must be there.
pub(super) fn role(context: &Context, role: RoleName, firm: Option<&str>) -> Result<Role, Refusal> {
    let known = |firm: &str| known_firm(&context.generation_without_secrets(), firm);
    match (role, firm) {
        (RoleName::Support, None) => Ok(Role::Support),
        (RoleName::Staff, Some(firm)) => Ok(Role::Staff(known(firm)?)),
        (RoleName::Viewer, firm) => Ok(Role::Viewer(firm.map(known).transpose()?)),
        (RoleName::Support, Some(_)) => {
            Err(Refusal::usage("support sees every firm, so that --firm means nothing", "leave it out, or say --role staff"))
        }
        (RoleName::Staff, None) => Err(Refusal::usage("a firm's staff see one firm, and none is named", "say --firm FIRM")),
    }
}
