//! Main had a version that was not above the last final.
//!
//! ## What it does
//!
//! Follows the version of main's first package from commit to commit, and compares it with the highest final of all lines at
//! each moment. A time that is over is a warning.
//!
//! ## Why is this bad?
//!
//! What was built from main in that time was called older than what was released: installers took the release instead.
//!
//! ## Example
//!
//! Main says `0.4.0.dev0` from the day `v0.4.0` is tagged until somebody moves it weeks later.
//!
//! ## Use instead
//!
//! `cargo xtask release post 0.4.0` on the day of the release.
//!
//! ## Fix
//!
//! None for what is over.

use crate::diagnostic::{Finding, Report};
use crate::past::{Past, day, duration};

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let Some(()) = report.clear_of(past.unread) else { return };
    let timeline = past.timeline;
    let finals = timeline.finals();
    let mut times: Vec<i64> = finals.iter().map(|tagged| tagged.tag.time).collect();
    times.sort_unstable();
    for (from, to, version, first) in timeline.main_behind() {
        let until = to.unwrap_or(timeline.now);
        let before = |moment: i64| times.partition_point(|time| *time < moment);
        let meanwhile = before(until) - before(from);
        let time = match to {
            Some(to) => format!("from {} to {}, {}", day(from), day(to), duration(to - from)),
            None => format!("since {}, {}", day(from), duration(until - from)),
        };
        let message = format!(
            "{} said {version} {time}, which is not above {first}; {} released meanwhile",
            timeline.main,
            if meanwhile == 1 { "1 final was".to_owned() } else { format!("{meanwhile} finals were") }
        );
        let highest = finals.last().map_or(first, |tagged| tagged.release);
        let help = match to {
            Some(_) => "`cargo xtask release post X.Y.Z` moves it on the day of a release".to_owned(),
            None => format!("`cargo xtask release post {highest}`"),
        };
        // While it lasts, the length grows and so may the number of finals.
        let steady = to.is_none().then(|| format!("{} said {version} since {}", timeline.main, day(from)));
        let finding = Finding::about(message, timeline.main.clone()).mild(to.is_some()).help(help);
        report.find(finding.steady(steady));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Levels;
    use crate::published::NOT_ASKED;
    use crate::run::run_past;
    use release_core::history::{Commit, DatedTag, Graph, MainVersion, Timeline};
    use release_core::monorepo::Config;
    use std::collections::{BTreeMap, BTreeSet};

    #[test]
    fn while_main_is_behind_it_is_the_same_finding_every_day() {
        let config = Config::default();
        let commit = Commit { id: "a".to_owned(), parents: Vec::new(), time: 0, subject: String::new() };
        let version = MainVersion { commit: "a".to_owned(), time: 0, version: Some("0.4.0.dev0".to_owned()) };
        let found = |day: i64, version: &MainVersion| {
            let timeline = Timeline {
                graph: Graph::new(vec![commit.clone()]),
                tags: vec![DatedTag { name: "v0.4.0".to_owned(), commit: "a".to_owned(), time: 3_600 }],
                branches: vec![("main".to_owned(), "a".to_owned())],
                main: "main".to_owned(),
                main_versions: vec![version.clone()],
                tag_pattern: config.tag.clone(),
                branch_pattern: config.branch.clone(),
                maintained: 2,
                now: day * 86_400,
                marks: BTreeMap::new(),
                settled: BTreeSet::new(),
            };
            let published = Err(NOT_ASKED.to_owned());
            let past = Past {
                timeline: &timeline,
                config: &config,
                differing: &BTreeMap::new(),
                unread: None,
                clients: &[],
                published: &published,
            };
            let mut found = run_past(&past, &Levels::default()).diagnostics;
            found.retain(|found| found.rule == "version-main-history");
            assert_eq!(found.len(), 1);
            (found[0].fingerprint, found[0].finding.problem.message.clone())
        };
        let (today, tomorrow) = (found(3, &version), found(4, &version));
        assert_ne!(today.1, tomorrow.1);
        assert_eq!(today.0, tomorrow.0);
        let other = MainVersion { version: Some("0.3.9".to_owned()), ..version };
        assert_ne!(found(3, &other).0, today.0);
    }
}
