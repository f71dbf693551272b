//! A client is pinned to versions that its index does not have.
//!
//! ## What it does
//!
//! With `--online`, asks the index for the versions of every client that is pinned, and reports pins that none satisfies.
//! Pre-releases count, and so do yanked versions, which are [pin-yanked](pin-yanked.md)'s. A pin on the very release that is
//! prepared is a warning as long as the index does not have it: the release publishes it itself. So is one on a candidate,
//! whose client goes to the test index.
//!
//! ## Why is this bad?
//!
//! The package cannot be installed.
//!
//! ## Example
//!
//! ```state
//! branch main
//! published meadow-client 0.4.3 0.4.4
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.6"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0.dev0"
//! ```
//!
//! ## Use instead
//!
//! ```state
//! branch main
//! published meadow-client 0.4.3 0.4.4
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client>=0.4.4"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0.dev0"
//! ```
//!
//! ## Fix
//!
//! None: publish the client, or pin another version.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins::{self, Pin};
use crate::published;
use release_core::registry::simple::Versioned;
use release_core::version::{Release, SpecifierSet, Version};
use std::collections::BTreeMap;

/// The versions of a package in an index.
pub(crate) type Versions = BTreeMap<Version, Versioned>;

pub(super) fn check(context: &Context, report: &mut Report) {
    with_versions(context, report, |pin, specifier, index, versions| {
        let is_admitted = versions.keys().any(|version| specifier.contains(version));
        (!is_admitted).then(|| finding(context, pin, specifier, versions, index))
    });
}

/// Reports what is wrong with the pins on clients, as their index and what it has tell.
pub(crate) fn with_versions(
    context: &Context,
    report: &mut Report,
    finding: impl Fn(&Pin<'_>, &SpecifierSet, &str, &Versions) -> Option<Finding>,
) {
    for pin in pins::pins(context).filter(Pin::is_client) {
        let Some(specifier) = pin.specifier() else { continue };
        if let Some((index, versions)) = published::python(&context.published, &pin.site.subject, report) {
            report.findings.extend(finding(&pin, specifier, index, versions));
        }
    }
}

fn finding(context: &Context, pin: &Pin<'_>, specifier: &SpecifierSet, versions: &Versions, index: &str) -> Finding {
    let (name, path) = (pin.name(), pin.site.path);
    let is_soon = |version: &&Version| {
        let release = Release::parse(&version.to_string());
        release.is_ok_and(|release| release.is_candidate() || context.may_be_published_soon(release))
    };
    let own = pin.versions().find(is_soon);
    let label = match versions.iter().rev().find(|(_, version)| version.yanked.is_none()) {
        Some((last, _)) => format!("the last one is {last}"),
        None => "nothing is published under this name".to_owned(),
    };
    let resolved = match own.map(|own| own.pre().is_some()) {
        Some(true) => ", as candidates go to a test index",
        Some(false) => ", which this release publishes itself",
        None => "",
    };
    let message = format!("no published version of `{name}` satisfies `{specifier}` in {path}{resolved}");
    let help = match own {
        Some(own) => format!("publish `{name}` {own} to {index} before the packages that ask for it"),
        None => format!("pin a version that {index} has, or publish one there that the pin admits"),
    };
    Finding::at(message, path, pin.site.span(), label).help(help).in_flight(own.is_some())
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::Scene;

    fn scene(version: &str, pin: &str, state: &str) -> Scene {
        let manifest = format!(
            "[project]\nname = 'meadow'\nversion = '{version}'\ndependencies = ['meadow-client{pin}', 'other==9']"
        );
        let recorded = |name, versions| format!("{{ name = '{name}', specifier = '{versions}' }}");
        let lock = format!(
            "version = 1\n\n[[package]]\nname = 'meadow'\nsource.virtual = '.'\n[package.metadata]\nrequires-dist = [{}, {}]\n",
            recorded("meadow-client", "==0.4.3"),
            recorded("other", "==9")
        );
        let files = [("pyproject.toml", manifest), ("uv.lock", lock)];
        Scene::of_files(files, state)
    }

    #[test]
    fn a_pin_needs_a_version_that_can_be_installed() {
        for (version, pin, said, expected) in [
            ("0.4.4", "==0.4.4", "0.4.3 0.4.4", None),
            ("0.4.4", "==0.4.4", "0.4.3 0.4.4:yanked", None),
            ("0.4.4", "==0.4.9", "0.4.4", Some(Level::Error)),
            ("0.4.4", ">=0.4.5", "0.4.5rc1", Some(Level::Error)),
            ("0.4.4", ">=0.4.5", "0.4.6rc1", None),
            ("0.4.4", "", "absent", None),
            ("0.4.4", ">=0.4.9", "absent", Some(Level::Error)),
            ("0.4.4", ">=0.4.9", "", Some(Level::Error)),
            ("0.4.4", "==0.4.9", "unknown", None),
            // Candidates are on the test index, which is not asked.
            ("0.4.5.dev0", "==0.4.5rc1", "0.4.4", Some(Level::Warn)),
            // The release publishes its client itself, whichever way it is asked for.
            ("0.4.5", "==0.4.5", "0.4.4", Some(Level::Warn)),
            ("0.4.5", "~=0.4.5", "absent", Some(Level::Warn)),
            ("0.4.5rc1", "==0.4.5rc1", "0.4.4", Some(Level::Warn)),
            ("0.4.5", "==0.4.4", "0.4.3", Some(Level::Error)),
        ] {
            let scene = scene(version, pin, &format!("published meadow-client {said}"));
            assert_eq!(scene.level("pin-unpublished"), expected, "{version} {pin} {said}");
        }
        let past = scene("0.4.5", "==0.4.5", "tag v0.4.5 past\npublished meadow-client 0.4.4");
        assert_eq!(past.level("pin-unpublished"), Some(Level::Error));
    }

    #[test]
    fn what_was_not_asked_or_not_answered_is_skipped_with_the_reason() {
        for (state, reason) in [
            ("", Some("not asked: `--online`")),
            (
                "published meadow-client unknown",
                Some("could not ask for `meadow-client`: the registry does not answer"),
            ),
            (
                "published meadow-other 1.0",
                Some("could not ask for `meadow-client`: today's branches have no such package"),
            ),
            ("published meadow-client 0.4.4", None),
        ] {
            let report = scene("0.4.4", "==0.4.4", state).report("pin-unpublished");
            assert_eq!((report.skipped.as_deref(), report.findings.len()), (reason, 0), "{state}");
        }
    }

    #[test]
    fn a_lockfile_that_disagrees_is_an_error_once_the_client_is_published() {
        for (said, expected) in [
            ("", Level::Warn),
            ("published meadow-client 0.4.4", Level::Warn),
            ("published meadow-client unknown", Level::Warn),
            ("published meadow-client 0.4.4 0.4.5", Level::Error),
        ] {
            assert_eq!(scene("0.4.5", "==0.4.5", said).level("uv-lock-stale"), Some(expected), "{said}");
        }
    }
}
