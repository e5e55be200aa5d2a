//! Whether a reference leads to one of the host's own secrets, under whatever name.

use std::path::{Component, Path, PathBuf};

use crate::domain::{Reference, ReferenceKind, ReferencePolicy};

/// Whether a setting refers to the same secret, be it by another spelling or by a link to its file.
pub(super) fn is_of_host(reference: &Reference, policy: &ReferencePolicy) -> bool {
    if policy.of_host.contains(reference) {
        return true;
    }
    let Some(folder) = policy.folder.as_ref().filter(|_| reference.kind == ReferenceKind::File) else { return false };
    let asked = real(&folder.join(&reference.name));
    let referred = policy.of_host.iter().filter(|own| own.kind == ReferenceKind::File).map(|own| folder.join(&own.name));
    referred.chain(policy.files.iter().cloned()).any(|own| real(&own) == asked)
}

/// The path without links; without `.` where nothing is there.
fn real(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    std::fs::canonicalize(path).unwrap_or_else(|_| absolute.components().filter(|part| *part != Component::CurDir).collect())
}
