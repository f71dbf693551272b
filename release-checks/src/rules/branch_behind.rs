//! The branch lacks commits of the branch that it follows.
//!
//! ## What it does
//!
//! Compares the judged branch with its upstream, as of the last fetch. Commits that only the local branch has are fine.
//!
//! ## Why is this bad?
//!
//! A release that is prepared or tagged here leaves out what others have merged already, and its push is refused.
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
//! ```state
//! branch release-0.4.x behind 2 ahead 1
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
//! ```state
//! branch release-0.4.x ahead 1
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::plan::preconditions::behind;

pub(super) fn check(context: &Context, report: &mut Report) {
    let Some(branch) = report.known(&context.branch) else { return };
    if let Some(problem) = branch.divergence.as_ref().and_then(behind) {
        report.find(Finding::of(problem, branch.name.as_str()));
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn only_commits_that_are_missing_here_count() {
        let text = "[project]\nname = 'meadow'\nversion = '0.4.5'\n";
        for (state, says) in [
            ("branch release-0.4.x", None),
            ("branch main ahead 3", None),
            ("branch release-0.4.x behind 1", Some("release-0.4.x is 1 commit behind origin/release-0.4.x")),
            ("branch main behind 2 ahead 1", Some("main and origin/main have diverged: 1 here, 2 there")),
        ] {
            let scene = Scene::of_files([("pyproject.toml", text)], state);
            let report = scene.report("branch-behind");
            assert_eq!(report.findings.first().map(|finding| finding.problem.message.as_str()), says, "{state}");
        }
    }
}
