//! Main had a version that was not above the last final.
//!
//! ## What it does
//!
//! Follows the version of main's first package from commit to commit, and compares it with the highest final of all lines at
//! each moment. A time that is over is a warning, and so is one that lasts since the last final, whose edits are still to be made.
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
use release_core::history::Behind;

pub(super) fn check(past: &Past<'_>, report: &mut Report) {
    let Some(()) = report.clear_of(past.unread) else { return };
    let timeline = past.timeline;
    let finals = timeline.finals();
    let mut times: Vec<i64> = finals.iter().map(|tagged| tagged.tag.time).collect();
    times.sort_unstable();
    for behind in timeline.main_behind() {
        let Behind { from, to, versions, missed } = &behind;
        let until = to.unwrap_or(timeline.now);
        let before = |moment: i64| times.partition_point(|time| *time < moment);
        let meanwhile = match before(until) - before(*from) {
            1 => "1 final was".to_owned(),
            number => format!("{number} finals were"),
        };
        let time = match to {
            Some(to) => format!("from {} to {}, {}", day(*from), day(*to), duration(to - from)),
            None => format!("since {}, {}", day(*from), duration(until - from)),
        };
        let message = format!("{}; {meanwhile} released meanwhile", behind.described(&timeline.main, &time));
        let help = match to {
            Some(_) => "`cargo xtask release post X.Y.Z` moves it on the day of a release".to_owned(),
            None => missed.last().map_or_else(String::new, |last| format!("`cargo xtask release post {last}`")),
        };
        // While it lasts, the length grows and so may the number of finals.
        let begun = versions.first().map(String::as_str).unwrap_or_default();
        let steady = to.is_none().then(|| format!("{} said {begun} since {}", timeline.main, day(*from)));
        // The edits that follow the last final are still to be made; those of a final before it were forgotten.
        let is_mild = to.is_some() || missed.len() == 1;
        let finding = Finding::about(message, timeline.main.clone()).mild(is_mild).help(help);
        report.find(finding.steady(steady));
    }
}

#[cfg(test)]
mod tests {
    use crate::fingerprint::Fingerprint;
    use crate::level::{Level, Levels};
    use crate::past::Past;
    use crate::published::NOT_ASKED;
    use crate::run::run_past;
    use release_core::history::{Commit, DatedTag, Graph, MainVersion, Timeline};
    use release_core::monorepo::Config;
    use std::collections::{BTreeMap, BTreeSet};

    /// Returns the fingerprint, level and message of the only finding, on a day, of main's versions and finals by their hours.
    fn found(day: i64, versions: &[(i64, &str)], tags: &[(i64, &str)]) -> (Fingerprint, Level, String) {
        let config = Config::default();
        let commit = Commit { id: "a".to_owned(), parents: Vec::new(), time: 0, subject: String::new() };
        let tag = |(hour, name): &(i64, &str)| DatedTag {
            name: (*name).to_owned(),
            commit: "a".to_owned(),
            time: hour * 3_600,
        };
        let version = |(hour, version): &(i64, &str)| MainVersion {
            commit: "a".to_owned(),
            time: hour * 3_600,
            version: Some((*version).to_owned()),
        };
        let timeline = Timeline {
            graph: Graph::new(vec![commit]),
            tags: tags.iter().map(tag).collect(),
            branches: vec![("main".to_owned(), "a".to_owned())],
            main: "main".to_owned(),
            main_versions: versions.iter().map(version).collect(),
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
        (found[0].fingerprint, found[0].level, found[0].finding.problem.message.clone())
    }

    #[test]
    fn while_main_is_behind_it_is_the_same_finding_every_day() {
        let found = |day, version| found(day, &[(0, version)], &[(1, "v0.4.0")]);
        let (today, tomorrow) = (found(3, "0.4.0.dev0"), found(4, "0.4.0.dev0"));
        assert_ne!(today.2, tomorrow.2);
        assert_eq!(today.0, tomorrow.0);
        assert_ne!(found(3, "0.3.9").0, today.0);
    }

    #[test]
    fn what_lasts_is_an_error_once_the_edits_after_a_final_were_forgotten() {
        let last = (1, "v0.4.0");
        for (versions, tags, level, said) in [
            (
                &[(0, "0.4.0.dev0")][..],
                &[last][..],
                Level::Warn,
                "main said 0.4.0.dev0 since 1970-01-01, 23.0 hours, which",
            ),
            (
                &[(0, "0.4.0.dev0")],
                &[last, (2, "v0.3.9")],
                Level::Warn,
                "above 0.4.0; 2 finals were released meanwhile",
            ),
            (
                &[(0, "0.4.0.dev0")],
                &[last, (2, "v0.4.1")],
                Level::Error,
                "above 0.4.0; 2 finals were released meanwhile",
            ),
            (
                &[(0, "0.4.0.dev0"), (3, "0.4.1.dev0")],
                &[last, (2, "v0.4.1")],
                Level::Error,
                "said 2 versions, 0.4.0.dev0 to 0.4.1.dev0, since",
            ),
            (
                &[(0, "0.4.0.dev0"), (3, "0.4.2.dev0")],
                &[last, (2, "v0.4.1")],
                Level::Warn,
                "0.4.0.dev0 from 1970-01-01 to 1970-01-01, 2.0 hours",
            ),
        ] {
            let (_, found, message) = found(1, versions, tags);
            assert_eq!(found, level, "{versions:?} {tags:?}");
            assert!(message.contains(said), "{message}");
        }
    }
}
