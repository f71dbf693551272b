//! A package asks for a sibling without a version.
//!
//! ## What it does
//!
//! Reports requirements of a published package on another package of this monorepo that carry no specifier. Dependency
//! groups and the tables of tools are not published and may leave it out.
//!
//! ## Why is this bad?
//!
//! The packages are released together and tested together, and an installer may combine this release with any other of the
//! sibling's. A release moves the specifiers that are there and does not add one.
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
//! dependencies = ["meadow-api"]
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
//!
//! [tool.setuptools_scm]
//! root = "../.."
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
//! dependencies = ["meadow-api==0.4.5"]
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
//!
//! [tool.setuptools_scm]
//! root = "../.."
//! fallback_version = "0.4.5"
//! ```
//!
//! ## Fix
//!
//! Unsafe, on a release branch: it changes what users can install.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::pins;
use release_core::manifest::requirement::Requirement;

pub(super) fn check(context: &Context, report: &mut Report) {
    let target = pins::target(context);
    for pin in pins::pins(context).filter(|pin| !pin.is_client() && pin.site.table.starts_with("project.")) {
        if pin.requirement.is_none_or(Requirement::is_constrained) {
            continue;
        }
        let message = format!("{} asks for its sibling `{}` without a version", pin.site.path, pin.name());
        let help = match &target {
            Some(target) => format!("write `{}=={target}`: the next releases will move it", pin.name()),
            None => format!("write `{}>=X.Y.Z`: releases will move it", pin.name()),
        };
        let mut finding = Finding::at(message, pin.site.path, pin.site.span(), "any version will do").help(help);
        let sibling = context.monorepo.sibling(&pin.site.subject).and_then(|sibling| {
            let name = context.monorepo.manifest(sibling)?.read.project.as_ref()?.name.as_ref()?;
            Some((&sibling.path, name))
        });
        if let Some((path, name)) = sibling {
            finding = finding.and(path, name.span.clone(), "released together with it");
        }
        finding.fix = target.as_ref().and_then(|target| pin.with_specifier(context, target));
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn what_is_not_published_and_what_asks_for_itself_needs_no_version() {
        for (lists, found) in [
            ("dependencies = ['meadow-api']", FIRES),
            ("optional-dependencies.api = ['meadow_api[all]']", FIRES),
            ("dependencies = ['meadow-api>=0.4']", SILENT),
            ("optional-dependencies.all = ['meadow[cli]']", SILENT),
            ("dependencies = []\n[dependency-groups]\ntest = ['meadow-api']", SILENT),
        ] {
            let package = |name: &str, root: &str, lists: &str| {
                format!(
                    "[tool.setuptools_scm]\n{root}fallback_version = '0.4.5'\n[project]\nname = '{name}'\ndynamic = ['version']\n{lists}\n"
                )
            };
            let api = package("meadow-api", "root = '..'\n", "");
            let files = [("pyproject.toml", package("meadow", "", lists)), ("api/pyproject.toml", api)];
            let report = Scene::of_files(files, "").report("pin-sibling-unversioned");
            assert_eq!(report.findings.len(), found, "{lists}");
        }
    }
}
