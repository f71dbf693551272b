//! The newest tag of a line is not on its branch.
//!
//! ## What it does
//!
//! Looks whether the branch of the line contains the commit of the line's newest tag, or of the line's tag that is judged. A tag
//! that is judged is left out where its version was released before the branch began: its line had another branch then.
//!
//! ## Why is this bad?
//!
//! What was released is not what the branch goes on from: the next release may lack its changes, and a build of the branch is
//! called after an older tag.
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
//! branch release-0.4.x
//! tag v0.4.4 off-branch
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
//! branch release-0.4.x
//! tag v0.4.4
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};

pub(super) fn check(context: &Context, report: &mut Report) {
    let (Some(branch), Some(tag)) = (context.branch_with_tags(report), &context.newest) else { return };
    match tag.is_on_branch {
        Some(true) => {}
        Some(false) if tag.is_before_branch => {}
        None => report.skip(format!("there is no {} here to hold {} against", branch.name, tag.name)),
        Some(false) => {
            let message = format!("{} is not on {}", tag.name, branch.name);
            report.find(Finding::about(message, tag.name.as_str()).help(format!(
                "a tag is never moved: merge {} into {}, or see that the branch has its changes before the next release",
                tag.name, branch.name
            )));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene, report_on};

    #[test]
    fn what_was_released_before_the_branch_began_is_on_no_branch_of_the_line() {
        for (state, found) in [("off-branch here", FIRES), ("off-branch here before-branch", SILENT)] {
            let scene = Scene::of_version("0.4.5", &format!("tag v0.4.5 {state}"));
            assert_eq!(scene.count("tag-off-branch"), found, "{state}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_said() {
        let text = "[project]\nname = 'meadow'\nversion = '0.4.5'\n".to_owned();
        let mut context = Scene::of_files([("pyproject.toml", text)], "").context();
        for (is_on_branch, found, is_skipped) in [(Some(true), 0, false), (Some(false), 1, false), (None, 0, true)] {
            if let Some(tag) = &mut context.newest {
                tag.is_on_branch = is_on_branch;
            }
            let report = report_on("tag-off-branch", &context);
            assert_eq!((report.findings.len(), report.skipped.is_some()), (found, is_skipped), "{is_on_branch:?}");
        }
    }
}
