//! Runs the rules: levels, suppressions, order.

use crate::baseline::{Baseline, Entry};
use crate::context::Context;
use crate::diagnostic::{Diagnostic, Finding, Skipped};
use crate::fingerprint::{Fingerprint, Fingerprints};
use crate::level::{Level, Levels, SetBy};
use crate::parallel::in_parallel;
use crate::registry::RULES;
use crate::rule::{Report, Rule};
use crate::rules::config_stale_baseline::{self, is_stale};
use crate::rules::config_unused_ignore;
use crate::suppression::{Index, Scope, Suppression, suppressions};
use std::collections::BTreeSet;

/// What all rules together found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Rules that could not tell, by name.
    pub skipped: Vec<Skipped>,
    /// Findings that somebody accepted, by place.
    pub accepted: Vec<Accepted>,
    /// The entries of the baseline that accept what is gone.
    pub stale: BTreeSet<Fingerprint>,
}

/// A finding that somebody accepted.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// How it was accepted.
    pub by: AcceptedBy,
    /// Why, where somebody said so.
    pub reason: Option<String>,
}

/// How a finding was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AcceptedBy {
    /// By a comment beside it.
    Comment,
    /// By `[[ignore]]` in `release.toml`.
    Configuration,
    /// By the baseline.
    Baseline,
}

impl Checked {
    /// How many diagnostics have a level.
    pub fn count(&self, level: Level) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.level == level).count()
    }

    /// How many findings a comment or `release.toml` accepted.
    pub fn ignored(&self) -> usize {
        self.accepted.len() - self.baselined()
    }

    /// How many findings the baseline accepted.
    pub fn baselined(&self) -> usize {
        self.accepted.iter().filter(|accepted| accepted.by == AcceptedBy::Baseline).count()
    }
}

/// Runs every rule that is not ignored.
pub fn run(context: &Context, levels: &Levels) -> Checked {
    let suppressions = suppressions(context);
    let used = vec![false; suppressions.len()];
    let (found, skipped) = (Vec::new(), Vec::new());
    let mut sieve =
        Sieve { context, levels, suppressions: &Index::new(&suppressions), all: &suppressions, used, found, skipped };
    let is_run = |rule: &Rule| levels.of(rule.name, rule.level).0 != Level::Ignore;
    let reports = in_parallel(RULES, |rule| {
        let mut report = Report::default();
        if is_run(rule) {
            (rule.check)(context, &mut report);
        }
        report
    });
    for (rule, report) in RULES.iter().zip(reports) {
        sieve.take(rule, report);
    }
    // Only now it is known which suppressions nobody needed.
    let skipped: Vec<_> = sieve.skipped.iter().map(|skipped| skipped.rule).collect();
    let rule = &config_unused_ignore::RULE;
    if is_run(rule) {
        let unused: Vec<_> = suppressions.iter().zip(&sieve.used).filter(|(_, used)| !**used).map(|(s, _)| s).collect();
        let mut report = Report::default();
        config_unused_ignore::report(&unused, context, levels, &skipped, &mut report);
        sieve.take(rule, report);
    }
    sieve.recognise();
    let stale = context.baseline.as_ref().map_or_else(Vec::new, |baseline| sieve.accept(baseline, &skipped));
    let rule = &config_stale_baseline::RULE;
    if let Some(baseline) = context.baseline.as_ref().filter(|_| is_run(rule)) {
        let mut report = Report::default();
        config_stale_baseline::report(baseline, &stale, &mut report);
        sieve.take(rule, report);
        sieve.recognise();
    }
    let mut checked = Checked { skipped: sieve.skipped, ..Checked::default() };
    checked.stale.extend(stale.iter().map(|entry| entry.fingerprint));
    for (diagnostic, acceptance) in sieve.found {
        match acceptance {
            Some((by, reason)) => checked.accepted.push(Accepted { diagnostic, by, reason }),
            None => checked.diagnostics.push(diagnostic),
        }
    }
    checked
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

/// How a finding was accepted, and why.
type Acceptance = (AcceptedBy, Option<String>);

/// Takes what rules report, and notes what somebody accepted.
struct Sieve<'a> {
    context: &'a Context,
    levels: &'a Levels,
    all: &'a [Suppression],
    suppressions: &'a Index<'a>,
    /// Whether each of them accepted something.
    used: Vec<bool>,
    found: Vec<(Diagnostic, Option<Acceptance>)>,
    skipped: Vec<Skipped>,
}

impl<'a> Sieve<'a> {
    fn take(&mut self, rule: &'static Rule, report: Report) {
        let (level, set_by) = self.levels.of(rule.name, rule.level);
        self.skipped.extend(report.skipped.map(|reason| Skipped { rule: rule.name, reason }));
        // What a file uses twice by an alias is found twice at one place.
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

    /// The first suppression that accepts a finding; each that does is used.
    fn acceptance(&mut self, rule: &Rule, finding: &Finding) -> Option<Acceptance> {
        let mut first = None;
        for at in self.suppressions.accepting(rule.name, finding, self.context) {
            let suppression = &self.all[at];
            self.used[at] = true;
            let is_comment = matches!(suppression.scope, Scope::Line(_));
            let by = if is_comment { AcceptedBy::Comment } else { AcceptedBy::Configuration };
            first = first.or_else(|| Some((by, suppression.reason.clone())));
        }
        first
    }

    /// Puts everything in order, and gives it its fingerprints. Those of accepted findings count too, so that accepting one of
    /// two equals is not to change the other.
    fn recognise(&mut self) {
        self.found.sort_by(|(a, _), (b, _)| order(a).cmp(&order(b)));
        let mut fingerprints = Fingerprints::default();
        for (diagnostic, _) in &mut self.found {
            let source = diagnostic.finding.place().and_then(|label| self.context.source(&label.path));
            diagnostic.fingerprint = fingerprints.of(diagnostic.rule, &diagnostic.finding, source);
        }
    }

    /// Accepts what a baseline has, and gives back its entries that accept what is gone.
    fn accept(&mut self, baseline: &'a Baseline, skipped: &[&'static str]) -> Vec<&'a Entry> {
        let mut needed = BTreeSet::new();
        for (diagnostic, acceptance) in self.found.iter_mut().filter(|(_, acceptance)| acceptance.is_none()) {
            if let Some(entry) = baseline.entry(None, diagnostic.rule, diagnostic.fingerprint) {
                needed.insert(entry.key());
                *acceptance = Some((AcceptedBy::Baseline, Some(entry.reason.clone())));
            }
        }
        let left = baseline.entries.iter().filter(|entry| !needed.contains(&entry.key()));
        let is_own = baseline.foreign.is_none();
        left.filter(|entry| is_own && is_stale(entry, self.context, self.levels, skipped)).collect()
    }
}
