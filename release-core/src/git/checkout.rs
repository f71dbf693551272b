//! The questions of setuptools-scm to a repository.

use super::process::{Git, GitError, failed, text};
use crate::reading;
use crate::scm::{Checkout, Depth, Described, Question, Scope, Scoped, described_tag};
use camino::Utf8Path;

impl Git {
    /// Answers setuptools-scm's questions about a checkout, or about a revision without checking it out, by at most
    /// three processes. Returns `None` if there is no repository.
    ///
    /// # Errors
    /// When git cannot be started, or the revision is not there.
    pub fn scm_checkout(&self, question: &Question, revision: Option<&str>) -> Result<Option<Checkout>, GitError> {
        let Some(top) = question.tops.iter().find(|top| is_top(top)) else { return Ok(None) };
        let ask = |words: &[&str]| {
            let words = [&["-C", top.as_str(), "--git-dir", ".git"], words].concat();
            let output = self.output(&words, None)?;
            Ok::<_, GitError>(output.status.success().then(|| text(&output.stdout).trim().to_owned()))
        };
        let head = revision.unwrap_or("HEAD");
        // A branch by its name, `HEAD` where it is detached, nothing for the id of a commit.
        let branch_of =
            |head| Ok::<_, GitError>(ask(&["rev-parse", "--abbrev-ref", head])?.filter(|branch| !branch.is_empty()));
        let mut describe: Vec<&str> = question.describe.iter().map(String::as_str).collect();
        if revision.is_some() {
            // A commit has no changed files, and git refuses to look for them.
            describe.retain(|word| !word.starts_with("--dirty") && !word.starts_with("--broken"));
            describe.push(head);
        }
        let described = ask(&describe)?;
        let (history, missing_submodules) = match revision {
            None => (self.depth(question, top)?, missing_submodules(question, top, &ask)?),
            Some(_) => (Depth::Full, Vec::new()),
        };
        let scoped = match &question.scope {
            Some(scope) => {
                let tag = described.as_deref().map(described_tag);
                Some(scoped(scope, top, tag, head, revision.is_none(), &ask)?)
            }
            None => None,
        };
        if let Some(output) = described {
            let described = Described::Tag(output);
            let mut checkout = Checkout { history, missing_submodules, scoped, ..Checkout::of(described) };
            if question.wants_branch {
                checkout.branch = branch_of(head)?;
                checkout.committed =
                    ask(&["rev-list", "--max-count=1", "--format=%cI", head])?.and_then(|list| newest(&list).1);
            }
            return Ok(Some(checkout));
        }
        let commits = ask(&["rev-list", "--format=%cI", head])?.unwrap_or_default();
        let (id, committed) = newest(&commits);
        if id.is_none() && revision.is_some() {
            return Err(failed(&["rev-list", head], "there is no such commit"));
        }
        let (branch, is_changed) = match revision {
            Some(_) if question.wants_branch => (branch_of(head)?, false),
            Some(_) => (None, false),
            None => {
                let words = ["--no-optional-locks", "status", "--porcelain=v2", "--branch", "--untracked-files=no"];
                let status = ask(&words)?.unwrap_or_default();
                let branch = status.lines().find_map(|line| line.strip_prefix("# branch.head "));
                let branch = branch.map(|name| if name == "(detached)" { "HEAD" } else { name }.to_owned());
                (branch, status.lines().any(|line| !line.starts_with('#')))
            }
        };
        let dirty = is_changed || id.is_none();
        // `commit ID` and the moment, a line each.
        let count = commits.lines().filter(|line| line.starts_with("commit ")).count() as u64;
        let described = Described::NoTag { head: id, commits: count, dirty };
        Ok(Some(Checkout { described, branch, committed, history, missing_submodules, scoped }))
    }

    /// Returns the history that a clone has, as setuptools-scm tells it.
    fn depth(&self, question: &Question, top: &Utf8Path) -> Result<Depth, GitError> {
        if !question.wants_history || !top.join(".git/shallow").is_file() {
            return Ok(Depth::Full);
        }
        let words = ["-C", top.as_str(), "--git-dir", ".git", "describe", "--exact-match", "--tags", "HEAD"];
        let is_tagged = self.output(&words, None)?.status.success();
        Ok(if is_tagged { Depth::ShallowAtTag } else { Depth::Shallow })
    }
}

/// A question to git, with its output if it succeeds.
type Ask<'a> = &'a dyn Fn(&[&str]) -> Result<Option<String>, GitError>;

/// Returns the submodules that are not there.
fn missing_submodules(question: &Question, top: &Utf8Path, ask: Ask<'_>) -> Result<Vec<String>, GitError> {
    if !question.wants_submodules || !top.join(".gitmodules").exists() {
        return Ok(Vec::new());
    }
    let Some(status) = ask(&["submodule", "status"])? else { return Ok(Vec::new()) };
    if status.is_empty() {
        return Ok(vec![".gitmodules".to_owned()]);
    }
    let missing = status.lines().filter_map(|line| line.trim().strip_prefix('-')?.split_whitespace().nth(1));
    Ok(missing.map(str::to_owned).collect())
}

/// Counts the commits of a scope since a tag, or all of them.
fn scoped(
    scope: &Scope,
    top: &Utf8Path,
    tag: Option<&str>,
    head: &str,
    is_work_tree: bool,
    ask: Ask<'_>,
) -> Result<Scoped, GitError> {
    let project = scope.folder.strip_prefix(top).map_or("", Utf8Path::as_str);
    let paths: Vec<&str> = std::iter::once(project).chain(scope.others.iter().map(String::as_str)).collect();
    if project.is_empty() {
        return Ok(Scoped { is_at_root: true, distance: None, dirty: false });
    }
    let revisions = tag.map_or_else(|| head.to_owned(), |tag| format!("{tag}..{head}"));
    let counted = ask(&[&["rev-list", "--count", scope.option, &revisions, "--"], &paths[..]].concat())?;
    let status = ["--no-optional-locks", "status", "--porcelain", "--untracked-files=no", "--"];
    let changed = if is_work_tree { ask(&[&status[..], &paths[..]].concat())? } else { None };
    let distance = counted.and_then(|count| count.parse().ok());
    Ok(Scoped { is_at_root: false, distance, dirty: changed.is_some_and(|changed| !changed.is_empty()) })
}

/// The id and the moment of the first commit of a list.
fn newest(list: &str) -> (Option<String>, Option<String>) {
    let mut lines = list.lines();
    let id = lines.next().and_then(|line| line.strip_prefix("commit ")).map(str::to_owned);
    (id, lines.next().map(str::to_owned))
}

/// Returns `true` if a folder has a repository of its own, by the files that git looks for
/// (<https://git-scm.com/docs/gitrepository-layout>).
fn is_top(folder: &Utf8Path) -> bool {
    let dot_git = folder.join(".git");
    let git_dir = match reading::text(&dot_git) {
        Ok(pointed) => folder.join(pointed.trim_start_matches("gitdir: ").trim_end()),
        Err(_) => dot_git,
    };
    git_dir.join("HEAD").exists()
}
