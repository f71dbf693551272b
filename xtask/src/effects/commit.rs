//! Commits a plan: in the checkout when it is on the branch, else in a temporary work tree that is gone afterwards.

use super::interrupt::Interrupt;
use super::lock::{self, Lock};
use super::planned::{self, Expected};
use super::worktree::{self, Extent};
use crate::checkout::Repository;
use anyhow::{Context, bail};
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{CommitOutcome, CommitRequest, Git};
use release_core::plan::PlannedFile;
use release_core::problem::Problem;
use release_core::text::quoted;
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
    /// One is not what was planned. Elsewhere no branch moved; in the checkout it stands.
    Departed(Problem),
}

/// Commits files of the checkout, on the branch and the commit that it is at.
pub(crate) fn in_checkout(
    repository: &Repository,
    request: &Request<'_>,
    message: &str,
    (branch, base): (&str, &str),
    files: &[PlannedFile],
) -> anyhow::Result<Committed> {
    let git = &repository.git;
    let expected = Expected::of(git, &repository.location.root, files)?;
    match commit(git, &repository.state_dir(), request, message, &expected, base)? {
        CommitOutcome::Made(made) => Ok(match planned::departed(git, base, &made, &expected, Some(branch))? {
            Some(problem) => Committed::Departed(problem),
            None => Committed::Made(vec![made.id]),
        }),
        CommitOutcome::Refused { .. } if request.interrupt.happened() => {
            bail!("interrupted: the edits are in the work tree, uncommitted; run the command again to commit them")
        }
        CommitOutcome::Refused { hook, ids } => Ok(Committed::Refused { hook, ids }),
    }
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
            let expected = Expected::of(inside, tree, piece.files)?;
            let state_dir = inside.locate()?.git_dir;
            let made = match commit(inside, &state_dir, request, piece.message, &expected, piece.base)? {
                CommitOutcome::Made(made) => made,
                CommitOutcome::Refused { hook, ids } => return Ok(Committed::Refused { hook, ids }),
            };
            Ok(match planned::departed(inside, piece.base, &made, &expected, None)? {
                Some(problem) => Committed::Departed(problem),
                None => Committed::Made(vec![made.id]),
            })
        })?;
        if request.interrupt.happened() {
            bail!("interrupted: nothing was committed, and this checkout was not touched");
        }
        match outcome {
            Committed::Made(made) => commits.extend(made),
            other => return Ok(other),
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
    expected: &Expected<'_>,
    base: &str,
) -> anyhow::Result<CommitOutcome> {
    fs::create_dir_all(state_dir).with_context(|| format!("could not make {state_dir}"))?;
    let trace = state_dir.join(lock::TRACE);
    // Git would add to the one of a run that was killed.
    let _ = fs::remove_file(&trace);
    let paths = expected.paths();
    let commit = CommitRequest { message, signoff: request.signoff, paths: &paths, trace: &trace, base };
    let mut said = crate::output::Said::default();
    let outcome = git.commit(&commit, &|| request.interrupt.happened(), &mut |bytes| said.hear(bytes));
    drop(said);
    let _ = fs::remove_file(&trace);
    Ok(outcome?)
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
