//! The versions of this monorepo, which distinguish a client's pin from a third party's.

use crate::history::History;
use crate::version::{Line, Number, Release, Version};
use std::collections::BTreeSet;

/// The versions of this monorepo.
pub(super) struct Ours<'a> {
    history: &'a History,
    /// The finals of the versions of the tree.
    current: BTreeSet<Release>,
    /// The lines in development: that of the tree, and that of the highest final.
    lines: BTreeSet<Line>,
}

impl<'a> Ours<'a> {
    /// Collects them from the tags and from the current versions of the tree's packages.
    pub(super) fn new(history: &'a History, current: impl Iterator<Item = String>) -> Self {
        let current: BTreeSet<Release> = current.filter_map(|version| base(&Version::parse(&version).ok()?)).collect();
        let highest = history.highest_final();
        let lines = current.iter().copied().chain(highest).map(Release::line).collect();
        Self { history, current, lines }
    }

    /// Returns `true` if it is or was a version of this monorepo.
    pub(super) fn has(&self, version: &Version) -> bool {
        base(version).is_some_and(|base| self.current.contains(&base) || self.history.has_release(base))
    }

    /// Returns `true` if it is a version of a line in development. Over years of releases, many a third party's
    /// version has also been one of this monorepo.
    pub(super) fn has_lately(&self, version: &Version) -> bool {
        self.has(version) && base(version).is_some_and(|base| self.lines.contains(&base.line()))
    }
}

/// Returns `true` if a tree of this history may have this version: a tagged one, or one after the last of its line or
/// of all.
pub(super) fn fits(history: &History, version: &str) -> bool {
    let Some(base) = Version::parse(version).ok().as_ref().and_then(base) else { return false };
    history.highest_final().is_none_or(|highest| base >= highest)
        || history.last_final(base.line()).is_some_and(|last| base >= last)
        || history.has_release(base)
}

/// Returns `true` if a release of this version, or a candidate of it, is tagged.
pub(super) fn is_tagged(history: &History, version: &Version) -> bool {
    base(version).is_some_and(|base| history.has_release(base))
}

/// Returns the final of a version, or the final it comes before or after: 0.5.0 for `0.5`, `0.5.0rc1` and
/// `0.5.0.dev0`.
fn base(version: &Version) -> Option<Release> {
    let numbers: Option<Vec<u64>> = version.release().iter().map(Number::as_u64).collect();
    match numbers?[..] {
        [major] => Some(Release::new(major, 0, 0)),
        [major, minor] => Some(Release::new(major, minor, 0)),
        [major, minor, patch] => Some(Release::new(major, minor, patch)),
        _ => None,
    }
}
