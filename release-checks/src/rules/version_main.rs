//! Main carries a version that is not a development version.
//!
//! ## What it does
//!
//! On main, reports packages whose version is a final, a candidate or anything else that is not `.devN`, unless the commit is
//! tagged as that release.
//!
//! ## Why is this bad?
//!
//! What is built from main is then called like a release that it is not. Caches and installers take the one for the other.
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
//! fallback_version = "0.4.4"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.4
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
//! fallback_version = "0.4.5.dev0"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.4
//! ```
//!
//! ## Fix
//!
//! Unsafe: it writes the development version that follows the highest final, and main may be meant for a later series.

use crate::context::{Context, PackageVersion, Role};
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use release_core::version::{Release, Version};

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch).filter(|branch| branch.role == Role::Main) else { return };
    for version in context.versions() {
        let PackageVersion { package, manifest, text } = version;
        // Another rule reports a text that is no version.
        let Ok(own) = Version::parse(&text.value) else { continue };
        let release = Release::parse(&text.value).ok();
        if own.is_dev() || release.is_some_and(|release| context.here.contains(&release)) {
            continue;
        }
        let path = &package.path;
        let message = format!("{path} has version {}, and {} carries development versions", text.value, branch.name);
        let finding = Finding::at(message, path, text.span.clone(), "not a development version");
        let Some(wanted) = wanted(context, release) else {
            report.find(finding.help("write the version that is released next, with `.dev0` behind it"));
            continue;
        };
        let span = text.content_span(&manifest.source);
        let finding = finding.help(format!("write `{wanted}`"));
        report.find(finding.rewrite(Applicability::Unsafe, path, span, wanted));
    }
}

/// Returns the version of main: on the way to its own release while that is not out, else after the highest final.
fn wanted(context: &Context, release: Option<Release>) -> Option<String> {
    let base = release.map(Release::base);
    match context.history.highest_final() {
        Some(highest) => {
            let open = base.filter(|base| *base > highest);
            open.map(|base| format!("{base}.dev0")).or_else(|| context.history.next_development(highest))
        }
        // Tags that cannot be seen may have what this would call open.
        None if context.blind.is_some() => None,
        None => base.map(|base| format!("{base}.dev0")),
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn fires(version: &str, state: &str) -> usize {
        Scene::of_version(version, state).count("version-main")
    }

    #[test]
    fn main_is_developed_and_lines_are_not_asked() {
        for (version, state, expected) in [
            ("0.4.4", "branch main", FIRES),
            ("0.5.0", "branch main", FIRES),
            ("0.5.0rc1", "branch main", FIRES),
            ("0.5.0.dev0", "branch main", SILENT),
            ("0.5.0-dev.20251027", "branch main", SILENT),
            ("0.4.4", "branch main\ntag v0.4.4 here", SILENT),
            ("0.4.4", "branch release-0.4.x", SILENT),
        ] {
            assert_eq!(fires(version, state), expected, "{version} {state}");
        }
    }

    #[test]
    fn what_to_write_is_above_every_final() {
        for (version, state, wanted) in [
            ("0.4.4", "branch main\ntag v0.4.4", Some("0.4.5.dev0")),
            ("0.4.2", "branch main\ntag v0.4.4\ntag v0.3.9", Some("0.4.5.dev0")),
            ("0.5.0rc1", "branch main\ntag v0.4.4", Some("0.5.0.dev0")),
            ("0.5.0", "branch main\ntag nightly", Some("0.5.0.dev0")),
            ("0.5", "branch main\ntag nightly", None),
        ] {
            let text = format!("[project]\nname = 'meadow'\nversion = '{version}'\n");
            let scene = Scene::of_files([("pyproject.toml", text)], state);
            let report = scene.report("version-main");
            let fix = report.findings[0].fix.as_ref().map(|fix| fix.edits[0].1.replacement.as_str());
            assert_eq!(fix, wanted, "{version} {state}");
        }
    }
}
