//! A baseline against what a check or an audit found.

use crate::baseline::{Baseline, Entry, Key};
use crate::diagnostic::Diagnostic;
use crate::level::Levels;
use crate::rule::Rule;
use crate::rules;
use crate::rules::config_stale_baseline::{could_tell, is_of_audit};
use crate::run::{AcceptedBy, Checked};
use std::collections::{BTreeMap, BTreeSet};

/// A finding, and the tag that an audit found it at.
pub type At<'a> = (Option<&'a str>, &'a Diagnostic);

/// The findings of a run, as a baseline divides them.
#[derive(Debug)]
pub struct Found<'a> {
    /// Those that are accepted nowhere.
    pub new: Vec<At<'a>>,
    /// Those that the baseline accepts.
    pub accepted: Vec<At<'a>>,
    /// The entries of the baseline that accept what is gone.
    pub stale: BTreeSet<Key<'a>>,
}

impl<'a> Found<'a> {
    /// Divides the findings of a check.
    pub fn by_check(checked: &'a Checked) -> Self {
        let is_own = |diagnostic: &&Diagnostic| diagnostic.rule == rules::STALE_BASELINE.name;
        let baselined = checked.accepted.iter().filter(|accepted| accepted.by == AcceptedBy::Baseline);
        Self {
            new: checked.diagnostics.iter().filter(|found| !is_own(found)).map(|found| (None, found)).collect(),
            accepted: baselined.map(|accepted| (None, &accepted.diagnostic)).collect(),
            stale: checked.stale.iter().map(|fingerprint| (None, *fingerprint)).collect(),
        }
    }
}

/// The view of an audit on what it looked at.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The findings at tags; `None` for one whose tree cannot be checked.
    pub tags: BTreeMap<&'a str, Option<&'a Checked>>,
    /// The findings about the past as a whole.
    pub past: &'a Checked,
    /// All tags that there are, looked at or not.
    pub known: BTreeSet<&'a str>,
    /// The levels that held.
    pub levels: &'a Levels,
}

impl<'a> Seen<'a> {
    /// Divides the findings of the audit, before [`Baseline::accept`] takes anything away.
    pub fn found(&self, baseline: Option<&'a Baseline>) -> Found<'a> {
        let of_tags = self.tags.iter().filter_map(|(tag, checked)| Some((Some(*tag), (*checked)?)));
        let all = of_tags.chain([(None, self.past)]);
        let all = all.flat_map(|(tag, checked)| checked.diagnostics.iter().map(move |found| (tag, found)));
        let entry = |(tag, found): &At<'_>| baseline?.entry(*tag, found.rule, found.fingerprint);
        let (accepted, new): (Vec<At<'a>>, Vec<At<'a>>) = all.partition(|found| entry(found).is_some());
        let needed: BTreeSet<Key<'_>> = accepted.iter().map(|(tag, found)| (*tag, found.fingerprint)).collect();
        let left = baseline.map_or(&[][..], |baseline| &baseline.entries).iter();
        let rules = rules::all();
        let left = left.filter(|entry| is_of_audit(entry, &rules) && !needed.contains(&entry.key()));
        Found { new, accepted, stale: left.filter(|entry| self.is_stale(entry, &rules)).map(Entry::key).collect() }
    }

    /// Tells if an entry that no finding needed accepts what is gone: not where its tag was not looked at.
    fn is_stale(&self, entry: &Entry, rules: &[&'static Rule]) -> bool {
        let looked_at = match entry.tag.as_deref() {
            None => Some(self.past),
            Some(tag) if !self.known.contains(tag) => return true,
            Some(tag) => self.tags.get(tag).copied().flatten(),
        };
        let is_skipped = |checked: &Checked, rule: &str| checked.skipped.iter().any(|skipped| skipped.rule == rule);
        looked_at.is_some_and(|checked| could_tell(rules, &entry.rule, self.levels, |rule| is_skipped(checked, rule)))
    }
}

#[cfg(test)]
mod tests;
