//! The outcome of an audit, from which every format is made.

use super::observed::{Audited, Observed};
use crate::cli::{Audit, Global};
use release_checks::baseline::Baseline;
use release_checks::diagnostic::{Diagnostic, Skipped};
use release_checks::level::{Level, Levels};
use release_checks::render::Sources;
use release_checks::run::Checked;
use serde::Serialize;
use std::time::Instant;

/// The run that is shown, with its words.
pub(super) struct Report<'a> {
    pub(super) global: &'a Global,
    pub(super) audit: &'a Audit,
    pub(super) observed: &'a Observed<'a>,
    pub(super) audited: &'a [Audited],
    /// The findings of the rules over the past, and the stale entries of the baseline.
    pub(super) past: &'a Checked,
    pub(super) levels: &'a Levels,
    /// The baseline that held.
    pub(super) baseline: Option<&'a Baseline>,
    /// The number of its entries that accept what is gone.
    pub(super) stale: usize,
    pub(super) started: Instant,
}

/// The numbers of findings, by their weight.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Counts {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) known: usize,
}

impl Counts {
    pub(super) fn of<'a>(diagnostics: impl Iterator<Item = &'a Diagnostic>) -> Self {
        let mut counts = Self::default();
        for diagnostic in diagnostics {
            match (diagnostic.finding.in_flight, diagnostic.level) {
                (true, _) => counts.known += 1,
                (false, Level::Error) => counts.errors += 1,
                (false, _) => counts.warnings += 1,
            }
        }
        counts
    }
}

impl<'a> Report<'a> {
    pub(super) fn diagnostics(&self) -> impl Iterator<Item = &Diagnostic> {
        self.checked().flat_map(|checked| &checked.diagnostics)
    }

    /// The findings at tags, and of the past.
    pub(super) fn checked(&self) -> impl Iterator<Item = &Checked> {
        self.audited.iter().filter_map(|audited| audited.checked.as_ref().ok()).chain([self.past])
    }

    /// The rules that could not tell at a tag, each with the tag's name.
    pub(super) fn skipped(&self) -> Vec<(&'a str, &'a Skipped)> {
        let at_tag = |audited: &'a Audited| {
            let skipped = audited.checked.iter().flat_map(|checked| &checked.skipped);
            skipped.map(|skipped| (audited.tag.name.as_str(), skipped))
        };
        self.audited.iter().flat_map(at_tag).collect()
    }

    /// The number of findings that a comment or `release.toml` accepted.
    pub(super) fn ignored(&self) -> usize {
        self.checked().map(Checked::ignored).sum()
    }

    /// The number of findings that the baseline accepted.
    pub(super) fn baselined(&self) -> usize {
        self.checked().map(Checked::baselined).sum()
    }

    /// The texts that findings of the past point into.
    pub(super) fn sources(&self) -> Sources<'a> {
        self.baseline.iter().map(|baseline| (baseline.path.as_path(), &baseline.source)).collect()
    }
}

/// Hours, to a tenth.
pub(super) fn hours(seconds: i64) -> f64 {
    (seconds as f64 / 360.0).round() / 10.0
}
