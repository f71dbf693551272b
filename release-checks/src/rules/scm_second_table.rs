//! Settings of setuptools-scm stand in a table that the build does not read.
//!
//! ## What it does
//!
//! Reports `[tool.vcs-versioning]` beside `[tool.setuptools_scm]`, and a `fallback_version` in
//! `.config/python-vcs-versioning.toml`.
//!
//! ## Why is this bad?
//!
//! A build reads `[tool.setuptools_scm]` alone, and `python -m setuptools_scm` of version 10 `[tool.vcs-versioning]` alone. What
//! the command prints is not what the wheel is called, and a setting in the wrong table has no effect.
//! A build by version 10 takes what `.config/python-vcs-versioning.toml` says of a package before all that its manifest says: the
//! version that a release writes into the manifest has no effect either, and no release is prepared.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=10.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//!
//! [tool.vcs-versioning]
//! version_scheme = "post-release"
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=10.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.vcs-versioning]
//! fallback_version = "0.4.5"
//! version_scheme = "post-release"
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::scm;

pub(super) fn check(context: &Context, report: &mut Report) {
    for scm::ScmPackage { package, manifest, .. } in scm::packages(context) {
        let (Some(table), Some(unread)) = (&manifest.read.scm, &manifest.read.unread_scm) else { continue };
        let path = &package.path;
        let message = format!("a build of {path} does not read `[{}]`", unread.name);
        let finding = Finding::at(message, path, unread.span.clone(), "read by `python -m setuptools_scm` alone");
        let finding = finding.and(path, table.span.clone(), "read by the build alone");
        report.find(finding.help("move what is right into one of the tables, and remove the other"));
    }
    for replaced in &context.replaced {
        report.find(Finding::of(replaced.problem.clone(), "replaced"));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn a_version_in_the_file_of_settings_is_found_for_the_package_that_it_names() {
        for (path, text, found) in [
            (".config/python-vcs-versioning.toml", "['.']\nfallback_version = '0.4.4'\n", 1),
            (".config/python-vcs-versioning.toml", "[api]\nfallback_version = '0.4.4'\n", 1),
            (".config/python-vcs-versioning.toml", "[other]\nfallback_version = '0.4.4'\n", 0),
            (".config/python-vcs-versioning.toml", "['.']\nlocal_scheme = 'no-local-version'\n", 0),
            (".config/python-vcs-versioning.toml", "x = [", 0),
            ("api/.config/python-vcs-versioning.toml", "['.']\nfallback_version = '0.4.4'\n", 1),
            ("docs/python-vcs-versioning.toml", "['.']\nfallback_version = '0.4.4'\n", 0),
        ] {
            let manifest = |name: &str| {
                format!(
                    "[project]\nname = '{name}'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n"
                )
            };
            let files = [("pyproject.toml", manifest("meadow")), ("api/pyproject.toml", manifest("meadow-api"))];
            let scene = Scene::of_files(files, "").with(path, text);
            assert_eq!(scene.report("scm-second-table").findings.len(), found, "{path} {text}");
        }
    }
}
