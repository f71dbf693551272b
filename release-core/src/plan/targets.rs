//! The branches that are edited after a release, from which commits, and the branches to which the commits go. The
//! checkout is not among them: it does not change.

use super::own_branch::stale;
use super::preconditions::{Divergence, behind, differing, nor_here, short};
use crate::history::Refs;
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::text::quoted;
use crate::version::Release;

/// A branch that is to get edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The branch for which the edits are: main, or that of a line.
    pub branch: String,
    /// Its newest known commit.
    pub tip: String,
    /// The branch to which the commit goes: a branch of its own, or the target itself.
    pub goes_to: String,
    /// The current commit of that branch, or `None` if it is created.
    pub now: Option<String>,
}

impl Target {
    /// Returns `true` if the commit goes to the branch itself.
    pub fn is_direct(&self) -> bool {
        self.branch == self.goes_to
    }

    /// Returns `true` if an earlier run has left a branch of its own, which may already have the edits.
    pub fn has_proposal(&self) -> bool {
        !self.is_direct() && self.now.is_some()
    }
}

/// Returns the branch on which the edits for another are proposed after a release: `post-release-v0.4.5-main`.
pub fn proposal(config: &Config, release: Release, branch: &str) -> String {
    format!("post-release-{}-{}", config.tag.tag(release), branch.replace('/', "-"))
}

/// The numbers of commits that only the local and only the remote branch has, if both exist and differ.
pub type Diverged = Option<(u64, u64)>;

/// Returns the target for a branch. `diverged` has the numbers of commits that only the local and only the remote
/// branch has; `goes_to` is `None` if the commit goes to the branch itself.
///
/// # Errors
/// If there is no such branch, if its newest commit is ambiguous, or if a work tree has checked out the branch that
/// would move.
pub fn target(
    refs: &Refs,
    remote: &str,
    branch: &str,
    goes_to: Option<String>,
    diverged: Diverged,
) -> Result<Target, Problem> {
    let local = refs.branch(branch).map(|branch| branch.commit.as_str());
    let theirs = refs.remote_branch(remote, branch).map(|branch| branch.commit.as_str());
    let upstream = format!("{remote}/{branch}");
    let tip = match (local, theirs, diverged) {
        (None, None, _) => {
            return Err(Problem::new(
                format!("there is no branch {branch}, {}", nor_here(remote)),
                "check its spelling in release.toml, or fetch it: `--fetch`",
            ));
        }
        (Some(local), Some(theirs), Some((ahead, behind_by))) if local != theirs && behind_by > 0 => {
            let divergence = Divergence { branch: branch.to_owned(), upstream, ahead, behind: behind_by };
            if ahead > 0 || goes_to.is_none() {
                return Err(behind(&divergence).unwrap_or_else(|| Problem::new("", "")));
            }
            // The commit goes to another branch, so the remote's newer commits are used without a pull.
            theirs
        }
        (Some(local), ..) => local,
        (None, Some(theirs), _) => theirs,
    };
    let goes_to = goes_to.unwrap_or_else(|| branch.to_owned());
    let now = refs.branch(&goes_to).map(|branch| branch.commit.clone());
    Ok(Target { branch: branch.to_owned(), tip: tip.to_owned(), now, goes_to })
}

/// Returns the problem of a checked-out branch to which a commit goes.
pub fn checked_out(refs: &Refs, target: &Target) -> Option<Problem> {
    let worktree = refs.branch(&target.goes_to)?.worktree.as_ref()?;
    let name = &target.goes_to;
    let help = match target.is_direct() {
        true => format!("leave out `--direct`, or leave the branch there: `git -C {worktree} switch --detach`"),
        false => format!("`git -C {worktree} switch {}` first", target.branch),
    };
    Some(differing(name, worktree, help))
}

/// Returns the problem of an earlier run's branch that lacks commits of its target.
pub fn outdated(target: &Target) -> Problem {
    let help = format!("delete it: `git branch --delete --force {}`, and run this again", quoted(&target.goes_to));
    Problem { help, ..stale(&target.goes_to, &target.branch) }
}

/// Returns the problem of a remote branch whose commit is not known locally.
pub fn unknown_tip(branch: &str, remote: &str, theirs: &str) -> Problem {
    Problem::new(
        format!("{branch} on {remote} is at {}, which this clone does not have", short(theirs)),
        "`--fetch` fetches first",
    )
}
