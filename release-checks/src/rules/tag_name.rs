//! A tag looks like a release and is not named like one.
//!
//! ## What it does
//!
//! Looks at the tags on the judged commit and, on the branch of a line, at tags of that line above its newest release. Those
//! that spell a version, in other ways than PEP 440 or the pattern of tags does, are reported: `v0.4`, `0.4.5` where tags begin
//! with `v`, `v0.4.5-rc1`, `v0.3.1-dev.20251027`.
//!
//! ## Why is this bad?
//!
//! It is not taken for a release: the next one gets the same number. setuptools-scm does read it, and calls builds after it;
//! behind a dated development tag it calls them nothing at all, and stops.
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
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```state
//! branch release-0.4.x
//! tag v0.4.4
//! tag 0.4.5 here
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
//! fallback_version = "0.4.5"
//! ```
//!
//! ```state
//! branch release-0.4.x
//! tag v0.4.5 here
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::history::TagPattern;
use release_core::version::{Line, ParseReleaseError, Release, Version};
use std::collections::HashSet;

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(()) = report.clear_of(context.blind.as_ref()) else { return };
    let pattern = &context.config.tag;
    let newest = context.newest.as_ref().map(|tag| tag.release);
    // Of a release that is judged itself, later tags are none of its concern.
    let line = context.line().filter(|_| newest.is_none_or(|newest| !context.here.contains(&newest)));
    let above = newest.and_then(|newest| Version::parse(&newest.to_string()).ok());
    let tags_here: HashSet<&str> = context.tags_here.iter().map(String::as_str).collect();
    let is_elsewhere = |name: &&str| !tags_here.contains(name);
    // Looking at every tag at every tag would make an audit quadratic.
    let tags = line.map(|_| context.tags.iter()).into_iter().flatten();
    let elsewhere = tags.filter(is_elsewhere).map(|name| (name, false));
    for (name, is_here) in context.tags_here.iter().map(|name| (name.as_str(), true)).chain(elsewhere) {
        let Some(version) = pattern.misnamed(name) else { continue };
        let is_newest = !version.is_dev()
            && line.is_some_and(|line| is_of(&version, line))
            && above.as_ref().is_none_or(|above| version >= *above);
        if is_here || is_newest {
            let message = format!("{name} looks like a release, and is not how one is tagged");
            report.find(Finding::about(message, name).help(way_out(&version, pattern)));
        }
    }
}

fn is_of(version: &Version, line: Line) -> bool {
    matches!(version.release(), [major, minor, ..] if *major == line.major && *minor == line.minor)
}

fn way_out(version: &Version, pattern: &TagPattern) -> String {
    match Release::parse(&version.to_string()) {
        Ok(release) => {
            format!("if {release} is released here, tag the commit {} and delete this tag", pattern.tag(release))
        }
        Err(ParseReleaseError { three_numbers: Some(three), .. }) => {
            format!("delete it: a release has three numbers, such as {three}")
        }
        Err(_) if version.is_dev() => "delete it: a nightly build is given its version, and needs no tag".to_owned(),
        Err(_) => "delete it: a release is X.Y.Z, a candidate X.Y.ZrcN".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn earlier_tags_and_those_of_other_lines_are_left_to_the_audit() {
        use crate::rules::tests::{FIRES, SILENT, Scene};
        for (state, found) in [
            ("tag 0.4.3\ntag v0.4.4", SILENT),
            ("tag 0.4.4\ntag v0.4.4", FIRES),
            ("tag 0.4.5\ntag v0.4.4", FIRES),
            ("tag 0.5.0\ntag v0.4.4", SILENT),
            ("tag v0.4.5-dev.20251027\ntag v0.4.4", SILENT),
            ("tag v0.4.5-dev.20251027 here\ntag v0.4.4\nbranch main", FIRES),
            ("tag 0.4.5\ntag v0.4.4 here", SILENT),
        ] {
            let scene = Scene::of_version("0.4.5", state);
            let report = scene.report("tag-name");
            assert_eq!(report.findings.len(), found, "{state}");
        }
    }
}
