//! Commits a plan: in the checkout when it is on the branch, else in a temporary work tree that is gone afterwards.

use super::interrupt::Interrupt;
use super::lock::{self, Lock};
use super::worktree::{self, Extent};
use crate::world::Repository;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{CommitOutcome, CommitRequest, Git};
use release_core::plan::PlannedFile;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// How commits are made.
pub(crate) struct Request<'a> {
    pub(crate) signoff: bool,
    pub(crate) interrupt: &'a Interrupt,
    /// What the reflog of a branch that moves says.
    pub(crate) reason: &'a str,
}

/// One commit, and where it goes.
pub(crate) struct Piece<'a> {
    pub(crate) message: &'a str,
    pub(crate) files: &'a [PlannedFile],
    /// The commit that the edits are made to.
    pub(crate) base: &'a str,
    /// The branch that moves to the new commit.
    pub(crate) branch: &'a str,
    /// Where that branch is now.
    pub(crate) expected: Option<&'a str>,
    /// A branch that is made at the base, when the line is cut and the commit goes elsewhere.
    pub(crate) cut: Option<&'a str>,
    /// A tag that is made on the new commit.
    pub(crate) tag: Option<&'a str>,
}

/// How the commits of a run ended.
pub(crate) enum Committed {
    /// All are made, with these ids, and the branches moved to them.
    Made(Vec<String>),
    /// One was refused by a hook or by git; no branch moved.
    Refused { hook: Option<String>, ids: Vec<String> },
}

/// Commits files of the checkout.
pub(crate) fn in_checkout(
    repository: &Repository,
    request: &Request<'_>,
    message: &str,
    paths: &[Utf8PathBuf],
) -> anyhow::Result<CommitOutcome> {
    let outcome = commit(&repository.git, &repository.state_dir(), request, message, paths)?;
    if request.interrupt.happened() && !matches!(outcome, CommitOutcome::Made(_)) {
        bail!("interrupted: the edits are in the work tree, uncommitted; run the command again to commit them");
    }
    Ok(outcome)
}

/// Commits without touching the checkout, each piece in a temporary work tree. The branches move last and all at once: before
/// that, nothing has happened.
pub(crate) fn elsewhere(
    repository: &Repository,
    lock: &Lock,
    request: &Request<'_>,
    pieces: &[Piece<'_>],
) -> anyhow::Result<Committed> {
    let hooked = has_commit_hooks(repository)?;
    let mut commits = Vec::new();
    for piece in pieces {
        let paths: Vec<Utf8PathBuf> = piece.files.iter().map(|file| file.path.clone()).collect();
        // Hooks may look at any file, so they get all of them; without hooks the plan's own are enough.
        let extent = if hooked { Extent::Whole } else { Extent::Files(&paths) };
        let outcome = worktree::with(repository, lock, piece.base, extent, |inside, tree| {
            worktree::write(tree, piece.files)?;
            commit(inside, &inside.locate()?.git_dir, request, piece.message, &paths)
        })?;
        if request.interrupt.happened() {
            bail!("interrupted: nothing was committed, and this checkout was not touched");
        }
        match outcome {
            CommitOutcome::Made(commit) => commits.push(commit),
            CommitOutcome::Refused { hook, ids } => return Ok(Committed::Refused { hook, ids }),
        }
    }
    move_references(&repository.git, request.reason, pieces, &commits)?;
    Ok(Committed::Made(commits))
}

fn commit(
    git: &Git,
    state_dir: &Utf8Path,
    request: &Request<'_>,
    message: &str,
    paths: &[Utf8PathBuf],
) -> anyhow::Result<CommitOutcome> {
    fs::create_dir_all(state_dir).with_context(|| format!("could not make {state_dir}"))?;
    let trace = state_dir.join(lock::TRACE);
    // Git would add to the one of a run that was killed.
    let _ = fs::remove_file(&trace);
    let commit = CommitRequest { message, signoff: request.signoff, paths, trace: &trace };
    let mut said = crate::output::Said::default();
    let outcome = git.commit(&commit, &mut |bytes| said.hear(bytes));
    drop(said);
    let _ = fs::remove_file(&trace);
    Ok(outcome?)
}

/// Moves the branches in one transaction, which fails when one of them is no longer where it was.
fn move_references(git: &Git, reason: &str, pieces: &[Piece<'_>], commits: &[String]) -> anyhow::Result<()> {
    let mut commands = String::from("start\n");
    for (piece, commit) in pieces.iter().zip(commits) {
        if let Some(cut) = piece.cut {
            commands += &format!("create refs/heads/{cut} {}\n", piece.base);
        }
        commands += &match piece.expected {
            Some(expected) => format!("update refs/heads/{} {commit} {expected}\n", piece.branch),
            None => format!("create refs/heads/{} {commit}\n", piece.branch),
        };
        if let Some(tag) = piece.tag {
            commands += &format!("create refs/tags/{tag} {commit}\n");
        }
    }
    commands += "commit\n";
    let output = git.output(&["update-ref", "-m", reason, "--stdin"], Some(&commands))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        let branches: Vec<&str> = pieces.iter().map(|piece| piece.branch).collect();
        bail!(
            "{} could not be moved to {}: {said}; run the command again",
            branches.join(" and "),
            commits.join(" and ")
        );
    }
    Ok(())
}

/// Makes a tag on a commit; one that was made meanwhile is an error.
pub(crate) fn tag(git: &Git, name: &str, commit: &str) -> anyhow::Result<()> {
    let commands = format!("create refs/tags/{name} {commit}\n");
    let output = git.output(&["update-ref", "--stdin"], Some(&commands))?;
    if !output.status.success() {
        bail!("{name} could not be made: {}; run the command again", String::from_utf8_lossy(&output.stderr).trim());
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
