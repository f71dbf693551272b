//! What `release init` shows: what was found, the diff, what was done, what comes next.

use crate::Outcome;
use crate::checkout::Repository;
use crate::cli::{Format, Global};
use crate::output;
use crate::output::json::{self, FileDocument};
use crate::output::{ADDED, HEADING, QUIET, count, diff, lines, next, say};
use crate::stop::Stop;
use release_core::monorepo::Monorepo;
use release_core::plan::PlannedKind;
use release_core::plan::adopt::Adoption;
use release_core::problem::Problem;
use release_core::train::Step;
use serde::Serialize;

/// Gathers what a run says, for both formats.
pub(crate) struct Report<'a> {
    global: &'a Global,
    repository: &'a Repository,
    adoption: Option<Adoption>,
}

/// What a run of `init` found and did. Documented in `docs/json.md`.
#[derive(Debug, Serialize)]
struct Document<'a> {
    schema_version: u32,
    command: &'static str,
    outcome: &'static str,
    dry_run: bool,
    files: Vec<FileDocument<'a>>,
    problems: &'a [Problem],
    next: &'a [Step],
}

impl<'a> Report<'a> {
    pub(crate) fn new(global: &'a Global, repository: &'a Repository) -> Self {
        Self { global, repository, adoption: None }
    }

    fn say(&self, line: &str) {
        say(self.global, line);
    }

    fn is_json(&self) -> bool {
        self.global.output_format == Some(Format::Json)
    }

    /// Shows what was found.
    pub(crate) fn plan(&mut self, monorepo: &Monorepo, adoption: &Adoption) {
        self.say(&format!("{HEADING}versions from setuptools-scm{HEADING:#}"));
        self.say(&format!("  {QUIET}where{QUIET:#}     {}", self.repository.location.root));
        self.say(&format!("  {QUIET}packages{QUIET:#}  {}", count(monorepo.packages.len(), "package")));
        if let Some(fallback) = &adoption.fallback {
            self.say(&format!("  {QUIET}fallback{QUIET:#}  {fallback}"));
        }
        if self.global.verbose > 0 {
            self.discovery(monorepo);
        }
        self.adoption = Some(adoption.clone());
    }

    /// Which manifests were taken and left, and why.
    fn discovery(&self, monorepo: &Monorepo) {
        self.say("");
        for package in &monorepo.packages {
            self.say(&format!("  {ADDED}taken{ADDED:#}  {}: {}, {}", package.path, package.name, package.why));
        }
        for left in monorepo.left.iter().chain(&self.repository.untracked_manifests(monorepo)) {
            self.say(&format!("  {QUIET}left{QUIET:#}   {}: {}", left.path, left.reason));
        }
    }

    /// Shows the diff. With `--quiet` only a dry run has it, which is asked for nothing else.
    pub(crate) fn diff(&self) {
        if self.is_json() || self.global.quiet && !self.global.dry_run {
            return;
        }
        for file in self.adoption.iter().flat_map(|adoption| &adoption.files) {
            lines(&diff::unified(&file.path, file.old.as_str(), file.new.as_str()));
        }
    }

    /// The files are written.
    pub(crate) fn written(&self, steps: &[Step]) -> Outcome {
        self.say(&self.summary("changed"));
        self.done("written", steps)
    }

    /// Nothing is written: it is done already, or this is a dry run.
    pub(crate) fn finish(&self, steps: &[Step]) -> Outcome {
        if self.adoption.as_ref().is_some_and(Adoption::is_done) {
            self.say("nothing to do: every package has its version from setuptools-scm already");
            return self.done("nothing-to-do", steps);
        }
        self.say(&format!("{}; dry run, nothing was changed", self.summary("would change")));
        self.done("planned", steps)
    }

    fn done(&self, outcome: &'static str, steps: &[Step]) -> Outcome {
        next(self.global, &self.repository.location.root, steps);
        output::print(self.document(outcome, &[], steps));
        Outcome::Done
    }

    /// What stands in the way. Nothing was written.
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
        if !self.is_json() {
            return None;
        }
        let adoption = self.adoption.as_ref();
        let document = Document {
            schema_version: json::VERSION,
            command: "init",
            outcome,
            dry_run: self.global.dry_run,
            files: adoption.map(|adoption| json::files_of(&adoption.sites, &adoption.files)).unwrap_or_default(),
            problems,
            next,
        };
        Some(output::Document::new(&document))
    }
}
