//! Findings that were there when somebody began to check, and that are accepted until they are mended.
//!
//! A baseline is a TOML file that is committed, by default `release-baseline.toml` at the repository's root. It is read by
//! people, and written by `release check --write-baseline`:
//!
//! ```toml
//! version = 1
//!
//! [[finding]]
//! fingerprint = "0f3a5c7e9b1d2468"
//! rule = "pin-operator"
//! path = "pyproject.toml"
//! message = "`meadow-client` is pinned by `>=0.4.4`, and on release-0.4.x it is `==`"
//! reason = "pinned with the next minor"
//! date = "2026-11-23"
//! ```
//!
//! The fingerprint and the rule decide; the rest is for people. A finding about a tag or branch has `reference` in place of
//! `path`. The reason may be edited at will, and is kept.

mod read;
mod renew;

pub use renew::{Renewed, renewed};

use crate::fingerprint::Fingerprint;
use camino::Utf8PathBuf;
use release_core::calendar::Day;
use release_core::text::{SourceText, Span};

/// What the file is called, unless somebody names another.
pub const FILE_NAME: &str = "release-baseline.toml";

/// The version of the format.
pub const VERSION: i64 = 1;

/// Findings that are accepted.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// What the file is called.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// What it accepts, each fingerprint once.
    pub entries: Vec<Entry>,
    /// Why it says nothing about what is gone from the tree, as where the tree is another one than the baseline's.
    pub foreign: Option<String>,
}

/// One finding that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which one.
    pub fingerprint: Fingerprint,
    /// The rule that found it.
    pub rule: String,
    /// The file, tag or branch that it is about.
    pub place: Option<Place>,
    /// What was found, in short.
    pub message: String,
    /// Why it is accepted.
    pub reason: String,
    /// Since when.
    pub date: Day,
    /// Where the fingerprint stands in the baseline.
    pub span: Span,
}

/// What a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file.
    Path(String),
    /// A tag or branch.
    Reference(String),
}

impl Baseline {
    /// The entry that accepts a finding of a rule.
    pub fn entry(&self, rule: &str, fingerprint: Fingerprint) -> Option<&Entry> {
        let at = self.entries.binary_search_by_key(&fingerprint, |entry| entry.fingerprint).ok()?;
        self.entries.get(at).filter(|entry| entry.rule == rule)
    }
}

impl Place {
    /// The file, tag or branch.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Path(text) | Self::Reference(text) => text,
        }
    }
}

#[cfg(test)]
mod tests;
