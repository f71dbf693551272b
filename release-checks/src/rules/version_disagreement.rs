//! Packages of one monorepo have different versions.
//!
//! ## What it does
//!
//! Compares the version of every package with that of the first, the root's.
//!
//! ## Why is this bad?
//!
//! Packages that are released together have one number; a package with another is published under the wrong one, or again under
//! an old one.
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
//!
//! [tool.setuptools_scm]
//! root = "../.."
//! fallback_version = "0.4.4"
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
//! Unsafe: it writes the root's version, and it may be the root that was forgotten.

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    let mut versions = context.versions();
    let Some(first) = versions.next() else { return };
    let wanted = Version::parse(&first.text.value);
    for other in versions {
        let (own, path) = (&other.text.value, &other.package.path);
        let is_same = match (&wanted, Version::parse(own)) {
            (Ok(wanted), Ok(own)) => *wanted == own,
            // Texts that are no versions are compared as texts.
            _ => *own == first.text.value,
        };
        if is_same {
            continue;
        }
        let message = format!("{path} has version {own}, and {} has {}", first.package.path, first.text.value);
        let finding = Finding::at(message, path, other.text.span.clone(), format!("{own} here"))
            .and(&first.package.path, first.text.span.clone(), format!("{} here", first.text.value))
            .help(format!(
                "give both the same version, or name the packages that are released together in release.toml if {} is not",
                other.package.name
            ));
        report.find(match &wanted {
            Ok(wanted) => {
                let span = other.text.content_span(&other.manifest.source);
                finding.rewrite(Applicability::Unsafe, path, span, wanted.to_string())
            }
            Err(_) => finding,
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn the_value_counts_and_not_the_spelling() {
        for (api, expected) in [
            ("0.4.5", SILENT),
            ("0.4.5.0", SILENT),
            ("v0.4.5", SILENT),
            ("0.4.5rc1", FIRES),
            ("0.4.5+x", FIRES),
            ("odd", FIRES),
        ] {
            let manifest = |name: &str, table: &str| {
                format!("[project]\nname = '{name}'\ndynamic = ['version']\n[tool.setuptools_scm]\n{table}\n")
            };
            let root = manifest("meadow", "fallback_version = '0.4.5'");
            let api_manifest = manifest("meadow-api", &format!("root = '..'\nfallback_version = '{api}'"));
            let scene = Scene::of_files([("pyproject.toml", root), ("api/pyproject.toml", api_manifest)], "")
                .with("tests/external/pyproject.toml", "[project]\nname = 'guest'\nversion = '7'\n");
            let report = scene.report("version-disagreement");
            assert_eq!(report.findings.len(), expected, "{api}");
            assert!(report.findings.iter().all(|finding| finding.problem.labels.len() == 2), "{api}");
        }
    }
}
