//! A line was cut without the setuptools-scm configuration.
//!
//! ## What it does
//!
//! Reports the branch of a line whose packages all have a static `version`, when an older line has its versions from
//! setuptools-scm already, or when main has and the line has no final release yet. Where only some packages lack the
//! configuration, the rules of the family `scm` say what is missing.
//!
//! ## Why is this bad?
//!
//! The older line's scheme was left behind: tags no longer say what a build is called, and the static version of every
//! package has to be changed by hand for each candidate.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0"]
//!
//! [project]
//! name = "meadow"
//! version = "0.5.0"
//! ```
//!
//! ```state
//! branch release-0.5.x
//! tag v0.4.5
//! other release-0.4.x dynamic
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
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.5.0"
//! ```
//!
//! ```state
//! branch release-0.5.x
//! tag v0.4.5
//! other release-0.4.x dynamic
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::monorepo::Scheme;

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch) else { return };
    let Some(line) = context.line().filter(|_| context.monorepo.scheme == Scheme::Static) else { return };
    let Some(()) = report.clear_of(context.blind.as_ref()) else { return };
    let Some(()) = report.clear_of(context.unread.as_ref()) else { return };
    // The branches are those of today, and a tag is judged as of its own.
    if !context.tags_here.is_empty() {
        return;
    }
    // A line that was opened before main moved to setuptools-scm stays what it is.
    let is_being_opened = context.history.last_final(line).is_none();
    let is_ahead_of = |other: &&String| match context.config.branch.line(other) {
        Some(older) => older < line,
        None => **other == context.config.main && is_being_opened,
    };
    let Some(other) = context.dynamic_branches.iter().find(is_ahead_of) else { return };
    let message = format!("{} has static versions, and {other} has them from setuptools-scm", branch.name);
    let mut places = context.versions();
    let Some(first) = places.next() else { return };
    let finding = Finding::at(message, &first.package.path, first.text.span.clone(), "static")
        .and_all(places.map(|place| (place.package.path.as_path(), place.text.span.clone(), "static too")));
    report.find(finding.help(format!("bring the `[tool.setuptools_scm]` tables of {other} to {}", branch.name)));
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn a_line_is_held_to_what_was_there_when_it_was_opened() {
        for (state, found) in [
            ("branch release-0.5.x\ntag v0.4.5", SILENT),
            ("branch release-0.5.x\ntag v0.4.5\nother release-0.6.x dynamic", SILENT),
            ("branch release-0.5.x\ntag v0.4.5\nother release-0.4.x dynamic", FIRES),
            ("branch release-0.5.x\ntag v0.5.0rc1\nother main dynamic", FIRES),
            ("branch release-0.5.x\ntag v0.5.0rc1 here\nother main dynamic", SILENT),
            ("branch release-0.5.x\ntag v0.5.0\nother main dynamic", SILENT),
            ("branch main\ntag v0.4.5\nother release-0.4.x dynamic", SILENT),
        ] {
            let scene = Scene::of_version("0.5.0", state);
            let report = scene.report("branch-without-scm");
            assert_eq!(report.findings.len(), found, "{state}");
        }
    }
}
