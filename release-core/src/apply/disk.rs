//! The few operations on files that the protocol is made of.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};

use camino::{Utf8Path, Utf8PathBuf};

use super::error::ApplyError;

/// The temporary of the file at this index of its journal. It can be found again from the journal alone, and is short,
/// so that a file whose name is as long as names may be has one too.
pub(super) fn temporary(target: &Utf8Path, index: usize) -> Utf8PathBuf {
    target.with_file_name(format!(".release-apply-{index}.tmp"))
}

/// Writes a new file, durably, with the permissions and, if this user may, the owner and group of `like`.
pub(super) fn stage(temporary: &Utf8Path, bytes: &[u8], like: &Metadata) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(temporary)?;
    file.write_all(bytes)?;
    let made = file.metadata()?;
    if (made.uid(), made.gid()) != (like.uid(), like.gid()) {
        match fchown(&file, Some(like.uid()), Some(like.gid())) {
            // Only root may give files away; for everyone else the file becomes theirs, as when an editor saves it.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {}
            changed => changed?,
        }
    }
    file.set_permissions(like.permissions())?;
    file.sync_all()
}

/// Writes a file, durably, over whatever there is.
pub(super) fn overwrite(path: &Utf8Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes a file; one that is not there is removed already.
pub(super) fn remove(path: &Utf8Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Makes names that appeared in the directory, or went from it, durable.
pub(super) fn sync_directory(path: &Utf8Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some network file systems cannot sync a directory, and have nothing to sync.
        Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => Ok(()),
        synced => synced,
    }
}

/// The same, with an error that says where.
pub(super) fn synced(directory: &Utf8Path) -> Result<(), ApplyError> {
    sync_directory(directory).map_err(|error| ApplyError::io("sync the directory", directory, error))
}
