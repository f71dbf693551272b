//! A branch is named almost like a line's.
//!
//! ## What it does
//!
//! Reports branches, local and remote, whose names differ from that of a line in letters' case, in what divides the parts, in
//! a missing `.x`, a `v` or a letter of the words: `release-0.4`, `release/0.4.x`, `Release-0.4.X`. Where several follow one other
//! scheme, and more than follow that of the lines, one finding shows the setting for it.
//!
//! ## Why is this bad?
//!
//! Nothing takes it for a release branch: no rule looks at it, workflows for release branches do not run on it, and the next
//! release of the line cuts another one.
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
//! other release-0.5
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
//! other release-0.5.x
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use release_core::history::BranchPattern;
use release_core::text::nearest;
use release_core::version::Line;
use std::collections::{BTreeMap, HashSet};

pub(super) fn check(context: &Context, report: &mut Report) {
    report.skipped.clone_from(&context.blind);
    // An audit would say at every tag what today's branches are called.
    if context.audited.is_some() {
        return;
    }
    if !context.is_today {
        return report.skip("branches are looked at as they stand today");
    }
    let pattern = &context.config.branch;
    let there: HashSet<&str> = context.branches.iter().map(String::as_str).collect();
    let misnamed: Vec<(&str, String)> =
        context.branches.iter().filter_map(|name| Some((name.as_str(), meant(name, pattern)?))).collect();
    let followers = context.branches.iter().filter(|name| pattern.line(name).is_some()).count();
    let mut schemes: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, _) in &misnamed {
        if let Some(scheme) = BranchPattern::of(name).filter(|scheme| scheme != pattern) {
            schemes.entry(scheme.to_string()).or_default().push(name);
        }
    }
    schemes.retain(|_, names| names.len() > followers.max(1));
    for (name, right) in &misnamed {
        if schemes.values().flatten().any(|known| known == name) {
            continue;
        }
        let message = format!("{name} is not how the branch of a line is named");
        let help = if there.contains(right.as_str()) {
            format!("{right} exists: see that it has what is needed of {name}, then delete {name}")
        } else {
            format!("`git branch --move {name} {right}`, and its remote branch too")
        };
        report.find(Finding::about(message, *name).help(help));
    }
    for (scheme, names) in schemes {
        let last = names.last().copied().unwrap_or_default();
        let message = format!(
            "{} branches, such as {last}, follow `branch = \"{scheme}\"`, and {followers} follow `branch = \"{pattern}\"`",
            names.len()
        );
        let help = format!("give that pattern in release.toml: `[release]` with `branch = \"{scheme}\"`");
        report.find(Finding::about(message, last).help(help));
    }
}

/// The branch of a line that a name is meant to be, when it is not one itself.
fn meant(name: &str, pattern: &BranchPattern) -> Option<String> {
    if pattern.line(name).is_some() {
        return None;
    }
    let is_number = |part: &&str| part.starts_with(|c: char| c.is_ascii_digit());
    let parts = split_numbers(name);
    let numbers: Vec<&str> = parts.iter().copied().filter(is_number).collect();
    let [major, minor] = numbers[..] else { return None };
    let right = pattern.branch(Line { major: major.parse().ok()?, minor: minor.parse().ok()? });
    let [own, wanted] = [&parts, &split_numbers(&right)].map(|parts| words(parts.as_slice()));
    // `0.4.x` has no word of the pattern's, and is what other projects call it.
    let is_bare = own.is_empty() && name.to_lowercase().ends_with('x');
    let near = nearest(&own, [(&wanted, ())]).is_some_and(|(distance, ())| distance * 5 <= wanted.len());
    (is_bare || (near && !own.is_empty())).then_some(right)
}

/// Runs of digits, and what stands between them.
fn split_numbers(name: &str) -> Vec<&str> {
    let runs = name.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit());
    runs.filter_map(|run| std::str::from_utf8(run).ok()).collect()
}

/// The words of a name: lower case, without what divides them, without numbers, and without the `v` before a number and
/// the `x` for one.
fn words(parts: &[&str]) -> String {
    let mut words: String = parts.concat().to_lowercase();
    words.retain(char::is_alphabetic);
    let words = words.strip_suffix('x').unwrap_or(&words);
    words.strip_suffix('v').unwrap_or(words).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::Scene;

    #[test]
    fn a_scheme_that_most_branches_follow_is_one_finding_with_its_setting() {
        let said = |branches: &str| -> Vec<String> {
            let others: String = branches.split(' ').map(|name| format!("other {name}\n")).collect();
            let scene = Scene::of_version("0.4.5", &format!("{others}branch main"));
            scene.report("branch-name").findings.into_iter().map(|found| found.problem.message).collect()
        };
        let one = "3 branches, such as release/0.5, follow `branch = \"release/{major}.{minor}\"`, and";
        assert_eq!(
            said("release/0.3 release/0.4 release/0.5"),
            [format!("{one} 0 follow `branch = \"release-{{major}}.{{minor}}.x\"`")]
        );
        let mixed = said("release/0.3 release/0.4 release/0.5 release-0.6.x release-0.2");
        assert_eq!(mixed.len(), 2, "{mixed:?}");
        assert!(mixed[0].starts_with("release-0.2 is not") && mixed[1].starts_with(one), "{mixed:?}");
        // As many follow the lines' own: these are slips.
        assert_eq!(said("release/0.3 release/0.4 release-0.5.x release-0.6.x").len(), 2);
        assert_eq!(said("release/0.3"), ["release/0.3 is not how the branch of a line is named"]);
    }

    #[test]
    fn what_is_meant_is_told_from_what_is_something_else() {
        for name in [
            "release-0.4",
            "release-0.4.X",
            "release/0.4.x",
            "release_0.4.x",
            "Release-0.4.x",
            "release-v0.4.x",
            "release-0.04.x",
            "release-0-4-x",
            "releases-0.4.x",
            "relaese-0.4.x",
            "0.4.x",
            "v0.4.x",
        ] {
            assert_eq!(meant(name, &BranchPattern::default()).as_deref(), Some("release-0.4.x"), "{name}");
        }
        for name in [
            "release-0.4.x",
            "main",
            "release-0.4.5",
            "prepare-v0.4.5",
            "mergify/bp/release-0.4.x/pr-12",
            "release-0.4.x-fix",
            "fix-release-0.4.x",
            "v0.4",
            "feature-0.4.x",
            "dependabot/npm-1.2",
            "release",
            "",
        ] {
            assert_eq!(meant(name, &BranchPattern::default()), None, "{name}");
        }
        let pattern = BranchPattern::parse("stable/{major}.{minor}").unwrap();
        assert_eq!(meant("stable-1.2.x", &pattern).as_deref(), Some("stable/1.2"));
        assert_eq!(meant("release-1.2.x", &pattern), None);
    }
}
