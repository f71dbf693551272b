//! The remote that a branch lives on, and what it says.

use crate::duration;
use anyhow::bail;
use release_core::git::{Git, GitError, SILENCE};
use release_core::history::Refs;
use release_core::monorepo::Config;
use std::time::Duration;

const TIMEOUT: &str = "RELEASE_REMOTE_TIMEOUT";

/// The remote that a branch lives on: what it follows, else `upstream`, else `origin`.
pub(crate) fn name(git: &Git, refs: &Refs, branch: &str) -> Result<Option<String>, GitError> {
    if let Some(upstream) =
        refs.branch(branch).and_then(|branch| branch.upstream.as_ref()).filter(|upstream| upstream.remote != ".")
    {
        return Ok(Some(upstream.remote.clone()));
    }
    let mut names: Vec<String> = refs.remote_branches.iter().map(|branch| branch.remote.clone()).collect();
    if names.is_empty() {
        names = git.remotes()?;
    }
    Ok(["upstream", "origin"]
        .iter()
        .find(|name| names.iter().any(|other| other == **name))
        .map(|name| (*name).to_owned()))
}

/// Fetches tags and the branches of a remote; a clone that follows few of them gets main and the lines beside those.
pub(crate) fn fetch(git: &Git, config: &Config, remote: &str) -> Result<(), GitError> {
    git.fetch(remote, &|branch| branch == config.main || config.branch.line(branch).is_some())
}

/// Returns the time that a remote may say nothing: `RELEASE_REMOTE_TIMEOUT`, else a minute.
pub(crate) fn silence() -> anyhow::Result<Duration> {
    let Some(text) = std::env::var(TIMEOUT).ok().filter(|text| !text.trim().is_empty()) else { return Ok(SILENCE) };
    match duration::read(text.trim()) {
        Ok(silence) if !silence.is_zero() => Ok(silence),
        _ => bail!("{TIMEOUT} is `{text}`, and says how long a remote may be silent: 90s, 5m, 1h"),
    }
}

/// Tells whether the person says how ssh is started.
pub(crate) fn ssh_is_chosen() -> bool {
    ["GIT_SSH_COMMAND", "GIT_SSH"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// The answer of a remote about references.
pub(crate) enum Asked {
    /// The references that it has, by full name, each with its commit.
    Found(Vec<(String, String)>),
    /// The reason why it could not be asked, in a line.
    Unknown(String),
}

/// Asks a remote which commits references have there.
pub(crate) fn ask(git: &Git, remote: &str, references: &[&str]) -> Result<Asked, GitError> {
    match git.ask_remote(remote, references) {
        Ok(found) => Ok(Asked::Found(found)),
        Err(GitError::Failed { stderr, .. }) => Ok(Asked::Unknown(stderr)),
        Err(error @ GitError::Silent { .. }) => Ok(Asked::Unknown(error.to_string())),
        Err(error) => Err(error),
    }
}

/// The commit of a reference in what a remote answered.
pub(crate) fn commit<'a>(found: &'a [(String, String)], reference: &str) -> Option<&'a str> {
    found.iter().find(|(name, _)| name == reference).map(|(_, commit)| commit.as_str())
}

/// The commit of a tag in what a remote answered; of an annotated one the commit that it names.
pub(crate) fn tagged<'a>(found: &'a [(String, String)], reference: &str) -> Option<&'a str> {
    commit(found, &format!("{reference}^{{}}")).or_else(|| commit(found, reference))
}
