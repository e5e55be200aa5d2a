//! How large a file is and what its SHA-256 is, of bytes that pass by and are not kept.

use sha2::{Digest as _, Sha256};

/// Takes the bytes of one file, in order.
#[derive(Default)]
pub(super) struct Measure {
    size: u64,
    hash: Sha256,
}

/// What became of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Measured {
    pub size: u64,
    /// In lowercase hex.
    pub sha256: String,
}

impl Measure {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
    }

    pub(super) fn done(self) -> Measured {
        Measured { size: self.size, sha256: self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect() }
    }
}
