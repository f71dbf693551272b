//! A final differs from its last candidate in more than the files of a release.
//!
//! ## What it does
//!
//! Compares the trees of a final and of its last candidate. Manifests and lockfiles may differ, documentation (what lies below
//! `docs/`, changelogs and read-mes, Markdown at the root), and files in which nothing but the version is another, such as
//! `_version.py`. On a line that is end of life it is a warning.
//!
//! ## Why is this bad?
//!
//! What was tested is not what was released.
//!
//! ## Example
//!
//! `v0.4.0` has another `src/meadow/server.py` than `v0.4.0rc5`.
//!
//! ## Use instead
//!
//! One more candidate with the change, and then the final of that.
//!
//! ## Fix
//!
//! None: the release is out. Accept it by its tag.

use crate::diagnostic::{Finding, Report};
use crate::past::Past;
use release_core::version::Line;
use std::collections::BTreeSet;

/// The number of files that are named.
const SHOWN: usize = 5;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let Some(()) = report.clear_of(past.unread) else { return };
    if past.differing.values().all(Vec::is_empty) {
        return;
    }
    let lines = past.timeline.lines();
    let ended: BTreeSet<Line> = lines.iter().filter(|line| line.ended.is_some()).map(|line| line.line).collect();
    for window in past.timeline.windows() {
        let Some(last) = window.candidates.last() else { continue };
        let files = past.differing.get(&window.release).map_or(&[][..], Vec::as_slice);
        if files.is_empty() {
            continue;
        }
        let tag = window.tag.name;
        let named = files.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
        let more = if files.len() > SHOWN { format!(" and {} more", files.len() - SHOWN) } else { String::new() };
        let message = format!("{tag} differs from {} in more than release files: {named}{more}", last.tag.name);
        let help = "tag one more candidate before the next final; accept this one by its tag";
        report.find(Finding::about(message, tag).mild(ended.contains(&window.release.line())).help(help));
    }
}
