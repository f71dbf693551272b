//! Commits a plan: in the checkout when it is on the branch, else in a temporary work tree that is gone afterwards.

use super::interrupt::Interrupt;
use super::lock::{self, Lock};
use crate::world::Repository;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{CommitOutcome, CommitRequest, Git};
use release_core::plan::Plan;
use std::fs;
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

/// What is committed, and how.
pub(crate) struct Request<'a> {
    pub(crate) message: &'a str,
    pub(crate) signoff: bool,
    pub(crate) interrupt: &'a Interrupt,
}

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
    repository: &Repository,
    request: &Request<'_>,
    paths: &[Utf8PathBuf],
) -> anyhow::Result<CommitOutcome> {
    let outcome = commit(&repository.git, &repository.state_dir(), request, paths)?;
    if request.interrupt.happened() && !matches!(outcome, CommitOutcome::Made(_)) {
        bail!("interrupted: the edits are in the work tree, uncommitted; run the command again to commit them");
    }
    Ok(outcome)
}

/// Commits a plan without touching the checkout. The branch moves last and at once: before that, nothing has happened.
pub(crate) fn elsewhere(
    repository: &Repository,
    lock: &Lock,
    plan: &Plan,
    request: &Request<'_>,
    destination: &Destination<'_>,
) -> anyhow::Result<CommitOutcome> {
    let parent = std::env::temp_dir().canonicalize().context("could not find the temporary directory")?;
    // It is noted before it is made, so that a kill between the two leaves nothing that nobody knows of.
    let made = tempfile::Builder::new().prefix(lock::PREFIX).make_in(parent, |path| {
        lock.note(&path.to_string_lossy())?;
        fs::DirBuilder::new().mode(0o700).create(path)
    });
    let directory = made.context("could not make a temporary directory")?.into_temp_path().keep()?;
    let tree = Utf8PathBuf::try_from(directory)?;
    let outcome = in_temporary(repository, plan, request, destination, &tree);
    // Whatever happened, the work tree goes; what went wrong is the better error.
    let removed = lock::remove(repository, &tree);
    let outcome = outcome?;
    removed?;
    Ok(outcome)
}

fn in_temporary(
    repository: &Repository,
    plan: &Plan,
    request: &Request<'_>,
    destination: &Destination<'_>,
    tree: &Utf8Path,
) -> anyhow::Result<CommitOutcome> {
    let paths: Vec<Utf8PathBuf> = plan.files.iter().map(|file| file.path.clone()).collect();
    // Hooks may look at any file, so they get all of them; without hooks the plan's own are enough.
    let hooked = has_commit_hooks(repository)?;
    let checkout: &[&str] = if hooked { &[] } else { &["--no-checkout"] };
    // What is to run after a checkout is for work trees that stay.
    let add = ["-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach"];
    repository.git.read(&[&add, checkout, &[tree.as_str(), destination.base]].concat())?;
    let inside = repository.git_in(tree)?;
    if !hooked {
        inside.read(&["read-tree", "HEAD"])?;
        let listed: String = paths.iter().map(|path| format!("{path}\0")).collect();
        let output = inside.output(&["checkout-index", "-z", "--stdin"], Some(&listed))?;
        if !output.status.success() {
            bail!("could not check out the manifests: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
    }
    // Nobody else has this tree, and a half-written one is thrown away: there is nothing to take back. What was checked
    // out may differ from the plan's old text in its line endings, which the commit makes the same again.
    for file in &plan.files {
        let path = tree.join(&file.path);
        fs::write(&path, file.new.as_str()).with_context(|| format!("could not write {path}; nothing was changed"))?;
    }
    let outcome = commit(&inside, &inside.locate()?.git_dir, request, &paths)?;
    if request.interrupt.happened() {
        bail!("interrupted: nothing was committed, and this checkout was not touched");
    }
    if let CommitOutcome::Made(commit) = &outcome {
        move_branches(&repository.git, commit, destination)?;
    }
    Ok(outcome)
}

fn commit(
    git: &Git,
    state_dir: &Utf8Path,
    request: &Request<'_>,
    paths: &[Utf8PathBuf],
) -> anyhow::Result<CommitOutcome> {
    fs::create_dir_all(state_dir).with_context(|| format!("could not make {state_dir}"))?;
    let trace = state_dir.join(lock::TRACE);
    // Git would add to the one of a run that was killed.
    let _ = fs::remove_file(&trace);
    let commit = CommitRequest { message: request.message, signoff: request.signoff, paths, trace: &trace };
    let outcome = git.commit(&commit, &mut |said| {
        let _ = std::io::stderr().write_all(said);
    });
    let _ = fs::remove_file(&trace);
    Ok(outcome?)
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

/// Whether a hook may run when something is committed.
fn has_commit_hooks(repository: &Repository) -> anyhow::Result<bool> {
    let git = &repository.git;
    let hooks = git.read(&["rev-parse", "--git-path", "hooks"])?;
    let hooks = Utf8Path::new(hooks.trim_end_matches('\n'));
    // A path from the top of the work tree means another directory in each of them.
    let configured = git.output(&["config", "--type=path", "--get", "core.hooksPath"], None)?;
    let configured = String::from_utf8_lossy(&configured.stdout).trim_end().to_owned();
    if !configured.is_empty() && Utf8Path::new(&configured).is_relative() {
        return Ok(true);
    }
    let hooks = repository.location.root.join(hooks);
    let is_run = |name: &str| {
        fs::metadata(hooks.join(name)).is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
    };
    Ok(["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"].into_iter().any(is_run))
}
