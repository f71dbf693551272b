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
use crate::diagnostic::{Finding, Report};
use crate::level::Level;
use crate::rule::{Rule, comment_of};
use release_core::version::Version;

/// The rule of this file.
pub(crate) const RULE: Rule =
    Rule::of_tree("version-development-at-tag", Level::Error, comment_of!("version_development_at_tag.rs"), check);

fn check(context: &Context, report: &mut Report) {
    if let Some(reason) = &context.blind {
        return report.skip(reason.clone());
    }
    if context.is_edited_since_tag() {
        return;
    }
    let Some(release) = context.here.iter().copied().filter(|release| !release.is_candidate()).max() else { return };
    for version in context.versions() {
        let (text, path) = (version.text, &version.package.path);
        if !Version::parse(&text.value).is_ok_and(|version| version.is_dev()) {
            continue;
        }
        let tag = context.config.tag.tag(release);
        let message = format!("{path} has the development version {} in the tree of {tag}", text.value);
        report.find(Finding::at(message, path, text.span.clone(), format!("{release} is tagged here")).help(format!(
            "leave {tag} where it is, and prepare the next release with its version before it is tagged"
        )));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn fires(version: &str, state: &str) -> usize {
        Scene::of_version(version, state).count(&super::RULE)
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
