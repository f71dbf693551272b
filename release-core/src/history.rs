//! Tags, lines and branches as data, and which release may come next.

mod refs;
mod successor;
#[cfg(test)]
mod tests;

pub use refs::{Branch, Refs, RemoteBranch, Tag, Upstream};
pub use successor::SuccessorError;

use crate::monorepo::TagPattern;
use crate::version::{Line, Release};
use std::sync::Arc;

/// The releases that a repository's tags name, up to a moment. Development tags are not among them.
#[derive(Clone, Debug, Default)]
pub struct History {
    /// Shared, as an audit looks at one past from the moment of every tag.
    known: Arc<Known>,
    moment: Option<Moment>,
}

/// The releases of a repository, whenever they were tagged.
#[derive(Debug, Default)]
struct Known {
    /// In order.
    releases: Vec<Dated>,
    /// The highest final from a moment on, by time.
    highest: Vec<(i64, Release)>,
    /// The lines that have a final, in order, and when the first of each was tagged.
    lines: Vec<(Line, i64)>,
}

/// A release that is tagged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dated {
    /// The release.
    pub release: Release,
    /// The commit that its tag stands on.
    pub commit: String,
    /// When it was tagged, in seconds since 1970.
    pub time: i64,
}

/// What of a past is looked at.
#[derive(Clone, Debug)]
struct Moment {
    time: i64,
    /// Releases that are there whenever they were tagged.
    here: Vec<Release>,
}

impl Moment {
    fn has(&self, release: Release, time: i64) -> bool {
        time <= self.time || self.here.contains(&release)
    }
}

/// What the process owes a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// No final yet.
    BeingOpened,
    /// One of the last stable minors.
    Maintained,
    /// Older than those; the line that ended it is named.
    EndOfLife(Line),
}

impl History {
    /// Reads the tags that the pattern names.
    pub fn new(tags: &[Tag], pattern: &TagPattern) -> Self {
        let dated =
            |tag: &Tag| Some(Dated { release: pattern.release(&tag.name)?, commit: tag.commit.clone(), time: 0 });
        Self::of(tags.iter().filter_map(dated).collect())
    }

    /// Releases that were read already, in any order.
    pub fn of(mut releases: Vec<Dated>) -> Self {
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
        Self { known: Arc::new(Known { releases, highest, lines }), moment: None }
    }

    /// The same as of a moment: without what was tagged later, but for the releases that are `here`.
    #[must_use]
    pub fn as_of(&self, time: i64, here: Vec<Release>) -> Self {
        Self { known: Arc::clone(&self.known), moment: Some(Moment { time, here }) }
    }

    fn is_there(&self, release: Release, time: i64) -> bool {
        self.moment.as_ref().is_none_or(|moment| moment.has(release, time))
    }

    /// Those of a run of releases that are there; `before` and `within` tell which stand before the run and which in it.
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

    /// The commit that a release is tagged on.
    pub fn commit(&self, release: Release) -> Option<&str> {
        let place = self.known.releases.partition_point(|dated| dated.release < release);
        let dated = self.known.releases.get(place).filter(|dated| dated.release == release)?;
        self.is_there(release, dated.time).then_some(dated.commit.as_str())
    }

    /// Every release, in order.
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.run(|_| false, |_| true)
    }

    /// Every release of a line, in order.
    pub fn releases_of(&self, line: Line) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.run(move |release| release.line() < line, move |release| release.line() == line)
    }

    /// Every final, in order.
    pub fn finals(&self) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.releases().filter(|release| !release.is_candidate())
    }

    /// The highest final of all lines.
    pub fn highest_final(&self) -> Option<Release> {
        let Known { highest, .. } = &*self.known;
        let Some(moment) = &self.moment else { return highest.last().map(|(_, release)| *release) };
        let before = highest.partition_point(|(time, _)| *time <= moment.time);
        let before = before.checked_sub(1).and_then(|last| highest.get(last)).map(|(_, release)| *release);
        moment.here.iter().copied().filter(|release| !release.is_candidate()).max().max(before)
    }

    /// The last final of a line.
    pub fn last_final(&self, line: Line) -> Option<Release> {
        self.releases_of(line).rfind(|release| !release.is_candidate())
    }

    /// The highest candidate of a version.
    pub fn last_candidate(&self, base: Release) -> Option<Release> {
        self.releases_like(base).rfind(|release| release.is_candidate())
    }

    /// Whether a final or a candidate for it is tagged.
    pub fn has_release(&self, base: Release) -> bool {
        self.releases_like(base).next().is_some()
    }

    fn releases_like(&self, base: Release) -> impl DoubleEndedIterator<Item = Release> + '_ {
        self.run(move |release| release.base() < base, move |release| release.base() == base)
    }

    /// What comes after the last release of this one's kind: of its line, or of its final's candidates.
    pub fn next_like(&self, release: Release) -> Release {
        let base = release.base();
        if release.is_candidate() && self.commit(base).is_none() {
            let last = self.last_candidate(base).and_then(|last| last.candidate).unwrap_or(0);
            return base.with_candidate(last + 1);
        }
        self.last_final(release.line()).unwrap_or(base).next_patch()
    }

    /// What the process owes a line, when the last `maintained` minors with a final are maintained.
    pub fn line_state(&self, line: Line, maintained: usize) -> LineState {
        let has_final_here = |line: Line| {
            let here = self.moment.iter().flat_map(|moment| &moment.here);
            here.into_iter().any(|release| !release.is_candidate() && release.line() == line)
        };
        let is_open = |(line, first): &&(Line, i64)| {
            self.moment.as_ref().is_none_or(|moment| *first <= moment.time) || has_final_here(*line)
        };
        let lines = || self.known.lines.iter().filter(is_open).map(|(line, _)| *line);
        if !lines().any(|other| other == line) {
            return LineState::BeingOpened;
        }
        // The line whose opening pushed this one out.
        match lines().filter(|other| *other > line).nth(maintained.saturating_sub(1)) {
            Some(above) => LineState::EndOfLife(above),
            None => LineState::Maintained,
        }
    }

    /// What main is called after `release` is out: the highest final over all lines, last number + 1, `.dev0`. Nothing when
    /// another line leads, and main stays.
    pub fn next_development(&self, release: Release) -> Option<String> {
        let leads = self.highest_final().is_none_or(|highest| highest <= release);
        (leads && !release.is_candidate()).then(|| format!("{}.dev0", release.next_patch()))
    }
}
