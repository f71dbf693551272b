//! The findings of a comparison of a lockfile with its manifests and settings.

use super::super::compare::Difference;
use crate::text::Span;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;

/// The differences of a lockfile from what it is to be written for.
#[derive(Clone, Debug, Default)]
pub struct Staleness<'a> {
    /// Requirements that are recorded otherwise than a manifest has them, each with its manifest.
    pub requirements: Vec<(&'a Utf8Path, Difference<'a>)>,
    /// All else that is recorded otherwise.
    pub others: Vec<Changed>,
    /// Reasons for which a part cannot be judged without uv.
    pub unknown: BTreeSet<String>,
}

/// A setting, or a part of a manifest, that is recorded otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// The part, in the words of the manifest.
    pub what: String,
    /// The value in the lockfile, or no text if the part is all there is to say; `None` if it records none.
    pub recorded: Option<String>,
    /// The value in the manifests or settings, in the same way; `None` if they have none.
    pub declared: Option<String>,
    /// The place in the lockfile, if a value or its table stands there.
    pub lock: Option<Span>,
    /// The file that has, or would have, the value, and its place there.
    pub file: Utf8PathBuf,
    /// The place in that file, if it has the value.
    pub place: Option<Span>,
}

/// The answer to whether two things mean the same to uv.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// They do.
    Same,
    /// They do not.
    Different,
    /// Only uv can tell.
    Unknown,
}

impl Verdict {
    /// Returns the verdict of an answer that may be missing.
    pub(super) fn of(is_same: Option<bool>) -> Self {
        match is_same {
            Some(true) => Self::Same,
            Some(false) => Self::Different,
            None => Self::Unknown,
        }
    }
}

impl Changed {
    /// Says what both sides have, as a sentence about the lockfile with this name.
    pub fn sentence(&self, lock: &str) -> String {
        let Self { what, recorded, declared, file, .. } = self;
        match (recorded.as_deref(), declared.as_deref()) {
            (Some(""), _) => format!("{lock} records {what}, which {file} does not have"),
            (Some(recorded), Some(declared)) => {
                format!("{lock} records {recorded} for {what}, where {file} has {declared}")
            }
            (Some(recorded), None) => format!("{lock} records {recorded} for {what}, which {file} does not have"),
            (None, None | Some("")) => format!("{lock} does not record {what}, which {file} has"),
            (None, Some(declared)) => format!("{lock} does not record {what}, which is {declared} in {file}"),
        }
    }
}

impl Staleness<'_> {
    /// Returns `true` if no difference was found.
    pub fn is_fresh(&self) -> bool {
        self.requirements.is_empty() && self.others.is_empty()
    }
}
