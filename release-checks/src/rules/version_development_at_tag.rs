//! A development version stands in a tree that is tagged as a final.
//!
//! ## What it does
//!
//! Looks at the tags on the judged commit, and reports packages with a development version when one of the tags is a final's.
//!
//! ## Why is this bad?
//!
//! The release was tagged before its version was written. Whoever builds the tree without git, from a source archive say, gets a
//! development version, and installers take that for older than the release.
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
//! fallback_version = "0.4.5.dev0"
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
use crate::diagnostic::Report;
use crate::rules::version_tag_mismatch::with_tagged;
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    let released = context.here.iter().copied().filter(|release| !release.is_candidate()).max();
    let wrong = |own: Version| released.filter(|_| own.is_dev());
    with_tagged(context, report, "the development version", &wrong);
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn fires(version: &str, state: &str) -> usize {
        Scene::of_version(version, state).count("version-development-at-tag")
    }

    #[test]
    fn only_a_final_on_this_very_commit_counts() {
        for (version, state, expected) in [
            ("0.4.5.dev0", "tag v0.4.5 here", FIRES),
            ("0.4.4-dev.20251027", "tag v0.4.4rc1 here\ntag v0.4.4 here", FIRES),
            ("0.4.5.dev0", "tag v0.4.4", SILENT),
            ("0.4.5.dev0", "tag v0.4.5rc1 here", SILENT),
            ("0.4.5", "tag v0.4.5 here", SILENT),
            // The work tree of the tag, edited: main's next version, say.
            ("0.4.6.dev0", "tag v0.4.5 here carries 0.4.5", SILENT),
            ("0.4.4", "tag v0.4.5 here", SILENT),
        ] {
            assert_eq!(fires(version, state), expected, "{version} {state}");
        }
    }
}
