//! The state directory: the lock, the journal and the backup of one run.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Write};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::change::FileChange;
use super::error::ApplyError;
use super::{check, disk};
use crate::reading::{self, MOST_BYTES};

/// The form of the journal and the backup that this version writes, and the only one that it reads.
const FORMAT: u32 = 1;

/// The names of the files in the state directory. The draft becomes the journal.
const LOCK: &str = "lock";
const BACKUP: &str = "backup";
const JOURNAL: &str = "journal.json";
const DRAFT: &str = "journal.json.new";

/// The intention of a run, for the run that may have to take it back.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Journal {
    format: u32,
    pub(super) label: String,
    pub(super) files: Vec<Entry>,
}

/// One file of a journal; its index is in the name of its temporary.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) path: Utf8PathBuf,
    pub(super) old: Fingerprint,
    pub(super) new: Fingerprint,
}

/// Tells the bytes of a file from others that stood there. Nobody forges them, so a short hash is enough; it is written
/// here because it is stored, and the standard library's may change with the compiler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    length: usize,
    fnv1a: u64,
}

#[derive(Deserialize)]
struct Header {
    format: u32,
}

impl Fingerprint {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let fnv1a = bytes
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
        Self { length: bytes.len(), fnv1a }
    }
}

impl Journal {
    pub(super) fn new(label: &str, changes: &[&FileChange]) -> Self {
        let entry = |change: &&FileChange| Entry {
            path: change.path.clone(),
            old: Fingerprint::of(&change.old),
            new: Fingerprint::of(&change.new),
        };
        Self { format: FORMAT, label: label.to_owned(), files: changes.iter().map(entry).collect() }
    }
}

/// The state directory, which this process alone uses while it has this.
pub(super) struct Store {
    dir: Utf8PathBuf,
    lock: File,
}

impl Drop for Store {
    fn drop(&mut self) {
        // Closing the file is not enough: a process that another thread starts has a copy of it for a moment.
        let _ = self.lock.unlock();
    }
}

impl Store {
    /// Locks the state directory, and makes it if it is missing.
    pub(super) fn open(dir: &Utf8Path) -> Result<Self, ApplyError> {
        fs::create_dir_all(dir).map_err(|error| ApplyError::io("create", dir, error))?;
        dir.parent().map_or(Ok(()), disk::synced)?;
        let path = dir.join(LOCK);
        let failed = |error| ApplyError::io("lock", &path, error);
        // Never removed: a process that has it open would hold a lock that nobody else sees.
        let mut lock =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        locked(&path, lock.try_lock())?;
        // Only a message of another run's needs it, and a run that is taken back may find the disk full.
        let _ = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()));
        Ok(Self { dir: dir.to_owned(), lock })
    }

    pub(super) fn journal_file(&self) -> Utf8PathBuf {
        self.dir.join(JOURNAL)
    }

    /// The journal of an interrupted run.
    pub(super) fn journal(&self) -> Result<Option<Journal>, ApplyError> {
        read_journal(&self.dir)
    }

    /// Writes the backup and then the journal, both durably.
    pub(super) fn begin(&self, journal: &Journal, changes: &[&FileChange]) -> Result<(), ApplyError> {
        let backup = self.dir.join(BACKUP);
        let old: Vec<u8> = changes.iter().flat_map(|change| change.old.iter().copied()).collect();
        disk::overwrite(&backup, &old).map_err(|error| ApplyError::io("write", &backup, error))?;

        let (file, draft) = (self.journal_file(), self.dir.join(DRAFT));
        let failed = |error| ApplyError::io("write", &file, error);
        let text = serde_json::to_vec(journal).map_err(|error| failed(error.into()))?;
        disk::overwrite(&draft, &text).map_err(failed)?;
        fs::rename(&draft, &file).map_err(failed)?;
        disk::sync_directory(&self.dir).map_err(failed)
    }

    /// The old bytes of each file of the journal.
    pub(super) fn backup(&self, journal: &Journal) -> Result<Vec<Vec<u8>>, ApplyError> {
        let path = self.dir.join(BACKUP);
        let damaged = || ApplyError::Journal {
            journal: self.journal_file(),
            reason: format!("the old bytes in `{path}` are damaged"),
        };
        let most = journal.files.iter().fold(MOST_BYTES, |most, entry| most.saturating_add(entry.old.length as u64));
        let bytes = match reading::up_to(&path, most) {
            Err(error) if error.is_absent() => return Err(damaged()),
            read => read.map_err(|error| ApplyError::io("read", &path, error.into_io()))?,
        };
        let mut rest = bytes.as_slice();
        let mut files = Vec::with_capacity(journal.files.len());
        for entry in &journal.files {
            let (old, after) = rest.split_at_checked(entry.old.length).ok_or_else(damaged)?;
            if Fingerprint::of(old) != entry.old {
                return Err(damaged());
            }
            files.push(old.to_owned());
            rest = after;
        }
        Ok(files)
    }

    /// Copies the old bytes of a file to where no later run removes them; a later copy of the same file replaces them.
    pub(super) fn keep(&self, path: &Utf8Path, old: &[u8]) -> Result<Utf8PathBuf, ApplyError> {
        let kept = self.dir.join("kept").join(path);
        let directory = kept.parent().unwrap_or(&self.dir);
        fs::create_dir_all(directory)
            .and_then(|()| disk::overwrite(&kept, old))
            .and_then(|()| disk::sync_directory(directory))
            .map_err(|error| ApplyError::io("write", &kept, error))?;
        Ok(kept)
    }

    /// Removes the journal: whatever the files are now, they stay.
    pub(super) fn remove_journal(&self) -> Result<(), ApplyError> {
        let file = self.journal_file();
        disk::remove(&file).map_err(|error| ApplyError::io("remove", &file, error))
    }

    /// Removes what only a journal gives a meaning. It is overwritten by the next run anyway, so it may fail.
    pub(super) fn clear(&self) {
        // The journal is gone for good before what it needs is.
        if disk::sync_directory(&self.dir).is_ok() {
            let _ = disk::remove(&self.dir.join(DRAFT));
            let _ = disk::remove(&self.dir.join(BACKUP));
        }
    }
}

/// The journal of a state directory that somebody else may be using: for looking only.
pub(super) fn peek(dir: &Utf8Path) -> Result<Option<Journal>, ApplyError> {
    let path = dir.join(LOCK);
    let lock = match File::open(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(|error| ApplyError::io("read", &path, error))?,
    };
    locked(&path, lock.try_lock_shared())?;
    let journal = read_journal(dir);
    let _ = lock.unlock();
    journal
}

fn read_journal(dir: &Utf8Path) -> Result<Option<Journal>, ApplyError> {
    let path = dir.join(JOURNAL);
    let bytes = match reading::named(&path) {
        Err(error) if error.is_absent() => return Ok(None),
        read => read.map_err(|error| ApplyError::io("read", &path, error.into_io()))?,
    };
    let unusable = |reason| ApplyError::Journal { journal: path.clone(), reason };
    let not_ours = |error: serde_json::Error| unusable(format!("it is not a journal ({error})"));
    // The format first: the rest of another one may look like anything.
    let Header { format } = serde_json::from_slice(&bytes).map_err(not_ours)?;
    if format != FORMAT {
        let reason = format!("another version of this tool wrote it (format {format}, this one reads {FORMAT})");
        return Err(unusable(reason));
    }
    let journal: Journal = serde_json::from_slice(&bytes).map_err(not_ours)?;
    match journal.files.iter().find(|entry| !check::is_below(&entry.path)) {
        Some(entry) => Err(unusable(format!("it names `{}`, which is not a path below the root", entry.path))),
        None => Ok(Some(journal)),
    }
}

/// Says who holds a lock that could not be taken.
fn locked(path: &Utf8Path, tried: Result<(), TryLockError>) -> Result<(), ApplyError> {
    match tried {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let holder = reading::text(path).ok().and_then(|pid| pid.trim().parse().ok());
            Err(ApplyError::Busy { lock: path.to_owned(), holder })
        }
        Err(TryLockError::Error(error)) => Err(ApplyError::io("lock", path, error)),
    }
}
