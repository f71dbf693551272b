//! Commits a plan: in the checkout when it is on the branch, else in a temporary work tree that is gone afterwards.

use super::interrupt::Interrupt;
use super::lock::{self, Lock};
use super::planned::{self, Expected};
use super::worktree::{self, Extent};
use crate::checkout::Repository;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{CommitOutcome, CommitRequest, Git, GitError};
use release_core::plan::PlannedFile;
use release_core::problem::Problem;
use release_core::text::quoted;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// The way in which commits are made.
pub(crate) struct Request<'a> {
    pub(crate) signoff: bool,
    pub(crate) interrupt: &'a Interrupt,
    /// The words of the reflog of a branch that moves.
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
    /// The commit of that branch now; `None` where it is not there.
    pub(crate) expected: Option<&'a str>,
    /// A branch that is made at the base, when the line is cut and the commit goes elsewhere.
    pub(crate) cut: Option<&'a str>,
    /// A tag that is made on the new commit.
    pub(crate) tag: Option<&'a str>,
}

/// The end of the commits of a run.
pub(crate) enum Committed {
    /// All are made, with these ids, and the branches moved to them.
    Made(Vec<String>),
    /// One was refused by a hook or by git; no branch moved.
    Refused { hook: Option<String>, ids: Vec<String> },
    /// One is not what was planned. Elsewhere no branch moved; in the checkout it stands.
    Departed(Problem),
}

/// Commits files of the checkout, on the branch and the commit that it is at.
pub(crate) fn in_checkout(
    repository: &Repository,
    request: &Request<'_>,
    piece: &Piece<'_>,
) -> anyhow::Result<Committed> {
    let (root, state_dir) = (&repository.location.root, repository.state_dir());
    let committed = commit(&repository.git, (root, &state_dir), request, piece, Some(piece.branch))?;
    if matches!(committed, Committed::Refused { .. }) && request.interrupt.happened() {
        bail!("interrupted: the edits are in the work tree, uncommitted; run the command again to commit them");
    }
    Ok(committed)
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
        let committed = worktree::with(repository, lock, piece.base, extent, |inside, tree| {
            worktree::write(tree, piece.files)?;
            commit(inside, (tree, &inside.locate()?.git_dir), request, piece, None)
        })?;
        if request.interrupt.happened() {
            bail!("interrupted: nothing was committed, and this checkout was not touched");
        }
        match committed {
            Committed::Made(made) => commits.extend(made),
            other => return Ok(other),
        }
    }
    move_references(&repository.git, request.reason, pieces, &commits)?;
    Ok(Committed::Made(commits))
}

/// Commits files that are written already, and compares the commit with the plan; `here` is the checkout's branch, where it
/// is made there.
fn commit(
    git: &Git,
    (root, state_dir): (&Utf8Path, &Utf8Path),
    request: &Request<'_>,
    piece: &Piece<'_>,
    here: Option<&str>,
) -> anyhow::Result<Committed> {
    let expected = Expected::of(git, root, piece.files)?;
    fs::create_dir_all(state_dir).with_context(|| format!("could not make {state_dir}"))?;
    let trace = state_dir.join(lock::TRACE);
    // Git would add to the one of a run that was killed.
    let _ = fs::remove_file(&trace);
    let (paths, Piece { message, base, .. }) = (expected.paths(), piece);
    let commit = CommitRequest { message, signoff: request.signoff, paths: &paths, trace: &trace, base };
    let mut said = crate::output::Said::default();
    let outcome = git.commit(&commit, &|| request.interrupt.happened(), &mut |bytes| said.hear(bytes));
    drop(said);
    let _ = fs::remove_file(&trace);
    Ok(match outcome? {
        CommitOutcome::Refused { hook, ids } => Committed::Refused { hook, ids },
        CommitOutcome::Made(made) => match planned::departed(git, base, &made, &expected, here)? {
            Some(problem) => Committed::Departed(problem),
            None => Committed::Made(vec![made.id]),
        },
    })
}

/// The locks of git's that are in the way, which is to be known before anything is written: git would refuse in the middle.
/// `is_here` says whether the checkout's own index and head change; the references are those that move.
pub(crate) fn locked(
    repository: &Repository,
    is_here: bool,
    references: impl IntoIterator<Item = String>,
) -> Option<Problem> {
    let location = &repository.location;
    let own = ["index.lock", "HEAD.lock"].map(|name| location.git_dir.join(name));
    let own = own.into_iter().filter(|_| is_here);
    let references = references.into_iter().map(|name| location.common_dir.join(name + ".lock"));
    let locks: Vec<Utf8PathBuf> = own.chain(references).filter(|lock| lock.exists()).collect();
    let names: Vec<&str> = locks.iter().map(|lock| lock.as_str()).collect();
    let words: Vec<_> = names.iter().map(|lock| quoted(lock)).collect();
    (!locks.is_empty()).then(|| {
        Problem::new(
            format!("git is locked by {}: a git is at work here, or was killed", names.join(" and ")),
            format!("wait until it has ended; if none is running, `rm {}`", words.join(" ")),
        )
    })
}

/// Returns the words for a commit that was refused, by a hook or by git itself.
pub(crate) fn refused_by(hook: Option<&str>, ids: &[String], what: &str) -> String {
    match (hook, ids) {
        (Some(hook), []) => format!("the {hook} hook refused {what}"),
        (Some(hook), ids) => format!("the {hook} hook refused {what}: {} failed", ids.join(", ")),
        (None, _) => format!("git refused {what}"),
    }
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
    if let Some(said) = refused_update(git, &["-m", reason], &commands)? {
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
    match refused_update(git, &[], &commands)? {
        Some(said) => bail!("{name} could not be made: {said}; run the command again"),
        None => Ok(()),
    }
}

/// Updates references, and returns the words of git where it refuses.
fn refused_update(git: &Git, words: &[&str], commands: &str) -> Result<Option<String>, GitError> {
    let output = git.output(&[&["update-ref"], words, &["--stdin"]].concat(), Some(commands))?;
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Ok((!output.status.success()).then_some(said))
}

/// Tells whether a hook may run when something is committed.
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
