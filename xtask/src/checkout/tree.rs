//! The trees of a repository: the work tree, and that of a commit.

use super::repository::Repository;
use camino::Utf8PathBuf;
use release_core::git::{GitError, TrackedFile};
use release_core::monorepo::{Tree, TreeError, Ui};
use release_core::problem::Problem;
use release_core::reading;
use release_core::text::SourceText;
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The tree of a commit, or the work tree.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    repository: &'a Repository,
    /// `None` for the work tree.
    commit: Option<&'a str>,
}

impl Repository {
    /// The tree of a commit; of `None` the work tree.
    pub(crate) fn tree<'a>(&'a self, commit: Option<&'a str>) -> Place<'a> {
        Place { repository: self, commit }
    }

    /// Begins to list the work tree, and gets ready to read commits, while the caller goes on.
    pub(crate) fn expect_work_tree(&self, names: &[&str]) -> Result<(), GitError> {
        self.git.expect_tracked(&patterns(names).iter().map(String::as_str).collect::<Vec<_>>())
    }
}

/// Patterns for git of files of these names.
fn patterns(names: &[&str]) -> Vec<String> {
    let pattern = |name: &&str| format!(":(glob){}{name}", if name.contains('/') { "" } else { "**/" });
    names.iter().map(pattern).collect()
}

impl Tree for Place<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        match self.commit {
            Some(commit) => (&self.repository.git, commit).files(names),
            None => WorkTree(self.repository).files(names),
        }
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        match self.commit {
            Some(commit) => (&self.repository.git, commit).read(files),
            None => WorkTree(self.repository).read(files),
        }
    }
}

/// The work tree: git says which files there are, the disk what they hold.
struct WorkTree<'a>(&'a Repository);

impl Tree for WorkTree<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        let git = &self.0.git;
        let files = git.tracked(&patterns(names).iter().map(String::as_str).collect::<Vec<_>>())?;
        if files.is_empty() && !self.0.location.git_dir.join("index").exists() && git.commit_of("HEAD")?.is_some() {
            let branch = git.refs()?.current().map_or_else(|| "HEAD".to_owned(), |branch| branch.name.clone());
            return Err(TreeError::NothingCheckedOut(branch));
        }
        Ok(files)
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        let root = &self.0.location.root;
        let read = |file: &&TrackedFile| match reading::inside(root, &file.path) {
            // A sparse checkout may have it in the index alone.
            Err(error) if error.is_absent() => Ok(Err(error)),
            read => read.map(Ok).map_err(|error| TreeError::of(&file.path, error)),
        };
        let mut contents = files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if contents.iter().any(Result::is_err) {
            let git = &self.0.git;
            let left_out = git.left_out()?;
            let is_left =
                |(file, read): &(&&TrackedFile, &Result<_, _>)| read.is_err() && left_out.contains(&file.path);
            let left: Vec<&TrackedFile> = files.iter().zip(&contents).filter(is_left).map(|(file, _)| *file).collect();
            let mut held = (git, "the index").read(&left)?.into_iter();
            let absent = contents.iter_mut().zip(files).filter(|(read, _)| read.is_err());
            for (read, _) in absent.filter(|(_, file)| left_out.contains(&file.path)) {
                if let Some(bytes) = held.next() {
                    *read = Ok(bytes);
                }
            }
        }
        let whole =
            |(read, file): (Result<Vec<u8>, _>, &&TrackedFile)| read.map_err(|error| TreeError::of(&file.path, error));
        contents.into_iter().zip(files).map(whole).collect()
    }
}

/// A tree whose files of some names are listed once.
pub(crate) struct Listed<'a> {
    tree: &'a dyn Tree,
    names: &'a [&'a str],
    files: Vec<TrackedFile>,
}

impl<'a> Listed<'a> {
    /// A tree that was listed before.
    pub(crate) fn of(tree: &'a dyn Tree, names: &'a [&'a str], files: Vec<TrackedFile>) -> Self {
        Self { tree, names, files }
    }

    /// Lists a tree.
    pub(crate) fn new(tree: &'a dyn Tree, names: &'a [&'a str]) -> Result<Self, TreeError> {
        Ok(Self { tree, names, files: tree.files(names)? })
    }
}

impl Tree for Listed<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        if !names.iter().all(|name| self.names.contains(name)) {
            return self.tree.files(names);
        }
        Ok(self.files.iter().filter(|file| file.is_one_of(names)).cloned().collect())
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        self.tree.read(files)
    }
}

/// A tree that is listed and read once for some names. What is asked for beside them, as the files of which a manifest reads
/// requirements, is listed and read when it is.
pub(crate) struct Held<'t> {
    listed: Listed<'t>,
    contents: RefCell<BTreeMap<Utf8PathBuf, Vec<u8>>>,
    /// The links that were left out.
    links: Vec<Utf8PathBuf>,
}

impl<'t> Held<'t> {
    /// Reads every file of a tree that is one of these. Links are left out: they may lead anywhere.
    pub(crate) fn new(tree: &'t dyn Tree, names: &'t [&'t str]) -> Result<Self, TreeError> {
        let mut listed = Listed::new(tree, names)?;
        let links = listed.files.iter().filter(|file| file.is_link).map(|file| file.path.clone()).collect();
        listed.files.retain(|file| !file.is_link);
        let held = Self { listed, contents: RefCell::default(), links };
        held.hold(&held.listed.files.iter().collect::<Vec<_>>())?;
        Ok(held)
    }

    /// Reads files of the tree.
    fn hold(&self, files: &[&TrackedFile]) -> Result<(), TreeError> {
        let contents = self.listed.read(files)?;
        self.contents.borrow_mut().extend(files.iter().map(|file| file.path.clone()).zip(contents));
        Ok(())
    }

    /// Returns the problems of a UI whose lockfile is a link: where it leads is not edited.
    pub(crate) fn linked_locks<'a>(&'a self, ui: &'a Ui) -> impl Iterator<Item = Problem> + use<'a, 't> {
        let is_of_ui = |path: &&Utf8PathBuf| {
            path.parent() == Some(&*ui.path)
                && path.file_name().is_some_and(|name| name.contains("lock") || name.contains("shrinkwrap"))
        };
        let said = |path: &Utf8PathBuf| format!("{path} is a symbolic link, and what it leads to is not edited");
        self.links.iter().filter(is_of_ui).map(move |path| Problem::new(said(path), "put the file itself there"))
    }

    /// The files that are text, by path.
    pub(crate) fn texts(self) -> BTreeMap<Utf8PathBuf, SourceText> {
        let text = |(path, bytes)| Some((path, SourceText::from_bytes(bytes).ok()?));
        self.contents.into_inner().into_iter().filter_map(text).collect()
    }
}

impl Tree for Held<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        self.listed.files(names)
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        let is_new = |file: &&&TrackedFile| !self.contents.borrow().contains_key(&file.path);
        let new: Vec<&TrackedFile> = files.iter().filter(is_new).copied().collect();
        if !new.is_empty() {
            self.hold(&new)?;
        }
        let contents = self.contents.borrow();
        Ok(files.iter().map(|file| contents.get(&file.path).cloned().unwrap_or_default()).collect())
    }
}
