//! A package has a static version and says that it is dynamic.
//!
//! ## What it does
//!
//! Reports manifests with `version = "..."` in `[project]` whose `dynamic` lists `version` too.
//!
//! ## Why is this bad?
//!
//! The packaging standard forbids it, and build tools refuse the manifest or take either.
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
//! Safe, where another package or `fallback_version` says that versions are dynamic here: the static line goes. None in a
//! monorepo of static versions, where either may be meant.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::{Applicability, whole_lines};
use crate::scm;
use release_core::manifest::pyproject::Pyproject;
use release_core::monorepo::Scheme;
use release_core::text::TextEdit;

pub(super) fn check(context: &Context, report: &mut Report) {
    let is_dynamic = context.monorepo.scheme == Scheme::Dynamic;
    for package in &context.monorepo.packages {
        let Some(manifest) = context.monorepo.manifest(package) else { continue };
        let Some(project) = manifest.read.project.as_ref().filter(|project| project.is_dynamic()) else { continue };
        let (Some((version, span)), Some(dynamic)) = (&project.version, &project.dynamic) else { continue };
        let path = &package.path;
        let message = format!("{path} has the static version {} and lists `version` as dynamic", version.value);
        let mut finding = Finding::at(message, path, version.span.clone(), "static")
            .and(path, dynamic.span.clone(), "dynamic")
            .help(if is_dynamic { "remove `version = ...`" } else { "remove one of them" });
        if is_dynamic {
            // More on the line than this is an inline table's, and the manifest is then not what it was.
            let edit = TextEdit { span: whole_lines(&manifest.source, span), replacement: String::new() };
            let is_right = |read: &Pyproject| {
                read.name() == manifest.read.name()
                    && read.project.as_ref().is_some_and(|project| project.is_dynamic() && project.version.is_none())
            };
            finding.fix = scm::sure(Applicability::Safe, path, &manifest.source, vec![edit], is_right);
        }
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn it_is_removed_only_where_it_stands_on_a_line_of_its_own_and_versions_are_dynamic() {
        let table = "[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";
        const MENDED: bool = true;
        const LEFT: bool = false;
        for (text, has_fix) in [
            (format!("[project]\nname = 'meadow'\nversion = '0.4.5' # x\ndynamic = ['version']\n{table}"), MENDED),
            (format!("project = {{ name = 'meadow', version = '0.4.5', dynamic = ['version'] }}\n{table}"), LEFT),
            ("[project]\nname = 'meadow'\nversion = '0.4.5'\ndynamic = ['version']\n".to_owned(), LEFT),
        ] {
            let scene = Scene::of_files([("pyproject.toml", text.clone())], "");
            let report = scene.report("scm-static-version");
            assert_eq!(report.findings.len(), 1, "{text}");
            assert_eq!(report.findings[0].fix.is_some(), has_fix, "{text}");
        }
    }
}
