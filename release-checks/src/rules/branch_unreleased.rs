//! A line has fixes that no release of it has.
//!
//! ## What it does
//!
//! Lists the commits of a line's branch behind its last final. Commits whose messages name a CVE or a GHSA come first; of all
//! others those are left out that change nothing for users by their type (`chore:`, `ci:`, `docs:`, ...), or by their content:
//! those that touch only manifests, lockfiles, version constants and documentation, unless they call themselves `fix:`, `feat:`
//! or the like. So are those that a later commit takes back (`This reverts commit ID`), with that commit, and, where the last
//! final does not lie on the branch, those whose change it has under another id: by the same patch, or as
//! `git cherry-pick -x` notes it. On a line that is maintained it is an error, on one that is end of life a warning.
//!
//! ## Why is this bad?
//!
//! Somebody backported a fix, and its users do not have it. On a line that has ended they never will, and do not know.
//!
//! ## Example
//!
//! `release-0.4.x` has `fix: a gate that does not close` behind `v0.4.4`.
//!
//! ## Use instead
//!
//! `cargo xtask release patch 0.4.5`, or for a line that has ended the same with `--unmaintained`.
//!
//! ## Fix
//!
//! None: a release makes it right.

use crate::diagnostic::{Finding, Report};
use crate::past::{Past, day};
use release_core::history::Commit;
use release_core::plan::preconditions::short;

/// The number of commits that are named.
const SHOWN: usize = 5;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let Some(()) = report.clear_of(past.unread) else { return };
    for line in past.timeline.lines() {
        let Some(unreleased) = &line.unreleased else { continue };
        let marks = |commit: &Commit| past.timeline.marks.get(&commit.id).map_or(&[][..], Vec::as_slice);
        let commits: Vec<&Commit> = unreleased.fixes(past.timeline).collect();
        if commits.is_empty() {
            continue;
        }
        let named = commits.iter().take(SHOWN).map(|commit| match marks(commit) {
            [] => format!("{} {}", short(&commit.id), commit.subject),
            found => format!("{} {} [{}]", short(&commit.id), commit.subject, found.join(", ")),
        });
        let more = if commits.len() > SHOWN { format!("; and {} more", commits.len() - SHOWN) } else { String::new() };
        let state = match line.ended {
            Some((since, by)) => format!("end of life since {by}, {}", day(since)),
            None => "maintained".to_owned(),
        };
        let fixes = if commits.len() == 1 { "1 fix".to_owned() } else { format!("{} fixes", commits.len()) };
        let message = format!(
            "{} ({state}) has {fixes} that {} has not: {}{more}",
            line.branch,
            unreleased.last,
            named.collect::<Vec<_>>().join("; ")
        );
        let flag = if line.ended.is_some() { " --unmaintained" } else { "" };
        let help = format!("`cargo xtask release patch {}{flag}`", unreleased.last.next_patch());
        report.find(Finding::about(message, line.branch.clone()).mild(line.ended.is_some()).help(help));
    }
}
