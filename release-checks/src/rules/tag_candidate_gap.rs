//! The candidate before the newest one was never tagged.
//!
//! ## What it does
//!
//! Looks at the newest tag of the line, or at the line's tag that is judged. When it is the candidate X.Y.ZrcN and N is above
//! 1, the candidate with the number before must be tagged too.
//!
//! ## Why is this bad?
//!
//! It is not known what was in the candidate that is missing, whether it was published, and which tests were run on it.
//! Notes and comparisons from candidate to candidate skip it.
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
//! fallback_version = "0.5.0rc3"
//! ```
//!
//! ```state
//! branch release-0.5.x
//! tag v0.5.0rc1
//! tag v0.5.0rc3 here
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
//! fallback_version = "0.5.0rc3"
//! ```
//!
//! ```state
//! branch release-0.5.x
//! tag v0.5.0rc1
//! tag v0.5.0rc2
//! tag v0.5.0rc3 here
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::version::Release;

pub(super) fn check(context: &Context, report: &mut Report) {
    let (Some(_), Some(newest)) = (context.branch_with_tags(report), &context.newest) else { return };
    let Some(before) = before(newest.release) else { return };
    if context.history.commit(before).is_some() {
        return;
    }
    let tag = context.config.tag.tag(before);
    let message = format!("{} is a candidate of {}, and there is no {tag}", newest.name, final_of(newest.release));
    let help = format!(
        "fetch the tags if {tag} exists elsewhere; if {before} was published, tag its commit; if not, say in the notes that \
         the number was skipped"
    );
    report.find(Finding::about(message, newest.name.as_str()).help(help));
}

/// The candidate with the number before.
fn before(release: Release) -> Option<Release> {
    let number = release.candidate.filter(|number| *number > 1)?;
    Some(Release { candidate: Some(number - 1), ..release })
}

fn final_of(release: Release) -> Release {
    Release { candidate: None, ..release }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn only_the_number_before_the_newest_candidate_is_looked_for() {
        for (state, found) in [
            ("tag v0.5.0rc1 here", SILENT),
            ("tag v0.5.0rc2 here", FIRES),
            ("tag v0.5.0rc2", FIRES),
            ("tag v0.5.0rc1\ntag v0.5.0rc2 here", SILENT),
            ("tag v0.5.0rc2\ntag v0.5.0rc3 here", SILENT),
            ("tag v0.5.0rc2\ntag v0.5.0", SILENT),
            ("tag v0.5.1rc1\ntag v0.5.2rc2 here", FIRES),
            ("tag v0.4.5rc1\ntag v0.4.5rc3", SILENT),
        ] {
            let state = format!("branch release-0.5.x\n{state}");
            let scene = Scene::of_version("0.5.0", &state);
            let report = scene.report("tag-candidate-gap");
            assert_eq!(report.findings.len(), found, "{state}");
        }
    }
}
