//! A small repository on disk, with a plan for it.

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;

use camino::{Utf8Path, Utf8PathBuf};
use release_core::apply::{self, ApplyError, FileChange, Pending, Recovery, Step, WriteSet};
use walkdir::WalkDir;

/// The label of every write here.
pub(crate) const LABEL: &str = "release 0.4.5";

/// A repository in `root`. The plan lies beside it, as directories of old and new files, where a child finds it too.
pub(crate) struct Tree {
    pub(crate) dir: Utf8PathBuf,
    pub(crate) root: Utf8PathBuf,
    pub(crate) state: Utf8PathBuf,
    /// Removes the directory at the end, if this value created it.
    _temporary: Option<tempfile::TempDir>,
}

/// Bytes by path.
pub(crate) type Files = BTreeMap<Utf8PathBuf, Vec<u8>>;

impl Tree {
    /// A repository with these files: path, old and new bytes.
    pub(crate) fn new<Bytes: AsRef<[u8]>>(files: &[(&str, Bytes, Bytes)]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let dir = Utf8PathBuf::from_path_buf(temporary.path().to_owned()).unwrap();
        let tree = Self { _temporary: Some(temporary), ..Self::at(&dir) };
        for (path, old, new) in files {
            put(&tree.root.join(path), old.as_ref());
            put(&tree.dir.join("old").join(path), old.as_ref());
            put(&tree.dir.join("new").join(path), new.as_ref());
        }
        fs::create_dir_all(tree.root.join(".git")).unwrap();
        tree
    }

    /// The three files that most tests need, in three directories.
    pub(crate) fn sample() -> Self {
        Self::new(&[
            ("pyproject.toml", "version = \"0.4.4\"\nname = \"a\"\n", "version = \"0.4.5\"\nname = \"a\"\n"),
            ("src/api/pyproject.toml", "fallback = 4\n", "fallback = 5, and longer\n"),
            ("src/ui/package.json", "{\"client\": \"^0.4.4\"}\n", "{}\n"),
        ])
    }

    /// Opens the repository that another process made.
    pub(crate) fn at(dir: &Utf8Path) -> Self {
        let root = dir.join("root");
        let state = root.join(".git/xtask-release");
        Self { dir: dir.to_owned(), root, state, _temporary: None }
    }

    pub(crate) fn changes(&self) -> Vec<FileChange> {
        let mut new = self.new_files();
        let change = |(path, old): (Utf8PathBuf, Vec<u8>)| FileChange { new: new.remove(&path).unwrap(), path, old };
        self.old_files().into_iter().map(change).collect()
    }

    pub(crate) fn write(&self, observe: impl FnMut(Step<'_>) -> ControlFlow<()>) -> Result<(), ApplyError> {
        self.write_changes(&self.changes(), observe)
    }

    /// Writes other changes than the plan's beside the repository.
    pub(crate) fn write_changes(
        &self,
        changes: &[FileChange],
        mut observe: impl FnMut(Step<'_>) -> ControlFlow<()>,
    ) -> Result<(), ApplyError> {
        let set = WriteSet { root: &self.root, state_dir: &self.state, label: LABEL, changes };
        apply::write(&set, &mut observe)
    }

    /// Writes without an observer.
    pub(crate) fn write_all(&self) -> Result<(), ApplyError> {
        self.write(|_| ControlFlow::Continue(()))
    }

    /// Interrupts a write in this process after its step number `at`.
    pub(crate) fn write_until(&self, at: usize) -> Result<(), ApplyError> {
        let mut seen = 0;
        self.write(|_| {
            seen += 1;
            if seen > at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    }

    pub(crate) fn recover(&self) -> Result<Recovery, ApplyError> {
        apply::recover(&self.root, &self.state, &mut |_| {})
    }

    pub(crate) fn pending(&self) -> Result<Option<Pending>, ApplyError> {
        apply::pending(&self.root, &self.state)
    }

    /// Returns all files in the working tree, so that a remaining temporary file is seen too.
    pub(crate) fn files(&self) -> Files {
        files_below(&self.root)
    }

    pub(crate) fn old_files(&self) -> Files {
        files_below(&self.dir.join("old"))
    }

    pub(crate) fn new_files(&self) -> Files {
        files_below(&self.dir.join("new"))
    }

    /// Resets the working tree to the old files, without remains of earlier runs.
    pub(crate) fn reset(&self) {
        fs::remove_dir_all(&self.root).unwrap();
        for (path, bytes) in self.old_files() {
            put(&self.root.join(path), &bytes);
        }
        fs::create_dir_all(self.root.join(".git")).unwrap();
    }

    /// Fails unless every file is old, or every file is new, and no other file is left. Returns `true` if they are
    /// new.
    #[track_caller]
    pub(crate) fn is_all_new(&self) -> bool {
        let left: Vec<Utf8PathBuf> = files_below(&self.state).into_keys().filter(|name| name != "lock").collect();
        assert!(left.is_empty(), "left in the state directory: {left:?}");
        let (found, new) = (self.files(), self.new_files());
        assert!(found == new || found == self.old_files(), "neither old nor new: {found:?}");
        found == new
    }

    /// Fails unless a write succeeds and leaves all files new.
    #[track_caller]
    pub(crate) fn assert_writable(&self) {
        if !self.is_all_new() {
            self.write_all().unwrap();
            assert!(self.is_all_new());
        }
    }
}

/// Writes a file and the directories that it needs.
pub(crate) fn put(path: &Utf8Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}

fn files_below(dir: &Utf8Path) -> Files {
    let mut files = Files::new();
    for entry in WalkDir::new(dir).into_iter().filter_entry(|entry| entry.file_name() != ".git").flatten() {
        if entry.file_type().is_file() {
            let path = Utf8Path::from_path(entry.path()).unwrap();
            files.insert(path.strip_prefix(dir).unwrap().to_owned(), fs::read(path).unwrap());
        }
    }
    files
}
