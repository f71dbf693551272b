//! A finding is accepted without a reason.
//!
//! ## What it does
//!
//! Reports comments `release: ignore[...]` with nothing behind the bracket, and entries of `[[ignore]]` without `reason`.
//!
//! ## Why is this bad?
//!
//! It is not known later whether it may be removed, and so it stays and hides the next finding.
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
//! dependencies = [
//!     "meadow-client>=0.4.5", # release: ignore[pin-operator]
//! ]
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
//! dependencies = [
//!     "meadow-client>=0.4.5", # release: ignore[pin-operator] the demo takes what is newest
//! ]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::suppression::{Scope, suppressions};

pub(super) fn check(context: &Context, report: &mut Report) {
    let mut last = None;
    for suppression in suppressions(context).into_iter().filter(|suppression| suppression.reason.is_none()) {
        // The rules of one comment have one reason between them.
        let place = (suppression.path.clone(), suppression.scope.clone());
        let is_comment = matches!(suppression.scope, Scope::Line(_));
        if is_comment && last.as_ref() == Some(&place) {
            continue;
        }
        last = Some(place);
        let message = format!("`{}` is ignored in {} without a reason", suppression.rule, suppression.path);
        let help = match is_comment {
            true => "say why behind the bracket",
            false => "add `reason = \"...\"`",
        };
        let finding = Finding::at(message, &suppression.path, suppression.span.clone(), "why?");
        report.find(finding.help(help));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, FIRES_TWICE, SILENT, Scene};

    #[test]
    fn one_comment_and_one_entry_need_one_reason() {
        for (comment, config, found) in [
            ("# release: ignore[scm-root, pin-operator]", "", FIRES),
            ("# release: ignore[scm-root] it is so", "", SILENT),
            ("", "[[ignore]]\nrule = 'scm-root'\n[[ignore]]\nrule = 'pin-operator'\nreason = '  '\n", FIRES_TWICE),
            ("", "[[ignore]]\nrule = 'scm-root'\nreason = 'it is so'\n", SILENT),
        ] {
            let text = format!("[project] {comment}\nname = 'meadow'\nversion = '0.4.5'\n");
            let files = [("pyproject.toml", text), ("release.toml", config.to_owned())];
            let report = Scene::of_files(files, "").report("config-missing-reason");
            assert_eq!(report.findings.len(), found, "{comment}{config}");
        }
    }
}
