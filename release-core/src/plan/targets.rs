//! Which branches are worked on after a release, from which commits, and where the commits go. The checkout is never among
//! them: it stays as it is.

use super::preconditions::{Divergence, behind, short, stale};
use crate::history::Refs;
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::text::quoted;
use crate::version::Release;

/// A branch that is to get edits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The branch that the edits are for: main, or that of a line.
    pub branch: String,
    /// Its newest commit that is known here.
    pub tip: String,
    /// The branch that the commit goes to: one of its own, or the target itself.
    pub goes_to: String,
    /// Where that branch is now; nothing when it is made.
    pub now: Option<String>,
}

impl Target {
    /// Whether the commit goes to the branch itself.
    pub fn is_direct(&self) -> bool {
        self.branch == self.goes_to
    }

    /// Whether an earlier run has left a branch of its own, which may have the edits already.
    pub fn has_proposal(&self) -> bool {
        !self.is_direct() && self.now.is_some()
    }
}

/// The branch on which the edits for another are proposed after a release: `post-release-v0.4.5-main`.
pub fn proposal(config: &Config, release: Release, branch: &str) -> String {
    format!("post-release-{}-{}", config.tag.tag(release), branch.replace('/', "-"))
}

/// How a local branch stands to its remote's, when both are there and differ.
pub type Diverged = Option<(u64, u64)>;

/// The target for a branch. `diverged` says how many commits only the local branch and only the remote's have; `goes_to` is
/// nothing when the commit goes to the branch itself.
///
/// # Errors
/// When there is no such branch, when it is not clear which commit is its newest, or when a work tree has checked out what
/// would move under it.
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
            let place = if remote.is_empty() { "and no remote".to_owned() } else { format!("here or on {remote}") };
            return Err(Problem::new(
                format!("there is no branch {branch}, {place}"),
                "see that it is spelled right in release.toml, or fetch it: `--fetch`",
            ));
        }
        (Some(local), Some(theirs), Some((ahead, behind_by))) if local != theirs && behind_by > 0 => {
            let divergence = Divergence { branch: branch.to_owned(), upstream, ahead, behind: behind_by };
            if ahead > 0 || goes_to.is_none() {
                return Err(behind(&divergence).unwrap_or_else(|| Problem::new("", "")));
            }
            // The commit goes elsewhere: what the remote has is newer, and nobody has to pull first.
            theirs
        }
        (Some(local), ..) => local,
        (None, Some(theirs), _) => theirs,
    };
    let goes_to = goes_to.unwrap_or_else(|| branch.to_owned());
    let taken = refs.branch(&goes_to);
    Ok(Target {
        branch: branch.to_owned(),
        tip: tip.to_owned(),
        now: taken.map(|branch| branch.commit.clone()),
        goes_to,
    })
}

/// What stands against moving the branch that a commit goes to.
pub fn checked_out(refs: &Refs, target: &Target) -> Option<Problem> {
    let worktree = refs.branch(&target.goes_to)?.worktree.as_ref()?;
    let name = &target.goes_to;
    let help = match target.is_direct() {
        true => format!("leave out `--direct`, or leave the branch there: `git -C {worktree} switch --detach`"),
        false => format!("`git -C {worktree} switch {}` first", target.branch),
    };
    Some(Problem::new(
        format!("{name} is checked out in {worktree}, whose files would no longer be those of its branch"),
        help,
    ))
}

/// A branch of an earlier run's that lacks commits of the branch that it is for.
pub fn outdated(target: &Target) -> Problem {
    let Problem { message, .. } = stale(&target.goes_to, &target.branch);
    Problem::new(
        message,
        format!("do without it: `git branch --delete --force {}`, and run this again", quoted(&target.goes_to)),
    )
}

/// What a remote has of a branch that is not known here.
pub fn unknown_tip(branch: &str, remote: &str, theirs: &str) -> Problem {
    Problem::new(format!("{branch} on {remote} is at {}, which is not here", short(theirs)), "`--fetch` fetches first")
}
