//! The directory that the command was run in.

use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};

/// The directory that the command was run in.
pub(crate) fn current_directory() -> anyhow::Result<Utf8PathBuf> {
    let directory = std::env::current_dir().context("could not tell the current directory")?;
    Utf8PathBuf::try_from(directory).context("the path of the current directory is not UTF-8")
}

/// A path that means the same from any directory.
pub(crate) fn absolute(path: &Utf8Path) -> anyhow::Result<Utf8PathBuf> {
    Ok(current_directory()?.join(path))
}
