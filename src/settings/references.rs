//! Which secrets are the host's own, since settings refer to them, and which several firms share (`shared_secrets`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diagnostic::Diagnostic;
use crate::domain::{FirmId, Reference, ReferencePolicy};
use crate::yaml::{At, Named, Node, Value};

/// What settings are found to refer to, whichever setting it is.
#[derive(Debug, Default)]
pub(super) struct ReferredTo {
    references: BTreeSet<Reference>,
    files: BTreeSet<PathBuf>,
}

impl ReferredTo {
    /// Adds what a value, or any value in it, refers to.
    pub(super) fn add(&mut self, node: &Node) {
        match &node.value {
            Value::Text(text) => {
                let inside = text.split("${").skip(1).filter_map(|rest| Reference::read_bare(rest.split_once('}')?.0));
                self.references.extend(inside);
                self.add_file(Path::new(text.strip_prefix("sqlite://").unwrap_or(text)));
            }
            Value::List(items) => items.iter().for_each(|item| self.add(item)),
            Value::Map(entries) => entries.iter().for_each(|(_, value)| self.add(value)),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
        }
    }

    /// Adds a file, if it is one.
    pub(super) fn add_file(&mut self, path: &Path) {
        if path.is_file() {
            self.files.insert(path.to_owned());
        }
    }

    /// What that says of references, with `shared_secrets`.
    pub(super) fn policy(
        self,
        folder: Option<PathBuf>,
        shared: Option<Named<Vec<String>>>,
        faults: &mut Vec<Diagnostic>,
    ) -> ReferencePolicy {
        let mut policy = ReferencePolicy { folder, of_host: self.references, files: self.files, shared: BTreeMap::new() };
        for (name, firms) in shared.into_iter().flat_map(|shared| shared.0) {
            match shared_secret(&name, &firms, &policy.of_host) {
                Ok((reference, firms)) => policy.shared.entry(reference).or_default().extend(firms),
                Err(fault) => faults.push(fault),
            }
        }
        policy
    }
}

fn shared_secret(name: &At<String>, firms: &[String], of_host: &BTreeSet<Reference>) -> Result<(Reference, BTreeSet<FirmId>), Diagnostic> {
    let Some(reference) = Reference::read_bare(&name.value) else {
        let fault = name.error(format!("`{}` is no reference", name.value));
        return Err(fault.help("write \"env:NAME\", \"file:NAME\" or \"secret:NAME\", and the firms that share it in a list"));
    };
    if reference.is_setting() || of_host.contains(&reference) {
        let fault = name.error(format!("`{}` is the host's own secret, which no firm may use", name.value));
        return Err(fault.help("give what firms share a name of its own"));
    }
    let firm = |text: &String| {
        let fault = || name.error(format!("no firm can be called `{text}`")).help("name firms as their files are called, without .yaml");
        FirmId::new(text).ok_or_else(fault)
    };
    Ok((reference, firms.iter().map(firm).collect::<Result<_, _>>()?))
}
