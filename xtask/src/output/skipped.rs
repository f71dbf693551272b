//! What rules could not tell: they never pass silently.

use super::{QUIET, count, say as say_line};
use crate::cli::Global;
use crate::commands::audit::Audited;
use release_checks::diagnostic::Skipped;
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
