//! A dynamic package has no `[tool.setuptools_scm]`.
//!
//! ## What it does
//!
//! Reports packages without the table, once one package of the monorepo has its version from setuptools-scm.
//!
//! ## Why is this bad?
//!
//! setuptools-scm takes part in a build only where the table asks for it. Without it the package is built as 0.0.0, with
//! tags and without.
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
//! Safe, where all other packages have one version: the table is added with that, and with the one way to the repository's
//! root. Else there is none.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::{Applicability, Fix};
use crate::scm::{self, ScmPackage};
use release_core::manifest::pyproject::Pyproject;
use release_core::monorepo::Package;
use release_core::plan::scm_config::{leads_to_root, line, way_to_root};

pub(super) fn check(context: &Context, report: &mut Report) {
    let version = scm::common_version(context);
    let is_unexplained =
        |package: &&Package| context.monorepo.manifest(package).is_some_and(|manifest| manifest.read.is_unexplained());
    if let Some(package) = context.monorepo.packages.iter().find(is_unexplained) {
        report.skip(format!(
            "{} has a dynamic version, and neither a table nor a requirement says where it comes from: see `version --scm`",
            package.path
        ));
    }
    for subject in scm::packages(context).filter(|subject| subject.manifest.read.scm.is_none()) {
        let path = &subject.package.path;
        let message = format!("{path} has no `[tool.setuptools_scm]`");
        let help = "add the table, with `fallback_version` and the way to the repository's root";
        let mut finding =
            Finding::at(message, path, subject.name.span.clone(), "not versioned by setuptools-scm").help(help);
        finding.fix = version.and_then(|version| table(subject, version));
        report.find(finding);
    }
}

/// The table, below `[build-system]` or else `[project]`.
fn table(subject: ScmPackage<'_>, version: &str) -> Option<Fix> {
    let ScmPackage { package, manifest, project, .. } = subject;
    let eol = manifest.source.line_ending();
    let root = way_to_root(&package.path).map_or_else(String::new, |way| format!("root = \"{way}\"{eol}"));
    let text = format!("{eol}[tool.setuptools_scm]{eol}{root}fallback_version = \"{version}\"");
    let at = manifest.read.build_system.as_ref().map_or(project.end, |build| build.end);
    let is_right = |read: &Pyproject| {
        let Some(scm) = &read.scm else { return false };
        let root = scm.root.as_ref().map_or(".", |root| &root.value);
        read.name() == manifest.read.name()
            && read.requirements.len() == manifest.read.requirements.len()
            && leads_to_root(&package.path, root)
            && scm.fallback_version.is_some()
    };
    scm::sure(Applicability::Safe, &package.path, &manifest.source, vec![line(&manifest.source, at, &text)], is_right)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn a_dynamic_version_from_where_nothing_says_is_left_alone_and_said() {
        let root = "[project]\nname = 'meadow'\ndynamic = ['version']\n[build-system]\nrequires = ['setuptools-scm>=8']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";
        for (requires, is_said) in [("'setuptools'", true), ("'setuptools', 'setuptools-git-versioning'", false)] {
            let api = format!(
                "[project]\nname = 'meadow-api'\ndynamic = ['version']\n[build-system]\nrequires = [{requires}]\n"
            );
            let scene = Scene::of_files([("pyproject.toml", root), ("api/pyproject.toml", &api)], "");
            let report = scene.report("scm-table");
            assert_eq!((report.findings.len(), report.skipped.is_some()), (0, is_said), "{requires}");
            assert_eq!(scene.count("scm-build-requirement"), 0, "{requires}");
        }
    }

    #[test]
    fn the_other_table_will_do() {
        let text = "[project]\nname = 'meadow'\ndynamic = ['version']\n[build-system]\nrequires = ['setuptools-scm>=10']\n[tool.vcs-versioning]\nfallback_version = '0.4.5'\n";
        let scene = Scene::of_files([("pyproject.toml", text)], "");
        assert!(scene.fires().iter().all(|name| !name.starts_with("scm-")), "{:?}", scene.fires());
    }

    #[test]
    fn packages_of_other_backends_and_a_lone_package_without_a_version_get_no_wrong_fix() {
        let root =
            "[project]\nname = 'meadow'\ndynamic = ['version']\n[build-system]\nrequires = ['setuptools-scm>=8']\n";
        let hatch = "[project]\nname = 'meadow-api'\ndynamic = ['version']\n[build-system]\nrequires = ['hatchling']\nbuild-backend = 'hatchling.build'\n";
        let scene = Scene::of_files([("pyproject.toml", root), ("api/pyproject.toml", hatch)], "")
            .with("release.toml", "[[package]]\npath = 'pyproject.toml'\n[[package]]\npath = 'api/pyproject.toml'\n");
        let report = scene.report("scm-table");
        let found: Vec<_> =
            report.findings.iter().map(|f| (f.place().unwrap().path.as_str(), f.fix.is_some())).collect();
        assert_eq!(found, [("pyproject.toml", false)]);
    }
}
