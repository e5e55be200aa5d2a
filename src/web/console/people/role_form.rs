//! A role and its firm, as a form names them.

use serde::Deserialize;

use crate::domain::{FirmId, Role};
use crate::web::AppState;

/// What a form says of a role.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct RoleForm {
    #[serde(default)]
    pub role: String,
    #[serde(default)]
    pub firm: String,
}

impl RoleForm {
    /// A role as the form has it.
    pub(super) fn of(role: &Role) -> RoleForm {
        RoleForm { role: role.as_str().to_owned(), firm: role.firm().map(FirmId::to_string).unwrap_or_default() }
    }

    /// The role that is meant, of a firm that is there.
    pub(super) fn read(&self, app: &AppState) -> Result<Role, &'static str> {
        let firm = match self.firm.as_str() {
            "" => None,
            name => Some(FirmId::new(name).filter(|firm| app.registry.current().firms.contains_key(firm)).ok_or("there is no such firm")?),
        };
        // Support sees every firm: a firm that the form has chosen beside it means nothing.
        let firm = if self.role == "support" { None } else { firm };
        Role::new(&self.role, firm).ok_or("choose the firm whose staff this is")
    }
}

/// A role in words.
pub(super) fn in_words(role: &Role) -> String {
    match role {
        Role::Support => "support".to_owned(),
        Role::Staff(firm) => format!("staff of {firm}"),
        Role::Viewer(Some(firm)) => format!("viewer of {firm}"),
        Role::Viewer(None) => "viewer of all firms".to_owned(),
    }
}

/// The firms that a form can choose from.
pub(super) fn firms(app: &AppState) -> Vec<String> {
    app.registry.current().firms.keys().map(FirmId::to_string).collect()
}
