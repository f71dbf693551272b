//! A suppression accepts nothing.
//!
//! ## What it does
//!
//! Reports comments `release: ignore[...]` and entries of `[[ignore]]` that no finding needed in this run. Rules that could
//! not tell, or that are not run, do not count.
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
use crate::registry;
use crate::rule::{Report, Rule};
use crate::suppression::Suppression;

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
        let Some(rule) = registry::rule(&suppression.rule) else { continue };
        let (level, _) = levels.of(rule.name, rule.level);
        if level == Level::Ignore || skipped.contains(&rule.name) || rule.name == RULE.name {
            continue;
        }
        if context.source(&suppression.path).is_some() {
            let message = format!("nothing here needs `{}` to be ignored", rule.name);
            let finding = Finding::at(message, &suppression.path, suppression.span.clone(), "accepts nothing");
            report.find(finding.help("remove it"));
        }
    }
}
