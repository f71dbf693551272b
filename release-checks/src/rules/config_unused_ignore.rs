//! A suppression accepts nothing.
//!
//! ## What it does
//!
//! Reports comments `release: ignore[...]` and entries of `[[ignore]]` that no finding needed in this run. Rules that could
//! not tell, or that are not run, do not count, and neither do entries for a tag or branch that is not looked at.
//!
//! ## Why is this bad?
//!
//! It will accept the next finding of that rule, unseen.
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
//!     "meadow-client==0.4.5", # release: ignore[pin-operator] follows main for the demo
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
//!     "meadow-client==0.4.5",
//! ]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```

use crate::diagnostic::{Finding, Report};
use crate::level::Level;
use crate::rule::{Check, Settings, rule};
use crate::suppression::Scope;

/// Reports the suppressions that accepted no finding, but for those of rules that do not exist or did not run.
pub(super) fn check(settings: &Settings<'_>, report: &mut Report) {
    let Settings { context, rules, levels, skipped, .. } = *settings;
    for suppression in settings.unused {
        // Those over the past are not run on a single tree, and those over settings find something only after this.
        let Some(rule) = rule(rules, &suppression.rule) else { continue };
        let is_run_before = matches!(rule.check, Check::Tree(_)) || rule.name == "config-unknown-rule";
        let (level, _) = levels.of(rule.name, rule.level);
        if !is_run_before || level == Level::Ignore || skipped.contains(&rule.name) {
            continue;
        }
        if matches!(&suppression.scope, Scope::Place(place) if context.is_elsewhere(place)) {
            continue;
        }
        if context.source(&suppression.path).is_some() {
            let message = format!("nothing here needs `{}` to be ignored", rule.name);
            let finding = Finding::at(message, &suppression.path, suppression.span.clone(), "accepts nothing");
            report.find(finding.help("remove it"));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn an_entry_for_another_tag_or_branch_is_not_unused() {
        for (path, state, found) in [
            ("v0.4.4", "tag v0.4.4", FIRES),
            ("v0.4.3", "tag v0.4.3\ntag v0.4.4", SILENT),
            ("v0.4.3", "tag v0.4.4", FIRES),
            ("release-0.3.x", "tag v0.4.4\nother release-0.3.x", SILENT),
            ("release-0.4.x", "branch release-0.4.x", FIRES),
        ] {
            let text = "[project]\nname = 'meadow'\nversion = '0.4.5'\n".to_owned();
            let config = format!("[[ignore]]\nrule = 'tag-off-branch'\npath = '{path}'\nreason = 'it is so'\n");
            let files = [("pyproject.toml", text), ("release.toml", config)];
            let unused = Scene::of_files(files, state).count("config-unused-ignore");
            assert_eq!(unused, found, "{path} {state}");
        }
    }
}
