//! Where the key that seals comes from. It is read when it is needed, so that one in a file can be put there while the host runs.

use super::SealKey;
use crate::rules::{MissingSecret, Secrets as _};
use crate::ruleset::MachineSecrets;
use crate::settings::SealKeyReference;

/// Where the key is.
#[derive(Debug, Clone)]
pub struct KeySource {
    /// `seal_key` of the settings.
    pub reference: Option<SealKeyReference>,
    /// What the reference is looked up in.
    pub machine: MachineSecrets,
}

impl KeySource {
    /// The key. Blocks for the time of reading a small file.
    pub fn key(&self) -> Result<SealKey, MissingSecret> {
        const MAKE: &str = "`casebridge secret new-key` prints one";
        let found = match &self.reference {
            Some(SealKeyReference::Env(name)) => self.machine.env(name),
            Some(SealKeyReference::File(name)) => self.machine.file(name),
            None => {
                let problem = "no `seal_key` is set, by which secrets are sealed in the store".to_owned();
                let help = format!("set it in casebridge.yaml to ${{file:NAME}} or ${{env:NAME}}, where a key is; {MAKE}");
                return Err(MissingSecret { problem, help });
            }
        };
        let text = found.map_err(|missing| MissingSecret { problem: format!("`seal_key`: {}", missing.problem), help: missing.help })?;
        SealKey::parse(secrecy::ExposeSecret::expose_secret(&text)).ok_or_else(|| MissingSecret {
            problem: "what `seal_key` stands for is no key".to_owned(),
            help: format!("a key is 32 bytes, as 64 hexadecimal digits or in base64; {MAKE}"),
        })
    }
}
