//! The size and SHA-256 of a file whose bytes pass by and are not kept.

use sha2::{Digest as _, Sha256};

/// Takes the bytes of one file, in order.
#[derive(Default)]
pub(super) struct FileHasher {
    size: u64,
    hash: Sha256,
}

/// The size and hash of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileDigest {
    pub size: u64,
    /// In lowercase hex.
    pub sha256: String,
}

impl FileHasher {
    pub(super) fn add(&mut self, bytes: &[u8]) {
        self.size += bytes.len() as u64;
        self.hash.update(bytes);
    }

    pub(super) fn done(self) -> FileDigest {
        FileDigest { size: self.size, sha256: self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect() }
    }
}
