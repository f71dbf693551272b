//! A list of packages lacks one that lies below those that it names.
//!
//! ## What it does
//!
//! Compares `[tool.setuptools] packages`, where it is a list of names, with the folders below these packages that have an
//! `__init__.py`. Folders of tests are left out, and so is what setuptools finds by itself (`packages.find`).
//!
//! ## Why is this bad?
//!
//! setuptools takes the packages of the list and none below them: their modules are missing from the release, and the tests of a
//! checkout do not notice. Where setuptools-scm is among the requirements of the build, they are in the wheel as data of the package
//! above, with a warning that this will end.
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
//! [tool.setuptools]
//! packages = ["meadow"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```python meadow/__init__.py
//! """The server."""
//! ```
//!
//! ```python meadow/api/__init__.py
//! """What clients import."""
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
//! [tool.setuptools]
//! packages = ["meadow", "meadow.api"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```python meadow/__init__.py
//! """The server."""
//! ```
//!
//! ```python meadow/api/__init__.py
//! """What clients import."""
//! ```
//!
//! ## Fix
//!
//! None: what a wheel has is for people to say.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::monorepo::Unlisted;

/// The number of packages that a message names.
const MOST_NAMES: usize = 5;

pub(super) fn check(context: &Context, report: &mut Report) {
    let mut packages =
        context.monorepo.packages.iter().filter_map(|package| context.monorepo.manifests.get(&package.path));
    if context.audited.is_some() && packages.any(|manifest| manifest.read.packages.is_some()) {
        return report.skip("an audit does not list sources");
    }
    for Unlisted { path, span, names } in &context.unlisted {
        let shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| format!("`{name}`")).collect();
        let more = match names.len().saturating_sub(MOST_NAMES) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let message = format!("the list of packages in {path} lacks {}{more}", shown.join(", "));
        let label = if names.len() == 1 { "lacks it" } else { "lacks them" };
        let help = "name them too, or let setuptools find them (`[tool.setuptools.packages.find]`)";
        report.find(Finding::at(message, path, span.clone(), label).help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn what_a_list_lacks_is_named_and_many_are_counted() {
        for (folders, expected) in [
            ("meadow", None),
            ("meadow meadow/api", Some("the list of packages in pyproject.toml lacks `meadow.api`")),
            (
                "meadow/a meadow/b meadow/c meadow/d meadow/e meadow/f meadow/g meadow",
                Some(
                    "the list of packages in pyproject.toml lacks `meadow.a`, `meadow.b`, `meadow.c`, `meadow.d`, `meadow.e` and 2 more",
                ),
            ),
        ] {
            let manifest = "[project]\nname = 'meadow'\nversion = '0.4.5'\n[tool.setuptools]\npackages = ['meadow']\n";
            let files = folders.split(' ').map(|folder| (format!("{folder}/__init__.py"), String::new()));
            let mut scene = Scene::of_files([("pyproject.toml", manifest)], "");
            for (path, text) in files {
                scene = scene.with(&path, text);
            }
            let found = scene.report("package-unlisted").findings;
            assert_eq!(found.first().map(|found| found.problem.message.as_str()), expected, "{folders}");
        }
    }

    #[test]
    fn an_audit_says_where_a_list_was_not_compared() {
        for (table, skipped) in [("packages = ['meadow']", 1), ("packages = { find = {} }", 0)] {
            let manifest = format!("[project]\nname = 'meadow'\nversion = '0.4.5'\n[tool.setuptools]\n{table}\n");
            let report = Scene::of_files([("pyproject.toml", manifest)], "audited 9").report("package-unlisted");
            assert_eq!(report.skipped.iter().count(), skipped, "{table}");
        }
    }
}
