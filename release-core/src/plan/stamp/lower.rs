//! Versions that would go down: those that a client's files have, and those that its tags name, are evidence of what was released.

use super::drawn::Stamp;
use super::place::is_npm;
use crate::plan::planned::{Outcome, PlannedSite};
use crate::problem::Problem;
use crate::version::Version;
use crate::version::npm::read_version;
use std::cmp::Ordering;

/// A tag that names a version.
#[derive(Clone, Debug)]
pub struct Tagged {
    /// Its name.
    pub name: String,
    /// The version.
    pub version: Version,
    /// `true` if it is on the commit that is stamped.
    pub is_here: bool,
    /// `true` if it is on that commit or on one before.
    pub is_behind: bool,
}

/// All that git knows of the versions of a repository.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// The tags that name versions.
    pub tags: Vec<Tagged>,
    /// `true` if history is cut off, so that tags may be missing.
    pub is_shallow: bool,
}

/// Returns the problems of places and tags that have a higher version than the one that is written.
///
/// A nightly or a candidate of the version that the files have is below it and right, if the tags show that this version is
/// only developed yet.
pub fn lower(stamp: &Stamp, version: &Version, evidence: &Evidence) -> Vec<Problem> {
    let changed = stamp.sites.iter().filter(|site| site.outcome == Outcome::Changed);
    let higher: Vec<&PlannedSite> = changed.filter(|site| is_higher(site)).collect();
    let places = higher.iter().filter(|site| !evidence.has_to_come(site, version)).map(|site| place(site, version));
    places.chain(evidence.above(version).map(|tag| below(version, tag))).collect()
}

/// Returns the problems of places that have a higher version, without a look at tags.
pub(super) fn higher(sites: &[PlannedSite], version: &Version) -> Vec<Problem> {
    let changed = sites.iter().filter(|site| site.outcome == Outcome::Changed);
    changed.filter(|site| is_higher(site)).map(|site| place(site, version)).collect()
}

/// Returns `true` if a place has a higher version than it would get, in the order of its ecosystem.
fn is_higher(site: &PlannedSite) -> bool {
    let (old, new) = (site.old.as_deref().unwrap_or_default(), site.new.as_deref().unwrap_or_default());
    if is_npm(&site.path)
        && let Some((old, new)) = read_version(old).zip(read_version(new))
    {
        return old.cmp_precedence(&new) == Ordering::Greater;
    }
    matches!((Version::parse(old), Version::parse(new)), (Ok(old), Ok(new)) if old > new)
}

fn place(site: &PlannedSite, version: &Version) -> Problem {
    let old = site.old.as_deref().unwrap_or_default();
    let problem = Problem::new(
        format!("{} is at {old}, and a version never goes down to {version}", site.path),
        match Version::parse(old).is_ok_and(|old| is_before(version, &old)) {
            true => format!(
                "if {old} is not released yet, let it be `{old}.dev0` in the files, or see that all tags are here, which show it: `git fetch --tags`, in a workflow `fetch-depth: 0`"
            ),
            false => format!("stamp a version after {old}; if {old} is a mistake, correct it there first"),
        },
    );
    problem.at(&site.path, site.span.clone(), "higher than the version")
}

fn below(version: &Version, tag: &Tagged) -> Problem {
    let (name, other) = (&tag.name, &tag.version);
    let message = match tag.is_behind {
        true => format!("{version} is below {other}, whose tag {name} is in the history of this commit"),
        false => format!("{version} is below {other}, which is tagged as {name} on the same line"),
    };
    Problem::new(message, format!("stamp a version after {other}; if {name} names no release, delete that tag"))
}

/// Returns `true` if a version is a nightly or a candidate of another, which is a final or for a nightly a candidate.
fn is_before(version: &Version, other: &Version) -> bool {
    let is_plain = other.dev().is_none() && other.post().is_none() && other.local().is_none();
    let is_early = version.is_dev() || (version.is_prerelease() && other.pre().is_none());
    version.release() == other.release() && is_plain && is_early
}

impl Evidence {
    /// Returns `true` if a place has a version that is not released yet, of which the new one is a nightly or a candidate.
    fn has_to_come(&self, site: &PlannedSite, version: &Version) -> bool {
        let Some(old) = site.old.as_deref().and_then(|old| Version::parse(old).ok()) else { return false };
        let is_released = self.tags.iter().any(|tag| tag.version == old);
        let is_here = self.tags.iter().any(|tag| tag.is_here && tag.version == *version);
        let is_known = !self.is_shallow && !self.tags.is_empty();
        is_before(version, &old) && (is_here || (is_known && !is_released))
    }

    /// Returns the highest tag above a version that counts for it: one that its commit has, or one of its line if it is not tagged
    /// itself. Development tags stand where a line begins, and are of no release.
    fn above(&self, version: &Version) -> Option<&Tagged> {
        if self.tags.iter().any(|tag| tag.is_here && tag.version == *version) {
            return None;
        }
        let is_tagged = self.tags.iter().any(|tag| tag.version == *version);
        let is_of_line =
            |tag: &Tagged| !is_tagged && tag.version.release().iter().take(2).eq(version.release().iter().take(2));
        let above = self.tags.iter().filter(|tag| tag.version > *version && !tag.version.is_dev());
        above.filter(|tag| tag.is_behind || is_of_line(tag)).max_by(|one, other| one.version.cmp(&other.version))
    }
}
