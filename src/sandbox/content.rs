//! What a file holds: bytes that are kept, or bytes that are made whenever they are read.

use axum::body::Bytes;

use super::digest::{FileDigest, FileHasher};
use super::faults::scrambled;

/// So many bytes are made at a time: a whole number of words.
const CHUNK: u64 = 64 * 1024;

/// The bytes of a file.
#[derive(Debug, Clone)]
pub enum Content {
    /// Kept.
    Stored(Bytes),
    /// Made as they are read, so that a large file takes no memory.
    Generated {
        /// Other bytes for another seed. A shorter file of the same seed is the beginning of a longer one.
        seed: u64,
        /// How many there are.
        length: u64,
    },
}

impl Content {
    /// How many bytes there are.
    pub fn length(&self) -> u64 {
        match self {
            Content::Stored(bytes) => bytes.len() as u64,
            Content::Generated { length, .. } => *length,
        }
    }

    /// The bytes, a piece at a time.
    pub fn chunks(&self) -> impl Iterator<Item = Bytes> + Send + use<> {
        let (stored, seed, length) = match self {
            Content::Stored(bytes) => (Some(bytes.clone()), 0, 0),
            Content::Generated { seed, length } => (None, *seed, *length),
        };
        let starts = (0..length.div_ceil(CHUNK)).map(|chunk| chunk * CHUNK);
        stored.into_iter().chain(starts.map(move |start| made(seed, start, CHUNK.min(length - start))))
    }

    pub(super) fn digest(&self) -> FileDigest {
        let mut hasher = FileHasher::default();
        self.chunks().for_each(|chunk| hasher.add(&chunk));
        hasher.done()
    }

    /// The first half of the bytes.
    pub fn half(&self) -> Content {
        match self {
            Content::Stored(bytes) => Content::Stored(bytes.slice(..bytes.len() / 2)),
            Content::Generated { seed, length } => Content::Generated { seed: *seed, length: length / 2 },
        }
    }
}

/// The `length` bytes from `start`, which is where a word starts.
fn made(seed: u64, start: u64, length: u64) -> Bytes {
    let first = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(start / 8);
    let length = usize::try_from(length).unwrap_or_default();
    let mut bytes = Vec::with_capacity(length + 8);
    for word in 0..length.div_ceil(8) as u64 {
        bytes.extend_from_slice(&scrambled(first.wrapping_add(word)).to_le_bytes());
    }
    bytes.truncate(length);
    bytes.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(content: &Content) -> Vec<u8> {
        content.chunks().flatten().collect()
    }

    #[test]
    fn generated_bytes_are_those_of_the_seed() {
        let content = |seed, length| Content::Generated { seed, length };
        let long = bytes(&content(7, 200_003));
        assert_eq!(long.len(), 200_003);
        assert_eq!(long, bytes(&content(7, 200_003)));
        assert_ne!(long, bytes(&content(8, 200_003)));
        assert_eq!(long[..70_001], bytes(&content(7, 70_001)));
        assert!(bytes(&content(7, 0)).is_empty());
    }

    #[test]
    fn both_kinds_are_measured_and_halved_alike() {
        let generated = Content::Generated { seed: 3, length: 65_537 };
        let stored = Content::Stored(bytes(&generated).into());
        assert_eq!(generated.digest(), stored.digest());
        assert_eq!(generated.length(), stored.length());
        assert_eq!(generated.half().digest(), stored.half().digest());
        assert_eq!(stored.half().length(), 32_768);
    }

    #[test]
    fn the_hash_is_a_sha_256() {
        let hash = Content::Stored("abc".into()).digest().sha256;
        assert_eq!(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
