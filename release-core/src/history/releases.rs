//! The releases that tags name, and the state of their lines.

#[cfg(test)]
mod tests;

use super::naming::{OtherTags, TagPattern};
use super::refs::Tag;
use crate::version::{Line, Release};
use std::sync::Arc;

/// The releases that a repository's tags name, up to a moment. Development tags are not included.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Shared, because an audit looks at the same past from the moment of every tag.
    known: Arc<Known>,
    moment: Option<Moment>,
}

/// All releases of a repository, independent of the time of their tags.
#[derive(Debug, Default)]
struct Known {
    /// The releases in order.
    releases: Vec<Dated>,
    /// The highest final from each moment on, by time.
    highest: Vec<(i64, Release)>,
    /// The lines that have a final, in order, with the time of each line's first final.
    lines: Vec<(Line, i64)>,
    /// The tags, if none of them names a release.
    others: Option<OtherTags>,
    /// The tags that spell a release in another way than those that name one, and the releases.
    misnamed: Vec<Misnamed>,
}

/// A tag that spells a release in another way than the pattern of tags.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Misnamed {
    /// The release.
    pub release: Release,
    /// The tag.
    pub name: String,
}

impl Misnamed {
    /// Returns the sentence about it, as the highest of all.
    pub fn described(&self) -> String {
        format!("the tag {} names {}, which is above all that the pattern of tags finds", self.name, self.release)
    }
}

/// A release that is tagged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The release.
    pub release: Release,
    /// The commit on which its tag stands.
    pub commit: String,
    /// The time of its tag, in seconds since 1970.
    pub time: i64,
}

/// The part of a past that is visible at a moment.
#[derive(Clone, Debug)]
struct Moment {
    time: i64,
    /// Releases that are visible independent of the time of their tags.
    visible: Vec<Release>,
}

impl Moment {
    fn has(&self, release: Release, time: i64) -> bool {
        time <= self.time || self.visible.contains(&release)
    }
}

/// The state of a line in the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// The line has no final yet.
    BeingOpened,
    /// The line is one of the last stable minors.
    Maintained,
    /// The line is older than the maintained ones; the line that ended it is named.
    EndOfLife(Line),
}

impl History {
    /// Reads the tags that match the pattern.
    pub fn new(tags: &[Tag], pattern: &TagPattern) -> Self {
        let dated =
            |tag: &Tag| Some(Dated { release: pattern.release(&tag.name)?, commit: tag.commit.clone(), time: 0 });
        let releases: Vec<Dated> = tags.iter().filter_map(dated).collect();
        let names = || tags.iter().map(|tag| tag.name.as_str());
        let others = if releases.is_empty() { OtherTags::of(names(), pattern) } else { None };
        let misnamed = |name: &str| {
            let version = pattern.misnamed(name).filter(|version| !version.is_dev())?;
            Some(Misnamed { release: Release::parse(&version.to_string()).ok()?, name: name.to_owned() })
        };
        let misnamed = if releases.is_empty() { Vec::new() } else { names().filter_map(misnamed).collect() };
        Self::with_others(releases, others, misnamed)
    }

    /// Creates a history of releases in any order.
    pub fn from_releases(releases: Vec<Dated>) -> Self {
        Self::with_others(releases, None, Vec::new())
    }

    fn with_others(mut releases: Vec<Dated>, others: Option<OtherTags>, misnamed: Vec<Misnamed>) -> Self {
        releases.sort_by(|a, b| (a.release, &a.commit).cmp(&(b.release, &b.commit)));
        let finals = || releases.iter().filter(|dated| !dated.release.is_candidate());
        let mut highest: Vec<(i64, Release)> = finals().map(|dated| (dated.time, dated.release)).collect();
        highest.sort_unstable();
        for at in 1..highest.len() {
            highest[at].1 = highest[at].1.max(highest[at - 1].1);
        }
        let mut lines: Vec<(Line, i64)> = Vec::new();
        for Dated { release, time, .. } in finals() {
            match lines.last_mut().filter(|(line, _)| *line == release.line()) {
                Some((_, first)) => *first = (*first).min(*time),
                None => lines.push((release.line(), *time)),
            }
        }
        Self { known: Arc::new(Known { releases, highest, lines, others, misnamed }), moment: None }
    }

    /// Returns the tags of a repository in which there are some, but none names a release.
    pub fn others(&self) -> Option<&OtherTags> {
        self.known.others.as_ref()
    }

    /// Returns the highest tag that spells a release in another way than the pattern, above all that the pattern's tags
    /// name: on a line, or on all of them.
    pub fn misnamed_above(&self, line: Option<Line>) -> Option<&Misnamed> {
        let last = match line {
            Some(line) => self.releases_of(line).next_back(),
            None => self.releases().next_back(),
        };
        let is_meant = |other: Release| line.is_none_or(|line| other.line() == line);
        let misnamed = self.known.misnamed.iter().filter(|other| is_meant(other.release));
        misnamed.filter(|other| last.is_none_or(|last| other.release > last)).max()
    }

    /// Returns the history as of a moment: without later tags, except for the releases in `visible`.
    #[must_use]
    pub fn as_of(&self, time: i64, visible: Vec<Release>) -> Self {
        Self { known: Arc::clone(&self.known), moment: Some(Moment { time, visible }) }
    }

    fn is_there(&self, release: Release, time: i64) -> bool {
        self.moment.as_ref().is_none_or(|moment| moment.has(release, time))
    }

    /// Returns the visible releases of a run; `before` returns `true` for those before the run, `within` for those in
    /// it.
    fn run(
        &self,
        before: impl Fn(Release) -> bool,
        within: impl Fn(Release) -> bool,
    ) -> impl DoubleEndedIterator<Item = Release> + '_ {
        let start = self.known.releases.partition_point(|dated| before(dated.release));
        let run = &self.known.releases[start..];
        let run = &run[..run.partition_point(|dated| within(dated.release))];
        run.iter().filter(|dated| self.is_there(dated.release, dated.time)).map(|dated| dated.release)
    }

    /// Returns the commit on which a release is tagged.
    pub fn commit(&self, release: Release) -> Option<&str> {
        let place = self.known.releases.partition_point(|dated| dated.release < release);
        let dated = self.known.releases.get(place).filter(|dated| dated.release == release)?;
        self.is_there(release, dated.time).then_some(dated.commit.as_str())
    }

    /// Returns every release, in order.
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.run(|_| false, |_| true)
    }

    /// Returns every release of a line, in order.
    pub fn releases_of(&self, line: Line) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.run(move |release| release.line() < line, move |release| release.line() == line)
    }

    /// Returns every final, in order.
    pub fn finals(&self) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.releases().filter(|release| !release.is_candidate())
    }

    /// Returns the highest final of all lines.
    pub fn highest_final(&self) -> Option<Release> {
        let Known { highest, .. } = &*self.known;
        let Some(moment) = &self.moment else { return highest.last().map(|(_, release)| *release) };
        let before = highest.partition_point(|(time, _)| *time <= moment.time);
        let before = before.checked_sub(1).and_then(|last| highest.get(last)).map(|(_, release)| *release);
        moment.visible.iter().copied().filter(|release| !release.is_candidate()).max().max(before)
    }

    /// Returns the last final of a line.
    pub fn last_final(&self, line: Line) -> Option<Release> {
        self.releases_of(line).rfind(|release| !release.is_candidate())
    }

    /// Returns the first final of the highest line, if that is above a line.
    pub fn first_above(&self, line: Line) -> Option<Release> {
        let highest = self.highest_final()?.line();
        let mut finals = self.releases_of(highest).filter(|release| !release.is_candidate());
        (highest > line).then(|| finals.next()).flatten()
    }

    /// Returns the highest candidate of a version.
    pub fn last_candidate(&self, base: Release) -> Option<Release> {
        self.releases_like(base).rfind(|release| release.is_candidate())
    }

    /// Returns `true` if a final or a candidate of the version is tagged.
    pub fn has_release(&self, base: Release) -> bool {
        self.releases_like(base).next().is_some()
    }

    fn releases_like(&self, base: Release) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.run(move |release| release.base() < base, move |release| release.base() == base)
    }

    /// Returns the successor of the last release of the same kind: the next candidate of a final that is not tagged yet,
    /// else the next patch of the line.
    pub fn next_like(&self, release: Release) -> Release {
        let base = release.base();
        if release.is_candidate() && self.commit(base).is_none() {
            let last = self.last_candidate(base).and_then(|last| last.candidate).unwrap_or(0);
            return base.with_candidate(last + 1);
        }
        self.last_final(release.line()).unwrap_or(base).next_patch()
    }

    /// Returns the state of a line, if the last `maintained` minors with a final are maintained.
    pub fn line_state(&self, line: Line, maintained: usize) -> LineState {
        let has_final_here = |line: Line| {
            let visible = self.moment.iter().flat_map(|moment| &moment.visible);
            visible.into_iter().any(|release| !release.is_candidate() && release.line() == line)
        };
        let is_open = |(line, first): &&(Line, i64)| {
            self.moment.as_ref().is_none_or(|moment| *first <= moment.time) || has_final_here(*line)
        };
        let lines = || self.known.lines.iter().filter(is_open).map(|(line, _)| *line);
        if !lines().any(|other| other == line) {
            return LineState::BeingOpened;
        }
        // The opening of this line ended the given one.
        match lines().filter(|other| *other > line).nth(maintained.saturating_sub(1)) {
            Some(above) => LineState::EndOfLife(above),
            None => LineState::Maintained,
        }
    }

    /// Returns main's version after `release` is published: the highest final of all lines with its last number plus
    /// 1, and `.dev0`. Returns `None` if another line is higher, because main does not change then.
    pub fn next_development(&self, release: Release) -> Option<String> {
        let leads = self.highest_final().is_none_or(|highest| highest <= release);
        (leads && !release.is_candidate()).then(|| format!("{}.dev0", release.next_patch()))
    }
}
