//! The data that reports of an audit show.

use super::Sources;
use crate::diagnostic::Diagnostic;
use crate::level::{Level, Levels};
use crate::run::Checked;
use camino::Utf8Path;
use release_core::problem::Problem;
use release_core::text::Span;

/// An audit as reports for other systems show it.
#[derive(Clone, Copy, Debug)]
pub struct AuditRun<'a> {
    /// The tags, the oldest first.
    pub tags: &'a [TagRun<'a>],
    /// The findings about the past as a whole.
    pub past: &'a Checked,
    /// The texts that this points into.
    pub sources: &'a Sources<'a>,
    /// The manifest that stands for the repository where a finding has no file.
    pub manifest: &'a Utf8Path,
    /// The names of branches; others that findings are about are tags.
    pub branches: &'a [&'a str],
    /// The levels that held.
    pub levels: &'a Levels,
    /// The version of this tool.
    pub version: &'a str,
    /// `true` if warnings fail.
    pub deny_warnings: bool,
}

/// A tag, and what was found there.
#[derive(Clone, Debug)]
pub struct TagRun<'a> {
    /// Its name.
    pub tag: &'a str,
    /// Its commit.
    pub commit: &'a str,
    /// The findings, or the reason for which its tree cannot be checked.
    pub checked: Result<&'a Checked, &'a [Problem]>,
    /// The texts that findings point into.
    pub sources: Sources<'a>,
    /// The file that stands for the tree if a finding has none.
    pub stand_in: Option<(&'a Utf8Path, Span)>,
}

impl AuditRun<'_> {
    /// Returns `true` if the findings fail the run.
    pub fn fails(&self) -> bool {
        let of_tags = self.tags.iter().map(|tag| tag.checked);
        of_tags.chain([Ok(self.past)]).any(|checked| match checked {
            Ok(checked) => checked.diagnostics.iter().any(|diagnostic| self.fails_by(diagnostic)),
            Err(_) => true,
        })
    }

    /// Returns `true` if a finding fails the run. One that followed from a release on its way does not: it was
    /// unavoidable on that day.
    pub(super) fn fails_by(&self, diagnostic: &Diagnostic) -> bool {
        let is_denied = self.deny_warnings && diagnostic.level == Level::Warn;
        !diagnostic.finding.in_flight && (diagnostic.level == Level::Error || is_denied)
    }
}
