//! A key as a form gives it: typed, and then sealed in the store, or a reference to where it is.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use crate::domain::{Action, FirmId, SecretName};
use crate::secrets::VaultError;
use crate::store::StoreError;
use crate::web::AppState;
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
    /// What people call it.
    fn called(self) -> &'static str {
        match self {
            Which::CasePeer => "the key of CASEpeer",
            Which::CaseStatus => "the key of Case Status",
            Which::Webhook => "the webhooks' secret",
        }
    }

    /// A name under which a typed one is sealed. It is a new one each time: what is in use stays until the rules name another, and no two
    /// firms ever share one.
    fn secret(self, firm: &FirmId) -> Result<SecretName, StoreError> {
        let of = match self {
            Which::CasePeer => "casepeer",
            Which::CaseStatus => "case-status",
            Which::Webhook => "webhook",
        };
        let number = getrandom::u32().map_err(|_| StoreError::NoRandomness)?;
        // Firms are named by what secrets are named by too.
        SecretName::new(&format!("{firm}/{of}-{number:08x}")).ok_or(StoreError::Unreadable("secret's name"))
    }
}

/// A key as a form gives it. One of the two is empty, or both are.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct KeyForm {
    pub typed: SecretString,
    pub reference: String,
}

/// Where the rules find a key.
pub(super) struct Reference {
    /// As the rules write it.
    pub text: String,
    /// The secret that was sealed for it, if one was.
    sealed: Option<SecretName>,
}

/// What the rules are to have for each of these, if something was given; the inner error is why nothing was sealed.
pub(super) async fn references<const N: usize>(
    given: [(Which, KeyForm); N],
    firm: &FirmId,
    app: &AppState,
    caller: &Caller,
) -> Result<Result<Vec<Option<Reference>>, String>, Problem> {
    // Everything is looked at before anything is sealed.
    if let Some(refusal) = given.iter().find_map(|(which, form)| Some(format!("{}: {}", which.called(), form.check().err()?))) {
        return Ok(Err(refusal));
    }
    let mut references = Vec::new();
    for (which, form) in given {
        match form.into_reference(which, firm, app, caller).await? {
            Ok(reference) => references.push(reference),
            Err(refusal) => {
                forget(references, app).await?;
                return Ok(Err(format!("{}: {refusal}", which.called())));
            }
        }
    }
    Ok(Ok(references))
}

/// Removes what was sealed for rules that did not come into being.
pub(super) async fn forget(references: Vec<Option<Reference>>, app: &AppState) -> Result<(), Problem> {
    for name in references.into_iter().flatten().filter_map(|reference| reference.sealed) {
        app.reloader.vault.remove(&name).await?;
    }
    Ok(())
}

impl KeyForm {
    /// Whether nothing was given.
    pub(super) fn is_empty(&self) -> bool {
        !self.is_typed() && self.reference.trim().is_empty()
    }

    fn is_typed(&self) -> bool {
        !self.typed.expose_secret().is_empty()
    }

    /// Whether what was given can be meant; asked of every field before anything is sealed.
    pub(super) fn check(&self) -> Result<(), String> {
        match (self.is_typed(), self.reference.trim()) {
            (_, "") => Ok(()),
            (true, _) => Err("type the key, or say where it is; not both".to_owned()),
            (false, reference) if reference.starts_with("${") && reference.ends_with('}') => Ok(()),
            (false, _) => Err("write ${env:NAME}, ${file:NAME} or ${secret:NAME}; a key itself goes into the field for keys".to_owned()),
        }
    }

    /// What the rules are to have; `None` where nothing was given. The inner error is why a typed key cannot be sealed.
    async fn into_reference(
        self,
        which: Which,
        firm: &FirmId,
        app: &AppState,
        caller: &Caller,
    ) -> Result<Result<Option<Reference>, String>, Problem> {
        let reference = self.reference.trim();
        if !self.is_typed() {
            let given = (!reference.is_empty()).then(|| Reference { text: reference.to_owned(), sealed: None });
            return Ok(Ok(given));
        }
        let name = which.secret(firm)?;
        match app.reloader.vault.set(&name, self.typed).await {
            Ok(_) => {
                app.note(caller.who.clone(), Action::SecretSet, |entry| entry.of_firm(firm).to(name.as_str())).await?;
                Ok(Ok(Some(Reference { text: format!("${{secret:{name}}}"), sealed: Some(name) })))
            }
            Err(VaultError::Refused(missing)) => Ok(Err(format!("{}; {}", missing.problem, missing.help))),
            Err(VaultError::Store(error)) => Err(error.into()),
        }
    }
}
