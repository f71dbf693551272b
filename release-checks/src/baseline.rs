//! Findings that were there when somebody began to check, and that are accepted until they are mended.
//!
//! A baseline is a TOML file that is committed, by default `release-baseline.toml` at the repository's root. It is read by
//! people, and written by `--write-baseline` of `release check` and `release audit`:
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
//! The fingerprint, the rule and the tag decide; the rest is for people. A finding about a tag or branch has `reference` in place
//! of `path`. The reason may be edited at will, and is kept.
//!
//! One file serves both commands. What an audit found at a tag has `tag = "v0.4.5"`: the same finding at two tags is two, as each
//! is judged as of its own date. Such entries, and those of rules over the past, are the audit's; all others are those of `check`.
//! Neither command looks at the other's.

mod read;

use crate::fingerprint::Fingerprint;
use camino::Utf8PathBuf;
use release_core::calendar::Day;
use release_core::text::{SourceText, Span};

/// The name of the file, unless another is given.
pub const FILE_NAME: &str = "release-baseline.toml";

/// The version of the format.
pub const VERSION: i64 = 1;

/// Findings that are accepted.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// The name of the file.
    pub path: Utf8PathBuf,
    /// Its text.
    pub source: SourceText,
    /// The findings that it accepts, by tag and fingerprint, each once.
    pub entries: Vec<Entry>,
    /// The reason why it says nothing about what is gone from the tree, as where the tree is another one than the baseline's.
    pub foreign: Option<String>,
}

/// One finding that is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The fingerprint of the finding.
    pub fingerprint: Fingerprint,
    /// The rule that found it.
    pub rule: String,
    /// The tag that it was found at, where an audit found it at one.
    pub tag: Option<String>,
    /// The file, tag or branch that it is about.
    pub place: Option<Place>,
    /// The message, in short.
    pub message: String,
    /// The reason why it is accepted.
    pub reason: String,
    /// The day since which it is accepted.
    pub date: Day,
    /// The bytes of the fingerprint in the baseline.
    pub span: Span,
}

/// The subject of a finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file.
    Path(String),
    /// A tag or branch.
    Reference(String),
}

/// The key that tells entries apart.
pub type Key<'a> = (Option<&'a str>, Fingerprint);

impl Baseline {
    /// The entry that accepts a finding of a rule, at a tag where an audit found it at one.
    pub fn entry(&self, tag: Option<&str>, rule: &str, fingerprint: Fingerprint) -> Option<&Entry> {
        let at = self.entries.binary_search_by(|entry| entry.key().cmp(&(tag, fingerprint))).ok()?;
        self.entries.get(at).filter(|entry| entry.rule == rule)
    }
}

impl Entry {
    /// Returns what tells it from others.
    pub fn key(&self) -> Key<'_> {
        (self.tag.as_deref(), self.fingerprint)
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
