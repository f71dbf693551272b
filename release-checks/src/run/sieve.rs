//! Takes what rules report, and notes what is accepted.

use super::checked::{Acceptance, AcceptedBy, Checked};
use crate::baseline::{Baseline, Entry};
use crate::diagnostic::{Diagnostic, Finding, Report, Skipped};
use crate::fingerprint::{Fingerprint, Fingerprints};
use crate::level::{Level, Levels, SetBy};
use crate::rule::Rule;
use crate::suppression::{Index, Scope, Suppression};
use camino::Utf8Path;
use release_core::text::SourceText;
use std::collections::BTreeSet;

/// Gives the text of a file that findings point into.
pub(super) type Sources<'a> = dyn Fn(&Utf8Path) -> Option<&'a SourceText> + 'a;

/// Takes what rules report, and notes what is accepted.
pub(super) struct Sieve<'a> {
    levels: &'a Levels,
    suppressions: &'a [Suppression],
    index: Index<'a>,
    source: &'a Sources<'a>,
    /// Of each group of suppressions, if it accepted something.
    used: Vec<bool>,
    found: Vec<(Diagnostic, Option<Acceptance>)>,
    skipped: Vec<Skipped>,
}

impl<'a> Sieve<'a> {
    pub(super) fn new(levels: &'a Levels, suppressions: &'a [Suppression], source: &'a Sources<'a>) -> Self {
        let (index, used) = (Index::new(suppressions), vec![false; suppressions.len()]);
        Self { levels, suppressions, index, source, used, found: Vec::new(), skipped: Vec::new() }
    }

    /// Takes what a check reports, where its rule is not ignored.
    pub(super) fn run(&mut self, rule: &'static Rule, check: impl FnOnce(&mut Report)) {
        if is_run(rule, self.levels) {
            let mut report = Report::default();
            check(&mut report);
            self.take(rule, report);
        }
    }

    pub(super) fn take(&mut self, rule: &'static Rule, report: Report) {
        let (level, set_by) = self.levels.of(rule.name, rule.level);
        self.skipped.extend(report.skipped.map(|reason| Skipped { rule: rule.name, reason }));
        // A part that a file uses twice by an alias is found twice at one place.
        let mut known = BTreeSet::new();
        let is_new = |finding: &Finding| {
            let place = finding.place().map(|label| (label.path.clone(), label.span.start, label.span.end));
            place.is_none_or(|place| known.insert((place, finding.problem.message.clone())))
        };
        let findings: Vec<_> = report.findings.into_iter().filter(is_new).collect();
        for finding in findings {
            let acceptance = self.acceptance(rule, &finding);
            let is_mild = finding.in_flight || (finding.mild && set_by == SetBy::Default);
            let level = if is_mild { level.min(Level::Warn) } else { level };
            let fingerprint = Fingerprint::default();
            self.found.push((Diagnostic { rule: rule.name, level, set_by, fingerprint, finding }, acceptance));
        }
    }

    /// Returns the first suppression that accepts a finding, and notes each that does.
    fn acceptance(&mut self, rule: &Rule, finding: &Finding) -> Option<Acceptance> {
        let mut first = None;
        for group in self.index.accepting(rule.name, finding, self.source) {
            self.used[group] = true;
            first = first.or_else(|| self.index.first(group).map(acceptance_by));
        }
        first
    }

    /// Returns the rules that could not tell.
    pub(super) fn skipped(&self) -> Vec<&'static str> {
        self.skipped.iter().map(|skipped| skipped.rule).collect()
    }

    /// Returns the suppressions that accepted no finding.
    pub(super) fn unused(&self) -> Vec<&'a Suppression> {
        let is_used = |at: usize| self.index.group(at).is_some_and(|group| self.used[group]);
        self.suppressions.iter().enumerate().filter(|(at, _)| !is_used(*at)).map(|(_, one)| one).collect()
    }

    /// Puts everything in the order of places.
    pub(super) fn sort(&mut self) {
        self.found.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
    }

    /// Gives every finding its fingerprint. Those of accepted findings count too, so that accepting one of two equals does not
    /// change the other.
    pub(super) fn number(&mut self) {
        let mut fingerprints = Fingerprints::default();
        for (diagnostic, _) in &mut self.found {
            let source = diagnostic.finding.place().and_then(|label| (self.source)(&label.path));
            diagnostic.fingerprint = fingerprints.next(&diagnostic.finding.subject(diagnostic.rule, source));
        }
    }

    /// Accepts what a baseline has, and returns its entries that no finding needed.
    pub(super) fn accept<'b>(&mut self, baseline: &'b Baseline) -> Vec<&'b Entry> {
        let mut needed = BTreeSet::new();
        for (diagnostic, acceptance) in self.found.iter_mut().filter(|(_, acceptance)| acceptance.is_none()) {
            if let Some(entry) = baseline.entry(None, diagnostic.rule, diagnostic.fingerprint) {
                needed.insert(entry.key());
                *acceptance = Some((AcceptedBy::Baseline, Some(entry.reason.clone())));
            }
        }
        baseline.entries.iter().filter(|entry| !needed.contains(&entry.key())).collect()
    }

    /// Adds everything to what was found before.
    pub(super) fn finish(self, checked: &mut Checked) {
        checked.skipped.extend(self.skipped);
        self.found.into_iter().for_each(|(diagnostic, acceptance)| checked.add(diagnostic, acceptance));
    }
}

/// Tells if a rule is looked for at its level.
pub(super) fn is_run(rule: &Rule, levels: &Levels) -> bool {
    levels.of(rule.name, rule.level).0 != Level::Ignore
}

pub(super) fn acceptance_by(suppression: &Suppression) -> Acceptance {
    let is_comment = matches!(suppression.scope, Scope::Line(_));
    let by = if is_comment { AcceptedBy::Comment } else { AcceptedBy::Configuration };
    (by, suppression.reason.clone())
}

/// Files first, by path and place; then tags and branches.
fn order(diagnostic: &Diagnostic) -> (bool, &str, usize, &str, &str) {
    let finding = &diagnostic.finding;
    let reference = finding.reference.as_deref().unwrap_or_default();
    match finding.place() {
        Some(label) => (false, label.path.as_str(), label.span.start, diagnostic.rule, reference),
        None => (true, reference, 0, diagnostic.rule, ""),
    }
}
