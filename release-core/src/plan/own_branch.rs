//! The branch of a release's own, on which its edits wait until they are merged into the line: made by an earlier run, or
//! by that of a colleague; and the tag that is to follow them.

use super::preconditions::{Divergence, RemoteState, behind, short};
use crate::history::{History, Refs};
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::version::Release;

/// Returns the name that it has unless another one is given: `prepare-v0.4.5`.
pub fn name(config: &Config, release: Release) -> String {
    format!("prepare-{}", config.tag.tag(release))
}

/// Returns the commit of a branch on its remote: as the remote has just answered, else as of the last fetch.
pub fn theirs<'a>(refs: &'a Refs, remote: &'a RemoteState, branch: &str) -> Option<&'a str> {
    match remote.is_asked {
        true => remote.own.as_deref(),
        false => refs.remote_branch(&remote.name, branch).map(|branch| branch.commit.as_str()),
    }
}

/// Returns the newest commit of the branch, or `None` if it is neither here nor on the remote. `diverged` has the numbers of
/// commits that only the local and only the remote branch has.
///
/// # Errors
/// If both have commits that the other lacks.
pub fn tip<'a>(
    refs: &'a Refs,
    remote: &'a RemoteState,
    branch: &str,
    diverged: Option<(u64, u64)>,
) -> Result<Option<&'a str>, Problem> {
    let local = refs.branch(branch).map(|branch| branch.commit.as_str());
    let theirs = theirs(refs, remote, branch);
    match diverged {
        Some((ahead, behind_by)) if ahead > 0 && behind_by > 0 => {
            let upstream = format!("{}/{branch}", remote.name);
            let divergence = Divergence { branch: branch.to_owned(), upstream, ahead, behind: behind_by };
            behind(&divergence).map_or(Ok(local), Err)
        }
        Some((_, 1..)) => Ok(theirs),
        _ => Ok(local.or(theirs)),
    }
}

/// Returns the problem of a branch that the remote has at a commit which is not here.
pub fn unfetched(remote: &RemoteState, branch: &str, theirs: &str) -> Problem {
    Problem::new(
        format!("{branch} on {} is at {}, which this clone does not have", remote.name, short(theirs)),
        format!("`git fetch {} refs/heads/{branch}` fetches it", remote.name),
    )
}

/// Returns the problem of an existing branch that lacks the line's newest commits, but is to get a commit.
pub fn stale(branch: &str, line: &str) -> Problem {
    Problem::new(
        format!("{branch} exists already, and lacks commits of {line}"),
        format!("rebase it, name another branch, or delete it: `git branch --delete --force {branch}`"),
    )
}

/// Returns the problem of a tag of the release on a commit whose tree is not at the release.
pub fn mistagged(release: Release, history: &History, config: &Config) -> Option<Problem> {
    let (commit, tag) = (history.commit(release)?, config.tag.tag(release));
    Some(Problem::new(
        format!(
            "{tag} is on {}, whose tree is not at {release}: a build of it has other versions or pins",
            short(commit)
        ),
        format!(
            "a tag is never moved: prepare {} instead, or delete {tag} if it was never published, and tag the right commit",
            history.next_like(release)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Branch, RemoteBranch};

    #[test]
    fn the_newest_commit_is_the_remotes_where_the_local_branch_lacks_it() {
        let local = |name: &str| Branch {
            name: name.into(),
            commit: "ours".into(),
            upstream: None,
            worktree: None,
            is_current: false,
        };
        let fetched = RemoteBranch { remote: "origin".into(), name: "b".into(), commit: "fetched".into() };
        for (is_here, is_fetched, asked, diverged, expected) in [
            (false, false, None, None, Ok(None)),
            (true, false, None, None, Ok(Some("ours"))),
            (false, true, None, None, Ok(Some("fetched"))),
            (false, true, Some(None), None, Ok(None)),
            (false, true, Some(Some("asked")), None, Ok(Some("asked"))),
            (true, true, None, Some((2, 0)), Ok(Some("ours"))),
            (true, true, None, Some((0, 1)), Ok(Some("fetched"))),
            (true, true, Some(Some("asked")), Some((0, 3)), Ok(Some("asked"))),
            (true, true, None, Some((1, 2)), Err("b and origin/b have diverged: 1 here, 2 there")),
        ] {
            let refs = Refs {
                branches: is_here.then(|| local("b")).into_iter().collect(),
                remote_branches: is_fetched.then(|| fetched.clone()).into_iter().collect(),
                ..Refs::default()
            };
            let remote = RemoteState {
                name: "origin".into(),
                is_asked: asked.is_some(),
                own: asked.flatten().map(str::to_owned),
                ..RemoteState::default()
            };
            let found = tip(&refs, &remote, "b", diverged).map_err(|problem| problem.message);
            assert_eq!(found, expected.map_err(str::to_owned), "{is_here} {is_fetched} {asked:?} {diverged:?}");
        }
    }
}
