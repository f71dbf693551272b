//! A run as reports for other systems show it. A check and an audit are described alike, so that each format has one writer.

use crate::context::Context;
use crate::diagnostic::Diagnostic;
use crate::level::{Level, Levels};
use crate::run::Checked;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::problem::Problem;
use release_core::text::{SourceText, Span};
use std::collections::BTreeMap;

/// The texts that labels point into, by path.
pub type Sources<'a> = BTreeMap<&'a Utf8Path, &'a SourceText>;

/// A run of a command.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The command.
    pub command: Command<'a>,
    /// The findings of a check; of an audit those at each tag, the oldest first, and those about the past as a whole.
    pub parts: &'a [Part<'a>],
    /// Tells the names of tags from those of branches.
    pub is_tag: &'a dyn Fn(&str) -> bool,
    /// The levels that held.
    pub levels: &'a Levels,
    /// The version of this tool.
    pub version: &'a str,
    /// `true` if warnings fail.
    pub deny_warnings: bool,
}

/// The command that was run.
#[derive(Clone, Copy, Debug)]
pub enum Command<'a> {
    /// `release check`.
    Check {
        /// The commit that was judged, where there is one.
        commit: Option<&'a str>,
        /// The branch that it was judged as, where that is known.
        branch: Option<&'a str>,
    },
    /// `release audit`.
    Audit,
}

/// The findings in one place.
#[derive(Clone, Debug)]
pub struct Part<'a> {
    /// The tag and its commit, where an audit looked at one.
    pub tag: Option<(&'a str, &'a str)>,
    /// The findings, or the reason for which the tree cannot be checked.
    pub checked: Result<&'a Checked, &'a [Problem]>,
    /// The texts that findings point into.
    pub sources: Sources<'a>,
    /// The place that stands for all of it where a finding has no file.
    pub stand_in: Option<(&'a Utf8Path, Span)>,
}

impl Run<'_> {
    /// Returns `true` if the findings fail the run.
    pub fn fails(&self) -> bool {
        self.parts.iter().any(|part| match part.checked {
            Ok(checked) => checked.diagnostics.iter().any(|diagnostic| self.fails_by(diagnostic)),
            Err(_) => true,
        })
    }

    /// Returns `true` if a finding fails the run. In an audit one that followed from a release on its way does not: it was
    /// unavoidable on that day.
    pub(super) fn fails_by(&self, diagnostic: &Diagnostic) -> bool {
        let is_known = matches!(self.command, Command::Audit) && diagnostic.finding.in_flight;
        let is_denied = self.deny_warnings && diagnostic.level == Level::Warn;
        !is_known && (diagnostic.level == Level::Error || is_denied)
    }
}

impl<'a> Part<'a> {
    /// The findings of a check.
    pub fn of_check(context: &'a Context, checked: &'a Checked) -> Self {
        let accepted = checked.accepted.iter().map(|accepted| &accepted.diagnostic);
        let findings = checked.diagnostics.iter().chain(accepted).map(|diagnostic| &diagnostic.finding);
        let stand_in = stand_in(context);
        let paths = findings.flat_map(|finding| {
            let edited = finding.fix.iter().flat_map(|fix| &fix.edits).map(|(path, _)| path);
            finding.problem.labels.iter().map(|label| &label.path).chain(edited)
        });
        let paths = paths.map(Utf8PathBuf::as_path).chain(stand_in.iter().map(|(path, _)| *path));
        let sources = paths.filter_map(|path| Some((path, context.source(path)?))).collect();
        Self { tag: None, checked: Ok(checked), sources, stand_in }
    }
}

/// Returns the place that stands for a tree if a finding has no file: the version of the first package, or the top of
/// whatever manifest there is.
pub fn stand_in(context: &Context) -> Option<(&Utf8Path, Span)> {
    if let Some(version) = context.versions().next() {
        return Some((&version.package.path, version.text.span.clone()));
    }
    context.monorepo.manifests.keys().next().map(|path| (path.as_path(), 0..0))
}
