//! `root` of setuptools-scm does not lead to the root of the repository.
//!
//! ## What it does
//!
//! Follows `root` in `[tool.setuptools_scm]` from the manifest's folder, and reports it when it does not end at the root of
//! the repository. Without `root`, the manifest's own folder is meant, unless `search_parent_directories` is set. It looks at
//! packages whose version comes from setuptools-scm.
//!
//! ## Why is this bad?
//!
//! setuptools-scm takes the folder for the top of a git work tree, finds none, and builds the package as its
//! `fallback_version`, whatever was tagged.
//!
//! ## Example
//!
//! ```toml src/api/pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow-api"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! root = ".."
//! fallback_version = "0.4.5"
//! ```
//!
//! ## Use instead
//!
//! ```toml src/api/pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow-api"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! root = "../.."
//! fallback_version = "0.4.5"
//! ```
//!
//! ## Fix
//!
//! Safe: there is one way to the root.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::scm;
use release_core::manifest::pyproject::Pyproject;
use release_core::plan::scm_config::{leads_to_root, line, way_to_root};

pub(super) fn check(context: &Context, report: &mut Report) {
    for scm::ScmPackage { package, manifest, .. } in scm::packages(context) {
        let Some(scm) = &manifest.read.scm else { continue };
        let right = way_to_root(&package.path).unwrap_or_else(|| ".".to_owned());
        let path = &package.path;
        match &scm.root {
            Some(root) if !leads_to_root(path, &root.value) => {
                let message = format!("`root = \"{}\"` does not lead from {path} to the repository's root", root.value);
                let finding = Finding::at(message, path, root.span.clone(), "leads elsewhere")
                    .help(format!("write `root = \"{right}\"`"));
                report.find(finding.rewrite(Applicability::Safe, path, root.content_span(&manifest.source), right));
            }
            None if !leads_to_root(path, ".") && !scm.searches_parents => {
                let message = format!("{path} has no `root`, so that setuptools-scm looks for git in its own folder");
                let mut finding =
                    Finding::at(message, path, scm.span.clone(), "no `root`").help(format!("add `root = \"{right}\"`"));
                finding.fix = scm.end.and_then(|end| {
                    let edit = line(&manifest.source, end, &format!("root = \"{right}\""));
                    let is_right = |read: &Pyproject| {
                        let root = read.scm.as_ref().and_then(|scm| scm.root.as_ref());
                        root.is_some_and(|root| leads_to_root(path, &root.value))
                    };
                    scm::sure(Applicability::Safe, path, &manifest.source, vec![edit], is_right)
                });
                report.find(finding);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn a_way_that_is_missing_or_wrong_is_found_and_one_that_is_not_needed_is_not() {
        for (path, table, expected) in [
            ("src/api/pyproject.toml", "fallback_version = '0.4.5'", Some(true)),
            ("src/api/pyproject.toml", "root = '../..'\nfallback_version = '0.4.5'", None),
            ("src/api/pyproject.toml", "root = './../../'\nfallback_version = '0.4.5'", None),
            ("src/api/pyproject.toml", "root = '/'\nfallback_version = '0.4.5'", Some(true)),
            ("src/api/pyproject.toml", "root = '../../..'\nfallback_version = '0.4.5'", Some(true)),
            ("src/api/pyproject.toml", "search_parent_directories = true\nfallback_version = '0.4.5'", None),
            ("pyproject.toml", "fallback_version = '0.4.5'", None),
            ("pyproject.toml", "root = '..'\nfallback_version = '0.4.5'", Some(true)),
        ] {
            let text =
                format!("[project]\nname = 'meadow-api'\ndynamic = ['version']\n[tool.setuptools_scm]\n{table}\n");
            let scene = Scene::of_files([(path, text)], "");
            let report = scene.report("scm-root");
            let found = report.findings.first().map(|finding| finding.fix.is_some());
            assert_eq!(found, expected, "{path}: {table}");
        }
    }

    #[test]
    fn a_table_without_lines_of_its_own_gets_no_fix() {
        let text = "[project]\nname = 'meadow-api'\ndynamic = ['version']\n[tool]\nsetuptools_scm = { fallback_version = '0.4.5' }\n";
        let scene = Scene::of_files([("api/pyproject.toml", text)], "");
        let report = scene.report("scm-root");
        assert!(report.findings[0].fix.is_none());
    }
}
