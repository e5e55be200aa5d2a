//! Folders and files that hold clients' names, and so are their owner's alone.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a folder with mode 0700; one that exists keeps the mode that someone gave it.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Writes a new file with mode 0600 and has it on the disk, under an unfinished name first, so that nobody ever reads half of one.
pub fn private_file(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&unfinished)?;
    let written = file.write_all(content).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        // What there is of it is of no use; the error that counts is the first.
        let _ = fs::remove_file(&unfinished);
    }
    written
}
