//! An audit as tests: a suite for each tag, the oldest first, and one for the past as a whole.
//!
//! Every rule that can find something in the tree of a tag is a test of its suite, so that its history can be shown. A tree that
//! cannot be checked is an error of its suite's only test. The suite of the past has the rules over the past, and the one about
//! what the baseline accepts in vain.

use super::{Case, Judged, Suite, case, document};
use crate::diagnostic::Diagnostic;
use crate::render::{AuditRun, TagRun};
use crate::rule::Rule;
use crate::rules::{OF_THE_PAST, OF_TREES, config_stale_baseline};
use crate::run::Checked;
use release_core::problem::Problem;
use release_core::text::shown;

/// Rules that find nothing at a tag, beside those of workflows: what they look at is of today.
const OF_TODAY: [&str; 3] = ["branch-behind", "config-stale-baseline", "config-unknown-level"];

/// The report of an audit.
pub fn audit_junit(run: &AuditRun<'_>) -> String {
    let suite = |tag: &TagRun<'_>| Suite {
        name: tag.tag.to_owned(),
        // Readers split a class at its dots.
        class: format!("release-audit.{}", tag.tag.replace('.', "_")),
        cases: at_tag(run, tag),
    };
    let of_the_past =
        Judged { checked: run.past, levels: run.levels, sources: run.sources, fails: &|found| run.fails_by(found) };
    let rules = OF_THE_PAST.iter().copied().chain([&config_stale_baseline::RULE]);
    let past = Suite {
        name: "the past".to_owned(),
        class: "release-audit.past".to_owned(),
        cases: rules.map(|rule| case(&of_the_past, rule)).collect(),
    };
    document("release audit", &run.tags.iter().map(suite).chain([past]).collect::<Vec<_>>())
}

fn at_tag(run: &AuditRun<'_>, tag: &TagRun<'_>) -> Vec<Case> {
    match tag.checked {
        Ok(checked) => {
            let fails = |found: &Diagnostic| run.fails_by(found);
            let judged = Judged { checked, levels: run.levels, sources: &tag.sources, fails: &fails };
            OF_TREES.iter().filter(|rule| is_of_tags(rule, checked)).map(|rule| case(&judged, rule)).collect()
        }
        Err(problems) => vec![unfit(problems)],
    }
}

/// Returns `true` if a rule can find something in a tree that is tagged, or did.
fn is_of_tags(rule: &Rule, checked: &Checked) -> bool {
    let accepted = checked.accepted.iter().map(|accepted| &accepted.diagnostic);
    let is_of_today = rule.family() == "workflow" || OF_TODAY.contains(&rule.name);
    !is_of_today || checked.diagnostics.iter().chain(accepted).any(|found| found.rule == rule.name)
}

/// The only test of a tree that cannot be checked.
fn unfit(problems: &[Problem]) -> Case {
    let described = |problem: &Problem| {
        let place =
            problem.labels.first().map_or_else(String::new, |label| format!("{}: ", shown(label.path.as_str())));
        let help = if problem.help.is_empty() { String::new() } else { format!("\n  help: {}", shown(&problem.help)) };
        format!("{place}{}{help}", shown(&problem.message))
    };
    Case {
        name: "tree",
        failures: problems.iter().map(described).collect(),
        is_error: true,
        file: problems.iter().find_map(|problem| Some(problem.labels.first()?.path.to_string())),
        skipped: None,
        said: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
