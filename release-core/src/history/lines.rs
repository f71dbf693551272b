//! The history of each line: its opening, its end, the testing of its releases, and its unreleased commits.

use super::content::kind;
use super::graph::Commit;
use super::timeline::{DatedTag, Tagged, Timeline};
use crate::version::{Line, Release, Version};
use std::collections::{BTreeMap, BTreeSet};

/// A line from its first tag to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineHistory {
    /// The line.
    pub line: Line,
    /// The name of its branch, even if that does not exist.
    pub branch: String,
    /// Its releases including candidates, in the order of versions.
    pub releases: Vec<Tagged>,
    /// The time of its first final's tag.
    pub opened: Option<i64>,
    /// The time at which its maintenance ended, and the final that ended it; for a line without a final, the final of
    /// a higher line after which it gets none.
    pub ended: Option<(i64, Release)>,
    /// The commits on its branch after its last final, or `None` if it has no branch or no final.
    pub unreleased: Option<Unreleased>,
}

/// Commits that are in no final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreleased {
    /// The last final.
    pub last: Release,
    /// The commits after it without merges, the newest first.
    pub commits: Vec<Commit>,
}

impl Unreleased {
    /// Returns the commits that users wait for: those that name a vulnerability first, then those whose type is not a
    /// chore.
    pub fn fixes<'a>(&'a self, timeline: &'a Timeline) -> impl Iterator<Item = &'a Commit> {
        let is_open = |commit: &&Commit| !timeline.settled.contains(&commit.id);
        let is_marked = |commit: &&Commit| timeline.marks.contains_key(&commit.id);
        let marked = self.commits.iter().filter(move |commit| is_open(commit) && is_marked(commit));
        let others = self.commits.iter().filter(move |commit| is_open(commit) && !is_marked(commit));
        marked.chain(others.filter(|commit| !is_chore(&commit.subject)))
    }
}

/// The testing of a final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The final.
    pub release: Release,
    /// Its tag.
    pub tag: DatedTag,
    /// The candidates before it, in order.
    pub candidates: Vec<Tagged>,
    /// The candidates that were tagged after the final was published.
    pub late: Vec<Tagged>,
    /// Seconds from the first candidate's tag to the final's. `None` without a candidate, or if it cannot be known: a
    /// tag without its own date has its commit's, which may be older than the tag of a candidate on that commit.
    pub from_first: Option<i64>,
    /// Seconds from the last candidate's tag to the final's, computed in the same way.
    pub from_last: Option<i64>,
}

/// A period in which main's version was not above the highest final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// Its start, in seconds since 1970.
    pub from: i64,
    /// Its end, or `None` if it lasts.
    pub to: Option<i64>,
    /// The versions that main said meanwhile, each as often as main moved to it.
    pub versions: Vec<String>,
    /// The highest finals meanwhile: the first is the one that main missed, the others are consequences.
    pub missed: Vec<Release>,
}

/// Types of conventional commits (<https://www.conventionalcommits.org/>) that change nothing for users.
const CHORES: [&str; 7] = ["build", "chore", "ci", "docs", "refactor", "style", "test"];

impl Behind {
    /// Says what main said in a length of time, and above which final it was not.
    pub fn described(&self, main: &str, time: &str) -> String {
        match (&self.versions[..], self.missed.first()) {
            ([version], Some(missed)) => format!("{main} said {version} {time}, which is not above {missed}"),
            ([first, .., last], _) => format!(
                "{main} said {} versions, {first} to {last}, {time}, none of them above the last final",
                self.versions.len()
            ),
            _ => format!("{main} was not above the last final {time}"),
        }
    }
}

impl Timeline {
    /// Returns every line that has a tag or a branch, in order.
    pub fn lines(&self) -> Vec<LineHistory> {
        let releases = self.releases();
        let mut lines: BTreeSet<Line> = releases.iter().map(|tagged| tagged.release.line()).collect();
        lines.extend(self.branches.iter().filter_map(|(name, _)| self.branch_pattern.line(name)));
        let mut firsts: BTreeMap<Line, (i64, Release)> = BTreeMap::new();
        for tagged in releases.iter().filter(|tagged| !tagged.release.is_candidate()) {
            let first = firsts.entry(tagged.release.line()).or_insert((tagged.tag.time, tagged.release));
            *first = (*first).min((tagged.tag.time, tagged.release));
        }
        let mut by_line: BTreeMap<Line, Vec<Tagged>> = BTreeMap::new();
        for tagged in releases {
            by_line.entry(tagged.release.line()).or_default().push(tagged);
        }
        let tips: BTreeMap<&str, &str> =
            self.branches.iter().map(|(name, tip)| (name.as_str(), tip.as_str())).collect();
        // The first finals of the lines above, the earliest first, as far as they end a line.
        let mut above: Vec<(i64, Release)> = Vec::new();
        let history = |line| {
            let branch = self.branch_pattern.branch(line);
            let tip = tips.get(branch.as_str()).copied();
            let found = self.line((line, branch, tip), by_line.remove(&line).unwrap_or_default(), &above);
            above.extend(firsts.get(&line));
            above.sort_unstable();
            above.truncate(self.maintained.max(1));
            found
        };
        let mut found: Vec<LineHistory> = lines.into_iter().rev().map(history).collect();
        found.reverse();
        found
    }

    fn line(
        &self,
        (line, branch, tip): (Line, String, Option<&str>),
        own: Vec<Tagged>,
        above: &[(i64, Release)],
    ) -> LineHistory {
        let finals = || own.iter().filter(|tagged| !tagged.release.is_candidate());
        let opened = finals().map(|tagged| tagged.tag.time).min();
        let last = finals().next_back();
        let unreleased = last.zip(tip).map(|(last, tip)| {
            let commits = self.graph.beyond(&last.tag.commit, tip).into_iter();
            let commits = commits.filter(|commit| commit.parents.len() < 2).cloned().collect();
            Unreleased { last: last.release, commits }
        });
        LineHistory { line, branch, ended: self.ended(opened.is_some(), above), opened, unreleased, releases: own }
    }

    /// Returns the time at which a line's maintenance ended, by the first finals of the lines above it. The highest
    /// line is always maintained, for any number of maintained minors. A line without a final ends with the first
    /// line above it.
    fn ended(&self, is_open: bool, above: &[(i64, Release)]) -> Option<(i64, Release)> {
        above.get(if is_open { self.maintained.saturating_sub(1) } else { 0 }).copied()
    }

    /// Returns the testing of each final, in the order of versions.
    pub fn windows(&self) -> Vec<Window> {
        let mut candidates: BTreeMap<Release, Vec<Tagged>> = BTreeMap::new();
        let mut finals = Vec::new();
        for tagged in self.releases() {
            match tagged.release.is_candidate() {
                true => candidates.entry(tagged.release.base()).or_default().push(tagged),
                false => finals.push(tagged),
            }
        }
        let window = |tagged: Tagged| {
            let all = candidates.remove(&tagged.release).unwrap_or_default();
            let (candidates, late): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|candidate| self.is_before(&candidate.tag, &tagged.tag));
            let times = || candidates.iter().map(|candidate| candidate.tag.time);
            let since = |time: Option<i64>| time.map(|time| tagged.tag.time - time).filter(|time| *time >= 0);
            let (from_first, from_last) = (since(times().min()), since(times().max()));
            Window { release: tagged.release, tag: tagged.tag, candidates, late, from_first, from_last }
        };
        finals.into_iter().map(window).collect()
    }

    /// Returns `true` if a candidate existed before its final, by their dates; if the final has only its commit's
    /// date, by their commits.
    fn is_before(&self, candidate: &DatedTag, last: &DatedTag) -> bool {
        let has_own_date = self.graph.get(&last.commit).is_none_or(|commit| commit.time != last.time);
        candidate.time <= last.time || (!has_own_date && self.graph.is_ancestor(&candidate.commit, &last.commit))
    }

    /// Returns the last candidate of every final that never came and will not come: a later release of its line is
    /// published, or the line has ended.
    pub fn dangling(&self) -> Vec<Tagged> {
        let ended: BTreeSet<Line> =
            self.lines().into_iter().filter(|line| line.ended.is_some()).map(|line| line.line).collect();
        let mut last_candidates: BTreeMap<Release, Tagged> = BTreeMap::new();
        let (mut finals, mut last_finals) = (BTreeSet::new(), BTreeMap::new());
        for tagged in self.releases() {
            let base = tagged.release.base();
            if tagged.release.is_candidate() {
                last_candidates.insert(base, tagged);
            } else {
                finals.insert(base);
                last_finals.insert(base.line(), base);
            }
        }
        let is_over = |base: &Release| {
            let is_passed = last_finals.get(&base.line()).is_some_and(|last| last > base);
            !finals.contains(base) && (is_passed || ended.contains(&base.line()))
        };
        last_candidates.into_iter().filter(|(base, _)| is_over(base)).map(|(_, tagged)| tagged).collect()
    }

    /// Returns the periods in which main's version was not above the highest final, the oldest first.
    pub fn main_behind(&self) -> Vec<Behind> {
        let mut finals: Vec<(i64, Release)> =
            self.finals().iter().map(|tagged| (tagged.tag.time, tagged.release)).collect();
        finals.sort_unstable();
        let mut moments: Vec<i64> = self.main_versions.iter().map(|version| version.time).collect();
        moments.extend(finals.iter().map(|(time, _)| *time));
        moments.sort_unstable();
        moments.dedup();
        let mut found: Vec<Behind> = Vec::new();
        let mut open: Option<Behind> = None;
        let mut versions = self.main_versions.iter().peekable();
        let mut finals = finals.into_iter().peekable();
        let (mut current, mut highest) = (None, None);
        for moment in moments {
            while let Some(version) = versions.next_if(|version| version.time <= moment) {
                current = version.version.as_ref();
            }
            let behind = |highest: Option<Release>| {
                current.zip(highest).filter(|(version, highest)| is_behind(version, *highest))
            };
            // Main may have followed one final in the second in which the next was tagged.
            if behind(highest).is_none() && current.is_some_and(|version| is_development(version)) {
                found.extend(open.take().map(|behind| Behind { to: Some(moment), ..behind }));
            }
            while let Some((_, release)) = finals.next_if(|(time, _)| *time <= moment) {
                highest = highest.max(Some(release));
            }
            match behind(highest) {
                Some((version, highest)) => {
                    let start = || Behind { from: moment, to: None, versions: Vec::new(), missed: Vec::new() };
                    let behind = open.get_or_insert_with(start);
                    if behind.versions.last() != Some(version) {
                        behind.versions.push(version.clone());
                    }
                    if behind.missed.last() != Some(&highest) {
                        behind.missed.push(highest);
                    }
                }
                None => found.extend(open.take().map(|behind| Behind { to: Some(moment), ..behind })),
            }
        }
        found.extend(open);
        found
    }

    /// Returns the development tags, `v0.5.0-dev` or `v0.5.0.dev0`, the oldest first, without nightlies.
    pub fn development_tags(&self) -> Vec<(Release, &DatedTag)> {
        self.tags.iter().filter_map(|tag| Some((self.tag_pattern.development(&tag.name)?, tag))).collect()
    }
}

/// Returns `true` if a version is one of development.
fn is_development(version: &str) -> bool {
    Version::parse(version).is_ok_and(|version| version.is_dev())
}

/// Returns `true` if a version is not above a final; what is no version is not behind.
fn is_behind(version: &str, highest: Release) -> bool {
    let released = Version::new(highest.major, highest.minor, highest.patch);
    Version::parse(version).is_ok_and(|version| version <= released)
}

/// Returns `true` if a subject has a type that changes nothing for users.
fn is_chore(subject: &str) -> bool {
    kind(subject).is_some_and(|kind| CHORES.contains(&kind.as_str()))
}
