//! What rules of `release audit` could not tell: they never pass silently.

use super::audit::Report;
use super::{QUIET, count, say as say_line};
use std::collections::{BTreeMap, BTreeSet};

/// Says which rules could not tell and why, in a line for each reason.
pub(super) fn say(report: &Report<'_>) {
    let mut by_reason: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    for audited in report.audited {
        for skipped in audited.checked.iter().flat_map(|checked| &checked.skipped) {
            let (rules, tags) = by_reason.entry(&skipped.reason).or_default();
            rules.insert(skipped.rule);
            tags.insert(&audited.tag.name);
        }
    }
    for skipped in &report.past.skipped {
        by_reason.entry(&skipped.reason).or_default().0.insert(skipped.rule);
    }
    for (reason, (rules, tags)) in by_reason {
        let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
        let tags = if tags.is_empty() { String::new() } else { format!(" at {}", count(tags.len(), "tag")) };
        say_line(report.global, &format!("{QUIET}skipped{QUIET:#} {rules}{tags}: {reason}"));
    }
}
