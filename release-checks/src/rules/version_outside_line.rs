//! The branch of a line carries a version of another line.
//!
//! ## What it does
//!
//! On a branch such as `release-0.4.x`, reports packages whose version is not of 0.4.
//!
//! ## Why is this bad?
//!
//! What is built from the branch without its tags is called after another series, and the next release is prepared from the
//! wrong number.
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
//! fallback_version = "0.5.0"
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
//! None: which version of the line comes next is for a release to say.

use crate::context::{Context, Role};
use crate::diagnostic::{Finding, Report};
use release_core::version::{Line, Number, Version};

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch) else { return };
    let Role::Line(line) = branch.role else { return };
    for version in context.versions() {
        let (text, path) = (version.text, &version.package.path);
        // Another rule reports a text that is no version.
        if Version::parse(&text.value).map_or(true, |version| is_of(&version, line)) {
            continue;
        }
        let message = format!("{path} has version {}, and {} is the branch of {line}", text.value, branch.name);
        report.find(
            Finding::at(message, path, text.span.clone(), format!("not of {line}"))
                .help(format!("write the version of {line} that is released next, or prepare it")),
        );
    }
}

fn is_of(version: &Version, line: Line) -> bool {
    let number = |at: usize| version.release().get(at).map_or(Some(0), Number::as_u64);
    *version.epoch() == 0 && number(0) == Some(line.major) && number(1) == Some(line.minor)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene, report_on};

    fn fires(version: &str, state: &str) -> usize {
        Scene::of_version(version, state).count("version-outside-line")
    }

    #[test]
    fn every_version_of_the_line_passes_and_main_has_no_line() {
        for (version, state, expected) in [
            ("0.4.0", "", SILENT),
            ("0.4", "", SILENT),
            ("0.4.7rc1", "", SILENT),
            ("0.4.5.dev0", "", SILENT),
            ("0.4.5.post1", "", SILENT),
            ("0.5.0.dev0", "", FIRES),
            ("0.40.0", "", FIRES),
            ("1!0.4.5", "", FIRES),
            ("1.4.5", "", FIRES),
            ("99999999999999999999.4", "", FIRES),
            ("nothing", "", SILENT),
            ("0.5.0", "branch main", SILENT),
            ("0.5.0", "branch release-0.5.x", SILENT),
        ] {
            assert_eq!(fires(version, state), expected, "{version} {state}");
        }
    }

    #[test]
    fn an_undecided_branch_is_said() {
        let mut context = Scene::of_version("0.5.0", "").context();
        context.branch = Err("detached".to_owned());
        let report = report_on("version-outside-line", &context);
        assert!(report.findings.is_empty() && report.skipped.as_deref() == Some("detached"));
    }
}
