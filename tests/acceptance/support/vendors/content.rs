//! What is in a document. A large one is a short block over and over, so that 200 MB take no memory and no second copy.

use axum::body::Bytes;
use sha2::{Digest, Sha256};

use super::faults::mix;

/// A made block's length: a prime, so that it never ends where a buffer does.
const BLOCK: u64 = 65_537;

/// Bytes: a block, repeated and then cut at the length.
#[derive(Debug, Clone)]
pub struct Content {
    block: Bytes,
    length: u64,
}

impl Content {
    /// These bytes.
    pub fn of(bytes: impl Into<Bytes>) -> Content {
        let block = bytes.into();
        Content { length: block.len() as u64, block }
    }

    /// So many bytes that look like noise; another seed makes others.
    pub fn made(seed: u64, length: u64) -> Content {
        let block: Vec<u8> = (0..BLOCK.min(length)).map(|at| mix((seed << 32) + at).to_le_bytes()[0]).collect();
        Content { block: block.into(), length }
    }

    /// How many bytes these are.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// The first half of it.
    pub fn half(self) -> Content {
        Content { length: self.length / 2, ..self }
    }

    /// All of it, part by part.
    pub fn parts(self) -> impl Iterator<Item = Bytes> + Send + 'static {
        let mut left = self.length;
        std::iter::from_fn(move || {
            let next = self.block.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            left -= next as u64;
            (next > 0).then(|| self.block.slice(..next))
        })
    }

    /// Its SHA-256, as contracts write it.
    pub fn sha256(&self) -> String {
        let mut sum = Sum::default();
        self.clone().parts().for_each(|part| sum.add(&part));
        sum.sha256()
    }
}

/// What is kept of bytes that pass by.
#[derive(Default)]
pub struct Sum {
    hash: Sha256,
    pub size: u64,
}

impl Sum {
    /// Counts these in.
    pub fn add(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        self.size += bytes.len() as u64;
    }

    /// The SHA-256 of all of them, in hex.
    pub fn sha256(self) -> String {
        self.hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
