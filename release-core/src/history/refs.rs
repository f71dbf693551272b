//! The references of a repository as data.

use super::naming::BranchPattern;
use camino::Utf8PathBuf;
use std::collections::BTreeSet;

/// The references of a repository.
#[derive(Clone, Debug, Default)]
pub struct Refs {
    /// The local branches.
    pub branches: Vec<Branch>,
    /// The branches of remotes, as of the last fetch.
    pub remote_branches: Vec<RemoteBranch>,
    /// The tags.
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
    /// The branch it follows.
    pub upstream: Option<Upstream>,
    /// The work tree in which it is checked out.
    pub worktree: Option<Utf8PathBuf>,
    /// `true` if it is checked out in the work tree that git ran in.
    pub is_current: bool,
}

/// The branch that a local branch follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// The full name, such as `refs/remotes/origin/main`.
    pub reference: String,
    /// The name of the remote.
    pub remote: String,
}

/// A branch of a remote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemoteBranch {
    /// The name of the remote.
    pub remote: String,
    /// The name of the branch on the remote.
    pub name: String,
    /// The id of its commit, as of the last fetch.
    pub commit: String,
}

/// A tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its short name.
    pub name: String,
    /// The commit on which it stands.
    pub commit: String,
}

impl Refs {
    /// Returns the local branch of this name.
    pub fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.name == name)
    }

    /// Returns `true` if a word names a branch, local or on a remote.
    pub fn has_branch(&self, word: &str) -> bool {
        self.branches.iter().any(|branch| self.is_branch(word, &branch.name))
            || self.remote_branches.iter().any(|branch| self.is_branch(word, &branch.name))
    }

    /// Returns `true` if a word names the branch with a short name, local or on a remote: `main`, `origin/main`, or
    /// the full reference.
    pub fn is_branch(&self, word: &str, name: &str) -> bool {
        // A tag of that name is what git takes.
        if self.tags.iter().any(|tag| tag.name == word) {
            return false;
        }
        let short = word.strip_prefix("refs/heads/").or_else(|| word.strip_prefix("refs/remotes/")).unwrap_or(word);
        let is_remote = |branch: &RemoteBranch| branch.name == name && short == format!("{}/{name}", branch.remote);
        (short == name && self.branch(name).is_some()) || self.remote_branches.iter().any(is_remote)
    }

    /// Returns a local branch as a command names it: in full where a tag has its name, which git would take or refuse.
    pub fn spelled_branch(&self, name: &str) -> String {
        let is_tag = self.tags.iter().any(|tag| tag.name == name);
        if is_tag { format!("refs/heads/{name}") } else { name.to_owned() }
    }

    /// Returns a tag as a command names it: in full where a branch has its name.
    pub fn spelled_tag(&self, name: &str) -> String {
        if self.branch(name).is_some() { format!("refs/tags/{name}") } else { name.to_owned() }
    }

    /// Returns the branch that is checked out, or `None` if the head is detached or the branch has no commit yet.
    pub fn current(&self) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.is_current)
    }

    /// Returns the names of all branches, local and remote, each once.
    pub fn branch_names(&self) -> Vec<String> {
        let local = self.branches.iter().map(|branch| branch.name.clone());
        let remote = self.remote_branches.iter().map(|branch| branch.name.clone());
        local.chain(remote).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Returns main and the branches of lines with their newest commits, main first. If a name is both local and
    /// remote, the local branch counts.
    pub fn main_and_lines(&self, main: &str, pattern: &BranchPattern) -> Vec<(String, String)> {
        let local = self.branches.iter().map(|branch| (&branch.name, &branch.commit));
        let remote = self.remote_branches.iter().map(|branch| (&branch.name, &branch.commit));
        let mut found: Vec<(String, String)> = Vec::new();
        for (name, commit) in local.chain(remote) {
            let is_known = name == main || pattern.line(name).is_some();
            if is_known && found.iter().all(|(other, _)| other != name) {
                found.push((name.clone(), commit.clone()));
            }
        }
        found.sort_by_key(|(name, _)| (name != main, name.clone()));
        found
    }

    /// Returns a branch of a remote.
    pub fn remote_branch(&self, remote: &str, name: &str) -> Option<&RemoteBranch> {
        self.remote_branches.iter().find(|branch| branch.remote == remote && branch.name == name)
    }

    /// Returns the commit of a branch by its full name, local or remote.
    pub fn commit(&self, reference: &str) -> Option<&str> {
        if let Some(name) = reference.strip_prefix("refs/heads/") {
            return self.branch(name).map(|branch| branch.commit.as_str());
        }
        let (remote, name) = reference.strip_prefix("refs/remotes/")?.split_once('/')?;
        self.remote_branch(remote, name).map(|branch| branch.commit.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_a_branch_and_a_tag_have_is_the_tags_and_written_in_full() {
        let branch = |name: &str| Branch {
            name: name.to_owned(),
            commit: "1".to_owned(),
            upstream: None,
            worktree: None,
            is_current: false,
        };
        let tag = |name: &str| Tag { name: name.to_owned(), commit: "2".to_owned() };
        let refs = Refs {
            branches: ["main", "both"].map(branch).into(),
            tags: ["v1", "both"].map(tag).into(),
            ..Refs::default()
        };
        for (word, is_branch) in
            [("main", true), ("both", false), ("refs/heads/both", true), ("v1", false), ("refs/heads/main", true)]
        {
            assert_eq!(refs.has_branch(word), is_branch, "{word}");
        }
        assert_eq!(["main", "both"].map(|name| refs.spelled_branch(name)), ["main", "refs/heads/both"]);
        assert_eq!(["v1", "both"].map(|name| refs.spelled_tag(name)), ["v1", "refs/tags/both"]);
    }
}
