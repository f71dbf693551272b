//! A final is tagged, and not everything that it releases is published.
//!
//! ## What it does
//!
//! With `--online`, looks up the last final of the line that is judged, or the final that is judged itself: every package, and
//! every client that is not pinned as `keep`, on each registry that it goes to; with
//! `[[artifact]]` in `release.toml` what is named there of the kinds `pypi` and `npm` instead. Published on a Python index
//! is a wheel and a source distribution. A final that was yanked is a warning. Until its tag is left behind, and in an audit for
//! a day, the release counts as on its way. A name that a registry does not know at all is left out, and said, unless it stands
//! in `[[artifact]]`. Candidates are left out: they go to a test index.
//!
//! ## Why is this bad?
//!
//! The release looks complete, and some of its users cannot install it: one of several uploads failed, unseen.
//!
//! ## Example
//!
//! ```state
//! branch release-0.4.x
//! tag v0.4.4
//! published meadow 0.4.3 0.4.4
//! published meadow-client 0.4.3 0.4.4:no-wheel
//! published-npm meadow-client 0.4.3
//! ```
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = ["meadow-client==0.4.4"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.4"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.3"
//!   }
//! }
//! ```
//!
//! ## Use instead
//!
//! ```state
//! branch release-0.4.x
//! tag v0.4.4
//! published meadow 0.4.3 0.4.4
//! published meadow-client 0.4.3 0.4.4
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
//! dependencies = ["meadow-client==0.4.4"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.4"
//! ```
//!
//! ```json src/meadow_ui/package.json
//! {
//!   "name": "meadow-ui",
//!   "version": "0.1.0",
//!   "dependencies": {
//!     "meadow-client": "^0.4.3"
//!   }
//! }
//! ```
//!
//! ## Fix
//!
//! None: publish what is missing with the same version. A retry never takes another number.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::published::{self, because};
use release_core::registry::Registry;
use release_core::version::{Release, Version};

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(()) = report.clear_of(context.blind.as_ref()) else { return };
    for release in finals(context) {
        let (mut missing, mut yanked) = (Vec::new(), Vec::new());
        for (registry, name) in published::released(&context.config, &context.monorepo) {
            match lacking(context, registry, &name, release, report) {
                Some((what, true)) => yanked.push(what),
                Some((what, false)) => missing.push(what),
                None => {}
            }
        }
        let tag = context.config.tag.tag(release);
        let in_flight = context.may_be_published_soon(release);
        if !missing.is_empty() {
            let message = format!("{tag} is not wholly published: {}", missing.join(", "));
            let help = "publish what is missing with the same version: a retry never takes another number";
            report.find(Finding::about(message, tag.as_str()).help(help).in_flight(in_flight));
        }
        if !yanked.is_empty() {
            let message = format!("{tag} was taken back: {}", yanked.join(", "));
            let help = "release the next number, or accept it by its tag";
            report.find(Finding::about(message, tag).help(help).mild(true));
        }
    }
}

/// The finals on the judged commit; where nothing is tagged on it, the last one of the line.
fn finals(context: &Context) -> Vec<Release> {
    if context.here.is_empty() {
        return context.line().and_then(|line| context.history.last_final(line)).into_iter().collect();
    }
    context.here.iter().copied().filter(|release| !release.is_candidate()).collect()
}

/// Returns what a registry lacks of a release of a package, and `true` if it was there and was taken back.
fn lacking(
    context: &Context,
    registry: Registry,
    name: &str,
    release: Release,
    report: &mut Report,
) -> Option<(String, bool)> {
    let (place, is_known, lacking) = match registry {
        Registry::Npm => {
            let (place, versions) = published::npm(&context.published, name, report)?;
            let version = release.npm();
            let is_there = versions.contains_key(&version);
            let missing = (!is_there).then(|| (format!("`{name}` {version} is not on {place}"), false));
            (place, !versions.is_empty(), missing)
        }
        Registry::Pypi => {
            let (place, versions) = published::python(&context.published, name, report)?;
            let found = Version::parse(&release.to_string()).ok().and_then(|version| versions.get(&version));
            let lacking = match found.map(|found| (&found.yanked, found.lacks)) {
                None => Some((format!("`{name}` {release} is not on {place}"), false)),
                Some((Some(reason), _)) => Some((format!("`{name}` {release} is yanked{}", because(reason)), true)),
                Some((None, Some(lacks))) => Some((format!("`{name}` {release} is on {place} without {lacks}"), false)),
                Some((None, None)) => None,
            };
            (place, !versions.is_empty(), lacking)
        }
    };
    if !is_known && context.config.artifacts.is_empty() {
        report.skip_partly(format!("{place} does not know `{name}`: name what a release publishes in `[[artifact]]`"));
        return None;
    }
    lacking
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::Scene;

    const ALL: &str = "published meadow 0.4.4\npublished meadow-client 0.4.4\npublished-npm meadow-client 0.4.4";

    fn scene(state: &str, config: &str) -> Scene {
        Scene::of_version("0.4.4", state)
            .asking_for("meadow-client==0.4.4")
            .with("ui/package.json", r#"{"dependencies": {"meadow-client": "^0.4.0"}}"#)
            .with("release.toml", config)
    }

    /// The level and the message of what is found, and why it may not be everything.
    fn found(state: &str, config: &str) -> (Option<(Level, String)>, Option<String>) {
        let checked = scene(state, config).checked();
        let finding = checked.diagnostics.into_iter().find(|found| found.rule == "tag-unpublished");
        let skipped = checked.skipped.into_iter().find(|skipped| skipped.rule == "tag-unpublished");
        (finding.map(|found| (found.level, found.finding.problem.message)), skipped.map(|skipped| skipped.reason))
    }

    #[test]
    fn every_part_of_a_final_has_to_be_published() {
        for (tag, from, to, wanted) in [
            ("past", "", "", None),
            ("past", "npm meadow-client 0.4.4", "npm meadow-client 0.4.3", Some((Level::Error, "is not on"))),
            ("here", "npm meadow-client 0.4.4", "npm meadow-client 0.4.3", Some((Level::Warn, "is not on"))),
            ("past", "meadow 0.4.4", "meadow 0.4.4:no-sdist", Some((Level::Error, "without the source distribution"))),
            ("past", "meadow 0.4.4", "meadow 0.4.4:yanked", Some((Level::Warn, "was taken back"))),
            ("past", "meadow 0.4.4", "meadow unknown", None),
        ] {
            let (found, _) = found(&format!("tag v0.4.4 {tag}\n{}", ALL.replacen(from, to, 1)), "");
            let (level, part) = wanted.unzip();
            assert_eq!(found.as_ref().map(|(level, _)| *level), level, "{tag} {to}");
            assert!(found.is_none_or(|(_, message)| part.is_some_and(|part| message.contains(part))), "{tag} {to}");
        }
    }

    #[test]
    fn in_an_audit_a_release_is_on_its_way_for_a_day() {
        let lacking = ALL.replace("npm meadow-client 0.4.4", "npm meadow-client 0.4.3");
        for (seconds, wanted) in [(3_600, Level::Warn), (100_000, Level::Error)] {
            let (found, _) = found(&format!("tag v0.4.4 here\naudited {seconds}\n{lacking}"), "");
            assert_eq!(found.map(|(level, _)| level), Some(wanted), "{seconds}");
        }
    }

    #[test]
    fn a_name_that_is_nowhere_is_said_and_one_that_is_configured_is_missing() {
        let absent = ALL.replace("meadow 0.4.4", "meadow absent");
        let state = format!("tag v0.4.4 past\n{absent}");
        let (finding, skipped) = found(&state, "");
        assert_eq!(finding, None);
        assert!(skipped.is_some_and(|reason| reason.contains("does not know `meadow`")));
        let (finding, skipped) = found(&state, "[[artifact]]\nkind = 'pypi'\nname = 'meadow'\n");
        assert!(finding.is_some_and(|(_, message)| message.contains("`meadow` 0.4.4 is not on")));
        assert_eq!(skipped, None);
        // Packages of other registries are not asked for.
        let (finding, _) = found(&state, "[[artifact]]\nkind = 'oci'\nname = 'meadow/server'\n");
        assert_eq!(finding, None);
    }

    #[test]
    fn candidates_and_clients_of_others_are_left_out() {
        assert_eq!(found("tag v0.4.4rc1 here", "").0, None);
        let config =
            "[[client]]\nname = 'meadow-client'\npin = { release = 'keep', candidate = 'keep', main = 'keep' }";
        let state = "tag v0.4.4 past\npublished meadow 0.4.4\npublished meadow-client 0.4.3";
        assert_eq!(found(state, config).0, None);
        assert_eq!(found("tag v0.4.4 past", "").1.as_deref(), Some(crate::published::NOT_ASKED));
    }
}
