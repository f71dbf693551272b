//! The rows that are printed, and the figures and temporary folders that all measurements share.

use anyhow::Context;
use camino::Utf8PathBuf;
use std::time::Duration;
use tempfile::TempDir;

/// Prints a row.
pub(super) fn row(line: &str) {
    crate::output::data(&format!("{line}\n"));
}

/// Returns the middle of several times.
pub(super) fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// A time in milliseconds.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Makes a temporary folder, which goes with the first of the two.
pub(super) fn temporary() -> anyhow::Result<(TempDir, Utf8PathBuf)> {
    let folder = tempfile::tempdir().context("could not make a temporary directory")?;
    let path = Utf8PathBuf::try_from(folder.path().to_owned()).context("the temporary directory is not UTF-8")?;
    Ok((folder, path))
}
