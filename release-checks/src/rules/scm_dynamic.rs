//! A package of a dynamic monorepo does not say that its version is dynamic.
//!
//! ## What it does
//!
//! Reports packages whose `[project]` does not list `version` in `dynamic`, once one package of the monorepo has its version
//! from setuptools-scm. A monorepo with static versions only is left alone.
//!
//! ## Why is this bad?
//!
//! The package is built as its static version, or as no version at all, whatever was tagged: one release is published under
//! two numbers.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! version = "0.4.5"
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
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
//! ## Fix
//!
//! Unsafe: what was a number in the manifest then follows the tags.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::scm;
use release_core::manifest::pyproject::Pyproject;
use release_core::plan::scm_config::{appended, line};
use release_core::text::{Span, TextEdit};

pub(super) fn check(context: &Context, report: &mut Report) {
    for scm::ScmPackage { package, manifest, project, name } in scm::packages(context) {
        if project.is_dynamic() {
            continue;
        }
        let path = &package.path;
        let message = format!("{path} does not say that the version of {} is dynamic", package.name);
        let at = |span: &Span, label: &str, help: &str| {
            let help = format!("{help}: setuptools-scm gives the version of the tag");
            Finding::at(&*message, path, span.clone(), label).help(help)
        };
        let replaced = "write `dynamic = [\"version\"]` in its place";
        let (mut finding, edits) = match (&project.version, &project.dynamic) {
            (Some((version, span)), None) => {
                let edit = TextEdit { span: span.clone(), replacement: "dynamic = [\"version\"]".to_owned() };
                (at(&version.span, "a static version", replaced), vec![edit])
            }
            (Some((version, _)), Some(list)) => {
                let finding = at(&version.span, "a static version", replaced);
                // Two lines become one; which of their comments stays is for a person to say.
                (finding.and(path, list.span.clone(), "does not list `version`"), Vec::new())
            }
            (None, Some(list)) => {
                let finding = at(&list.span, "does not list `version`", "add `version` to the list");
                (finding, appended(&manifest.source, list, "version"))
            }
            (None, None) => {
                let finding = at(&name.span, "has no version", "add `dynamic = [\"version\"]`");
                (finding, vec![line(&manifest.source, project.end, "dynamic = [\"version\"]")])
            }
        };
        let is_right = |read: &Pyproject| {
            read.project.as_ref().is_some_and(|project| project.is_dynamic() && project.version.is_none())
        };
        finding.fix = scm::sure(Applicability::Unsafe, path, &manifest.source, edits, is_right);
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    const ROOT: &str = "[build-system]\nrequires = ['setuptools-scm>=8']\n[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";

    #[test]
    fn every_package_of_a_dynamic_monorepo_is_to_be_dynamic_and_others_are_not_asked() {
        let table = "[tool.setuptools_scm]\nroot = '..'\nfallback_version = '0.4.5'";
        for (api, expected) in [
            (format!("[project]\nname = 'meadow-api'\nversion = '0.4.5'\n{table}"), FIRES),
            (format!("[project]\nname = 'meadow-api'\ndynamic = ['readme']\n{table}"), FIRES),
            (format!("[project]\nname = 'meadow-api'\n{table}"), FIRES),
            // The version of the others, and no table.
            ("[project]\nname = 'meadow-api'\nversion = '0.4.5'".to_owned(), FIRES),
            // A version of its own.
            ("[project]\nname = 'meadow-api'\nversion = '7.0'".to_owned(), SILENT),
            (format!("[project]\nname = 'meadow-api'\ndynamic = ['version']\n{table}"), SILENT),
        ] {
            let scene = Scene::of_files([("pyproject.toml", ROOT), ("api/pyproject.toml", &api)], "");
            assert_eq!(scene.count("scm-dynamic"), expected, "{api}");
        }
    }

    #[test]
    fn a_static_monorepo_is_left_alone() {
        let text = "[project]\nname = 'meadow'\nversion = '0.4.5'\n[tool.setuptools_scm]\n";
        let scene = Scene::of_files([("pyproject.toml", text)], "");
        assert!(scene.fires().iter().all(|name| !name.starts_with("scm-")), "{:?}", scene.fires());
    }
}
