//! A development tag stands on a commit that develops another version.
//!
//! ## What it does
//!
//! Compares the development tags (`vX.Y.Z-dev`) on the judged commit with the version in their own tree; when there is no tag
//! and main is judged, the newest one.
//!
//! ## Why is this bad?
//!
//! Builds of main are called after it. With the number of a release that is out, all that follows sorts below that release, and
//! an installer keeps the release in place of the newer build.
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
//! fallback_version = "0.4.6.dev0"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.5
//! tag v0.4.6-dev
//! tag v0.4.5-dev carries 0.4.6.dev0
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
//! fallback_version = "0.4.6.dev0"
//! ```
//!
//! ```state
//! branch main
//! tag v0.4.5
//! tag v0.4.6-dev
//! ```

use crate::context::{Context, DevTag};
use crate::diagnostic::{Finding, Report};
use release_core::version::{Release, Version};

pub(super) fn check(context: &Context, report: &mut Report) {
    let hidden = context.blind.as_ref().filter(|_| context.is_main());
    report.skipped = context.branch.as_ref().err().or(hidden).cloned();
    let Some(()) = report.clear_of(context.unread.as_ref().filter(|_| !context.dev_tags.is_empty())) else { return };
    // Of a tag that is judged itself, other tags are none of its concern.
    let newest = context.dev_tags.last().filter(|_| context.is_main() && context.tags_here.is_empty());
    for tag in context.dev_tags.iter().filter(|tag| tag.is_here).chain(newest) {
        let Some(version) = tag.version.as_deref() else {
            report.skip(format!("the version in the tree of {} was not found", tag.name));
            continue;
        };
        if !begins(tag, version) {
            report.find(finding(context, tag, version));
        }
    }
}

/// Tells if a tree of this version develops what the tag names.
fn begins(tag: &DevTag, version: &str) -> bool {
    let Ok(version) = Version::parse(version) else { return true };
    let developed = Version::new(tag.release.major, tag.release.minor, tag.release.patch);
    version.is_dev() && version.pre().is_none() && version.post().is_none() && version.release() == developed.release()
}

fn finding(context: &Context, tag: &DevTag, version: &str) -> Finding {
    let released = context.history.highest_final().filter(|highest| tag.release <= *highest);
    let lowers = released.map(|highest| format!(", so that builds sort below {highest}, which is out"));
    let message = format!("{} stands on a commit that says {version}{}", tag.name, lowers.unwrap_or_default());
    let is_out = |base: &str| Release::parse(base).is_ok_and(|base| context.history.highest_final() >= Some(base));
    let help = match version.split_once(".dev") {
        Some((base, _)) if is_out(base) => {
            format!("delete it: {base} is out too, and builds of main are called after the tag of what main develops")
        }
        Some((base, _)) => {
            let right = tag.name.replace(&tag.release.to_string(), base);
            match context.tags.contains(&right) {
                true => format!("delete it: {right} begins that version already"),
                false => format!("delete it, and tag that commit as {right}"),
            }
        }
        None => "delete it: a development tag stands on main, where the next version begins".to_owned(),
    };
    Finding::about(message, tag.name.as_str()).help(help)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn a_tag_that_is_there_is_not_asked_for() {
        for (right, help) in [("", "and tag that commit as v0.4.6-dev"), ("tag v0.4.6-dev\n", "v0.4.6-dev begins that")]
        {
            let state = format!("branch main\ntag v0.4.5\n{right}tag v0.4.7-dev here carries 0.4.6.dev0");
            let found = Scene::of_version("0.4.6.dev0", &state).report("tag-dev-misplaced").findings;
            assert!(found[0].problem.help.contains(help), "{}", found[0].problem.help);
        }
    }

    #[test]
    fn a_version_that_is_out_needs_no_tag_any_more() {
        let state = "branch main\ntag v0.4.6\ntag v0.4.5-dev carries 0.4.6.dev0";
        let found = Scene::of_version("0.4.7.dev0", state).report("tag-dev-misplaced").findings;
        assert!(found[0].problem.help.starts_with("delete it: 0.4.6 is out too"), "{}", found[0].problem.help);
    }

    #[test]
    fn the_newest_on_main_and_those_here_are_looked_at() {
        for (state, found) in [
            ("branch main\ntag v0.4.5\ntag v0.4.5-dev", SILENT),
            ("branch main\ntag v0.4.5\ntag v0.4.5-dev carries 0.4.5.dev7", SILENT),
            ("branch main\ntag v0.4.5\ntag v0.4.5-dev carries 0.4.6.dev0", FIRES),
            ("branch main\ntag v0.4.5\ntag v0.4.5-dev carries 0.4.5", FIRES),
            ("branch main\ntag v0.4.5\ntag v0.4.5-dev carries 0.4.6.dev0\ntag v0.4.6-dev", SILENT),
            ("branch main\ntag v0.4.4 here\ntag v0.4.5-dev carries 0.4.6.dev0", SILENT),
            ("branch main\ntag v0.4.5\ntag v0.4.5-dev here carries 0.4.6.dev0\ntag v0.4.6-dev", FIRES),
            ("branch release-0.4.x\ntag v0.4.5\ntag v0.4.5-dev carries 0.4.6.dev0", SILENT),
            ("branch main\ntag v0.5.1\ntag v0.4.6-dev carries 0.5.2.dev0", FIRES),
        ] {
            let scene = Scene::of_version("0.4.6.dev0", state);
            let report = scene.report("tag-dev-misplaced");
            assert_eq!(report.findings.len(), found, "{state}");
        }
    }
}
