//! What rules could not tell: they never pass silently.

use super::{QUIET, count, say as say_line};
use crate::cli::Global;
use release_checks::diagnostic::Skipped;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The rules that could not tell and the tags at which they could not, by reason.
type ByReason<'a> = BTreeMap<&'a str, (BTreeSet<&'a str>, BTreeSet<&'a str>)>;

/// Says which rules could not tell and why, in a line for each reason.
pub(crate) fn say(global: &Global, skipped: &[Skipped]) {
    say_all(global, &by_reason(skipped));
}

/// Says the same of an audit: at its tags, and over the past.
pub(crate) fn say_of_audit(global: &Global, at_tags: &[(&str, &Skipped)], past: &[Skipped]) {
    let mut all = by_reason(past);
    for (tag, skipped) in at_tags {
        let (rules, tags) = all.entry(&skipped.reason).or_default();
        rules.insert(skipped.rule);
        tags.insert(tag);
    }
    say_all(global, &all);
}

/// A rule that could not tell, as JSON.
#[derive(Serialize)]
pub(crate) struct SkippedDocument<'a> {
    rule: &'static str,
    reason: &'a str,
    /// At how many tags; of a rule over the past at none.
    tags: usize,
}

/// All of an audit, by rule and reason.
pub(crate) fn document<'a>(at_tags: &[(&'a str, &'a Skipped)], past: &'a [Skipped]) -> Vec<SkippedDocument<'a>> {
    let mut all: BTreeMap<(&'static str, &str), usize> =
        past.iter().map(|skipped| ((skipped.rule, skipped.reason.as_str()), 0)).collect();
    for (_, skipped) in at_tags {
        *all.entry((skipped.rule, &skipped.reason)).or_default() += 1;
    }
    all.into_iter().map(|((rule, reason), tags)| SkippedDocument { rule, reason, tags }).collect()
}

fn by_reason(skipped: &[Skipped]) -> ByReason<'_> {
    let mut all = ByReason::new();
    for skipped in skipped {
        all.entry(&skipped.reason).or_default().0.insert(skipped.rule);
    }
    all
}

fn say_all(global: &Global, all: &ByReason<'_>) {
    for (reason, (rules, tags)) in all {
        let rules = rules.iter().copied().collect::<Vec<_>>().join(", ");
        let tags = if tags.is_empty() { String::new() } else { format!(" at {}", count(tags.len(), "tag")) };
        say_line(global, &format!("{QUIET}skipped{QUIET:#} {rules}{tags}: {reason}"));
    }
}
