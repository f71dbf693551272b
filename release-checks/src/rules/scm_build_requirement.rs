//! The build of a dynamic package does not require setuptools-scm.
//!
//! ## What it does
//!
//! Reports packages of a dynamic monorepo whose `build-system.requires` does not name setuptools-scm.
//!
//! ## Why is this bad?
//!
//! Builds are isolated: what is not required is not there. setuptools then finds no version, and calls the package 0.0.0.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
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
//! Safe, where there is a list: it gets the requirement that the other packages have, or `setuptools-scm>=8.0`. Else there is
//! none.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::scm;
use release_core::manifest::pyproject::{BuildSystem, Pyproject};
use release_core::plan::scm_config::{appended, requirement};

pub(super) fn check(context: &Context, report: &mut Report) {
    let wanted = requirement(&context.monorepo);
    for scm::ScmPackage { package, manifest, name, .. } in scm::packages(context) {
        let build = manifest.read.build_system.as_ref();
        if build.is_some_and(BuildSystem::requires_scm) {
            continue;
        }
        let path = &package.path;
        let message = format!("{path} does not require setuptools-scm to be built");
        let Some(list) = build.and_then(|build| build.requires.as_ref()) else {
            let finding = Finding::at(message, path, name.span.clone(), "has no `build-system.requires`");
            report.find(
                finding.help(format!("add `[build-system]` with `requires = [\"setuptools>=61.0\", \"{wanted}\"]`")),
            );
            continue;
        };
        let mut finding = Finding::at(message, path, list.span.clone(), "setuptools-scm is not among them")
            .help(format!("add `\"{wanted}\"`"));
        let is_right = |read: &Pyproject| read.build_system.as_ref().is_some_and(BuildSystem::requires_scm);
        let edits = appended(&manifest.source, list, &wanted);
        finding.fix = scm::sure(Applicability::Safe, path, &manifest.source, edits, is_right);
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn any_spelling_of_the_requirement_counts_and_other_backends_need_none() {
        let table = "[tool.setuptools_scm]\nfallback_version = '0.4.5'";
        for (build, fires) in [
            ("requires = ['setuptools_scm[toml]>=8']", SILENT),
            ("requires = ['Setuptools.SCM >= 8 ; python_version > \"3\"']", SILENT),
            ("requires = ['setuptools-scm-git-archive']", FIRES),
            ("requires = []", FIRES),
            ("build-backend = 'setuptools.build_meta'", FIRES),
            ("requires = ['hatchling', 'hatch-vcs']\nbuild-backend = 'hatchling.build'", SILENT),
        ] {
            let text = format!("[project]\nname = 'meadow'\ndynamic = ['version']\n[build-system]\n{build}\n{table}");
            let scene = Scene::of_files([("pyproject.toml", text)], "");
            assert_eq!(scene.count("scm-build-requirement"), fires, "{build}");
        }
    }
}
