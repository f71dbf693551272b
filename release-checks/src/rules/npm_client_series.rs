//! On a release branch, a UI asks for a client of another series, or for one that the pins exclude.
//!
//! ## What it does
//!
//! On a release branch, compares the first two numbers of the range in which a UI asks for its client with the line. Where they are
//! the line's, the range has to contain the version to which the Python packages pin the client (`==`). Ranges that name no single
//! version are left out of the first, pins that are no such of the second, and main is left out.
//!
//! ## Why is this bad?
//!
//! The UI of a patch is built with the client of another series, and talks to a server that it was not made for.
//!
//! Until the first final of the line is published there is no client to ask for, and the UI of its candidates and of that final
//! asks for the one before: that is a warning. The edits that follow the release move it.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.3.5"
//!   }
//! }
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client==0.4.5"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.5"
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! None: the lockfile has to change with it.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins::pins;
use crate::relock::brings_to_ui;
use camino::Utf8Path;
use release_core::manifest::package_json::Dependency;
use release_core::registry::Registry;
use release_core::version::npm::{Range, Spec};
use release_core::version::{Clause, Line, Operator, Release};

pub(super) fn check(context: &Context, report: &mut Report) {
    let (Some(_), Some(line)) = (report.known(&context.branch), context.line()) else { return };
    for project in &context.npm {
        let Ok(package) = &project.package else { continue };
        let clients =
            package.dependencies.iter().filter(|wanted| context.monorepo.asks_for(&project.path, &wanted.name));
        report.findings.extend(clients.filter_map(|wanted| {
            let spec = Spec::parse(&wanted.range);
            let range = spec.range()?;
            let series = range.series()?;
            let place = Place { context, path: &project.path, wanted };
            if series == line {
                place.against_pins(range, spec.package(&wanted.name))
            } else {
                Some(place.of_series(series, line))
            }
        }));
    }
}

/// A UI's requirement on a client.
struct Place<'a> {
    context: &'a Context,
    path: &'a Utf8Path,
    wanted: &'a Dependency,
}

impl Place<'_> {
    fn of_series(&self, series: Line, line: Line) -> Finding {
        let Dependency { name, range, .. } = self.wanted;
        // What is of a later series waits for nothing.
        let in_flight = series < line && self.context.is_unopened(line, Registry::Npm, name);
        let (resolved, when) = match in_flight {
            true => (", which moves after publication", "once its first final is published, "),
            false => ("", ""),
        };
        let message = format!("{} asks for `{name}` `{range}` on the branch of {line}{resolved}", self.path);
        let brings = brings_to_ui(self.context, self.path, name);
        let brings = brings.and_then(|version| Release::parse(&version.to_string()).ok());
        let ours =
            brings.filter(|brings| brings.line() == line).map_or("", |_| ", by `cargo xtask release relock --write`");
        let help = format!("{when}ask for the last version of {line}, and write the lockfile again{ours}");
        self.finding(message, format!("of series {series}")).help(help).in_flight(in_flight)
    }

    /// Returns a finding if the range excludes the version to which the client is pinned.
    fn against_pins(&self, range: &Range, package: &str) -> Option<Finding> {
        let Dependency { name, range: text, .. } = self.wanted;
        let client = self.context.monorepo.clients.iter().find(|client| client.on_npm.contains(package))?;
        let pin = pins(self.context).find(|pin| {
            let is_exact = |clause: &Clause| clause.operator == Operator::Equal;
            pin.site.subject == client.name && pin.specifier().is_some_and(|all| all.clauses.iter().all(is_exact))
        })?;
        let pinned = Release::parse(&pin.versions().next()?.to_string()).ok()?;
        // Lockfiles and ranges of a line follow its finals.
        if pinned.is_candidate() || range.contains(&pinned.npm()) {
            return None;
        }
        let in_flight = self.context.is_in_flight(Registry::Npm, package, pinned);
        let (resolved, when) = match in_flight {
            true => (", which moves after publication", "once it is published, "),
            false => ("", ""),
        };
        let manifest = pin.site.path;
        let message = format!(
            "{} asks for `{name}` `{text}`, and {manifest} pins `{}` to {pinned}{resolved}",
            self.path, client.name
        );
        let help = format!(
            "{when}`cargo xtask release relock --write {}=={pinned}` moves the range and its lockfile",
            client.name
        );
        let finding = self.finding(message, format!("excludes {}", pinned.npm())).help(help).in_flight(in_flight);
        Some(finding.and(manifest, pin.site.text.span.clone(), "is pinned"))
    }

    fn finding(&self, message: String, label: String) -> Finding {
        Finding::at(message, self.path, self.wanted.span.clone(), label)
    }
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::{Scene, report_on};

    fn level(version: &str, range: &str, state: &str) -> Option<Level> {
        let package = format!("{{\"dependencies\": {{\"meadow-client\": \"{range}\", \"a\": \"^9.0.0\"}}}}");
        let scene = Scene::of_version(version, state).asking_for(&format!("meadow-client=={version}"));
        scene.with("ui/package.json", package).level("npm-client-series")
    }

    #[test]
    fn only_clients_on_release_branches_have_a_series() {
        for (range, state, expected) in [
            ("^0.4.0", "", None),
            ("^0.4.0-rc.1", "", None),
            ("^0.5.0", "", Some(Level::Error)),
            ("0.3.x", "", Some(Level::Error)),
            (">=0.3.0", "", None),
            ("latest", "", None),
            ("^0.3.0", "branch main", None),
        ] {
            assert_eq!(level("0.4.5", range, state), expected, "{range} {state}");
        }
    }

    #[test]
    fn the_client_of_the_line_before_is_a_warning_until_the_first_final_is_published() {
        for (version, tags, expected) in [
            ("0.5.0rc1", "", Level::Warn),
            ("0.5.0rc1", "tag v0.5.0rc1 past", Level::Warn),
            ("0.5.0", "tag v0.5.0rc1", Level::Warn),
            ("0.5.0", "tag v0.5.0 here", Level::Warn),
            ("0.5.0", "tag v0.5.0 here\naudited 9", Level::Warn),
            ("0.5.0", "tag v0.5.0 past", Level::Error),
            ("0.5.0", "tag v0.5.0 here\npublished-npm meadow-client 0.5.0", Level::Error),
            ("0.5.0", "tag v0.5.0 here\npublished-npm meadow-client 0.4.9", Level::Warn),
            ("0.5.0.dev0", "tag v0.4.4", Level::Warn),
            ("0.5.1", "tag v0.5.0", Level::Error),
            ("0.5.1rc1", "tag v0.5.0", Level::Error),
        ] {
            let state = format!("branch release-0.5.x\n{tags}");
            assert_eq!(level(version, "^0.4.4", &state), Some(expected), "{version} {tags}");
        }
    }

    #[test]
    fn a_range_of_the_series_contains_the_pinned_version() {
        for (version, range, state, expected) in [
            ("0.4.5", "^0.4.4", "tag v0.4.5 past", None),
            ("0.4.5", "~0.4.5", "tag v0.4.5 past", None),
            ("0.4.5", "^0.4.6", "tag v0.4.5 past", Some(Level::Error)),
            ("0.4.5", "0.4.4", "tag v0.4.5 past", Some(Level::Error)),
            ("0.4.5", "0.4.4", "tag v0.4.5 here", Some(Level::Warn)),
            ("0.4.5", "0.4.4", "tag v0.4.4", Some(Level::Warn)),
            ("0.4.5rc1", "^0.4.4", "tag v0.4.4", None),
        ] {
            assert_eq!(level(version, range, &format!("branch release-0.4.x\n{state}")), expected, "{range} {state}");
        }
    }

    #[test]
    fn the_client_of_a_later_line_is_an_error_in_a_candidate_too() {
        assert_eq!(level("0.5.0rc1", "^0.6.0", "branch release-0.5.x"), Some(Level::Error));
    }

    #[test]
    fn without_tags_a_patch_tells_that_its_line_is_open() {
        for (version, expected) in [("0.5.1", false), ("0.5.0", true)] {
            let scene = Scene::of_version(version, "branch release-0.5.x").asking_for("meadow-client==0.5.0");
            let package = r#"{"dependencies": {"meadow-client": "^0.4.4"}}"#;
            let mut context = scene.with("ui/package.json", package).context();
            context.blind = Some("no tags".to_owned());
            let report = report_on("npm-client-series", &context);
            assert_eq!(report.findings[0].in_flight, expected, "{version}");
        }
    }
}
