//! The references of a repository as data.

use crate::monorepo::Config;
use camino::Utf8PathBuf;

/// The references of a repository.
#[derive(Clone, Debug, Default)]
pub struct Refs {
    /// Local branches.
    pub branches: Vec<Branch>,
    /// Branches of remotes, as of the last fetch.
    pub remote_branches: Vec<RemoteBranch>,
    /// Tags.
    pub tags: Vec<Tag>,
    /// The branch that is checked out and has no commits yet.
    pub unborn: Option<String>,
}

/// A local branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// Its short name.
    pub name: String,
    /// The id of its commit.
    pub commit: String,
    /// What it follows.
    pub upstream: Option<Upstream>,
    /// The work tree that has it checked out.
    pub worktree: Option<Utf8PathBuf>,
    /// Whether it is checked out in the work tree that was asked.
    pub is_current: bool,
}

/// What a branch follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// The full name, such as `refs/remotes/origin/main`.
    pub reference: String,
    /// The remote's name.
    pub remote: String,
}

/// A branch of a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBranch {
    /// The remote's name.
    pub remote: String,
    /// The branch's name there.
    pub name: String,
    /// The id of its commit, as of the last fetch.
    pub commit: String,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its short name.
    pub name: String,
    /// The commit it stands on.
    pub commit: String,
}

impl Refs {
    /// The local branch of this name.
    pub fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.name == name)
    }

    /// Whether a word names a branch, local or of a remote.
    pub fn has_branch(&self, word: &str) -> bool {
        self.branches.iter().any(|branch| self.is_branch(word, &branch.name))
            || self.remote_branches.iter().any(|branch| self.is_branch(word, &branch.name))
    }

    /// Whether a word names the branch of a short name, local or of a remote: `main`, `origin/main`, or in full.
    pub fn is_branch(&self, word: &str, name: &str) -> bool {
        let short = word.strip_prefix("refs/heads/").or_else(|| word.strip_prefix("refs/remotes/")).unwrap_or(word);
        let is_remote = |branch: &RemoteBranch| branch.name == name && short == format!("{}/{name}", branch.remote);
        (short == name && self.branch(name).is_some()) || self.remote_branches.iter().any(is_remote)
    }

    /// The branch that is checked out; nothing when the head is detached or not born yet.
    pub fn current(&self) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.is_current)
    }

    /// The names of all branches, local and remote, each once.
    pub fn branch_names(&self) -> Vec<String> {
        let local = self.branches.iter().map(|branch| branch.name.clone());
        let mut names: Vec<String> =
            local.chain(self.remote_branches.iter().map(|branch| branch.name.clone())).collect();
        names.sort();
        names.dedup();
        names
    }

    /// Main and the branches of lines with their newest commits, main first; of those of one name the local one.
    pub fn main_and_lines(&self, config: &Config) -> Vec<(String, String)> {
        let local = self.branches.iter().map(|branch| (&branch.name, &branch.commit));
        let remote = self.remote_branches.iter().map(|branch| (&branch.name, &branch.commit));
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, commit) in local.chain(remote) {
            let is_known = *name == config.main || config.branch.line(name).is_some();
            if is_known && found.iter().all(|(other, _)| other != name) {
                found.push((name.clone(), commit.clone()));
            }
        }
        found.sort_by_key(|(name, _)| (*name != config.main, name.clone()));
        found
    }

    /// A remote's branch.
    pub fn remote_branch(&self, remote: &str, name: &str) -> Option<&RemoteBranch> {
        self.remote_branches.iter().find(|branch| branch.remote == remote && branch.name == name)
    }

    /// The commit of a branch by its full name, local or remote.
    pub fn commit(&self, reference: &str) -> Option<&str> {
        if let Some(name) = reference.strip_prefix("refs/heads/") {
            return self.branch(name).map(|branch| branch.commit.as_str());
        }
        let (remote, name) = reference.strip_prefix("refs/remotes/")?.split_once('/')?;
        self.remote_branch(remote, name).map(|branch| branch.commit.as_str())
    }
}
