//! A final had fewer candidates than its kind asks for.
//!
//! ## What it does
//!
//! Counts the tagged candidates of every final, and compares with `candidates` of `[policy.patch]`, `[policy.minor]` and
//! `[policy.major]`. Without these tables the defaults hold in a repository in which a candidate was ever tagged, and no others.
//!
//! ## Why is this bad?
//!
//! What was never a candidate was never tested by anybody outside, and its packaging was never tried on the test index.
//!
//! ## Example
//!
//! `v0.5.0` is tagged, and no `v0.5.0rcN` is.
//!
//! ## Use instead
//!
//! `cargo xtask release rc 0.5.0rc1` first.
//!
//! ## Fix
//!
//! None: the release is out. Accept it by its tag: `[[ignore]]` with `path = "v0.5.0"` and a reason.

use crate::diagnostic::{Finding, Report};
use crate::past::{Past, policies};
use release_core::text::count;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let policy = policies(past.timeline, past.config);
    for window in past.timeline.windows() {
        let wanted = policy(window.release.kind()).candidates as usize;
        let there = window.candidates.len();
        if there >= wanted {
            continue;
        }
        let tag = window.tag.name;
        let had = if there == 0 { "no candidate".to_owned() } else { count(there, "candidate") };
        let message =
            format!("{tag} had {had}, where a {} asks for {}", window.release.kind(), count(wanted, "candidate"));
        let help = "publish a candidate before the next one; accept this one by its tag";
        report.find(Finding::about(message, tag).help(help));
    }
}
