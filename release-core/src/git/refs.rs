//! References, here and on remotes.

use super::locate::Location;
use super::process::{Git, GitError, text};
use crate::history::{Branch, Refs, RemoteBranch, Tag, Upstream};
use crate::reading;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;

impl Git {
    /// Every branch, tag and remote branch, and the branch that has no commits yet.
    ///
    /// # Errors
    /// When git fails.
    pub fn refs(&self) -> Result<Refs, GitError> {
        let mut refs = self.born_refs()?;
        if refs.current().is_none() {
            // Not `--short`: that says `heads/main` where a tag has the name.
            let head = self.output(&["symbolic-ref", "--quiet", "HEAD"], None)?;
            let name = text(&head.stdout);
            let branch = name.trim_end().strip_prefix("refs/heads/").map(str::to_owned);
            refs.unborn = branch.filter(|_| head.status.success());
        }
        Ok(refs)
    }

    /// Every branch, tag and remote branch, by one process; by two where git cannot list the work trees, as after it was killed
    /// while it made one.
    ///
    /// # Errors
    /// When git fails.
    pub fn born_refs(&self) -> Result<Refs, GitError> {
        let format = "--format=%(refname)%00%(objectname)%00%(*objectname)%00%(upstream)%00%(upstream:remotename)%00%(HEAD)%00%(worktreepath)";
        let words = ["for-each-ref", format, "refs/heads", "refs/remotes", "refs/tags"];
        let mut elsewhere = BTreeMap::new();
        let answer = match self.read(&words) {
            Err(error @ GitError::Failed { .. }) => {
                let without = format.replace("%(worktreepath)", "");
                let answer = self.read(&["for-each-ref", &without, "refs/heads", "refs/remotes", "refs/tags"]);
                elsewhere = self.locate().map(|location| checked_out(&location)).unwrap_or_default();
                answer.map_err(|_| error)?
            }
            answer => answer?,
        };
        let mut refs = Refs::default();
        for line in answer.lines() {
            let [name, id, peeled, upstream, remote, head, worktree] = line.split('\0').collect::<Vec<_>>()[..] else {
                return Err(GitError::Answer { command: words[0].to_owned(), answer: line.to_owned() });
            };
            let commit = if peeled.is_empty() { id } else { peeled }.to_owned();
            if let Some(name) = name.strip_prefix("refs/tags/") {
                refs.tags.push(Tag { name: name.to_owned(), commit });
            } else if let Some(name) = name.strip_prefix("refs/heads/") {
                let upstream = (!upstream.is_empty())
                    .then(|| Upstream { reference: upstream.to_owned(), remote: remote.to_owned() });
                let worktree = (!worktree.is_empty()).then(|| Utf8PathBuf::from(worktree));
                let worktree = worktree.or_else(|| elsewhere.remove(name));
                let (name, is_current) = (name.to_owned(), head == "*");
                refs.branches.push(Branch { name, commit, upstream, worktree, is_current });
            } else if let Some((remote, name)) =
                name.strip_prefix("refs/remotes/").and_then(|name| name.split_once('/'))
                && name != "HEAD"
            {
                refs.remote_branches.push(RemoteBranch { remote: remote.to_owned(), name: name.to_owned(), commit });
            }
        }
        Ok(refs)
    }

    /// The tags that were there at the moment of a commit, those on the commit itself among them, whenever they were made.
    ///
    /// # Errors
    /// When git fails.
    pub fn tags_as_of(&self, commit: &str, tags: &[Tag]) -> Result<Vec<Tag>, GitError> {
        let moment = self.read(&["log", "--no-show-signature", "--max-count=1", "--format=%ct", commit, "--"])?;
        let moment: i64 = moment.trim().parse().unwrap_or(i64::MAX);
        let dates = self.read(&["for-each-ref", "--format=%(creatordate:unix) %(refname:strip=2)", "refs/tags"])?;
        let date = |line: &str| {
            let (date, name) = line.split_once(' ')?;
            Some((name.to_owned(), date.parse::<i64>().ok()?))
        };
        let dates: BTreeMap<String, i64> = dates.lines().filter_map(date).collect();
        let was_there = |tag: &&Tag| tag.commit == commit || dates.get(&tag.name).is_none_or(|date| *date <= moment);
        Ok(tags.iter().filter(was_there).cloned().collect())
    }

    /// Returns `true` if one of these commits is a commit or has it among its ancestors.
    ///
    /// # Errors
    /// When git fails.
    pub fn is_within(&self, commit: &str, tips: &[String]) -> Result<bool, GitError> {
        let mut words = vec!["rev-list", "--max-count=1", commit, "--not"];
        words.extend(tips.iter().map(String::as_str));
        Ok(!tips.is_empty() && self.read(&words)?.trim().is_empty())
    }

    /// The names of the remotes.
    ///
    /// # Errors
    /// When git fails.
    pub fn remotes(&self) -> Result<Vec<String>, GitError> {
        Ok(self.read(&["remote"])?.lines().map(str::to_owned).collect())
    }
}

/// The branches that work trees have checked out, with their tops, from the files in which git notes them
/// (<https://git-scm.com/docs/gitrepository-layout>).
fn checked_out(location: &Location) -> BTreeMap<String, Utf8PathBuf> {
    let branch = |folder: &Utf8Path| {
        let head = reading::text(&folder.join("HEAD")).ok()?;
        head.trim_end().strip_prefix("ref: refs/heads/").map(str::to_owned)
    };
    let linked = |folder: &Utf8Path| {
        let pointer = reading::text(&folder.join("gitdir")).ok()?;
        Some((branch(folder)?, folder.join(pointer.trim_end().strip_suffix("/.git")?)))
    };
    let main = location.common_dir.parent().and_then(|top| Some((branch(&location.common_dir)?, top.to_owned())));
    let folders = location.common_dir.join("worktrees").read_dir_utf8().into_iter().flatten().filter_map(Result::ok);
    folders.filter_map(|folder| linked(folder.path())).chain(main).collect()
}
