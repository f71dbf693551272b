//! What `release stamp` shows.

use crate::Outcome;
use crate::cli::{Format, Global, Stamp as Flags};
use crate::output;
use crate::output::json::{FileDocument, files_of};
use crate::output::{HEADING, QUIET, count, diff, lines, say};
use crate::stop::Stop;
use camino::Utf8Path;
use release_core::plan::Outcome as SiteOutcome;
use release_core::plan::stamp::{Stamp, Texts};
use release_core::problem::Problem;
use release_core::text::quoted;
use release_core::version::Version;
use release_core::version::mapping::to_npm;
use serde::Serialize;

/// The version of the JSON.
const VERSION: u32 = 1;

/// Gathers what a run says, for both formats.
pub(crate) struct Report<'a> {
    global: &'a Global,
    flags: &'a Flags,
    root: &'a Utf8Path,
    version: &'a Version,
    stamp: Option<Stamp>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    command: &'static str,
    outcome: &'static str,
    dry_run: bool,
    version: String,
    npm_version: Option<String>,
    /// What setuptools-scm takes the version from, where a package has none of its own.
    environment: Option<Variable>,
    files: Vec<FileDocument<'a>>,
    problems: &'a [Problem],
}

#[derive(Serialize)]
struct Variable {
    name: String,
    value: String,
}

impl<'a> Report<'a> {
    pub(crate) fn new(global: &'a Global, flags: &'a Flags, root: &'a Utf8Path, version: &'a Version) -> Self {
        Self { global, flags, root, version, stamp: None }
    }

    /// Shows what was found.
    pub(crate) fn found(&mut self, stamp: &Stamp) {
        let version = self.version;
        say(self.global, &format!("{HEADING}version {version}{HEADING:#} in {}", self.root));
        for site in &stamp.sites {
            let place = format!("{}:{}:{}", site.path, site.location.line, site.location.column);
            let old = site.old.as_deref().unwrap_or_default();
            let what = match site.outcome {
                SiteOutcome::Changed => format!("{old} becomes {}", site.new.as_deref().unwrap_or_default()),
                _ => format!("{old}, right already"),
            };
            say(self.global, &format!("  {place} {QUIET}{}{QUIET:#}: {what}", site.table));
        }
        if let Some(name) = &stamp.dynamic {
            say(
                self.global,
                &format!(
                    "  pyproject.toml: {name} has its version from setuptools-scm; build it with\n       {}={}",
                    variable(name),
                    quoted(&version.to_string())
                ),
            );
        }
        self.stamp = Some(stamp.clone());
    }

    fn is_json(&self) -> bool {
        self.global.output_format == Some(Format::Json)
    }

    /// Shows the diff.
    pub(crate) fn diff(&self) {
        if self.is_json() || self.global.quiet && !self.global.dry_run {
            return;
        }
        say(self.global, "");
        for file in self.stamp.iter().flat_map(|stamp| &stamp.files) {
            lines(&diff::unified(&file.path, file.old.as_str(), file.new.as_str()));
        }
    }

    fn changes(&self) -> String {
        let Some(stamp) = &self.stamp else { return String::new() };
        let places = stamp.sites.iter().filter(|site| site.outcome == SiteOutcome::Changed).count();
        format!("{} in {}", count(places, "place"), count(stamp.files.len(), "file"))
    }

    /// Every place is right.
    pub(crate) fn nothing_to_do(&self) -> Outcome {
        say(self.global, &format!("nothing to do: no place is at another version than {}", self.version));
        output::print(self.document("nothing-to-do", &[]));
        Outcome::Done
    }

    /// Places that are at another version, for `--check`.
    pub(crate) fn stale(&self, texts: Texts) -> Stop {
        let changed = self.stamp.iter().flat_map(|stamp| &stamp.sites);
        let changed = changed.filter(|site| site.outcome == SiteOutcome::Changed);
        let problem = |site: &release_core::plan::PlannedSite| {
            let (old, new) = (site.old.as_deref().unwrap_or_default(), site.new.as_deref().unwrap_or_default());
            Problem::new(
                format!("{} is at {old}, and not at {new}", site.path),
                format!("`cargo xtask release stamp {}`", self.version),
            )
            .at(&site.path, site.span.clone(), "the version")
        };
        let found: Vec<Problem> = changed.map(problem).collect();
        self.told("stale", Stop::refused(found, texts))
    }

    /// A dry run.
    pub(crate) fn planned(&self) -> Outcome {
        say(self.global, &format!("would change {}; dry run, nothing was changed", self.changes()));
        output::print(self.document("planned", &[]));
        Outcome::Done
    }

    /// The files are written.
    pub(crate) fn written(&self) -> Outcome {
        say(self.global, &format!("changed {}", self.changes()));
        output::print(self.document("written", &[]));
        Outcome::Done
    }

    /// What stands in the way. Nothing was written.
    pub(crate) fn stop(&self, stop: Stop) -> Stop {
        self.told("refused", stop)
    }

    fn told(&self, outcome: &'static str, stop: Stop) -> Stop {
        stop.told(|found| {
            let line = format!("{}, nothing was changed", count(found.len(), "problem"));
            ((!self.global.quiet).then_some(line), self.document(outcome, found))
        })
    }

    fn document(&self, outcome: &'static str, problems: &[Problem]) -> Option<output::Document> {
        if !self.is_json() {
            return None;
        }
        let stamp = self.stamp.as_ref();
        let document = Document {
            schema_version: VERSION,
            command: "stamp",
            outcome,
            dry_run: self.global.dry_run || self.flags.check,
            version: self.version.to_string(),
            npm_version: to_npm(self.version).ok().map(|version| version.to_string()),
            environment: stamp.and_then(|stamp| {
                let name = stamp.dynamic.as_ref()?;
                Some(Variable { name: variable(name), value: self.version.to_string() })
            }),
            files: stamp.map_or_else(Vec::new, |stamp| files_of(&stamp.sites, &stamp.files)),
            problems,
        };
        Some(output::Document::new(&document))
    }
}

/// The variable from which setuptools-scm takes the version of one distribution.
pub(crate) fn variable(name: &str) -> String {
    format!("SETUPTOOLS_SCM_PRETEND_VERSION_FOR_{}", release_core::scm::suffix(name))
}
