//! The output of `release stamp`.

use crate::Outcome;
use crate::cli::{Format, Global, Stamp as Flags};
use crate::output;
use crate::output::json::files_of;
use crate::output::{HEADING, QUIET, count, object, say};
use crate::stop::Stop;
use camino::Utf8Path;
use release_core::plan::Outcome as SiteOutcome;
use release_core::plan::stamp::{Dynamic, Stamp, Texts};
use release_core::problem::Problem;
use release_core::text::quoted;
use release_core::version::Version;
use release_core::version::mapping::to_npm;

/// The version of the JSON.
const VERSION: u32 = 1;

/// Gathers what a run says, for both formats.
pub(crate) struct Report<'a> {
    global: &'a Global,
    flags: &'a Flags,
    root: &'a Utf8Path,
    version: &'a Version,
    stamp: Option<Stamp>,
    /// The name of a build of the tree as it is, where no file carries the version and this can be told.
    called: Option<String>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(global: &'a Global, flags: &'a Flags, root: &'a Utf8Path, version: &'a Version) -> Self {
        Self { global, flags, root, version, stamp: None, called: None }
    }

    /// Shows what was found.
    pub(crate) fn found(&mut self, stamp: &Stamp, called: Option<Option<String>>) {
        let version = self.version;
        say(self.global, &format!("{HEADING}version {version}{HEADING:#} in {}", self.root));
        for site in &stamp.sites {
            let place = format!("{}:{}:{}", site.path, site.location.line, site.location.column);
            let old = site.old.as_deref().unwrap_or_default();
            let what = match site.outcome {
                SiteOutcome::Changed => format!("{old} becomes {}", site.new.as_deref().unwrap_or_default()),
                SiteOutcome::Kept => format!("{old}, kept: a package with a version of its own"),
                SiteOutcome::AlreadyRight => format!("{old}, right already"),
            };
            say(self.global, &format!("  {place} {QUIET}{}{QUIET:#}: {what}", site.table));
        }
        if let Some(Dynamic { distribution, from, variable }) = &stamp.dynamic {
            let given = format!("{variable}={}", quoted(&version.to_string()));
            let line =
                format!("  pyproject.toml: {distribution} has its version from {from}; build it with\n       {given}");
            say(self.global, &line);
        }
        self.called = called.flatten();
        self.stamp = Some(stamp.clone());
    }

    /// Returns `true` if a build of the tree as it is has the version.
    pub(crate) fn is_right(&self) -> bool {
        self.stamp.as_ref().is_some_and(|stamp| stamp.files.is_empty()) && self.is_called_right()
    }

    fn is_called_right(&self) -> bool {
        let is_dynamic = self.stamp.as_ref().is_some_and(|stamp| stamp.dynamic.is_some());
        !is_dynamic || self.called.as_ref().is_some_and(|called| Version::parse(called).as_ref() == Ok(self.version))
    }

    fn changes(&self) -> String {
        let Some(stamp) = &self.stamp else { return String::new() };
        let places = stamp.sites.iter().filter(|site| site.outcome == SiteOutcome::Changed).count();
        format!("{} in {}", count(places, "place"), count(stamp.files.len(), "file"))
    }

    /// Shows what was done, if anything was written, or would be.
    pub(crate) fn finish(&self, is_written: bool) -> Outcome {
        let is_done = self.stamp.as_ref().is_some_and(|stamp| stamp.files.is_empty());
        let (outcome, line) = match (is_done, is_written) {
            (true, _) if !self.is_called_right() => {
                ("by-variable", "no file carries the version: a build has it by that variable alone".to_owned())
            }
            (true, _) => {
                ("nothing-to-do", format!("nothing to do: no place is at another version than {}", self.version))
            }
            (false, true) => ("written", format!("changed {}", self.changes())),
            (false, false) => ("planned", format!("would change {}; dry run, nothing was changed", self.changes())),
        };
        say(self.global, &line);
        output::print(self.document(outcome, &[]));
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
        let variable = self.stamp.iter().filter_map(|stamp| stamp.dynamic.as_ref()).filter(|_| !self.is_called_right());
        let found: Vec<Problem> = changed.map(problem).chain(variable.map(|dynamic| self.misnamed(dynamic))).collect();
        self.told("stale", Stop::refused(found, texts))
    }

    /// Returns the problem of a build that would be called otherwise.
    fn misnamed(&self, dynamic: &Dynamic) -> Problem {
        let Dynamic { distribution, from, variable } = dynamic;
        let called = match &self.called {
            Some(called) => format!("a build of this tree is {called}, and not {}", self.version),
            None => format!("{variable} is not set, so that a build of this tree need not be {}", self.version),
        };
        Problem::new(
            format!("{distribution} has its version from {from}: {called}"),
            format!("set {variable}={} for the build and this check", quoted(&self.version.to_string())),
        )
    }

    /// Adds to what stands in the way that nothing was written.
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
        let is_json = self.global.output_format == Some(Format::Json);
        let stamp = self.stamp.as_ref();
        let document = || {
            object! {
                schema_version: VERSION,
                command: "stamp",
                outcome: outcome,
                dry_run: self.global.dry_run || self.flags.check,
                version: self.version.to_string(),
                npm_version: to_npm(self.version).ok().map(|version| version.to_string()),
                environment: stamp.and_then(|stamp| {
                    let dynamic = stamp.dynamic.as_ref()?;
                    Some(object! { name: dynamic.variable.clone(), value: self.version.to_string() })
                }),
                files: stamp.map_or_else(Vec::new, |stamp| files_of(&stamp.sites, &stamp.files)),
                problems: problems,
            }
        };
        is_json.then(|| output::Document::new(&document()))
    }
}
