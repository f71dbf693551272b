//! A suppression accepts nothing.
//!
//! ## What it does
//!
//! Reports comments `release: ignore[...]` and entries of `[[ignore]]` that no finding needed in this run. Rules that could
//! not tell, or that are not run, do not count, and neither do entries for a tag or branch that is not looked at.
//!
//! ## Why is this bad?
//!
//! It will accept the next finding of that rule, which nobody has looked at.
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

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::{Level, Levels};
use crate::past::HISTORY_RULES;
use crate::registry;
use crate::rule::{Report, Rule};
use crate::rules::config_stale_baseline;
use crate::suppression::{Scope, Suppression};

/// The rule of this file. What it needs to know is known only when the others have run: see [`report`].
pub(crate) const RULE: Rule = Rule {
    name: "config-unused-ignore",
    level: Level::Warn,
    source: include_str!("config_unused_ignore.rs"),
    check: |_, _| {},
};

/// Reports the suppressions that nobody needed, but for those of rules that do not exist or did not run.
pub(crate) fn report(
    unused: &[&Suppression],
    context: &Context,
    levels: &Levels,
    skipped: &[&'static str],
    report: &mut Report,
) {
    for suppression in unused {
        // Those over the past are not run on a single tree.
        let is_past = HISTORY_RULES.iter().any(|rule| rule.rule.name == suppression.rule);
        let Some(rule) = registry::rule(&suppression.rule).filter(|_| !is_past) else { continue };
        let (level, _) = levels.of(rule.name, rule.level);
        if level == Level::Ignore || skipped.contains(&rule.name) || rule.name == RULE.name {
            continue;
        }
        // Whether the baseline has stale entries is known only after this.
        let is_too_early = rule.name == config_stale_baseline::RULE.name;
        let is_elsewhere = matches!(&suppression.scope, Scope::Place(place) if is_elsewhere(place, context));
        if is_too_early || is_elsewhere {
            continue;
        }
        if context.source(&suppression.path).is_some() {
            let message = format!("nothing here needs `{}` to be ignored", rule.name);
            let finding = Finding::at(message, &suppression.path, suppression.span.clone(), "accepts nothing");
            report.find(finding.help("remove it"));
        }
    }
}

/// Whether a place is a tag or branch that this run does not look at.
pub(crate) fn is_elsewhere(place: &str, context: &Context) -> bool {
    let is_newest = context.newest.as_ref().is_some_and(|newest| newest.name == *place);
    let is_looked_at = is_newest
        || context.tags_here.iter().any(|tag| tag == place)
        || context.dev_tags.last().is_some_and(|tag| tag.name == *place)
        || context.branch.as_ref().is_ok_and(|branch| branch.name == *place);
    !is_looked_at && (context.tags.contains(place) || context.branches.iter().any(|name| name == place))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn an_entry_for_another_tag_or_branch_is_not_unused() {
        for (path, state, found) in [
            ("v0.4.4", "tag v0.4.4", 1),
            ("v0.4.3", "tag v0.4.3\ntag v0.4.4", 0),
            ("v0.4.3", "tag v0.4.4", 1),
            ("release-0.3.x", "tag v0.4.4\nother release-0.3.x", 0),
            ("release-0.4.x", "branch release-0.4.x", 1),
        ] {
            let text = "[project]\nname = 'meadow'\nversion = '0.4.5'\n".to_owned();
            let config = format!("[[ignore]]\nrule = 'tag-off-branch'\npath = '{path}'\nreason = 'it is so'\n");
            let files = [("pyproject.toml".into(), text), ("release.toml".into(), config)].into();
            let fires = Scene { files, state: state.to_owned() }.fires();
            let unused = fires.iter().filter(|rule| **rule == super::RULE.name).count();
            assert_eq!(unused, found, "{path} {state}");
        }
    }
}
