//! A tree that is tagged as a release says another version.
//!
//! ## What it does
//!
//! Looks at the tags on the judged commit, and reports packages whose version is none of the releases that they name. Where
//! two versions are tagged on one commit, it can be right for one of them. A development version in the tree of a final is left
//! to `version-development-at-tag`.
//!
//! ## Why is this bad?
//!
//! With git, the packages are built as the tag says; without, from a source archive say, as the manifest says. One commit gives
//! two versions.
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
//! fallback_version = "0.4.4"
//! ```
//!
//! ```state
//! tag v0.4.5 here
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
//! tag v0.4.5 here
//! ```
//!
//! ## Fix
//!
//! None: a tag that was pushed stays what it is. The next release of the line gets it right.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::version::{Release, Version};
use std::collections::BTreeMap;

pub(super) fn check(context: &Context, report: &mut Report) {
    let has_final = context.here.iter().any(|release| !release.is_candidate());
    // Of several versions on one commit the tree can be right for one.
    let mut tagged: BTreeMap<Release, Vec<Release>> = BTreeMap::new();
    for release in &context.here {
        tagged.entry(release.base()).or_default().push(*release);
    }
    let wrong = |own: Version| {
        let is_own = |release: &Release| release.to_string().parse().is_ok_and(|tagged: Version| tagged == own);
        let mut wrong = tagged.values().rev().filter(|releases| !releases.iter().any(is_own));
        wrong.next().filter(|_| !(has_final && own.is_dev()))?.iter().copied().max()
    };
    with_tagged(context, report, "version", &wrong);
}

/// Reports versions that are not those of a tag on the judged commit, as `wrong` tells of each.
pub(super) fn with_tagged(
    context: &Context,
    report: &mut Report,
    kind: &str,
    wrong: &dyn Fn(Version) -> Option<Release>,
) {
    let Some(()) = report.clear_of(context.blind.as_ref()) else { return };
    if context.is_edited_since_tag() {
        return;
    }
    for version in context.versions() {
        let (text, path) = (version.text, &version.package.path);
        // Another rule reports a text that is no version.
        let Some(release) = Version::parse(&text.value).ok().and_then(wrong) else { continue };
        let tag = context.config.tag.tag(release);
        let message = format!("{path} has {kind} {} in the tree of {tag}", text.value);
        report.find(Finding::at(message, path, text.span.clone(), format!("{release} is tagged here")).help(format!(
            "leave {tag} where it is, and prepare the next release with its version before it is tagged"
        )));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn fires(version: &str, state: &str) -> usize {
        Scene::of_version(version, state).count("version-tag-mismatch")
    }

    #[test]
    fn the_version_is_that_of_a_tag_on_this_very_commit() {
        for (version, state, expected) in [
            ("0.4.4", "tag v0.4.5 here", FIRES),
            ("0.4.5", "tag v0.4.5rc1 here", FIRES),
            ("0.4.5.dev0", "tag v0.4.5rc1 here", FIRES),
            ("0.4.5rc1", "tag v0.4.5rc1 here\ntag v0.4.5 here", SILENT),
            ("0.4.5", "tag v0.4.5rc1 here\ntag v0.4.5 here", SILENT),
            ("0.4.5.0", "tag v0.4.5 here", SILENT),
            ("0.4.5", "tag v0.4.5 here\ntag v0.4.6 here", FIRES),
            ("0.4.6", "tag v0.4.5 here\ntag v0.4.6 here", FIRES),
            ("0.4.6.dev0", "tag v0.4.5 here\ntag v0.4.6 here", SILENT),
            ("0.4.5.dev0", "tag v0.4.5 here", SILENT),
            ("0.4.6", "tag v0.4.5", SILENT),
            // The work tree of the tag, prepared for the next release.
            ("0.4.6", "tag v0.4.5 here carries 0.4.5", SILENT),
        ] {
            assert_eq!(fires(version, state), expected, "{version} {state}");
        }
    }
}
