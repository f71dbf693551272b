//! The remote that a branch lives on, and what it says.

use crate::world::Repository;
use release_core::git::GitError;
use release_core::history::Refs;

/// The remote that a branch lives on: what it follows, else `upstream`, else `origin`.
pub(crate) fn name(repository: &Repository, refs: &Refs, branch: &str) -> Result<Option<String>, GitError> {
    if let Some(upstream) =
        refs.branch(branch).and_then(|branch| branch.upstream.as_ref()).filter(|upstream| upstream.remote != ".")
    {
        return Ok(Some(upstream.remote.clone()));
    }
    let mut names: Vec<String> = refs.remote_branches.iter().map(|branch| branch.remote.clone()).collect();
    if names.is_empty() {
        names = repository.git.remotes()?;
    }
    Ok(["upstream", "origin"]
        .iter()
        .find(|name| names.iter().any(|other| other == **name))
        .map(|name| (*name).to_owned()))
}

/// What a remote has of references, by full name; or why it could not be asked, in a line.
pub(crate) fn ask(
    repository: &Repository,
    remote: &str,
    references: &[&str],
) -> Result<Result<Vec<(String, String)>, String>, GitError> {
    match repository.git.ask_remote(remote, references) {
        Ok(found) => Ok(Ok(found)),
        Err(GitError::Failed { stderr, .. }) => Ok(Err(stderr.lines().next().unwrap_or_default().to_owned())),
        Err(error) => Err(error),
    }
}

/// The commit of a reference in what a remote answered.
pub(crate) fn commit<'a>(found: &'a [(String, String)], reference: &str) -> Option<&'a str> {
    found.iter().find(|(name, _)| name == reference).map(|(_, commit)| commit.as_str())
}
