//! Folders of packages.

use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// Returns the folder of a file.
pub(super) fn folder(path: &Utf8Path) -> &Utf8Path {
    path.parent().unwrap_or(Utf8Path::new(""))
}

/// Returns the folder of the package that a file belongs to, among the folders that have one below the root.
pub(super) fn owner<'a>(path: &'a Utf8Path, folders: &BTreeSet<Utf8PathBuf>) -> &'a Utf8Path {
    path.ancestors().skip(1).find(|folder| folders.contains(*folder)).unwrap_or(Utf8Path::new(""))
}
