//! The tree at the newest tag of a line says another version than the tag.
//!
//! ## What it does
//!
//! Compares the versions of the packages in the tree of the line's newest tag with the release that the tag names. When that
//! tree itself is judged, the rules of the family `version` do so.
//!
//! ## Why is this bad?
//!
//! A build of the tag from a source archive is called by the version of the tree, so that two versions of one release are
//! about. The tag is published and stays as it is; the next release has to be right.
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
//! tag v0.4.4 carries 0.4.4.dev0
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
//! tag v0.4.4 carries 0.4.4
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    let (Some(_), Some(tag)) = (context.branch_with_tags(report), &context.newest) else { return };
    let Some(()) = report.clear_of(context.unread.as_ref()) else { return };
    if context.here.contains(&tag.release) {
        return;
    }
    let tagged = Version::parse(&tag.release.to_string()).ok();
    let differs = |version: &str| Version::parse(version).ok() != tagged;
    let said = tag.versions.iter().filter_map(|(path, version)| Some((path, version.as_ref()?)));
    let said: Vec<String> =
        said.filter(|(_, version)| differs(version)).map(|(path, version)| format!("{path} says {version}")).collect();
    if said.is_empty() {
        return;
    }
    let message = format!("in the tree of {}, {}", tag.name, said.join(" and "));
    report.find(Finding::about(message, tag.name.as_str()).help(format!(
        "a tag is never moved: release the next one with the right versions, or accept this in release.toml by `path = \"{}\"`",
        tag.name
    )));
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn the_tree_of_the_tag_is_judged_from_elsewhere_alone() {
        for (state, found) in [
            ("tag v0.4.4 carries 0.4.4.dev0", FIRES),
            ("tag v0.4.4 here carries 0.4.4.dev0", SILENT),
            ("tag v0.4.4 carries 0.4.3", FIRES),
            ("tag v0.4.4 carries v0.4.4", SILENT),
            ("tag v0.4.4 carries 0.4.3\nbranch main", SILENT),
            ("tag v0.4.4 carries 0.4.3\ntag v0.4.5rc1", SILENT),
        ] {
            let scene = Scene::of_version("0.4.5", state);
            let report = scene.report("tag-tree");
            assert_eq!(report.findings.len(), found, "{state}");
        }
    }
}
