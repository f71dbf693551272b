//! The preconditions of preparing a release, and the place in which it works. All of it is a function of
//! observations, and all problems are reported together.

use super::misnamed::misnamed;
use crate::git::Flag;
use crate::history::{Branch, History, LineState, Refs};
use crate::monorepo::Config;
use crate::problem::Problem;
use crate::text::{count, quoted};
use crate::version::{Release, ReleaseKind};
use camino::{Utf8Path, Utf8PathBuf};

/// The request of a person.
#[derive(Clone, Debug)]
pub struct Request {
    /// The release.
    pub release: Release,
    /// `true` if numbers may be left out.
    pub skip: bool,
    /// `true` if the line may have reached its end of life.
    pub unmaintained: bool,
    /// The destination of the edits.
    pub target: Target,
    /// The branch of the release's own.
    pub own_branch: String,
}

/// The destination of the edits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The work tree.
    WorkTree,
    /// A commit on the line's branch.
    Line,
    /// A commit on the release's own branch.
    Branch,
}

/// The place in which preparing works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The work tree, which is on the line's branch or on the release's own.
    WorkTree,
    /// The work tree, which is on main and is switched to the line's new branch.
    CutInWorkTree,
    /// A temporary work tree.
    Temporary {
        /// The commit to which the edits are made.
        base: String,
        /// The branch to which the commit goes.
        branch: String,
        /// `true` if the line's branch is created at the base.
        cuts: bool,
    },
}

impl Place {
    /// Returns `true` if the line's branch is created.
    pub fn cuts(&self) -> bool {
        matches!(self, Self::CutInWorkTree | Self::Temporary { cuts: true, .. })
    }
}

/// The answer of a remote.
#[derive(Clone, Debug, Default)]
pub struct RemoteState {
    /// Its name.
    pub name: String,
    /// The commit of the release's tag on it.
    pub tag: Option<String>,
    /// The commit of the line's branch on it.
    pub line: Option<String>,
    /// The commit of the release's own branch on it.
    pub own: Option<String>,
    /// `true` if it was asked, and answered.
    pub is_asked: bool,
    /// The reason for which it could not be asked.
    pub error: Option<String>,
}

/// Returns `here or on origin`, for a message about an object that is in neither.
pub(super) fn nor_here(remote: &str) -> String {
    if remote.is_empty() { "and no remote".to_owned() } else { format!("here or on {remote}") }
}

/// The difference between a branch and the branch it follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The branch.
    pub branch: String,
    /// The branch it follows, such as `origin/main`.
    pub upstream: String,
    /// The number of commits that only the branch has.
    pub ahead: u64,
    /// The number of commits that only the other has.
    pub behind: u64,
}

/// Returns the place in which to prepare a release. `own` is the newest commit of the release's own branch.
///
/// # Errors
/// If the checkout is on the wrong branch.
pub fn place(
    request: &Request,
    refs: &Refs,
    config: &Config,
    remote: &RemoteState,
    own: Option<&str>,
) -> Result<Place, Problem> {
    let Request { release, own_branch, .. } = request;
    let line = config.branch.branch(release.line());
    if refs.branches.is_empty() && refs.remote_branches.is_empty() {
        return Err(Problem::new("this repository has no commits", "run this in a checkout of the monorepo"));
    }
    let base = tip(refs, remote, &line);
    if base.is_none() && remote.line.is_some() {
        return Err(Problem::new(
            format!("{line} is on {} and was not fetched", remote.name),
            format!("`git fetch {}`, or run this with `--fetch`", remote.name),
        ));
    }
    if base.is_none() && release.patch > 0 {
        return Err(Problem::new(
            format!("there is no branch {line}, {}", nor_here(&remote.name)),
            format!("a patch is prepared on its line's branch: see that {release} is the version you mean"),
        ));
    }
    let is_on = |name: &str| refs.current().is_some_and(|branch| branch.name == name);
    match request.target {
        Target::Branch if *own_branch == config.main || config.branch.line(own_branch).is_some() => Err(Problem::new(
            format!("`--branch` names a branch for this release alone, and {own_branch} is not one"),
            format!("leave it out to commit to {line}, or give another name"),
        )),
        Target::WorkTree | Target::Branch if base.is_some() && is_on(own_branch) => Ok(Place::WorkTree),
        Target::WorkTree => in_work_tree(refs, config, &line, base.is_some(), remote),
        Target::Line if is_on(&line) => Ok(Place::WorkTree),
        Target::Line => temporary(refs, config, &line, (&line, base), base, remote),
        Target::Branch => temporary(refs, config, &line, (own_branch, own), base, remote),
    }
}

fn in_work_tree(
    refs: &Refs,
    config: &Config,
    line: &str,
    exists: bool,
    remote: &RemoteState,
) -> Result<Place, Problem> {
    let main = &config.main;
    let current = refs.current().map(|branch| branch.name.as_str());
    if current == Some(line) {
        return Ok(Place::WorkTree);
    }
    if !exists && current == Some(main) {
        return Ok(Place::CutInWorkTree);
    }
    let current_state = match (current, &refs.unborn) {
        (Some(name), _) => format!("this checkout is on {name}"),
        (None, Some(name)) => format!("this checkout is on {name}, which has no commits"),
        (None, None) => "the head is detached".to_owned(),
    };
    if !exists {
        return Err(Problem::new(
            format!("{current_state}; {line} does not exist, {}, and is cut from {main}", nor_here(&remote.name)),
            format!("`git switch {main}`, or use `--commit` to cut {line} without touching this checkout"),
        ));
    }
    let help = match refs.branch(line).and_then(|branch| branch.worktree.as_ref()) {
        Some(worktree) => format!("run the command in {worktree}, where {line} is checked out"),
        None => format!("`git switch {line}`, or use `--commit` to work on {line} without touching this checkout"),
    };
    Err(Problem::new(format!("{current_state}, and the release is prepared on {line}"), help))
}

fn temporary(
    refs: &Refs,
    config: &Config,
    line: &str,
    (branch, now): (&str, Option<&str>),
    base: Option<&str>,
    remote: &RemoteState,
) -> Result<Place, Problem> {
    let Some(from) = base.or_else(|| tip(refs, remote, &config.main)) else {
        return Err(Problem::new(
            format!("there is no branch {}, {}, to cut {line} from", config.main, nor_here(&remote.name)),
            "name the development branch in release.toml: `[release]` with `main = \"...\"`",
        ));
    };
    if let Some(Branch { worktree: Some(worktree), .. }) = refs.branch(branch) {
        let or = if branch == line { "" } else { ", or name another branch" };
        return Err(differing(branch, worktree, format!("run the command in {worktree}{or}")));
    }
    let cuts = base.is_none() && now.is_none();
    Ok(Place::Temporary { base: now.unwrap_or(from).to_owned(), branch: branch.to_owned(), cuts })
}

/// Returns the problem of a branch that is checked out, but is to move.
pub(super) fn differing(branch: &str, worktree: &Utf8Path, help: String) -> Problem {
    let message = format!("{branch} is checked out in {worktree}, whose files would then differ from its branch");
    Problem::new(message, help)
}

/// Returns the newest commit of a branch here, or else on the remote.
fn tip<'a>(refs: &'a Refs, remote: &RemoteState, name: &str) -> Option<&'a str> {
    let theirs = || refs.remote_branch(&remote.name, name).map(|branch| branch.commit.as_str());
    refs.branch(name).map(|branch| branch.commit.as_str()).or_else(theirs)
}

/// Returns the problems that history and the remote show, without those of the tree.
pub fn against(
    request: &Request,
    history: &History,
    config: &Config,
    remote: &RemoteState,
    shallow: bool,
) -> Vec<Problem> {
    let release = request.release;
    let mut problems = Vec::new();
    if shallow {
        problems.push(Problem::new(
            "this is a shallow clone: it may lack the tags and branches of earlier releases",
            "`git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`",
        ));
    } else {
        problems.extend(succession(request, history));
    }
    if let LineState::EndOfLife(by) = history.line_state(release.line(), config.maintained_lines)
        && !request.unmaintained
    {
        let (line, number) = (release.line(), config.maintained_lines);
        problems.push(Problem::new(
            format!("line {line} is end of life since {by}.0: the last {number} minors are maintained"),
            "`--unmaintained` prepares it anyway",
        ));
    }
    let (tag, name) = (config.tag.tag(release), &remote.name);
    if let Some(error) = &remote.error {
        problems.push(Problem::new(
            format!("{name} could not be asked whether {tag} is free: {error}"),
            "`--offline` does not ask it",
        ));
    }
    match (&remote.tag, history.commit(release)) {
        (Some(theirs), None) => problems.push(Problem::new(
            format!("{tag} is tagged on {name} already, at {}", short(theirs)),
            format!("`git fetch --tags {name}` and see what is released"),
        )),
        (Some(theirs), Some(ours)) if theirs != ours => problems.push(Problem::new(
            format!("{tag} is on {} here and on {} on {name}", short(ours), short(theirs)),
            format!("what others have counts: `git tag --delete {tag}`, then `git fetch --tags {name}`, and see what is released"),
        )),
        _ => {}
    }
    problems
}

/// Returns the problem of a release that does not come next by the tags, or whose predecessors have tags of another
/// pattern.
pub fn succession(request: &Request, history: &History) -> Option<Problem> {
    let Request { release, skip, .. } = *request;
    if let Some(others) = history.others().filter(|others| others.followed.is_some() && !skip) {
        let (message, help) = others.described();
        return Some(Problem::new(
            message,
            format!("{help}; `--skip` goes on if those are no releases of this monorepo"),
        ));
    }
    if let Some(problem) = misnamed(release, history).filter(|_| !skip) {
        return Some(problem);
    }
    let error = history.check_successor(release, skip).err().filter(|_| history.commit(release).is_none())?;
    Some(Problem::new(error.to_string(), successor_help(release, history, skip)))
}

/// Returns the help for a release that does not come next, which names the one that does.
fn successor_help(release: Release, history: &History, skip: bool) -> String {
    let mut next = Vec::new();
    if release.is_candidate() && history.commit(release.base()).is_none() {
        next.push(format!("rc {}", history.next_like(release)));
    }
    if let Some(last) = history.last_final(release.line()) {
        next.push(format!("patch {}", last.next_patch()));
    }
    if let Some(highest) = history.highest_final() {
        next.push(format!("minor {}", Release::new(highest.major, highest.minor + 1, 0)));
        next.push(format!("major {}", Release::new(highest.major + 1, 0, 0)));
    }
    next.retain(|command| !command.ends_with(&format!(" {release}")));
    if next.is_empty() {
        return "nothing is released yet: begin with a minor or a major, such as `minor 0.1.0`".to_owned();
    }
    let next: Vec<String> = next.iter().map(|command| format!("`{command}`")).collect();
    let above = history.highest_final().is_none_or(|highest| release > highest) || release.kind() == ReleaseKind::Patch;
    let can_skip = above && !skip && history.check_successor(release, true).is_ok();
    let skipping = if can_skip { "; `--skip` leaves numbers out" } else { "" };
    format!("the next release can be {}{skipping}", next.join(" or "))
}

/// Returns the problem of a branch that lacks commits of the branch it follows.
pub fn behind(divergence: &Divergence) -> Option<Problem> {
    let Divergence { branch, upstream, ahead, behind } = divergence;
    let commits = count(usize::try_from(*behind).unwrap_or(usize::MAX), "commit");
    match (ahead, behind) {
        (_, 0) => None,
        (0, _) => Some(Problem::new(
            format!("{branch} is {commits} behind {upstream}"),
            format!("`git switch {branch} && git pull --ff-only`"),
        )),
        _ => Some(Problem::new(
            format!("{branch} and {upstream} have diverged: {ahead} here, {behind} there"),
            format!("rebase or merge {branch} onto {upstream} first"),
        )),
    }
}

/// Returns the problem of an existing tag of the release; `is_done` is `true` if the tree is already at the release.
pub fn tagged(release: Release, history: &History, config: &Config, tip: &str, is_done: bool) -> Option<Problem> {
    let commit = history.commit(release).filter(|_| !is_done)?;
    let tag = config.tag.tag(release);
    let at = if commit == tip { "this very commit" } else { short(commit) };
    Some(Problem::new(
        format!("{tag} exists already, on {at}, and the tree is not at {release}"),
        format!(
            "a tag is never moved: prepare {} instead, or delete {tag} if it was never published",
            history.next_like(release)
        ),
    ))
}

/// Returns the problem of uncommitted changes in files that are edited, or in any file if the checkout is switched.
pub fn uncommitted(files: &[Utf8PathBuf], switches: bool) -> Option<Problem> {
    let why = if switches { "the checkout is switched to the new branch" } else { "the release edits them" };
    mixed(files, why)
}

/// Returns the problem of uncommitted changes in files, with the reason.
pub fn mixed(files: &[Utf8PathBuf], why: &str) -> Option<Problem> {
    if files.is_empty() {
        return None;
    }
    let names: Vec<&str> = files.iter().take(5).map(|path| path.as_str()).collect();
    let more = match files.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(Problem::new(
        format!("uncommitted changes in {}{more}, and {why}", names.join(", ")),
        "commit them, or put them away with `git stash`",
    ))
}

/// Returns the problem of files that are at the release in the last commit and in the work tree, but not in the
/// index. A git that was killed just after its commit leaves them, and the next commit by hand would undo the
/// release.
pub fn staged(files: &[Utf8PathBuf]) -> Option<Problem> {
    if files.is_empty() {
        return None;
    }
    let names: Vec<&str> = files.iter().map(|path| path.as_str()).collect();
    let words: Vec<_> = names.iter().map(|name| quoted(name)).collect();
    Some(Problem::new(
        format!("{} are at the release in the last commit, but other changes to them are staged", names.join(", ")),
        format!("`git reset --quiet -- {}` removes those changes from the index", words.join(" ")),
    ))
}

/// A file that is to change, and that git is told not to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The file.
    pub path: Utf8PathBuf,
    /// By which mark.
    pub flag: Flag,
}

/// Files that git is told not to look at: a commit would leave their edits out, or take others in, and say nothing.
pub fn unseen(files: &[Unseen]) -> Option<Problem> {
    if files.is_empty() {
        return None;
    }
    let names: Vec<String> = files.iter().map(|file| format!("{} ({})", file.path, file.flag.name())).collect();
    let names = names.join(", ");
    let help = [Flag::AssumeUnchanged, Flag::SkipWorktree].map(|flag| {
        let marked = files.iter().filter(|file| file.flag == flag).map(|file| quoted(file.path.as_str()));
        let words = marked.collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then(|| format!("`git update-index --no-{} -- {words}`, then see `git diff`", flag.name()))
    });
    let message = format!("git is told not to look at {names}, so that a commit would not hold what is planned");
    Some(Problem::new(message, help.into_iter().flatten().collect::<Vec<_>>().join("; ")))
}

/// Returns the first characters of a commit's id, as people quote it.
pub fn short(commit: &str) -> &str {
    commit.get(..9).unwrap_or(commit)
}
