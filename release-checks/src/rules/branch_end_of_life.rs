//! The branch belongs to a line that is end of life.
//!
//! ## What it does
//!
//! Counts the minor series that have a final release. The last `maintained-lines` of them are maintained, two unless
//! `release.toml` says otherwise; the branches of older ones are reported.
//!
//! ## Why is this bad?
//!
//! Fixes that are merged there reach no user: the line gets no release any more.
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
//! fallback_version = "0.3.6"
//! ```
//!
//! ```state
//! branch release-0.3.x
//! tag v0.4.0
//! tag v0.5.0
//! tag v0.3.5
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
//! fallback_version = "0.4.6"
//! ```
//!
//! ```state
//! branch release-0.4.x
//! tag v0.3.5
//! tag v0.5.0
//! tag v0.4.5
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::history::LineState;

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch) else { return };
    let (Some(line), Some(state)) = (context.line(), context.line_state()) else { return };
    let Some(()) = report.clear_of(context.blind.as_ref()) else { return };
    let LineState::EndOfLife(by) = state else { return };
    let history = &context.history;
    let last = history.last_final(line).map(|last| format!(" after {last}")).unwrap_or_default();
    let message = format!(
        "{} is end of life since {by}.0{last}: the last {} minors are maintained",
        branch.name, context.config.maintained_lines
    );
    let finding = Finding::about(message, branch.name.as_str());
    let dangling = context.newest.as_ref().filter(|newest| newest.release.is_candidate());
    let help = match dangling {
        Some(newest) => format!(
            "bring the fixes of {} to a maintained line, as it never became a final, or raise `maintained-lines` in release.toml",
            newest.name
        ),
        None => "bring the fix to a maintained line, or raise `maintained-lines` in release.toml".to_owned(),
    };
    report.find(finding.help(help));
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene, report_on};

    #[test]
    fn a_candidate_that_was_left_behind_is_named() {
        for (last, is_named) in [("v0.3.6rc1", true), ("v0.3.5", false)] {
            let text = "[project]\nname = 'meadow'\nversion = '0.3.6'\n".to_owned();
            let state = format!("branch release-0.3.x\ntag v0.3.5\ntag v0.4.0\ntag v0.5.0\ntag {last}");
            let scene = Scene::of_files([("pyproject.toml", text)], &state);
            let report = scene.report("branch-end-of-life");
            let help = &report.findings[0].problem.help;
            assert_eq!(help.contains(last), is_named, "{help}");
        }
    }

    #[test]
    fn lines_are_counted_by_their_finals() {
        let text = "[project]\nname = 'meadow'\nversion = '0.3.6'\n";
        for (state, config, found) in [
            ("branch release-0.3.x\ntag v0.3.5\ntag v0.4.0\ntag v0.5.0", "", FIRES),
            ("branch release-0.3.x\ntag v0.3.5\ntag v0.4.0\ntag v0.5.0rc1", "", SILENT),
            ("branch release-0.3.x\ntag v0.3.5\ntag v0.4.0\ntag v0.5.0", "[release]\nmaintained-lines = 3", SILENT),
            ("branch release-0.6.x\ntag v0.3.5\ntag v0.4.0\ntag v0.5.0", "", SILENT),
            ("branch main\ntag v0.3.5\ntag v0.4.0\ntag v0.5.0", "", SILENT),
        ] {
            let files = [("pyproject.toml", text.to_owned()), ("release.toml", config.to_owned())];
            let mut context = Scene::of_files(files, state).context();
            let report = report_on("branch-end-of-life", &context);
            assert_eq!(report.findings.len(), found, "{state} {config}");
            context.blind = Some("a shallow clone".to_owned());
            let report = report_on("branch-end-of-life", &context);
            assert_eq!((report.findings.len(), report.skipped.is_some()), (0, context.line().is_some()), "{state}");
        }
    }
}
