//! Plans: edits as data, computed and verified in memory before anything is written.

pub mod adopt;
pub mod development;
mod draft;
pub mod preconditions;
mod prepare;
pub mod relock;
pub mod rewrite_pins;
pub mod scm_config;
pub mod stamp;
pub mod targets;
#[cfg(test)]
mod tests;
mod unlock;

pub(crate) use prepare::version;
pub use prepare::{Locks, needs_locks, prepare};

use crate::monorepo::SiteKind;
use crate::text::{Location, SourceText, Span};
use crate::version::Release;
use camino::{Utf8Path, Utf8PathBuf};
use serde::Serialize;
use std::collections::BTreeSet;

/// Every edit that a release needs, or the certainty that it needs none.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The release it is for.
    pub release: Release,
    /// Every site, by file and place, whether it changes or not.
    pub sites: Vec<PlannedSite>,
    /// The files that change, by path.
    pub files: Vec<PlannedFile>,
}

/// A file before and after.
#[derive(Clone, Debug)]
pub struct PlannedFile {
    /// Relative to the root.
    pub path: Utf8PathBuf,
    /// The text that the plan was made from.
    pub old: SourceText,
    /// The text that it makes.
    pub new: SourceText,
}

/// A site, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedSite {
    /// The file.
    pub path: Utf8PathBuf,
    /// What it is.
    pub kind: PlannedKind,
    /// The package whose version it is, or that is pinned.
    pub subject: String,
    /// The table or list that holds it.
    pub table: String,
    /// Its bytes before the edit; empty where something is added.
    pub span: Span,
    /// Where it starts.
    pub location: Location,
    /// What stands there.
    pub old: Option<String>,
    /// What will stand there.
    pub new: Option<String>,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What a planned site is.
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
    /// The version that a lockfile has of a package that stops being static.
    LockedVersion,
    /// The range of a client in a UI's `package.json`.
    ClientRange,
    /// What a lockfile has of a client, or has noted down of the requirements on it.
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

/// What becomes of a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It changes.
    Changed,
    /// It already is as it must be.
    AlreadyRight,
    /// The policy leaves it alone.
    Kept,
}

impl Plan {
    /// Whether the tree already is as it must be.
    pub fn is_done(&self) -> bool {
        self.files.is_empty()
    }

    /// The files that hold sites.
    pub fn paths(&self) -> BTreeSet<&Utf8Path> {
        self.sites.iter().map(|site| site.path.as_path()).collect()
    }

    /// Whether a file changes.
    pub fn changes(&self, path: &Utf8Path) -> bool {
        self.files.binary_search_by(|file| file.path.as_path().cmp(path)).is_ok()
    }
}
