//! The directory that the command was run in.

use anyhow::Context as _;
use camino::Utf8PathBuf;

/// The path of the current directory.
pub(crate) fn current_directory() -> anyhow::Result<Utf8PathBuf> {
    let directory = std::env::current_dir().context("could not tell the current directory")?;
    Utf8PathBuf::try_from(directory).context("the path of the current directory is not UTF-8")
}
