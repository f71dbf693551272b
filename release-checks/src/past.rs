//! The past as a whole: what no single tree shows.

use crate::published::Asked;
use release_core::calendar::Day;
use release_core::history::Timeline;
use release_core::monorepo::{Client, Config, StreamPolicy};
use release_core::version::{Release, ReleaseKind};
use std::collections::BTreeMap;

/// The view of rules over the past; all of it observed before.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// Commits, tags and lines.
    pub timeline: &'a Timeline,
    /// The settings.
    pub config: &'a Config,
    /// For each final, the files beyond manifests and lockfiles in which it differs from its last candidate.
    pub differing: &'a BTreeMap<Release, Vec<String>>,
    /// The reason for which files of commits were not looked at, as in a partial clone.
    pub unread: Option<&'a str>,
    /// The clients of today's branches.
    pub clients: &'a [Client],
    /// The answers of registries about the packages, or the reason why none was asked.
    pub published: &'a Asked,
}

/// The policy that a project's finals of each kind are held to: what release.toml says, or the default where a candidate was ever
/// tagged. A project that never had one, and does not say that it wants any, is asked for none.
pub fn policies(timeline: &Timeline, config: &Config) -> impl Fn(ReleaseKind) -> StreamPolicy {
    let is_followed = timeline.has_candidates();
    move |kind| {
        let policy = config.stream(kind);
        match policy.is_set || is_followed {
            true => policy,
            false => StreamPolicy { testing_days: (0, 0), candidates: 0, ..policy },
        }
    }
}

/// A length of time in days, where it has one, else in hours, to a tenth.
pub(crate) fn duration(seconds: i64) -> String {
    let hours = seconds as f64 / 3600.0;
    if hours.abs() < 48.0 {
        format!("{hours:.1} hours")
    } else {
        format!("{:.1} days ({hours:.1} hours)", hours / 24.0)
    }
}

/// The day of a moment, in UTC (ISO 8601).
pub fn day(time: i64) -> String {
    Day::at(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (time, shown) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
            (-1, "1969-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(time), shown, "{time}");
        }
    }
}
