//! The questions of setuptools-scm to a repository.

use super::process::{Git, GitError, failed, text};
use crate::reading;
use crate::scm::{Checkout, Described, Question};
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
        if let Some(output) = ask(&describe)? {
            let mut checkout = Checkout { described: Described::Tag(output), branch: None, committed: None };
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
        Ok(Some(Checkout { described: Described::NoTag { head: id, commits: count, dirty }, branch, committed }))
    }
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
