//! A candidate was tagged whose final never came, and will not.
//!
//! ## What it does
//!
//! Looks for candidates without their final whose line has a later final, is end of life, or never had a final while a higher
//! line has one; and for candidates that were tagged when their final was out.
//!
//! ## Why is this bad?
//!
//! Whoever tested it waits for a release, and its fixes are in none: on an unmaintained line none will be made.
//!
//! ## Example
//!
//! `v0.3.6rc1` is tagged; line 0.3 is end of life since `v0.5.0`, and there is no `v0.3.6`.
//!
//! ## Use instead
//!
//! Release the final, or say in the release notes of the candidate that none follows.
//!
//! ## Fix
//!
//! None: a person decides.

use crate::diagnostic::{Finding, Report};
use crate::past::{Past, day};

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let lines = past.timeline.lines();
    for tagged in past.timeline.dangling() {
        let base = tagged.release.base();
        let line = lines.binary_search_by_key(&base.line(), |line| line.line).ok().and_then(|at| lines.get(at));
        let why = match line.and_then(|line| Some((line.opened, line.ended?))) {
            Some((Some(_), (since, by))) => format!("line {} is end of life since {by} ({})", base.line(), day(since)),
            Some((None, (since, by))) => {
                format!("{by} is out ({}), and line {} never had a final", day(since), base.line())
            }
            None => format!("a later final of line {} is out", base.line()),
        };
        let name = tagged.tag.name.clone();
        let message = format!("{name} has no final {base}, and none will come: {why}");
        report.find(Finding::about(message, name).help("release the final after all, or accept this by its tag"));
    }
    for window in past.timeline.windows() {
        for tagged in window.late {
            let name = tagged.tag.name;
            let message = format!(
                "{name} was tagged on {}, when its final {} was out: no release follows from it",
                day(tagged.tag.time),
                window.release
            );
            report.find(Finding::about(message, name).help("the next fix is a patch; accept this one by its tag"));
        }
    }
}
