//! A UI asks for a client that npm's registry does not have.
//!
//! ## What it does
//!
//! With `--online`, asks the registry for the versions of every UI's client, and reports ranges that none satisfies. A range
//! that begins with the very release that is prepared is a warning as long as the registry does not have it: the release
//! publishes it itself.
//!
//! ## Why is this bad?
//!
//! `npm install` fails, and the UI cannot be built. Python's index may have the client all the same: the two are published by
//! different steps, of which one can fail alone.
//!
//! ## Example
//!
//! ```state
//! branch main
//! published-npm meadow-client 0.4.3 0.4.4
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.3"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0.dev0"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.6"
//!   }
//! }
//! ```
//!
//! ## Use instead
//!
//! ```state
//! branch main
//! published-npm meadow-client 0.4.3 0.4.4
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.3"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0.dev0"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.4"
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! None: publish the client, or ask for another version.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::npm::named;
use crate::published;
use release_core::version::npm::Spec;

pub(super) fn check(context: &Context, report: &mut Report) {
    for project in &context.npm {
        let Ok(package) = &project.package else { continue };
        let path = &project.path;
        for wanted in package.dependencies.iter().filter(|wanted| context.monorepo.asks_for(path, &wanted.name)) {
            let spec = Spec::parse(&wanted.range);
            let Some(range) = spec.range() else { continue };
            let name = spec.package(&wanted.name);
            let Some((registry, versions)) = published::npm(&context.published, name, report) else { continue };
            if versions.keys().any(|version| range.contains(version)) {
                continue;
            }
            let own = named(wanted).filter(|release| context.may_be_published_soon(*release));
            let last = versions.keys().rfind(|version| version.pre.is_empty()).or(versions.keys().next_back());
            let label = match last {
                Some(last) => format!("the last one is {last}"),
                None => "nothing is published under this name".to_owned(),
            };
            let range = &wanted.range;
            let resolved = if own.is_some() { ", which this release publishes itself" } else { "" };
            let message = format!("no published version of `{name}` satisfies `{range}` in {path}{resolved}");
            let help = match own {
                Some(own) => format!("publish `{name}` {} to {registry}", own.npm()),
                None => format!("ask for a version that {registry} has, or publish one there that the range admits"),
            };
            let finding = Finding::at(message, path, wanted.span.clone(), label);
            report.find(finding.help(help).in_flight(own.is_some()));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::Scene;

    fn level(version: &str, range: &str, state: &str) -> Option<Level> {
        let scene = Scene::of_version(version, state).asking_for("meadow-client>=0.4.3");
        let package = format!("{{\"dependencies\": {{\"meadow-client\": \"{range}\", \"a\": \"^9.0.0\"}}}}");
        scene.with("ui/package.json", package).level("npm-client-unpublished")
    }

    #[test]
    fn a_range_needs_a_version_that_is_published() {
        for (version, range, said, expected) in [
            ("0.4.4", "^0.4.4", "0.4.4", None),
            ("0.4.4", "^0.4.5", "0.4.4", Some(Level::Error)),
            ("0.4.4", "^0.4.5", "0.4.5-rc.1", Some(Level::Error)),
            ("0.4.4", "^0.4.5-rc.1", "0.4.5-rc.1", None),
            ("0.4.4", "latest", "0.4.4", None),
            ("0.4.4", "^0.4.5", "absent", Some(Level::Error)),
            ("0.4.4", "^0.4.5", "unknown", None),
            // The release publishes its client itself.
            ("0.4.5", "^0.4.5", "0.4.4", Some(Level::Warn)),
            ("0.4.5rc1", "^0.4.5-rc.1", "0.4.4", Some(Level::Warn)),
        ] {
            let state = format!("published-npm meadow-client {said}");
            assert_eq!(level(version, range, &state), expected, "{version} {range} {said}");
        }
        // An alias is asked for by the package behind it.
        for (said, expected) in [("0.4.4", Some(Level::Warn)), ("0.4.5", None)] {
            let state = format!("published-npm @kite/meadow-client {said}\npublished-npm meadow-client 0.4.2");
            assert_eq!(level("0.4.5", "npm:@kite/meadow-client@^0.4.5", &state), expected, "{said}");
        }
        let past = "tag v0.4.5 past\npublished-npm meadow-client 0.4.4";
        assert_eq!(level("0.4.5", "^0.4.5", past), Some(Level::Error));
    }

    #[test]
    fn in_an_audit_a_day_is_enough_to_publish() {
        for (seconds, expected) in [(60, Level::Warn), (25 * 60 * 60, Level::Error)] {
            let state = format!("tag v0.4.5 here\naudited {seconds}\npublished-npm meadow-client 0.4.4");
            assert_eq!(level("0.4.5", "^0.4.5", &state), Some(expected), "{seconds}");
        }
    }
}
