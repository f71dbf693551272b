//! A plan as data: its files before and after, and its sites with their outcomes.

use crate::monorepo::SiteKind;
use crate::text::{Location, SourceText, Span};
use crate::version::Release;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use std::collections::BTreeSet;

/// Every edit that a release needs; empty if it needs none.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The release.
    pub release: Release,
    /// Every site, by file and place, including unchanged ones.
    pub sites: Vec<PlannedSite>,
    /// The files that change, by path.
    pub files: Vec<PlannedFile>,
}

/// Edits, with all that they were chosen from.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    /// Every site that was looked at, by file and place, including unchanged ones.
    pub sites: Vec<PlannedSite>,
    /// The files that change, by path.
    pub files: Vec<PlannedFile>,
}

/// A file before and after.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// The path, relative to the root.
    pub path: Utf8PathBuf,
    /// The text before the edits.
    pub old: SourceText,
    /// The text after the edits.
    pub new: SourceText,
}

/// A site, with its outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedSite {
    /// The file.
    pub path: Utf8PathBuf,
    /// Its kind.
    pub kind: PlannedKind,
    /// The package that has the version or is pinned.
    pub subject: String,
    /// The table or list that holds it.
    pub table: String,
    /// Its bytes before the edit; empty if text is added.
    pub span: Span,
    /// Its start.
    pub location: Location,
    /// The text before.
    pub old: Option<String>,
    /// The text after.
    pub new: Option<String>,
    /// Its outcome.
    pub outcome: Outcome,
}

/// The kind of a planned site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlannedKind {
    /// `tool.setuptools_scm.fallback_version`.
    FallbackVersion,
    /// `project.version`.
    StaticVersion,
    /// A requirement on a client.
    ClientPin,
    /// A requirement on a sibling.
    SiblingPin,
    /// Configuration of setuptools-scm that a package lacks.
    ScmConfiguration,
    /// The lockfile's version of a package that stops being static.
    LockedVersion,
    /// The range of a client in a UI's `package.json`.
    ClientRange,
    /// A lockfile's version of a client, or its record of the requirements on it.
    LockedClient,
    /// A version that is written into a client repository.
    StampedVersion,
}

impl From<SiteKind> for PlannedKind {
    fn from(kind: SiteKind) -> Self {
        match kind {
            SiteKind::FallbackVersion => Self::FallbackVersion,
            SiteKind::StaticVersion => Self::StaticVersion,
            SiteKind::ClientPin => Self::ClientPin,
            SiteKind::SiblingPin => Self::SiblingPin,
        }
    }
}

/// The outcome of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It changes.
    Changed,
    /// It already has its value.
    AlreadyRight,
    /// The policy keeps it.
    Kept,
}

impl Plan {
    /// Returns `true` if the tree needs no edit.
    pub fn is_done(&self) -> bool {
        self.files.is_empty()
    }

    /// Adds edits of other files.
    pub fn add(&mut self, edits: Edits) {
        self.sites.extend(edits.sites);
        self.files.extend(edits.files);
        self.sites.sort_by(|one, other| (&one.path, one.span.start).cmp(&(&other.path, other.span.start)));
        self.files.sort_by(|one, other| one.path.cmp(&other.path));
    }

    /// Returns the files that hold sites.
    pub fn paths(&self) -> BTreeSet<&Utf8Path> {
        self.sites.iter().map(|site| site.path.as_path()).collect()
    }

    /// Returns `true` if a file changes.
    pub fn changes(&self, path: &Utf8Path) -> bool {
        self.files.binary_search_by(|file| file.path.as_path().cmp(path)).is_ok()
    }
}
