//! A report on the names of main's builds: the commits on which tags and manifests disagree, and the days on which a
//! nightly would have sorted below a release.

use super::base::numbers;
use crate::calendar::{Day, Moment};
use crate::version::Release;

/// A commit of main's first-parent history.
#[derive(Clone, Debug)]
pub struct MainCommit {
    /// The id of the commit.
    pub id: String,
    /// The time of the commit, in seconds since 1970.
    pub seconds: i64,
    /// The tag that `git describe` finds from the commit, or `None`.
    pub tag: Option<String>,
    /// The version that setuptools-scm makes of that tag, or its error.
    pub by_tags: Option<Result<String, String>>,
    /// The version in the commit's manifest.
    pub by_manifest: Option<String>,
}

/// A final, with the time of its tag.
#[derive(Clone, Copy, Debug)]
pub struct Final {
    /// The final.
    pub release: Release,
    /// The time of the tag, in seconds since 1970.
    pub seconds: i64,
}

/// The result of the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The number of commits in the report.
    pub commits: usize,
    /// The number of those commits on which the tags give other numbers than the manifest.
    pub disagreeing: usize,
    /// The runs of such commits, the oldest first.
    pub disagreements: Vec<Disagreement>,
    /// The days of the report.
    pub days: Days,
}

/// A run of commits that get the same wrong name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// The first commit of the run.
    pub from: String,
    /// The day of the first commit.
    pub since: Day,
    /// The day of the last commit.
    pub until: Day,
    /// The number of commits.
    pub commits: usize,
    /// The tag that `git describe` finds.
    pub tag: Option<String>,
    /// The version that setuptools-scm makes of the tag on the last commit, or its error; `None` without a tag.
    pub by_tags: Option<Result<String, String>>,
    /// The version in the manifest.
    pub by_manifest: Option<String>,
}

/// The days (in UTC) by whose end main had a version and a final was tagged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The number of days.
    pub all: usize,
    /// The number of days on which the base of a nightly was at or below a final.
    pub low: usize,
    /// The runs of days with a low base.
    pub ranges: Vec<LowDays>,
}

/// Days in a row with the same base at or below the same final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LowDays {
    /// The first day of the run.
    pub from: Day,
    /// The last day of the run.
    pub to: Day,
    /// The version of main's manifest.
    pub version: String,
    /// The highest final at the end of the day.
    pub released: Release,
}

/// Reports on commits, the oldest first, and on the days from `since` to `until` as each of them ended: by the newest
/// commit and the finals tagged by then. A day without a commit counts, because there is a nightly on every day; days
/// before the first final or the first commit do not count.
pub fn report(commits: &[MainCommit], finals: &[Final], since: Day, until: Day) -> Report {
    let day = |commit: &MainCommit| Moment::new(commit.seconds).map(Moment::day);
    let is_in = |commit: &&MainCommit| day(commit).is_some_and(|day| (since..=until).contains(&day));
    let looked_at: Vec<&MainCommit> = commits.iter().filter(is_in).collect();
    let mut disagreements: Vec<Disagreement> = Vec::new();
    let (mut disagreeing, mut goes_on) = (0, false);
    for commit in &looked_at {
        let Some(day) = day(commit).filter(|_| disagrees(commit)) else {
            goes_on = false;
            continue;
        };
        disagreeing += 1;
        match disagreements.last_mut().filter(|last| goes_on && is_same(last, commit)) {
            Some(last) => {
                (last.until, last.commits, last.by_tags) = (day, last.commits + 1, commit.by_tags.clone());
            }
            None => {
                let MainCommit { id: from, tag, by_tags, by_manifest, .. } = (*commit).clone();
                disagreements.push(Disagreement {
                    from,
                    since: day,
                    until: day,
                    commits: 1,
                    tag,
                    by_tags,
                    by_manifest,
                });
            }
        }
        goes_on = true;
    }
    Report { commits: looked_at.len(), disagreeing, disagreements, days: days(commits, finals, since, until) }
}

fn disagrees(commit: &MainCommit) -> bool {
    let by_tags = commit.by_tags.as_ref().and_then(|result| numbers(result.as_ref().ok()?));
    by_tags.is_none() || by_tags != commit.by_manifest.as_deref().and_then(numbers)
}

fn is_same(run: &Disagreement, commit: &MainCommit) -> bool {
    run.tag == commit.tag && run.by_manifest == commit.by_manifest
}

fn days(commits: &[MainCommit], finals: &[Final], since: Day, until: Day) -> Days {
    let mut days = Days::default();
    let (mut commits, mut finals) = (commits.to_vec(), finals.to_vec());
    commits.sort_by_key(|commit| commit.seconds);
    finals.sort_by_key(|tagged| tagged.seconds);
    let (mut commits, mut finals) = (commits.iter().peekable(), finals.iter().peekable());
    let (mut version, mut released): (Option<&str>, Option<Release>) = (None, None);
    let mut day = since;
    while day <= until {
        while let Some(commit) = commits.next_if(|commit| commit.seconds < day.end()) {
            version = commit.by_manifest.as_deref();
        }
        while let Some(tagged) = finals.next_if(|tagged| tagged.seconds < day.end()) {
            released = released.max(Some(tagged.release));
        }
        if let (Some(version), Some(released)) = (version, released)
            && let Some(base) = numbers(version)
        {
            days.all += 1;
            if base <= released {
                days.low += 1;
                match days.ranges.last_mut() {
                    Some(last) if last.to.plus(1) == day && last.version == version && last.released == released => {
                        last.to = day;
                    }
                    _ => days.ranges.push(LowDays { from: day, to: day, version: version.to_owned(), released }),
                }
            }
        }
        day = day.plus(1);
    }
    days
}
