//! Main is not above the last release.
//!
//! ## What it does
//!
//! On main, compares the development version of every package with the highest final of all lines.
//!
//! ## Why is this bad?
//!
//! What is built from main sorts below what was released from an older state: installers that are asked to upgrade to the newest
//! development version go back to the release, and its changes are lost to those who test them.
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
//! fallback_version = "0.4.0.dev0"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.3
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
//! fallback_version = "0.4.4.dev0"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.3
//! ```
//!
//! ## Fix
//!
//! Unsafe: it writes the development version that follows the highest final, and main may be meant for a later series.

use crate::context::{Context, PackageVersion, Role};
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use release_core::version::Version;

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch).filter(|branch| branch.role == Role::Main) else { return };
    let Some(()) = report.clear_of(context.blind.as_ref()) else { return };
    let Some(highest) = context.history.highest_final() else { return };
    let released = Version::new(highest.major, highest.minor, highest.patch);
    let next = context.history.next_development(highest);
    for PackageVersion { package, manifest, text } in context.versions() {
        // Versions of another kind are no development versions, which is said elsewhere.
        let Some(own) = Version::parse(&text.value).ok().filter(Version::is_dev) else { continue };
        if own > released {
            continue;
        }
        let path = &package.path;
        let message = format!("{path} has version {} on {}, and {highest} is released", text.value, branch.name);
        let label = format!("sorts below {highest}");
        let mut finding = Finding::at(message, path, text.span.clone(), label);
        if let Some(next) = &next {
            finding = finding.help(format!("write `{next}`, which follows {highest}"));
            let span = text.content_span(&manifest.source);
            finding = finding.rewrite(Applicability::Unsafe, path, span, next);
        }
        report.find(finding);
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene, report_on};

    fn fires(version: &str, state: &str) -> usize {
        Scene::of_version(version, state).count("version-main-behind")
    }

    #[test]
    fn the_highest_final_of_all_lines_counts_and_no_candidate() {
        for (version, state, expected) in [
            ("0.4.0.dev0", "branch main\ntag v0.4.3", FIRES),
            ("0.4.3.dev0", "branch main\ntag v0.4.3", FIRES),
            ("0.4.5.dev0", "branch main\ntag v0.4.4\ntag v0.5.1\ntag v0.3.9", FIRES),
            ("0.4.4.dev0", "branch main\ntag v0.4.3", SILENT),
            ("0.5.0.dev0", "branch main\ntag v0.5.0rc1", SILENT),
            ("0.5.0.dev0", "branch main\ntag v0.5.0-dev", SILENT),
            // A candidate or final on main is another rule's.
            ("0.4.3", "branch main\ntag v0.4.3", SILENT),
            ("0.4.0.dev0", "branch release-0.4.x\ntag v0.4.3", SILENT),
        ] {
            assert_eq!(fires(version, state), expected, "{version} {state}");
        }
    }

    #[test]
    fn without_tags_nothing_can_be_said() {
        let text = "[project]\nname = 'meadow'\nversion = '0.4.0.dev0'\n";
        let mut context = Scene::of_files([("pyproject.toml", text)], "branch main").context();
        context.blind = Some("no tags".to_owned());
        let report = report_on("version-main-behind", &context);
        assert!(report.findings.is_empty() && report.skipped.is_some());
    }
}
