//! A manifest cannot be read, or it is unclear what is released.
//!
//! ## What it does
//!
//! Reports a `pyproject.toml` that is not TOML, and trees of which it cannot be told which manifests are packages of one release.
//! The other rules look at what is left. A `package.json` that is not JSON is for [npm-syntax](npm-syntax.md).
//!
//! ## Why is this bad?
//!
//! What cannot be read may have the version of a package, or a pin of a client: no release is prepared from such a tree, and it is
//! not known what a build of it would be.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [project]
//! name = "meadow"
//! version = "0.4.5
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [project]
//! name = "meadow"
//! version = "0.4.5"
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::problem::Problem;

pub(super) fn check(context: &Context, report: &mut Report) {
    // Of these another rule says it.
    let is_said = |problem: &&Problem| {
        let mut unread = context.npm.iter().filter(|project| project.package.is_err());
        unread.any(|project| problem.labels.iter().any(|label| label.path == project.path))
    };
    for problem in context.refused.0.iter().filter(|problem| !is_said(problem)) {
        report.find(Finding::of(problem.clone(), "pyproject.toml"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    const BROKEN: &str = "[project\nname = 'meadow'";
    const RIGHT: &str = "[project]\nname = 'meadow'\nversion = '0.4.5'";

    #[test]
    fn what_can_be_read_is_looked_at_beside_what_cannot() {
        for (files, expected) in [
            ([("pyproject.toml", BROKEN), ("a/package.json", "{}")], &["version-unreadable"][..]),
            (
                [("pyproject.toml", BROKEN), (".github/workflows/a.yml", "a: 'b")],
                &["version-unreadable", "workflow-syntax"],
            ),
            // Another rule speaks of that.
            ([("pyproject.toml", RIGHT), ("a/package.json", "{")], &["npm-syntax"]),
            (
                [("pyproject.toml", "[project]\nname = 'meadow'\nversion = '0.4.6'"), ("a/pyproject.toml", BROKEN)],
                &["version-unreadable"],
            ),
            ([("pyproject.toml", "[tool.x]"), ("a/package.json", "{}")], &["version-unreadable"]),
        ] {
            let mut fires = Scene::of_files(files, "").fires();
            fires.sort_unstable();
            assert_eq!(fires, expected, "{files:?}");
        }
    }
}
