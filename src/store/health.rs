//! Whether the store is there and answers.

use std::fs::Metadata;
use std::path::Path;
use std::sync::Arc;

use super::database::query;
use super::{Store, StoreError};

/// The file that the store was opened from. A process that has a file open goes on writing to it after somebody removed it, and all of that
/// is lost at its end: SQLite does not say so, and the file's own identity does.
#[derive(Debug, Clone)]
pub(super) struct StoreFile {
    path: Arc<Path>,
    identity: Option<Identity>,
}

impl StoreFile {
    pub(super) fn of(path: &Path) -> StoreFile {
        StoreFile { path: path.into(), identity: std::fs::metadata(path).ok().map(|metadata| identity(&metadata)) }
    }

    pub(super) fn is_there(&self) -> Result<(), StoreError> {
        let now = std::fs::metadata(&self.path).ok().map(|metadata| identity(&metadata));
        if now.is_some() && now == self.identity { Ok(()) } else { Err(StoreError::Gone { path: self.path.to_path_buf() }) }
    }
}

/// Device and number of a file.
#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(unix)]
fn identity(metadata: &Metadata) -> Identity {
    use std::os::unix::fs::MetadataExt as _;
    (metadata.dev(), metadata.ino())
}

/// Elsewhere, that it is there is all there is to know.
#[cfg(not(unix))]
type Identity = ();

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Identity {}

impl Store {
    /// Asks the store whether it is there and can be read.
    pub async fn is_well(&self) -> Result<(), StoreError> {
        if let Some(file) = &self.file {
            file.is_there()?;
        }
        // Something that is in the file: a plain `select 1` is answered without looking at it.
        query("select id from runs limit 1").fetch_optional(&self.pool).await?;
        Ok(())
    }
}
