//! Checks that a file is still the one that was planned with, and may be replaced.

use std::collections::HashMap;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::PathBuf;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::change::FileChange;
use super::disk;
use super::error::ApplyError;
use crate::reading;

/// The permission to write that a file's owner has. It is asked of the mode, not of the kernel: a file that is marked
/// read-only is so on purpose, for root too.
const OWNER_MAY_WRITE: u32 = 0o200;

/// The directory that holds all files, as given and as it is once links are followed.
pub(super) struct Root {
    given: Utf8PathBuf,
    real: PathBuf,
}

/// A regular file below the root.
pub(super) struct Target {
    /// Its path as it is opened.
    pub(super) full: Utf8PathBuf,
    pub(super) metadata: Metadata,
    pub(super) bytes: Vec<u8>,
}

impl Root {
    pub(super) fn new(given: &Utf8Path) -> Result<Self, ApplyError> {
        let real = fs::canonicalize(given).map_err(|error| ApplyError::io("find", given, error))?;
        Ok(Self { given: given.to_owned(), real })
    }

    /// Returns the place that a path leads to, if its directory exists and is below the root.
    pub(super) fn locate(&self, path: &Utf8Path) -> Result<Utf8PathBuf, ApplyError> {
        if !is_below(path) {
            return Err(ApplyError::NotBelowRoot(path.to_owned()));
        }
        let full = self.given.join(path);
        let directory = full.parent().unwrap_or(&self.given);
        let real = fs::canonicalize(directory).map_err(|error| not_found_or(error, "read the directory of", path))?;
        if real.starts_with(&self.real) {
            Ok(full)
        } else {
            Err(ApplyError::Outside { path: path.to_owned(), real: real.display().to_string() })
        }
    }

    /// The regular file at a path.
    pub(super) fn target(&self, path: &Utf8Path) -> Result<Target, ApplyError> {
        let full = self.locate(path)?;
        let metadata = fs::symlink_metadata(&full).map_err(|error| not_found_or(error, "read", path))?;
        if !metadata.is_file() {
            let kind = match metadata.file_type() {
                kind if kind.is_symlink() => "a symbolic link",
                kind if kind.is_dir() => "a directory",
                _ => "a device or a pipe",
            };
            return Err(ApplyError::NotAFile { path: path.to_owned(), kind });
        }
        let bytes = reading::named(&full).map_err(|error| not_found_or(error.into_io(), "read", path))?;
        Ok(Target { full, metadata, bytes })
    }
}

/// Returns `true` if a path names something below whatever it is joined to.
pub(super) fn is_below(path: &Utf8Path) -> bool {
    path.file_name().is_some() && path.components().all(|part| matches!(part, Utf8Component::Normal(_)))
}

/// Checks all files, before anything is written.
pub(super) fn all(root: &Root, changes: &[&FileChange]) -> Result<(), ApplyError> {
    let mut seen = HashMap::new();
    for (index, change) in changes.iter().enumerate() {
        let target = unchanged(root, change)?;
        // One file has two paths by a link between directories, or a hard link; it cannot have two contents.
        let identity = (target.metadata.dev(), target.metadata.ino());
        if let Some(first) = seen.insert(identity, &change.path) {
            return Err(ApplyError::SameFile { first: first.clone(), second: change.path.clone() });
        }
        let temporary = disk::temporary(&target.full, index);
        if fs::symlink_metadata(&temporary).is_ok() {
            return Err(ApplyError::InTheWay(temporary));
        }
        let directory = target.full.parent().unwrap_or(&target.full);
        let metadata = fs::metadata(directory).map_err(|error| ApplyError::io("read", directory, error))?;
        if metadata.permissions().mode() & OWNER_MAY_WRITE == 0 {
            return Err(ApplyError::ReadOnlyDirectory { path: change.path.clone(), directory: directory.to_owned() });
        }
    }
    Ok(())
}

/// Checks one file: it holds the plan's old bytes, and its mode lets it be written.
pub(super) fn unchanged(root: &Root, change: &FileChange) -> Result<Target, ApplyError> {
    let target = root.target(&change.path)?;
    if target.bytes != change.old {
        let same = target.bytes.iter().zip(&change.old).take_while(|(found, expected)| found == expected).count();
        return Err(ApplyError::Changed {
            path: change.path.clone(),
            line: change.old[..same].iter().filter(|byte| **byte == b'\n').count() + 1,
            expected: change.old.len(),
            found: target.bytes.len(),
        });
    }
    if target.metadata.permissions().mode() & OWNER_MAY_WRITE == 0 {
        return Err(ApplyError::ReadOnlyFile(change.path.clone()));
    }
    Ok(target)
}

fn not_found_or(error: std::io::Error, action: &'static str, path: &Utf8Path) -> ApplyError {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => ApplyError::Missing(path.to_owned()),
        _ => ApplyError::io(action, path, error),
    }
}
