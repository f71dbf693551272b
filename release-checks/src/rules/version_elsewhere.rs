//! A package of the tree has a version that no release writes.
//!
//! ## What it does
//!
//! Reports packages whose versions come from elsewhere than `project.version` and setuptools-scm: from a table of hatch, pdm,
//! Poetry or `tool.setuptools.dynamic`, or from a build back end that computes it. Where release.toml names the packages that are
//! released, the others are left out.
//!
//! ## Why is this bad?
//!
//! A release edits the other packages, and this one is published again under its old number, or not at all. If a package that is
//! released asks for it, no release is prepared.
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
//! requires = ["hatchling"]
//! build-backend = "hatchling.build"
//!
//! [project]
//! name = "meadow-api"
//! dynamic = ["version"]
//!
//! [tool.hatch.version]
//! path = "meadow_api/__init__.py"
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
//! requires = ["hatchling"]
//! build-backend = "hatchling.build"
//!
//! [project]
//! name = "meadow-api"
//! version = "0.4.5"
//! ```
//!
//! ## Fix
//!
//! None: it is not known whether the package is released with the others.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};

pub(super) fn check(context: &Context, report: &mut Report) {
    for unwritten in &context.monorepo.unwritten {
        report.find(Finding::of(unwritten.problem(), "elsewhere"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn packages_whose_versions_are_elsewhere_are_found_unless_others_are_named() {
        let others = "[[package]]\npath = 'pyproject.toml'\n";
        let both = "[[package]]\npath = 'pyproject.toml'\n[[package]]\npath = 'api/pyproject.toml'\n";
        let dynamic = "[project]\nname = 'meadow-api'\ndynamic = ['version']\n";
        for (api, config, found) in [
            (format!("{dynamic}[tool.hatch.version]\npath = 'a.py'\n"), "", FIRES),
            (format!("{dynamic}[tool.hatch.version]\npath = 'a.py'\n"), others, SILENT),
            (format!("{dynamic}[tool.hatch.version]\npath = 'a.py'\n"), both, FIRES),
            (format!("{dynamic}[tool.setuptools.dynamic]\nversion = {{ attr = 'a.b' }}\n"), "", FIRES),
            (format!("{dynamic}[build-system]\nrequires = []\nbuild-backend = 'flit_core.buildapi'\n"), "", FIRES),
            ("[tool.poetry]\nname = 'meadow-api'\nversion = '0.4.5'\n".to_owned(), "", FIRES),
            ("[project]\nname = 'meadow-api'\nversion = '0.4.5'\n".to_owned(), "", SILENT),
            ("[tool.ruff]\nline-length = 100\n".to_owned(), "", SILENT),
        ] {
            let root = "[project]\nname = 'meadow'\nversion = '0.4.5'\n".to_owned();
            let scene = Scene::of_files([("pyproject.toml", root), ("api/pyproject.toml", api.clone())], "");
            let report = scene.with("release.toml", config).report("version-elsewhere");
            assert_eq!(report.findings.len(), found, "{api} {config}");
        }
    }
}
