//! Whose references a firm's rules may hold: its own, and until 0.3.0 those that stood in its file before.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Reference, variable_prefix};
use crate::rules::{Secrets, raw};
use crate::yaml::At;

/// A firm as the owner of references.
#[derive(Debug, Clone)]
pub struct ReferenceOwner<'a> {
    /// The firm.
    pub firm: &'a FirmId,
    /// Every firm that there is: a reference belongs to the one with the longest name that fits.
    pub firms: &'a BTreeSet<FirmId>,
    /// What an edit is held against; `None` for files as they stand.
    pub before: Option<ExistingReferences>,
}

/// Whether a firm may use a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    /// It is the firm's, or shared with it.
    Owned,
    /// It is not, but stood there before: until 0.3.0 that is a warning.
    Tolerated,
    /// It is not.
    Refused,
}

impl ReferenceOwner<'_> {
    /// Whether the firm may use the reference in `field`.
    pub(super) fn ownership(&self, reference: &Reference, field: &str, may_be_shared: bool, secrets: &dyn Secrets) -> Ownership {
        if reference.is_setting() || secrets.is_of_host(reference) {
            return Ownership::Refused;
        }
        if reference.belongs_to(self.firm, self.firms) || may_be_shared && secrets.is_shared_with(reference, self.firm) {
            return Ownership::Owned;
        }
        if self.stood_before(field, reference) { Ownership::Tolerated } else { Ownership::Refused }
    }

    /// Whether the reference stood in this field before. In a file that nobody is editing here, whatever is there did.
    pub(super) fn stood_before(&self, field: &str, reference: &Reference) -> bool {
        self.before.as_ref().is_none_or(|before| before.0.iter().any(|(of, held)| of == field && held == reference))
    }

    /// What is said of a reference that the firm may not use, the same whatever it stands for.
    pub(super) fn refusal(&self, at: &At<String>, reference: &Reference) -> Diagnostic {
        let firm = self.firm;
        at.error(format!("`{reference}` is no secret that {firm} may use")).help(format!(
            "a firm's references begin with its name: ${{env:{}_…}}, ${{file:{firm}-…}}, ${{file:{firm}/…}} or ${{secret:{firm}/…}}",
            variable_prefix(firm)
        ))
    }

    /// What is said of one that is tolerated, with the line that cures it.
    pub(super) fn warning(&self, at: &At<String>, reference: &Reference, field: &str, may_be_shared: bool) -> Diagnostic {
        let firm = self.firm;
        let key = field.rsplit('.').next().unwrap_or(field);
        let what = field.trim_start_matches("connections.").replace(['.', '_'], "-");
        let own = Reference::of_firm(reference.kind, firm, &what);
        let mut help = format!("put the secret there too and write: {key}: \"{own}\"");
        if may_be_shared {
            let bare = reference.bare();
            help += &format!("; or, if firms share it, in casebridge.yaml: shared_secrets: {{ \"{bare}\": [{firm}] }}");
        }
        let message = format!("`{reference}` does not belong to {firm}: 0.3.0 will refuse it");
        at.error(message).help(help).warning()
    }
}

/// The references that a firm's rules hold, by the field that has each.
#[derive(Debug, Clone, Default)]
pub struct ExistingReferences(BTreeSet<(String, Reference)>);

impl ExistingReferences {
    /// Those of merged layers.
    pub fn of(raw: &raw::RawFirm) -> ExistingReferences {
        let connections = raw.connections.iter();
        let sides = connections.flat_map(|both| [("casepeer", &both.casepeer), ("case_status", &both.case_status)]);
        let fields = sides.flat_map(|(side, connection)| {
            connection.iter().flat_map(move |connection| {
                let key = connection.key.iter().map(|at| ("key", at));
                let webhooks = connection.webhook_secret.iter().flat_map(|some| &some.0).map(|at| ("webhook_secret", at));
                key.chain(webhooks).filter_map(move |(key, at)| Some((format!("connections.{side}.{key}"), Reference::read(&at.value)?)))
            })
        });
        ExistingReferences(fields.collect())
    }
}
