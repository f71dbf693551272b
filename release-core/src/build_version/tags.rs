//! The development tags that main needs, so that setuptools-scm gives the right version without `fallback_version`.

use super::base::numbers;
use crate::history::{History, Tag};
use crate::monorepo::Config;
use crate::version::{Line, Release, Version};

/// A commit of main that begins a development.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// The release that is developed from this commit on.
    pub release: Release,
    /// The commit.
    pub commit: String,
    /// The name of the development tag.
    pub tag: String,
    /// The state of the tag.
    pub standing: Standing,
    /// `true` if the tag decides the names of today's builds. The other tags decide the names of older commits'
    /// builds.
    pub decides: bool,
}

/// The state of a tag that has to stand on a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The tag stands on the commit.
    There,
    /// There is no such tag.
    Missing,
    /// The tag stands on another commit.
    Misplaced(String),
}

/// Returns the commits that begin a development, the oldest first: those that set `X.Y.Z.dev0` above every earlier
/// version of main. `versions` are main's commits, the oldest first, with the version of their manifest.
pub fn beginnings(versions: &[(String, Option<String>)], tags: &[Tag], config: &Config) -> Vec<Beginning> {
    let mut found: Vec<Beginning> = Vec::new();
    let mut highest: Option<Version> = None;
    for (commit, text) in versions {
        let Some(version) = text.as_deref().and_then(|text| Version::parse(text).ok()) else { continue };
        if highest.as_ref().is_some_and(|highest| version <= *highest) {
            continue;
        }
        if let Some(release) = text.as_deref().filter(|_| version.is_dev()).and_then(numbers) {
            let tag = config.tag.development_tag(release);
            let standing = match tags.iter().find(|found| found.name == tag) {
                None => Standing::Missing,
                Some(found) if found.commit == *commit => Standing::There,
                Some(found) => Standing::Misplaced(found.commit.clone()),
            };
            found.push(Beginning { release, commit: commit.clone(), tag, standing, decides: false });
        }
        highest = Some(version);
    }
    if let Some(last) = found.last_mut() {
        last.decides = true;
    }
    found
}

/// The versions that a branch's builds may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Versions of main: above every final.
    Main,
    /// Versions of a line: on the line, and at or above its last final.
    Line(Line),
}

/// The verdict on a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The version is right.
    Right,
    /// The version sorts below a final.
    Below(Release),
    /// The version belongs to another line.
    OtherLine,
    /// The version is not X.Y.Z with a suffix.
    Unreadable,
}

/// Judges a version on a branch.
pub fn judge(version: &str, expected: Expected, history: &History) -> Verdict {
    let (Ok(version), Some(release)) = (Version::parse(version), numbers(version)) else { return Verdict::Unreadable };
    let highest = match expected {
        Expected::Line(line) if release.line() != line => return Verdict::OtherLine,
        Expected::Line(line) => history.last_final(line),
        Expected::Main => history.highest_final(),
    };
    match highest {
        Some(highest) if version < Version::new(highest.major, highest.minor, highest.patch) => Verdict::Below(highest),
        _ => Verdict::Right,
    }
}
