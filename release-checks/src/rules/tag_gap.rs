//! A final leaves out numbers after the one before it.
//!
//! ## What it does
//!
//! Goes through the finals in the order of versions: within a line each is one patch above the last, and each new line one
//! minor or major above the line before. The first final of a repository may be any.
//!
//! ## Why is this bad?
//!
//! A number that was never published looks like a release that was lost, and often it is a slip: 0.1.19 after 0.1.8.
//!
//! ## Example
//!
//! `v0.1.8`, then `v0.1.19`.
//!
//! ## Use instead
//!
//! `v0.1.8`, then `v0.1.9`: `cargo xtask release patch` refuses other numbers without `--skip`.
//!
//! ## Fix
//!
//! None: a published version cannot be taken back. Accept it by its tag.

use crate::diagnostic::Finding;
use crate::level::Level;
use crate::past::{HistoryRule, Past};
use crate::rule::{Report, Rule};
use release_core::version::Release;

/// The rule of this file.
pub(crate) const RULE: HistoryRule = HistoryRule {
    rule: Rule { name: "tag-gap", level: Level::Warn, source: include_str!("tag_gap.rs"), check: |_, _| {} },
    check,
};

fn check(past: &Past<'_>, report: &mut Report) {
    let releases = past.timeline.releases();
    let mut last: Option<Release> = None;
    for release in releases.iter().map(|tagged| tagged.release).filter(|release| !release.is_candidate()) {
        let Some(last) = last.replace(release) else { continue };
        if let Some(next) = next(last, release) {
            let tag = past.config.tag.tag(release);
            let message = format!("{tag} follows {last}, and leaves out {next}");
            let help = "if it was a slip, go on from it; accept it by its tag";
            report.find(Finding::about(message, tag).help(help));
        }
    }
}

/// The final that should have come between two that follow each other; nothing where none should.
pub(crate) fn next(last: Release, release: Release) -> Option<Release> {
    let next = match (release.line() == last.line(), release.major == last.major) {
        (true, _) => last.next_patch(),
        (false, true) => Release::new(last.major, last.minor + 1, 0),
        (false, false) => Release::new(last.major + 1, 0, 0),
    };
    (release != next).then_some(next)
}
