//! What rules could not tell: they never pass silently.

use super::{QUIET, count, say as say_line};
use crate::cli::Global;
use crate::commands::audit::Audited;
use release_checks::diagnostic::Skipped;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The rules that could not tell and the tags at which they could not, by reason.
type ByReason<'a> = BTreeMap<&'a str, (BTreeSet<&'a str>, BTreeSet<&'a str>)>;

/// Says which rules could not tell and why, in a line for each reason.
pub(super) fn say(global: &Global, skipped: &[Skipped]) {
    say_all(global, &by_reason(skipped));
}

/// The same of an audit: at its tags, and over the past.
pub(super) fn say_of_audit(global: &Global, audited: &[Audited], past: &[Skipped]) {
    let mut all = by_reason(past);
    for audited in audited {
        for skipped in audited.checked.iter().flat_map(|checked| &checked.skipped) {
            let (rules, tags) = all.entry(&skipped.reason).or_default();
            rules.insert(skipped.rule);
            tags.insert(&audited.tag.name);
        }
    }
    say_all(global, &all);
}

/// A rule that could not tell, as JSON.
#[derive(Serialize)]
pub(super) struct SkippedDocument<'a> {
    rule: &'static str,
    reason: &'a str,
    /// At how many tags; of a rule over the past at none.
    tags: usize,
}

/// All of an audit, by rule and reason.
pub(super) fn document<'a>(audited: &'a [Audited], past: &'a [Skipped]) -> Vec<SkippedDocument<'a>> {
    let mut all: BTreeMap<(&'static str, &str), usize> =
        past.iter().map(|skipped| ((skipped.rule, skipped.reason.as_str()), 0)).collect();
    for skipped in audited.iter().filter_map(|audited| audited.checked.as_ref().ok()).flat_map(|found| &found.skipped) {
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
