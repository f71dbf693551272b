//! One run at a time in a repository, all of its work trees included.

use crate::output;
use crate::world::Repository;
use anyhow::{Context, bail};
use camino::Utf8Path;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};

/// What the names of temporary work trees start with; nothing else is ever removed.
pub(crate) const PREFIX: &str = "xtask-release-";

/// Where git says which hook refused, in a work tree's state directory.
pub(super) const TRACE: &str = "commit-trace";

/// Held from before a run observes until it has ended. The file names the process, and the temporary work tree that it
/// uses, so that the next run removes it when this one is killed.
pub(crate) struct Lock {
    file: File,
}

impl Lock {
    /// Locks the repository and removes what a killed run left.
    pub(crate) fn take(repository: &Repository) -> anyhow::Result<Self> {
        let directory = repository.location.common_dir.join("xtask-release");
        fs::create_dir_all(&directory).with_context(|| format!("could not make {directory}"))?;
        let path = directory.join("run.lock");
        let opened = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.with_context(|| format!("could not open {path}"))?;
        let locked = file.try_lock();
        let mut noted = String::new();
        // Whatever cannot be read was written by nobody.
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
        let lock = Self { file };
        if let Some(tree) = noted.next() {
            remove(repository, Utf8Path::new(tree))?;
            output::note(&format!("removed {tree}, which an interrupted run left"));
        }
        let _ = fs::remove_file(repository.state_dir().join(TRACE));
        lock.note("").with_context(|| format!("could not write {path}"))?;
        Ok(lock)
    }

    /// Notes the temporary work tree of this run.
    pub(crate) fn note(&self, tree: &str) -> std::io::Result<()> {
        let mut file = &self.file;
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        file.write_all(format!("{}\n{tree}", std::process::id()).as_bytes())
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = self.file.set_len(0);
        let _ = self.file.unlock();
    }
}

/// Removes a temporary work tree, however far its making or its removal has come.
pub(super) fn remove(repository: &Repository, tree: &Utf8Path) -> anyhow::Result<()> {
    if !tree.file_name().is_some_and(|name| name.starts_with(PREFIX)) {
        return Ok(());
    }
    // Twice, for one that was being made is locked. Git removes only what it knows, and forgets only what is gone.
    let _ = repository.git.output(&["worktree", "remove", "--force", "--force", tree.as_str()], None)?;
    if tree.exists() {
        fs::remove_dir_all(tree).with_context(|| format!("could not remove {tree}"))?;
    }
    repository.git.read(&["worktree", "prune"])?;
    Ok(())
}
