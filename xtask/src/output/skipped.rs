//! Rules that could not tell: they never pass silently.

use super::object::object;
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

/// Returns all of an audit for JSON, by rule and reason, with the number of tags: of a rule over the past that is none.
pub(crate) fn document<'a>(at_tags: &[(&'a str, &'a Skipped)], past: &'a [Skipped]) -> impl Serialize + use<'a> {
    let mut all: BTreeMap<(&'static str, &str), usize> =
        past.iter().map(|skipped| ((skipped.rule, skipped.reason.as_str()), 0)).collect();
    for (_, skipped) in at_tags {
        *all.entry((skipped.rule, &skipped.reason)).or_default() += 1;
    }
    let document = |((rule, reason), tags)| object! { rule: rule, reason: reason, tags: tags };
    all.into_iter().map(document).collect::<Vec<_>>()
}
