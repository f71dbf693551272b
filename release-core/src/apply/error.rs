//! The reasons for which files were not written, or not taken back.

use std::fmt::Write as _;
use std::io::{self, ErrorKind};

use camino::{Utf8Path, Utf8PathBuf};

/// A file that was edited after an interrupted run, and where its bytes from before that run are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// The file, relative to the root.
    pub path: Utf8PathBuf,
    /// The copy.
    pub backup: Utf8PathBuf,
}

/// The reason for which [`write`](super::write()), [`recover`](super::recover) or [`pending`](super::pending) failed.
///
/// Paths are relative to the root where they are those of a plan's files.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// Another process holds the lock.
    #[error(
        "another run is writing here{}: `{lock}` is locked; wait until that run is done, or end it",
        holder.as_ref().map_or_else(String::new, |pid| format!(" (process {pid})"))
    )]
    Busy {
        /// The lock file.
        lock: Utf8PathBuf,
        /// The process that holds it, if it has said so.
        holder: Option<u32>,
    },
    /// An interrupted run has to be taken back before anything else is written.
    #[error("{label} was interrupted and has to be taken back first (`{journal}`); run the command again")]
    Unfinished {
        /// The interrupted run.
        label: String,
        /// Its journal.
        journal: Utf8PathBuf,
    },
    /// The journal of an interrupted run cannot be used. Nothing was touched.
    #[error(
        "`{journal}` is left from an interrupted run, but {reason}; see what that run did with `git status`, put it \
         right, remove `{journal}`, then run the command again"
    )]
    Journal {
        /// The journal.
        journal: Utf8PathBuf,
        /// The defect.
        reason: String,
    },
    /// A path of the plan's is absolute, or has `..` in it.
    #[error("`{0}` is not a path below the repository's root; this is a mistake in the plan")]
    NotBelowRoot(Utf8PathBuf),
    /// A path leads out of the root through a symbolic link.
    #[error("`{path}` is outside the repository: its directory is `{real}`; nothing out there is ever written")]
    Outside {
        /// The file.
        path: Utf8PathBuf,
        /// The real place of its directory.
        real: String,
    },
    /// Two paths of the plan's lead to one file.
    #[error("`{first}` and `{second}` are the same file, which cannot be given two contents")]
    SameFile {
        /// One path.
        first: Utf8PathBuf,
        /// The other one.
        second: Utf8PathBuf,
    },
    /// The file is not there.
    #[error("`{0}` was there when the plan was made and is gone; run the command again")]
    Missing(Utf8PathBuf),
    /// There is something else in the place of a regular file.
    #[error("`{path}` is {kind}, not a regular file; put the file itself there, then run the command again")]
    NotAFile {
        /// The file.
        path: Utf8PathBuf,
        /// Its kind, in words.
        kind: &'static str,
    },
    /// The file is not what the plan was made from.
    #[error(
        "`{path}` has changed since the plan was made: expected {expected} bytes, found {found}, and line {line} is \
         the first that differs; run the command again"
    )]
    Changed {
        /// The file.
        path: Utf8PathBuf,
        /// The first line that differs, from 1.
        line: usize,
        /// The length that the file had, in bytes.
        expected: usize,
        /// The length that it has.
        found: usize,
    },
    /// The file is marked read-only.
    #[error("`{0}` is read-only; `chmod u+w {0}`, then run the command again")]
    ReadOnlyFile(Utf8PathBuf),
    /// The directory is marked read-only, so that nothing in it can be replaced.
    #[error(
        "`{path}` cannot be replaced: its directory is read-only; `chmod u+w {directory}`, then run the command again"
    )]
    ReadOnlyDirectory {
        /// The file.
        path: Utf8PathBuf,
        /// Its directory.
        directory: Utf8PathBuf,
    },
    /// There is a file where a temporary has to be.
    #[error("`{0}` is left from a run whose journal is gone; remove it, then run the command again")]
    InTheWay(Utf8PathBuf),
    /// The operating system refused something.
    #[error("cannot {action} `{path}`: {error}; {}", way_out(error))]
    Io {
        /// The action that was refused.
        action: &'static str,
        /// The file of the plan's or of the state directory that it was about.
        path: Utf8PathBuf,
        /// The error of the operating system. It is part of the message, and so it is not a source too.
        error: io::Error,
    },
    /// The observer asked to stop.
    #[error("interrupted before all files were written")]
    Interrupted,
    /// Everything was taken back, but for files that somebody edited after the run was interrupted.
    #[error("{label} was interrupted and is taken back, but for files that were edited since{}", list(kept))]
    EditedSince {
        /// The interrupted run.
        label: String,
        /// The files, which are as they were found.
        kept: Vec<Kept>,
    },
    /// A run failed, and so did taking it back. The next [`recover`](super::recover) tries again, unless the failure is
    /// [`ApplyError::EditedSince`], after which there is nothing left to try.
    #[error("{cause}; and what was written could not all be taken back: {failure}")]
    NotTakenBack {
        /// The reason for which the run failed.
        cause: Box<ApplyError>,
        /// The reason for which files are not as they were.
        failure: Box<ApplyError>,
    },
}

impl ApplyError {
    pub(super) fn io(action: &'static str, path: &Utf8Path, error: io::Error) -> Self {
        Self::Io { action, path: path.to_owned(), error }
    }
}

fn way_out(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "make room on that disk, then run the command again",
        ErrorKind::PermissionDenied => "let this user write the file and its directory, then run the command again",
        ErrorKind::ReadOnlyFilesystem => "mount that file system writable, then run the command again",
        ErrorKind::FileTooLarge => "raise the limit on file sizes (`ulimit -f`), then run the command again",
        _ => "put that right, then run the command again",
    }
}

fn list(kept: &[Kept]) -> String {
    let mut text = String::new();
    for Kept { path, backup } in kept {
        let _ = write!(text, "\n  `{path}` is as you left it; from before that run there is `{backup}`");
    }
    text + "\ncompare these, then run the command again"
}
