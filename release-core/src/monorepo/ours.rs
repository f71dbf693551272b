//! Which versions are this monorepo's own: what tells a client's pin from a third party's.

use crate::history::History;
use crate::version::{Line, Number, Release, Version};
use std::collections::BTreeSet;

/// The versions of this monorepo.
pub(super) struct Ours<'a> {
    history: &'a History,
    /// The finals that the versions of the tree belong to.
    current: BTreeSet<Release>,
    /// The lines being worked on: that of the tree, and that of the highest final.
    lines: BTreeSet<Line>,
}

impl<'a> Ours<'a> {
    /// From the tags, and from the versions that the tree's packages have now.
    pub(super) fn new(history: &'a History, current: impl Iterator<Item = String>) -> Self {
        let current: BTreeSet<Release> = current.filter_map(|version| base(&Version::parse(&version).ok()?)).collect();
        let highest = history.highest_final();
        let lines = current.iter().copied().chain(highest).map(Release::line).collect();
        Self { history, current, lines }
    }

    /// Whether it is or was a version of this monorepo.
    pub(super) fn has(&self, version: &Version) -> bool {
        base(version).is_some_and(|base| self.current.contains(&base) || self.history.has_release(base))
    }

    /// Whether it is one of a line that is being worked on. In years of releases, many a third party's version has been
    /// ours as well.
    pub(super) fn has_lately(&self, version: &Version) -> bool {
        self.has(version) && base(version).is_some_and(|base| self.lines.contains(&base.line()))
    }
}

/// Whether a tree of this history may have this version: one that is tagged, or that comes after the last of its line or
/// of all.
pub(super) fn fits(history: &History, version: &str) -> bool {
    let Some(base) = Version::parse(version).ok().as_ref().and_then(base) else { return false };
    history.highest_final().is_none_or(|highest| base >= highest)
        || history.last_final(base.line()).is_some_and(|last| base >= last)
        || history.has_release(base)
}

/// Whether a release of this version, or a candidate for it, is tagged.
pub(super) fn is_tagged(history: &History, version: &Version) -> bool {
    base(version).is_some_and(|base| history.has_release(base))
}

/// The final that a version is, or that it comes before or after: 0.5.0 for `0.5`, `0.5.0rc1` and `0.5.0.dev0`.
fn base(version: &Version) -> Option<Release> {
    let numbers: Option<Vec<u64>> = version.release().iter().map(Number::as_u64).collect();
    match numbers?[..] {
        [major] => Some(Release::new(major, 0, 0)),
        [major, minor] => Some(Release::new(major, minor, 0)),
        [major, minor, patch] => Some(Release::new(major, minor, patch)),
        _ => None,
    }
}
