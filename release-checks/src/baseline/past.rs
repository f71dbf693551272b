//! A baseline against what an audit found.

use super::{Baseline, Entry, Found, Key};
use crate::diagnostic::Diagnostic;
use crate::level::Levels;
use crate::rules::config_stale_baseline::is_told;
use crate::run::{Accepted, AcceptedBy, Checked};
use std::collections::{BTreeMap, BTreeSet};

/// What an audit looked at.
#[derive(Debug)]
pub struct Seen<'a> {
    /// What was found at tags; nothing of one whose tree cannot be checked.
    pub tags: BTreeMap<&'a str, Option<&'a Checked>>,
    /// What was found of the past as a whole.
    pub past: &'a Checked,
    /// All tags that there are, looked at or not.
    pub known: BTreeSet<&'a str>,
    /// The levels that held.
    pub levels: &'a Levels,
}

impl<'a> Seen<'a> {
    /// What the audit has to say of a baseline, before [`Baseline::accept`] takes anything away.
    pub fn found(&self, baseline: Option<&'a Baseline>) -> Found<'a> {
        let of_tags = self.tags.iter().filter_map(|(tag, checked)| Some((Some(*tag), (*checked)?)));
        let mut found = Found::default();
        let mut needed: BTreeSet<Key<'_>> = BTreeSet::new();
        for (tag, checked) in of_tags.chain([(None, self.past)]) {
            for diagnostic in &checked.diagnostics {
                match baseline.and_then(|baseline| baseline.entry(tag, diagnostic.rule, diagnostic.fingerprint)) {
                    Some(entry) => {
                        needed.insert(entry.key());
                        found.accepted.push((tag, diagnostic));
                    }
                    None => found.new.push((tag, diagnostic)),
                }
            }
        }
        let left = baseline.map_or(&[][..], |baseline| &baseline.entries).iter();
        let left = left.filter(|entry| entry.is_of_audit() && !needed.contains(&entry.key()));
        found.stale = left.filter(|entry| self.is_stale(entry)).map(Entry::key).collect();
        found
    }

    /// Whether an entry that no finding needed accepts what is gone: not where its tag was not looked at.
    fn is_stale(&self, entry: &Entry) -> bool {
        let looked_at = match entry.tag.as_deref() {
            None => Some(self.past),
            Some(tag) if !self.known.contains(tag) => return true,
            Some(tag) => self.tags.get(tag).copied().flatten(),
        };
        let is_skipped = |checked: &Checked, rule: &str| checked.skipped.iter().any(|skipped| skipped.rule == rule);
        looked_at.is_some_and(|checked| is_told(&entry.rule, self.levels, |rule| is_skipped(checked, rule)))
    }
}

impl Baseline {
    /// Moves to what is accepted what an audit found at a tag, or of the past as a whole, and this baseline has.
    pub fn accept(&self, tag: Option<&str>, checked: &mut Checked) {
        let entry = |found: &Diagnostic| self.entry(tag, found.rule, found.fingerprint);
        for diagnostic in std::mem::take(&mut checked.diagnostics) {
            match entry(&diagnostic).map(|entry| entry.reason.clone()) {
                Some(reason) => {
                    checked.accepted.push(Accepted { diagnostic, by: AcceptedBy::Baseline, reason: Some(reason) });
                }
                None => checked.diagnostics.push(diagnostic),
            }
        }
    }
}

#[cfg(test)]
mod tests;
