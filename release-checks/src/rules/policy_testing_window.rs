//! A final was tested for less time than its kind asks for.
//!
//! ## What it does
//!
//! Measures the time from the tag of a final's first candidate to that of the final, and compares it with `testing-days` of
//! `[policy.minor]` and `[policy.major]`. The time since the last candidate is shown beside it. Finals without a candidate are
//! those of [policy-candidates](policy-candidates.md), and candidates that were tagged after their final do not count.
//!
//! A lightweight tag has no date of its own: git knows when its commit was made. Where that is before the tag of the candidate,
//! it is not known how long the final was tested, and that is said as a warning.
//!
//! ## Why is this bad?
//!
//! The community has the window to find what tests do not. A final that follows its candidate within hours was not tested.
//!
//! ## Example
//!
//! `v0.4.0rc1` is tagged on Monday, `v0.4.0` on Tuesday, where the policy says seven days.
//!
//! ## Use instead
//!
//! Wait until the window is over; a candidate that replaces another keeps the first one's window open.
//!
//! ## Fix
//!
//! None: the release is out. Accept it by its tag: `[[ignore]]` with `path = "v0.4.0"` and a reason.

use crate::diagnostic::{Finding, Report};
use crate::past::{Past, duration, policies};
use release_core::text::count;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let policy = policies(past.timeline, past.config);
    for window in past.timeline.windows() {
        let (least, _) = policy(window.release.kind()).testing_days;
        let tag = window.tag.name;
        let is_enough = window.from_first.is_some_and(|time| time >= i64::from(least) * 86_400);
        let Some(last) = window.candidates.last().filter(|_| least > 0 && !is_enough) else { continue };
        let Some(from_first) = window.from_first else {
            let message = format!(
                "{tag} is a tag without a date of its own, and its commit is older than the tag of its candidate {}: how long it was tested is not known",
                last.tag.name
            );
            report.find(Finding::about(message, tag).mild(true).help("tag finals with `git tag --annotate`"));
            continue;
        };
        let from_last = window
            .from_last
            .map_or_else(String::new, |time| format!("; its last candidate was {} old", duration(time)));
        let message = format!(
            "{tag} was tested for {}, where a {} asks for {}{from_last}",
            duration(from_first),
            window.release.kind(),
            count(least as usize, "day")
        );
        let help = "let the next one stay a candidate for the whole window; accept this one by its tag";
        report.find(Finding::about(message, tag).help(help));
    }
}
