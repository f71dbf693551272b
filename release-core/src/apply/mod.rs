//! Writes the files of a plan: all of them or none. No other module of the workspace writes a user's files.
//!
//! # Protocol
//!
//! `state_dir`, inside the git directory, holds what a later run needs to undo this one:
//!
//! | file | what it is |
//! |---|---|
//! | `lock` | locked, with the holder's process id in it, while a run writes; the kernel unlocks it when the run dies |
//! | `backup` | the old bytes of all files, one after the other |
//! | `journal.json` | the label, and for each file its path and the length and hash of its old and new bytes |
//! | `kept/` | old bytes of files that were edited before an interrupted run could be taken back |
//!
//! 1. Take the lock. Refuse if there is a journal: [`recover`] has to be called first.
//! 2. Check every file: it is what the plan saw, and may be replaced.
//! 3. Write `backup`, then `journal.json`, and make both durable. The journal appears by a rename, so it is complete
//!    or absent. From here on, what is found beside the files is known to be this run's.
//! 4. Write the new bytes of each file to a temporary beside it, and make them durable. After this step nothing needs
//!    room on the disk: a full one is noticed while every file is still old.
//! 5. Check each file once more and rename its temporary onto it. Make the directories durable.
//! 6. Remove the journal: now the run has happened. Remove `backup`.
//!
//! A failure in the steps 3 to 6 takes everything back, from `backup` and by the same two moves of temporary and
//! rename. A run that was killed leaves its journal, and [`recover`] compares each file with it. If all are new, it
//! removes the journal. Else every new file becomes old again, and temporaries go. A file that is neither old nor new
//! was edited since; it stays as it is, and its old bytes move to `kept/`. All of it can be killed and started again,
//! because no step destroys what the decision is made from before the journal is gone.
//!
//! Files keep their permissions and, where the user may set them, owner and group. Access control lists, extended
//! attributes and other hard links to the same file are not carried over.

mod change;
mod check;
mod disk;
mod error;
mod journal;
mod recover;

use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;

use camino::Utf8Path;

pub use change::{FileChange, Step};
pub use error::{ApplyError, Kept};
pub use recover::{Pending, Recovery, pending, recover};

use check::Root;
use journal::{Journal, Store};

/// The task of one [`write()`].
#[derive(Clone, Copy, Debug)]
pub struct WriteSet<'a> {
    /// The directory that paths are relative to; no file outside of it is written.
    pub root: &'a Utf8Path,
    /// A directory within the git directory of this working tree, for the journal. It is made where it is missing.
    pub state_dir: &'a Utf8Path,
    /// The name of the task, for a message after an interruption: `release 0.4.5`.
    pub label: &'a str,
    /// The files. One whose new bytes are its old ones is not looked at.
    pub changes: &'a [FileChange],
}

/// Writes all files of the set, or none.
///
/// `observe` is told each step when it is done. Its `Break` interrupts the run, which then takes back what it did;
/// after [`Step::Committed`], or while taking back, it changes nothing.
///
/// # Errors
/// Every error but [`ApplyError::NotTakenBack`] means that no file has changed.
pub fn write(set: &WriteSet<'_>, observe: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>) -> Result<(), ApplyError> {
    let changes: Vec<&FileChange> = set.changes.iter().filter(|change| change.old != change.new).collect();
    if changes.is_empty() {
        return Ok(());
    }
    let store = Store::open(set.state_dir)?;
    if let Some(journal) = store.journal()? {
        return Err(ApplyError::Unfinished { label: journal.label, journal: store.journal_file() });
    }
    go_on(observe(Step::Locked))?;

    let root = Root::new(set.root)?;
    check::all(&root, &changes)?;
    go_on(observe(Step::Checked))?;

    let journal = Journal::new(set.label, &changes);
    let mut renamed = 0;
    match replace(&root, &store, &journal, &changes, &mut renamed, observe) {
        Ok(()) => {
            // The run has happened: what remains to be done cannot fail it any more, nor can it be interrupted.
            store.clear();
            let _ = observe(Step::Committed);
            Ok(())
        }
        Err(cause) => {
            let mut told = |step: Step<'_>| {
                let _ = observe(step);
            };
            match recover::take_back(&root, &store, &journal, renamed, &mut told) {
                Ok(_) => Err(cause),
                Err(failure) => Err(ApplyError::NotTakenBack { cause: Box::new(cause), failure: Box::new(failure) }),
            }
        }
    }
}

/// Steps 3 to 6 of the protocol. `renamed` counts the files that may be new, and so have to be taken back after a
/// failure.
fn replace(
    root: &Root,
    store: &Store,
    journal: &Journal,
    changes: &[&FileChange],
    renamed: &mut usize,
    observe: &mut dyn FnMut(Step<'_>) -> ControlFlow<()>,
) -> Result<(), ApplyError> {
    store.begin(journal, changes)?;
    go_on(observe(Step::Journaled))?;

    for (index, change) in changes.iter().enumerate() {
        let target = check::unchanged(root, change)?;
        disk::stage(&disk::temporary(&target.full, index), &change.new, &target.metadata)
            .map_err(|error| ApplyError::io("write a new version beside", &change.path, error))?;
        go_on(observe(Step::Staged(&change.path)))?;
    }

    let mut directories = BTreeSet::new();
    for (index, change) in changes.iter().enumerate() {
        let target = check::unchanged(root, change)?;
        *renamed = index + 1;
        fs::rename(disk::temporary(&target.full, index), &target.full)
            .map_err(|error| ApplyError::io("replace", &change.path, error))?;
        directories.extend(target.full.parent().map(Utf8Path::to_owned));
        go_on(observe(Step::Renamed(&change.path)))?;
    }
    directories.iter().try_for_each(|directory| disk::synced(directory))?;
    store.remove_journal()
}

fn go_on(answer: ControlFlow<()>) -> Result<(), ApplyError> {
    if answer.is_break() { Err(ApplyError::Interrupted) } else { Ok(()) }
}
