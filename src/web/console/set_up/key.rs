//! A key as a form gives it: typed, and then sealed in the store, or a reference to where it is.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::domain::{Action, FirmId, SecretName};
use crate::vault::VaultError;
use crate::web::Served;
use crate::web::caller::Caller;
use crate::web::problem::Problem;

/// Which secret of a firm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    CasePeer,
    CaseStatus,
    Webhook,
}

impl Which {
    /// The name under which a typed one is sealed.
    fn secret(self, firm: &FirmId) -> Option<SecretName> {
        let of = match self {
            Which::CasePeer => "casepeer",
            Which::CaseStatus => "case-status",
            Which::Webhook => "webhook",
        };
        // Firms' names may be as long as secrets' names.
        SecretName::new(&format!("{firm}/{of}")).or_else(|| SecretName::new(&format!("{}/{of}", &firm.as_str()[..40])))
    }
}

/// A key as a form gives it. One of the two is empty, or both are.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyForm {
    pub typed: SecretString,
    pub reference: String,
}

impl KeyForm {
    /// What the rules are to have: a reference. `None` where nothing was given.
    pub(super) async fn into_reference(
        self,
        which: Which,
        firm: &FirmId,
        served: &Served,
        caller: &Caller,
    ) -> Result<Result<Option<String>, String>, Problem> {
        let reference = self.reference.trim();
        let is_typed = !self.typed.expose_secret().is_empty();
        match (is_typed, reference) {
            (false, "") => return Ok(Ok(None)),
            (true, "") => {}
            (true, _) => return Ok(Err("type the key, or say where it is; not both".to_owned())),
            (false, reference) if reference.starts_with("${") && reference.ends_with('}') => return Ok(Ok(Some(reference.to_owned()))),
            (false, _) => {
                return Ok(Err("write ${env:NAME}, ${file:NAME} or ${secret:NAME}; a key itself goes into the field for keys".to_owned()));
            }
        }
        let Some(name) = which.secret(firm) else { return Ok(Err("no secret can be named after this firm".to_owned())) };
        match served.keeper.vault.set(&name, self.typed).await {
            Ok(_) => {
                served.note(caller.who.clone(), Action::SecretSet, |entry| entry.of_firm(firm).to(name.as_str())).await?;
                Ok(Ok(Some(format!("${{secret:{name}}}"))))
            }
            Err(VaultError::Refused(missing)) => Ok(Err(format!("{}; {}", missing.problem, missing.help))),
            Err(VaultError::Store(error)) => Err(error.into()),
        }
    }
}
