//! The change of one file, and the steps of a run.

use camino::{Utf8Path, Utf8PathBuf};

/// The new bytes of one file that exists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileChange {
    /// The place of the file, relative to the root.
    pub path: Utf8PathBuf,
    /// The bytes that the plan was made from; the file must still hold them.
    pub old: Vec<u8>,
    /// The bytes that the file holds afterwards.
    pub new: Vec<u8>,
}

/// The progress of [`write()`](super::write()) or [`recover`](super::recover). Paths are relative to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// This run is the only one.
    Locked,
    /// All files are what the plan was made from, and can be replaced.
    Checked,
    /// The old bytes are safe, and a later run can take back what follows.
    Journaled,
    /// The new bytes are on the disk, beside the file.
    Staged(&'a Utf8Path),
    /// The file has its new bytes.
    Renamed(&'a Utf8Path),
    /// All files have their new bytes, and nothing will take them back.
    Committed,
    /// After a failure: the file has its old bytes again.
    TakenBack(&'a Utf8Path),
}
