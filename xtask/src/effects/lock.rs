//! One run at a time in a repository, all of its work trees included.

use crate::output;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Location;
use release_core::reading;
use std::cell::Cell;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::DirBuilderExt;

/// The beginning of the names of temporary work trees; nothing else is ever removed.
pub(crate) const PREFIX: &str = "xtask-release-";

/// The file in which git says which hook refused, in a work tree's state directory.
pub(super) const TRACE: &str = "commit-trace";

/// Held from before a run observes until it has ended. The file names the process, and the temporary work tree that it
/// uses, so that the next run removes it when this one is killed.
pub(crate) struct Lock {
    file: File,
    /// Tells whether a work tree is noted, which is to be removed.
    is_noted: Cell<bool>,
}

impl Lock {
    /// Locks the repository and removes what a killed run left.
    pub(crate) fn take(location: &Location) -> anyhow::Result<Self> {
        let directory = location.common_dir.join("xtask-release");
        fs::create_dir_all(&directory).with_context(|| format!("could not make {directory}"))?;
        let path = directory.join("run.lock");
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.with_context(|| format!("could not open {path}"))?;
        let locked = file.try_lock();
        let mut noted = String::new();
        // Whatever cannot be read was not written by this tool.
        let _ = file.read_to_string(&mut noted);
        let mut noted = noted.lines();
        let process = noted.next().unwrap_or_default();
        match locked {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                bail!("another run is working in this repository (process {process}); wait until it has ended")
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(|| format!("could not lock {path}")),
        }
        // It stays noted until it is gone, so that a removal that fails is tried again.
        let lock = Self { file, is_noted: Cell::new(true) };
        let noted = noted.next().map(Utf8Path::new).filter(|tree| is_ours(tree));
        remove(location, noted)?;
        if let Some(tree) = noted {
            output::note(&format!("removed {tree}, which an interrupted run left"));
        }
        let _ = fs::remove_file(location.git_dir.join("xtask-release").join(TRACE));
        lock.note("").with_context(|| format!("could not write {path}"))?;
        Ok(lock)
    }

    /// Notes the temporary work tree of this run, or that there is none.
    pub(crate) fn note(&self, tree: &str) -> std::io::Result<()> {
        let mut file = &self.file;
        self.is_noted.set(true);
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(format!("{}\n{tree}", std::process::id()).as_bytes())?;
        self.is_noted.set(!tree.is_empty());
        Ok(())
    }

    /// Makes a temporary folder that only its owner can read. It is noted before it is made, so that a kill between the two
    /// leaves nothing that the next run does not remove.
    pub(super) fn make_folder(&self) -> anyhow::Result<Utf8PathBuf> {
        let parent = std::env::temp_dir().canonicalize().context("could not find the temporary directory")?;
        let made = tempfile::Builder::new().prefix(PREFIX).make_in(parent, |path| {
            self.note(&path.to_string_lossy())?;
            fs::DirBuilder::new().mode(0o700).create(path)
        });
        let folder = made.context("could not make a temporary directory")?.into_temp_path().keep()?;
        Utf8PathBuf::try_from(folder).context("the path of the temporary directory is not UTF-8")
    }

    /// Removes a temporary folder, and then its note; where it stays, it stays noted, and the next run tries again.
    pub(super) fn discard(&self, location: &Location, folder: &Utf8Path) -> anyhow::Result<()> {
        remove(location, Some(folder))?;
        self.note("").context("could not note that the temporary folder is gone")
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if !self.is_noted.get() {
            let _ = self.file.set_len(0);
        }
        let _ = self.file.unlock();
    }
}

/// Removes a temporary work tree, however far its making or its removal has come, and what git has noted of it or of any
/// other of ours that it cannot read. Without git, which lists no work trees, and no branches either, where it was killed in
/// the middle of noting one.
fn remove(location: &Location, tree: Option<&Utf8Path>) -> anyhow::Result<()> {
    let tree = tree.filter(|tree| is_ours(tree));
    for (folder, noted) in notes(&location.common_dir)? {
        let is_meant = match &noted {
            // Git has noted where it is before anything else, so that it is nowhere.
            None => true,
            Some(noted) => Some(noted.as_str()) == tree.and_then(Utf8Path::file_name),
        };
        if is_meant {
            fs::remove_dir_all(&folder).with_context(|| format!("could not remove {folder}"))?;
        }
    }
    match tree.map(|tree| (tree, fs::remove_dir_all(tree))) {
        Some((tree, Err(error))) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("could not remove {tree}"))
        }
        _ => Ok(()),
    }
}

/// Says that a killed run has left what git cannot list work trees with, to a person whose own git fails by it too.
pub(crate) fn tell_of_what_is_left(common_dir: &Utf8Path) {
    let Ok(notes) = notes(common_dir) else { return };
    let is_empty = |path: Utf8PathBuf| fs::metadata(path).is_ok_and(|file| file.len() == 0);
    let half_made = |(folder, tree): &&Noted| tree.is_none() || is_empty(folder.join("commondir"));
    let Some((folder, _)) = notes.iter().find(half_made) else { return };
    // A run that is at work may be making one at this moment.
    let lock = File::open(common_dir.join("xtask-release/run.lock"));
    if lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))) {
        return;
    }
    output::note(&format!(
        "an interrupted run left {folder} half made, and git may fail by it; the next run that commits removes it, or `rm -r` does"
    ));
}

/// Tells whether a path is one that this tool makes.
fn is_ours(tree: &Utf8Path) -> bool {
    tree.is_absolute() && tree.file_name().is_some_and(|name| name.starts_with(PREFIX))
}

/// A note of git's of a work tree that is called as ours are: the folder of git's, and the name of the work tree's folder;
/// `None` where git was killed before it had noted that.
type Noted = (Utf8PathBuf, Option<String>);

/// A note of git's of work trees that are called as ours are (<https://git-scm.com/docs/gitrepository-layout>).
fn notes(common_dir: &Utf8Path) -> anyhow::Result<Vec<Noted>> {
    let directory = common_dir.join("worktrees");
    let entries = match directory.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("could not read {directory}")),
    };
    let mut notes = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("could not read {directory}"))?;
        if !entry.file_name().starts_with(PREFIX) {
            continue;
        }
        // PATH/.git and a line break; a part of it is as good as nothing.
        let pointer = reading::text(&entry.path().join("gitdir")).unwrap_or_default();
        let tree = pointer.strip_suffix("/.git\n").and_then(|tree| Utf8Path::new(tree).file_name());
        notes.push((entry.path().to_owned(), tree.map(str::to_owned)));
    }
    Ok(notes)
}
