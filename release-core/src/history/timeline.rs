//! The whole past of a repository: its commits, its tags with their dates, and the history of each line.

#[cfg(test)]
mod tests;

use super::graph::Graph;
use super::naming::{BranchPattern, TagPattern};
use super::releases::{Dated, History};
use crate::version::Release;
use std::collections::{BTreeMap, BTreeSet};

/// A tag with its date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatedTag {
    /// Its short name.
    pub name: String,
    /// The commit on which it stands.
    pub commit: String,
    /// The date in seconds since 1970: an annotated tag's own date, else its commit's.
    pub time: i64,
}

/// A release that is tagged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// The release.
    pub release: Release,
    /// Its tag.
    pub tag: DatedTag,
}

/// A commit of main that sets a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MainVersion {
    /// The commit.
    pub commit: String,
    /// The time of the commit, in seconds since 1970.
    pub time: i64,
    /// The version that the first package has from then on, or `None` if it has no readable one.
    pub version: Option<String>,
}

/// The past of a repository, up to a moment.
#[derive(Clone, Debug)]
pub struct Timeline {
    /// Every commit that a branch or tag reaches.
    pub graph: Graph,
    /// Every tag, the oldest first.
    pub tags: Vec<DatedTag>,
    /// Main and the branches of lines, with their newest commits.
    pub branches: Vec<(String, String)>,
    /// The name of main.
    pub main: String,
    /// The versions that main had, the oldest first.
    pub main_versions: Vec<MainVersion>,
    /// The pattern of tag names.
    pub tag_pattern: TagPattern,
    /// The pattern of the names of line branches.
    pub branch_pattern: BranchPattern,
    /// The number of maintained minors, counted from the last.
    pub maintained: usize,
    /// The moment at which it ends, in seconds since 1970.
    pub now: i64,
    /// The vulnerabilities (CVE and GHSA numbers) that the messages of unreleased commits name, by commit.
    pub marks: BTreeMap<String, Vec<String>>,
    /// The unreleased commits that change nothing for users (see [`settled`](super::content::settled)), and those whose change is
    /// also in the last final of their line under another id.
    pub settled: BTreeSet<String>,
}

impl Timeline {
    /// Returns every tagged release, in the order of versions.
    pub fn releases(&self) -> Vec<Tagged> {
        let tagged = |tag: &DatedTag| Some(Tagged { release: self.tag_pattern.release(&tag.name)?, tag: tag.clone() });
        let mut releases: Vec<Tagged> = self.tags.iter().filter_map(tagged).collect();
        releases.sort_by_key(|tagged| tagged.release);
        releases
    }

    /// Returns every tagged final, in the order of versions.
    pub fn finals(&self) -> Vec<Tagged> {
        let mut finals = self.releases();
        finals.retain(|tagged| !tagged.release.is_candidate());
        finals
    }

    /// Returns `true` if a candidate was ever tagged.
    pub fn has_candidates(&self) -> bool {
        self.tags.iter().any(|tag| self.tag_pattern.release(&tag.name).is_some_and(Release::is_candidate))
    }

    /// Returns the releases as a history that can be viewed as of any moment.
    pub fn history(&self) -> History {
        let dated = |Tagged { release, tag }| Dated { release, commit: tag.commit, time: tag.time };
        History::from_releases(self.releases().into_iter().map(dated).collect())
    }

    /// Returns the newest commit of a branch.
    pub fn tip(&self, branch: &str) -> Option<&str> {
        self.branches.iter().find(|(name, _)| name == branch).map(|(_, tip)| tip.as_str())
    }
}
