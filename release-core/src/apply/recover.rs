//! Takes back what an interrupted run left.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use super::change::Step;
use super::check::Root;
use super::disk;
use super::error::{ApplyError, Kept};
use super::journal::{self, Entry, Fingerprint, Journal, Store};

/// The result of [`recover`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recovery {
    /// No run was interrupted.
    Nothing,
    /// Every file is as it was before the interrupted run.
    TakenBack {
        /// The interrupted run.
        label: String,
        /// The files that had been written, and have their old bytes again.
        files: Vec<Utf8PathBuf>,
    },
    /// The interrupted run had written all of its files already; they stay so.
    Finished {
        /// The interrupted run.
        label: String,
        /// Its files.
        files: Vec<Utf8PathBuf>,
    },
}

/// The state that [`recover`] would find.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The interrupted run.
    pub label: String,
    /// `true` if it had written all of its files, so that they would stay.
    pub complete: bool,
    /// The files that it had written.
    pub written: Vec<Utf8PathBuf>,
    /// The files that were edited since, and would stay as they are.
    pub edited: Vec<Utf8PathBuf>,
}

/// The present content of a file of a journal.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Held {
    Old,
    New,
    /// Neither, or it is no file of this repository any more.
    Other,
}

/// Takes back an interrupted run, or finishes it if all of its files are new. Has to be called before a plan is made;
/// without an interrupted run it changes nothing. `observe` is told each file that is taken back.
///
/// # Errors
/// [`ApplyError::EditedSince`] when everything is done that can be, but files that somebody edited since are left; it
/// is said once. After every other error the interrupted run is still there, for the next call to take back.
pub fn recover(
    root: &Utf8Path,
    state_dir: &Utf8Path,
    observe: &mut dyn FnMut(Step<'_>),
) -> Result<Recovery, ApplyError> {
    if !state_dir.exists() {
        return Ok(Recovery::Nothing);
    }
    let store = Store::open(state_dir)?;
    let Some(journal) = store.journal()? else {
        // A run that was killed before its journal, or just after, leaves these.
        store.clear();
        return Ok(Recovery::Nothing);
    };
    observe(Step::Locked);

    let root = Root::new(root)?;
    let label = journal.label.clone();
    if inspect(&root, &journal.files)?.iter().all(|held| *held == Held::New) {
        remove_temporaries(&root, &journal)?;
        sync_directories(&root, &journal)?;
        store.remove_journal()?;
        store.clear();
        let files = journal.files.into_iter().map(|entry| entry.path).collect();
        return Ok(Recovery::Finished { label, files });
    }
    let files = take_back(&root, &store, &journal, journal.files.len(), observe)?;
    Ok(Recovery::TakenBack { label, files })
}

/// Says whether a run was interrupted, and writes nothing.
///
/// # Errors
/// When a run is going on right now, or its journal or a file cannot be read.
pub fn pending(root: &Utf8Path, state_dir: &Utf8Path) -> Result<Option<Pending>, ApplyError> {
    let Some(journal) = journal::peek(state_dir)? else { return Ok(None) };
    let states = inspect(&Root::new(root)?, &journal.files)?;
    let those = |wanted: Held| -> Vec<Utf8PathBuf> {
        let files = journal.files.iter().zip(&states);
        files.filter(|(_, held)| **held == wanted).map(|(entry, _)| entry.path.clone()).collect()
    };
    let (written, edited) = (those(Held::New), those(Held::Other));
    let complete = written.len() == journal.files.len();
    Ok(Some(Pending { label: journal.label, complete, written, edited }))
}

/// Gives the first `renamed` files of the journal their old bytes, removes all temporaries and ends the run. The files
/// that had to be given them are returned.
pub(super) fn take_back(
    root: &Root,
    store: &Store,
    journal: &Journal,
    renamed: usize,
    observe: &mut dyn FnMut(Step<'_>),
) -> Result<Vec<Utf8PathBuf>, ApplyError> {
    let entries = &journal.files[..renamed];
    let backup = if renamed == 0 { Vec::new() } else { store.backup(journal)? };
    // First of all, for on a full disk they are the room that the old bytes need.
    remove_temporaries(root, journal)?;

    let (mut files, mut kept) = (Vec::new(), Vec::new());
    for (index, (entry, old)) in entries.iter().zip(&backup).enumerate() {
        match held(root, entry)? {
            Held::Old => {}
            Held::New => {
                restore(root, &entry.path, index, old)?;
                observe(Step::TakenBack(&entry.path));
                files.push(entry.path.clone());
            }
            Held::Other => {
                kept.push(Kept { path: entry.path.clone(), backup: store.keep(&entry.path, old)? });
            }
        }
    }
    sync_directories(root, journal)?;
    store.remove_journal()?;
    store.clear();
    if kept.is_empty() { Ok(files) } else { Err(ApplyError::EditedSince { label: journal.label.clone(), kept }) }
}

fn restore(root: &Root, path: &Utf8Path, index: usize, old: &[u8]) -> Result<(), ApplyError> {
    let target = root.target(path)?;
    let temporary = disk::temporary(&target.full, index);
    disk::stage(&temporary, old, &target.metadata)
        .and_then(|()| fs::rename(&temporary, &target.full))
        .map_err(|error| ApplyError::io("take back", path, error))
}

fn inspect(root: &Root, entries: &[Entry]) -> Result<Vec<Held>, ApplyError> {
    entries.iter().map(|entry| held(root, entry)).collect()
}

fn held(root: &Root, entry: &Entry) -> Result<Held, ApplyError> {
    match root.target(&entry.path) {
        Ok(target) => Ok(match Fingerprint::of(&target.bytes) {
            found if found == entry.old => Held::Old,
            found if found == entry.new => Held::New,
            _ => Held::Other,
        }),
        Err(error) if is_elsewhere(&error) => Ok(Held::Other),
        Err(error) => Err(error),
    }
}

fn remove_temporaries(root: &Root, journal: &Journal) -> Result<(), ApplyError> {
    for (index, entry) in journal.files.iter().enumerate() {
        match root.locate(&entry.path) {
            Ok(full) => disk::remove(&disk::temporary(&full, index))
                .map_err(|error| ApplyError::io("remove the temporary beside", &entry.path, error))?,
            Err(error) if is_elsewhere(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn sync_directories(root: &Root, journal: &Journal) -> Result<(), ApplyError> {
    let located = journal.files.iter().filter_map(|entry| root.locate(&entry.path).ok());
    let directories: BTreeSet<Utf8PathBuf> = located.filter_map(|full| full.parent().map(Utf8Path::to_owned)).collect();
    directories.iter().try_for_each(|directory| disk::synced(directory))
}

/// Returns `true` if the file of a journal was removed, or replaced by something else, since.
fn is_elsewhere(error: &ApplyError) -> bool {
    matches!(error, ApplyError::Missing(_) | ApplyError::Outside { .. } | ApplyError::NotAFile { .. })
}
