//! `[tool.setuptools_scm]` has no `fallback_version`.
//!
//! ## What it does
//!
//! Reports packages of a dynamic monorepo whose table does not say which version holds where there are no tags.
//!
//! ## Why is this bad?
//!
//! A build from a source archive fails, and one in a checkout without tags is called `0.1.devN+gCOMMIT`. And this process reads
//! off `fallback_version` what a tree is going to be.
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
//! ```toml src/api/pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [tool.setuptools_scm]
//! root = "../.."
//!
//! [project]
//! name = "meadow-api"
//! dynamic = ["version"]
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
//! ```toml src/api/pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [tool.setuptools_scm]
//! root = "../.."
//! fallback_version = "0.4.5"
//!
//! [project]
//! name = "meadow-api"
//! dynamic = ["version"]
//! ```
//!
//! ## Fix
//!
//! Safe, where all other packages have one version: it is that. Else there is none.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::scm;
use release_core::manifest::pyproject::Pyproject;
use release_core::plan::scm_config::line;

pub(super) fn check(context: &Context, report: &mut Report) {
    let version = scm::common_version(context);
    for scm::ScmPackage { package, manifest, .. } in scm::packages(context) {
        let Some(scm) = manifest.read.scm.as_ref().filter(|scm| scm.fallback_version.is_none()) else { continue };
        let path = &package.path;
        let help = match version {
            Some(version) => format!("add `fallback_version = \"{version}\"`, which the other packages have"),
            None => "add `fallback_version` with the version that is released next".to_owned(),
        };
        let message = format!("{path} has no `fallback_version` in `[{}]`", scm.name);
        let mut finding = Finding::at(message, path, scm.span.clone(), "no `fallback_version`").help(help);
        finding.fix = version.zip(scm.end).and_then(|(version, end)| {
            let edit = line(&manifest.source, end, &format!("fallback_version = \"{version}\""));
            let is_right = |read: &Pyproject| {
                let fallback = read.scm.as_ref().and_then(|scm| scm.fallback_version.as_ref());
                fallback.is_some_and(|fallback| fallback.value == version)
            };
            scm::sure(Applicability::Safe, path, &manifest.source, vec![edit], is_right)
        });
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn without_another_package_nobody_knows_the_version() {
        for (table, has_fix) in [("[tool.setuptools_scm]\n", false), ("[tool.setuptools_scm]", false)] {
            let text = format!("[project]\nname = 'meadow'\ndynamic = ['version']\n{table}");
            let scene = Scene::of_files([("pyproject.toml", text)], "");
            let report = scene.report("scm-fallback");
            let fixes: Vec<bool> = report.findings.iter().map(|finding| finding.fix.is_some()).collect();
            assert_eq!(fixes, [has_fix]);
        }
    }

    #[test]
    fn a_static_monorepo_may_use_setuptools_scm_for_its_list_of_files() {
        let text = "[project]\nname = 'meadow'\nversion = '0.4.5'\n[tool.setuptools_scm]\n";
        let scene = Scene::of_files([("pyproject.toml", text)], "");
        assert!(!scene.breaks("scm-fallback"));
    }
}
