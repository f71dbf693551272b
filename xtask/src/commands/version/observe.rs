//! The things that every question needs: settings, references, which commit is meant, and the monorepo of a revision by two processes.

use crate::checkout::{Checkout, Repository, found, no_commit};
use crate::stop::Result;
use anyhow::Context as _;
use camino::Utf8PathBuf;
use release_core::calendar::Moment;
use release_core::git::TrackedFile;
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, MOST_BYTES, Monorepo, Tree, TreeError};
use release_core::reading;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

/// Settings and references.
pub(super) struct Scene<'a> {
    pub(super) repository: &'a Repository,
    pub(super) config: &'a Config,
    pub(super) refs: Refs,
    pub(super) history: History,
}

impl<'a> Scene<'a> {
    /// Observes, by one process.
    pub(super) fn observe(checkout: &'a Checkout) -> Result<Self> {
        let Checkout { repository, config, .. } = checkout;
        let refs = match checkout.fetched(|_| config.main.clone())? {
            Some(refs) => refs,
            None => repository.git.born_refs()?,
        };
        let history = History::new(&refs.tags, &config.tag);
        Ok(Self { repository, config, refs, history })
    }

    /// The commit that a revision names. What references and the head's file tell needs no process.
    pub(super) fn commit(&self, revision: &str) -> Result<String> {
        if let Some(commit) = self.known(revision) {
            return Ok(commit);
        }
        // A branch that was never checked out is known by its remote's.
        let commit = self.repository.git.commit_of(revision)?.or_else(|| self.tip(revision));
        commit.ok_or_else(|| no_commit(revision))
    }

    fn known(&self, revision: &str) -> Option<String> {
        if revision == "HEAD" {
            let current = self.refs.current().map(|branch| branch.commit.clone());
            return current.or_else(|| {
                let head = reading::text(&self.repository.location.git_dir.join("HEAD")).ok()?;
                let id = head.trim_end();
                (matches!(id.len(), 40 | 64) && id.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| id.to_owned())
            });
        }
        if let Some(tag) = self.refs.tags.iter().find(|tag| tag.name == revision) {
            return Some(tag.commit.clone());
        }
        self.refs.branch(revision).map(|branch| branch.commit.clone()).or_else(|| {
            let (remote, name) = revision.split_once('/')?;
            Some(self.refs.remote_branch(remote, name)?.commit.clone())
        })
    }

    /// The newest commit of a branch that is known here: the local branch's, else a remote's.
    pub(super) fn tip(&self, branch: &str) -> Option<String> {
        let local = self.refs.branch(branch).map(|branch| branch.commit.clone());
        let remote = || self.refs.remote_branches.iter().find(|found| found.name == branch);
        local.or_else(|| remote().map(|branch| branch.commit.clone()))
    }

    /// The monorepo of a commit, and when that was committed.
    pub(super) fn tree(&self, commit: &str) -> Result<(Monorepo, Moment)> {
        let tree = Revision { scene: self, commit, sizes: RefCell::default(), moment: Cell::new(None) };
        let monorepo = found(&tree, self.config, &self.history)?.monorepo;
        // A tree without a file that is read was not asked for the moment.
        if tree.moment.get().is_none() {
            tree.read(&[])?;
        }
        let moment = tree.moment.get().with_context(|| format!("{commit} has no date that is understood"))?;
        Ok((monorepo, moment))
    }
}

/// A revision's tree, which is listed by one process and read by another, the commit itself with it.
struct Revision<'a> {
    scene: &'a Scene<'a>,
    commit: &'a str,
    sizes: RefCell<BTreeMap<Utf8PathBuf, u64>>,
    moment: Cell<Option<Moment>>,
}

impl Tree for Revision<'_> {
    fn files(&self, names: &[&str]) -> Result<Vec<TrackedFile>, TreeError> {
        let files = self.scene.repository.git.sized_tree(self.commit, names)?;
        *self.sizes.borrow_mut() = files.iter().map(|(file, size)| (file.path.clone(), *size)).collect();
        Ok(files.into_iter().map(|(file, _)| file).collect())
    }

    fn read(&self, files: &[&TrackedFile]) -> Result<Vec<Vec<u8>>, TreeError> {
        for file in files {
            let bytes = self.sizes.borrow().get(&file.path).copied().unwrap_or_default();
            if bytes > MOST_BYTES {
                return Err(TreeError::TooLarge { path: file.path.clone(), bytes });
            }
        }
        let names: Vec<&str> = std::iter::once(self.commit).chain(files.iter().map(|file| file.id.as_str())).collect();
        let mut contents = self.scene.repository.git.contents(&names)?;
        let commit = contents.remove(0);
        self.moment.set(committed(&String::from_utf8_lossy(&commit)));
        Ok(contents)
    }
}

/// When a commit was made: `committer NAME <MAIL> SECONDS ZONE` (<https://git-scm.com/docs/git-commit-tree>).
fn committed(commit: &str) -> Option<Moment> {
    let line = commit.lines().take_while(|line| !line.is_empty()).find(|line| line.starts_with("committer "))?;
    Moment::new(line.rsplit(' ').nth(1)?.parse().ok()?)
}
