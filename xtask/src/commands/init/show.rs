//! The output of `release init`: what was found, the diff, what was done, what comes next.

use crate::Outcome;
use crate::checkout::Repository;
use crate::cli::{Format, Global};
use crate::output;
use crate::output::json;
use crate::output::{ADDED, HEADING, QUIET, count, next, object, say};
use crate::stop::Stop;
use release_core::monorepo::{Left, Monorepo};
use release_core::plan::PlannedKind;
use release_core::plan::adopt::Adoption;
use release_core::problem::Problem;
use release_core::train::Step;

/// Gathers what a run says, for both formats.
pub(crate) struct Report<'a> {
    global: &'a Global,
    repository: &'a Repository,
    adoption: Option<Adoption>,
    /// `true` if a package is left whose version comes from elsewhere.
    leaves: bool,
}

impl<'a> Report<'a> {
    pub(crate) fn new(global: &'a Global, repository: &'a Repository) -> Self {
        Self { global, repository, adoption: None, leaves: false }
    }

    /// Shows what was found, and with `-v` which manifests were taken and left, and why.
    pub(crate) fn plan(&mut self, monorepo: &Monorepo, adoption: &Adoption) {
        let mut lines = vec![
            format!("{HEADING}versions from setuptools-scm{HEADING:#}"),
            format!("  {QUIET}where{QUIET:#}     {}", self.repository.location.root),
            format!("  {QUIET}packages{QUIET:#}  {}", count(monorepo.packages.len(), "package")),
        ];
        lines.extend(adoption.fallback.iter().map(|fallback| format!("  {QUIET}fallback{QUIET:#}  {fallback}")));
        let own: Vec<&Left> = monorepo.left.iter().filter(|left| left.has_own_version()).collect();
        self.leaves = !own.is_empty();
        lines.extend(own.into_iter().map(|left| format!("  {QUIET}left{QUIET:#}      {}: {}", left.path, left.reason)));
        if self.global.verbose > 0 {
            lines.push(String::new());
            let taken = monorepo.packages.iter();
            lines.extend(taken.map(|p| format!("  {ADDED}taken{ADDED:#}  {}: {}, {}", p.path, p.name, p.why)));
            let untracked = self.repository.untracked_manifests(monorepo);
            let left = monorepo.left.iter().chain(&untracked);
            lines.extend(left.map(|left| format!("  {QUIET}left{QUIET:#}   {}: {}", left.path, left.reason)));
        }
        lines.iter().for_each(|line| say(self.global, line));
        self.adoption = Some(adoption.clone());
    }

    /// Shows what was done, if anything was written, or would be, and what comes next.
    pub(crate) fn finish(&self, is_written: bool, steps: &[Step]) -> Outcome {
        let is_done = self.adoption.as_ref().is_some_and(Adoption::is_done);
        let (outcome, line) = match (is_done, is_written) {
            (true, _) => {
                let which = if self.leaves { "every package that is not left" } else { "every package" };
                ("nothing-to-do", format!("nothing to do: {which} has its version from setuptools-scm already"))
            }
            (false, true) => ("written", self.summary("changed")),
            (false, false) => ("planned", format!("{}; dry run, nothing was changed", self.summary("would change"))),
        };
        say(self.global, &line);
        next(self.global, &self.repository.location.root, steps);
        output::print(self.document(outcome, &[], steps));
        Outcome::Done
    }

    /// Adds to what stands in the way that nothing was written.
    pub(crate) fn stop(&self, stop: Stop) -> Stop {
        stop.told(|found| {
            let line = format!("versions stay as they are: {}, nothing was changed", count(found.len(), "problem"));
            ((!self.global.quiet).then_some(line), self.document("refused", found, &[]))
        })
    }

    /// `changed 3 files: 5 parts of the setuptools-scm configuration, 2 locked versions`.
    fn summary(&self, verb: &str) -> String {
        let Some(adoption) = &self.adoption else { return String::new() };
        let parts = [
            (PlannedKind::FallbackVersion, "version", "versions"),
            (
                PlannedKind::ScmConfiguration,
                "part of the setuptools-scm configuration",
                "parts of the setuptools-scm configuration",
            ),
            (PlannedKind::LockedVersion, "locked version", "locked versions"),
        ];
        let parts: Vec<String> = parts
            .into_iter()
            .filter_map(|(kind, one, many)| match adoption.sites.iter().filter(|site| site.kind == kind).count() {
                0 => None,
                1 => Some(format!("1 {one}")),
                number => Some(format!("{number} {many}")),
            })
            .collect();
        format!("{verb} {}: {}", count(adoption.files.len(), "file"), parts.join(", "))
    }

    fn document(&self, outcome: &'static str, problems: &[Problem], next: &[Step]) -> Option<output::Document> {
        let is_json = self.global.output_format == Some(Format::Json);
        let adoption = self.adoption.as_ref();
        let document = || {
            object! {
                schema_version: json::VERSION,
                command: "init",
                outcome: outcome,
                dry_run: self.global.dry_run,
                files: adoption.map(|adoption| json::files_of(&adoption.sites, &adoption.files)).unwrap_or_default(),
                problems: problems,
                next: next,
            }
        };
        is_json.then(|| output::Document::new(&document()))
    }
}
