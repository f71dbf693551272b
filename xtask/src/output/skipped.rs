//! What rules could not tell: they never pass silently.

use super::stream::QUIET;
use release_checks::diagnostic::Skipped;
use release_core::text::count;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Returns a line for each reason, with the rules that could not tell and the number of tags at which they could not: of an audit
/// those at its tags and those over the past, of a check the latter alone.
pub(crate) fn lines(at_tags: &[(&str, &Skipped)], others: &[Skipped]) -> Vec<String> {
    let mut all: BTreeMap<&str, (BTreeSet<&str>, BTreeSet<&str>)> = BTreeMap::new();
    let others = others.iter().map(|skipped| (None, skipped));
    for (tag, skipped) in at_tags.iter().map(|(tag, skipped)| (Some(*tag), *skipped)).chain(others) {
        let (rules, tags) = all.entry(&skipped.reason).or_default();
        rules.insert(skipped.rule);
        tags.extend(tag);
    }
    let line = |(reason, (rules, tags)): (&str, (BTreeSet<&str>, BTreeSet<&str>))| {
        let rules = rules.into_iter().collect::<Vec<_>>().join(", ");
        let tags = if tags.is_empty() { String::new() } else { format!(" at {}", count(tags.len(), "tag")) };
        format!("{QUIET}skipped{QUIET:#} {rules}{tags}: {reason}")
    };
    all.into_iter().map(line).collect()
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
