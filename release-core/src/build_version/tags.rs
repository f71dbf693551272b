//! Which development tags main needs, so that setuptools-scm says the right thing without `fallback_version`.

use super::base::numbers;
use crate::history::{History, Tag};
use crate::monorepo::Config;
use crate::version::{Line, Release, Version};

/// A commit of main that begins a development.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beginning {
    /// What is developed from here.
    pub release: Release,
    /// The commit.
    pub commit: String,
    /// The tag that says so.
    pub tag: String,
    /// Whether it is there.
    pub standing: Standing,
    /// Whether it decides what today's builds are called. The others do so for builds of older commits.
    pub decides: bool,
}

/// Whether a tag is where it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is.
    There,
    /// There is none.
    Missing,
    /// It is on another commit.
    Misplaced(String),
}

/// The commits that begin a development, the oldest first: those that set `X.Y.Z.dev0` above all that main had before.
/// `versions` are main's commits, the oldest first, with the version of their manifest.
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

/// What a branch's builds have to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Main's: above every final.
    Main,
    /// A line's: of the line, and above its last final or that final itself.
    Line(Line),
}

/// What is to be thought of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Right,
    /// It sorts below a final.
    Below(Release),
    /// It is of another line.
    OtherLine,
    /// It is not X.Y.Z with a suffix.
    Unreadable,
}

/// What is to be thought of a version on a branch.
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
