//! Commits a plan: in the checkout when it is on the branch, else in a temporary work tree that is gone afterwards.

use super::write;
use crate::output;
use crate::world::Repository;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{CommitOutcome, CommitRequest, Git};
use release_core::plan::Plan;
use std::fs::{self, File, TryLockError};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

/// What the names of temporary work trees start with, so that one that a killed run left is known.
const PREFIX: &str = "xtask-release-";

/// Where a commit goes.
pub(crate) struct Destination<'a> {
    /// The commit that the edits are made to.
    pub(crate) base: &'a str,
    /// The branch that moves to the new commit.
    pub(crate) branch: &'a str,
    /// Where that branch is now.
    pub(crate) expected: Option<&'a str>,
    /// A branch that is made at the base, when the line is cut and the commit goes elsewhere.
    pub(crate) cut: Option<&'a str>,
}

/// Commits files of the checkout.
pub(crate) fn in_checkout(
    git: &Git,
    message: &str,
    signoff: bool,
    paths: &[Utf8PathBuf],
) -> anyhow::Result<CommitOutcome> {
    let directory = tempfile::tempdir().context("could not make a temporary directory")?;
    let trace = Utf8PathBuf::try_from(directory.path().join("trace"))?;
    let request = CommitRequest { message, signoff, paths, trace: &trace };
    Ok(git.commit(&request, &mut |said| {
        let _ = std::io::stderr().write_all(said);
    })?)
}

/// Commits a plan without touching the checkout. The branch moves last and at once: before that, nothing has happened.
pub(crate) fn elsewhere(
    repository: &Repository,
    plan: &Plan,
    message: &str,
    signoff: bool,
    destination: &Destination<'_>,
) -> anyhow::Result<CommitOutcome> {
    let lock = lock(repository)?;
    remove_leftovers(&repository.git)?;
    let directory =
        tempfile::Builder::new().prefix(PREFIX).tempdir().context("could not make a temporary directory")?;
    let tree = Utf8PathBuf::try_from(directory.path().canonicalize()?)?;
    let outcome = in_temporary(repository, plan, message, signoff, destination, &tree);
    // Whatever happened, the work tree goes; what went wrong is the better error.
    let removed = repository.git.read(&["worktree", "remove", "--force", tree.as_str()]);
    drop(lock);
    let outcome = outcome?;
    removed?;
    Ok(outcome)
}

fn in_temporary(
    repository: &Repository,
    plan: &Plan,
    message: &str,
    signoff: bool,
    destination: &Destination<'_>,
    tree: &Utf8Path,
) -> anyhow::Result<CommitOutcome> {
    let git = &repository.git;
    let paths: Vec<Utf8PathBuf> = plan.files.iter().map(|file| file.path.clone()).collect();
    // Hooks may look at any file, so they get all of them; without hooks the plan's own are enough.
    let hooked = has_commit_hooks(repository)?;
    let checkout: &[&str] = if hooked { &[] } else { &["--no-checkout"] };
    git.read(&[&["worktree", "add", "--quiet", "--detach"], checkout, &[tree.as_str(), destination.base]].concat())?;
    let inside = Git::new(tree)?;
    if !hooked {
        inside.read(&["read-tree", "HEAD"])?;
        let listed: String = paths.iter().map(|path| format!("{path}\0")).collect();
        let output = inside.output(&["checkout-index", "-z", "--stdin"], Some(&listed))?;
        if !output.status.success() {
            bail!("could not check out the manifests: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
    }
    let git_dir = inside.locate()?.git_dir;
    write::write(tree, &git_dir.join("xtask-release"), plan)?;
    let outcome = in_checkout(&inside, message, signoff, &paths)?;
    if let CommitOutcome::Made(commit) = &outcome {
        move_branches(git, commit, destination)?;
    }
    Ok(outcome)
}

/// Moves the branches in one transaction, which fails when one of them is no longer where it was.
fn move_branches(git: &Git, commit: &str, destination: &Destination<'_>) -> anyhow::Result<()> {
    let mut commands = String::from("start\n");
    if let Some(cut) = destination.cut {
        commands += &format!("create refs/heads/{cut} {}\n", destination.base);
    }
    commands += &match destination.expected {
        Some(expected) => format!("update refs/heads/{} {commit} {expected}\n", destination.branch),
        None => format!("create refs/heads/{} {commit}\n", destination.branch),
    };
    commands += "commit\n";
    let output = git.output(&["update-ref", "-m", "xtask: prepare a release", "--stdin"], Some(&commands))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        bail!("{} could not be moved to the new commit {commit}: {said}; run the command again", destination.branch);
    }
    Ok(())
}

/// Whether a hook runs when something is committed.
fn has_commit_hooks(repository: &Repository) -> anyhow::Result<bool> {
    let hooks = repository.git.read(&["rev-parse", "--path-format=absolute", "--git-path", "hooks"])?;
    let hooks = Utf8Path::new(hooks.trim_end_matches('\n'));
    let is_run = |name: &&str| {
        fs::metadata(hooks.join(name)).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    Ok(["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"].iter().any(is_run))
}

/// One run at a time works in temporary work trees, so that what is found of them is nobody's.
fn lock(repository: &Repository) -> anyhow::Result<File> {
    let directory = repository.location.common_dir.join("xtask-release");
    fs::create_dir_all(&directory).with_context(|| format!("could not make {directory}"))?;
    let path = directory.join("worktree.lock");
    let file = File::create(&path).with_context(|| format!("could not make {path}"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            bail!("another run is committing in this repository (it holds {path}); wait for it to end")
        }
        Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("could not lock {path}")),
    }
}

/// Removes the work trees that killed runs left.
fn remove_leftovers(git: &Git) -> anyhow::Result<()> {
    let listed = git.read(&["worktree", "list", "--porcelain", "-z"])?;
    let trees = listed.split('\0').filter_map(|line| line.strip_prefix("worktree ")).map(Utf8Path::new);
    for tree in trees.filter(|tree| tree.file_name().is_some_and(|name| name.starts_with(PREFIX))) {
        // A tree whose folder is gone cannot be removed, only forgotten, which `prune` does.
        if tree.exists() {
            git.read(&["worktree", "remove", "--force", "--force", tree.as_str()])?;
        }
        output::note(&format!("removed {tree}, which an interrupted run left"));
    }
    git.read(&["worktree", "prune"]).map(drop).map_err(Into::into)
}
