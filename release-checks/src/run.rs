//! Runs the rules: levels, suppressions, order.

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Finding, Skipped};
use crate::level::{Level, Levels, SetBy};
use crate::parallel::in_parallel;
use crate::registry::RULES;
use crate::rule::{Report, Rule};
use crate::rules::config_unused_ignore;
use crate::suppression::{Suppression, suppressions};

/// What all rules together found.
#[derive(Debug, Default)]
pub struct Checked {
    /// Findings, by place.
    pub diagnostics: Vec<Diagnostic>,
    /// Rules that could not tell, by name.
    pub skipped: Vec<Skipped>,
    /// How many findings were accepted by somebody.
    pub suppressed: usize,
}

impl Checked {
    /// How many diagnostics have a level.
    pub fn count(&self, level: Level) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.level == level).count()
    }
}

/// Runs every rule that is not ignored.
pub fn run(context: &Context, levels: &Levels) -> Checked {
    let suppressions = suppressions(context);
    let used = vec![false; suppressions.len()];
    let mut sieve = Sieve { context, levels, suppressions: &suppressions, used, checked: Checked::default() };
    let reports = in_parallel(RULES, |rule| {
        let mut report = Report::default();
        if levels.of(rule.name, rule.level).0 != Level::Ignore {
            (rule.check)(context, &mut report);
        }
        report
    });
    for (rule, report) in RULES.iter().zip(reports) {
        sieve.take(rule, report);
    }
    // Only now it is known which suppressions nobody needed.
    let rule = &config_unused_ignore::RULE;
    if levels.of(rule.name, rule.level).0 != Level::Ignore {
        let unused: Vec<_> = suppressions.iter().zip(&sieve.used).filter(|(_, used)| !**used).map(|(s, _)| s).collect();
        let skipped: Vec<_> = sieve.checked.skipped.iter().map(|skipped| skipped.rule).collect();
        let mut report = Report::default();
        config_unused_ignore::report(&unused, context, levels, &skipped, &mut report);
        sieve.take(rule, report);
    }
    let mut checked = sieve.checked;
    checked.diagnostics.sort_by(|a, b| order(a).cmp(&order(b)));
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

/// Takes what rules report, and lets through what nobody accepted.
struct Sieve<'a> {
    context: &'a Context,
    levels: &'a Levels,
    suppressions: &'a [Suppression],
    /// Whether each of them accepted something.
    used: Vec<bool>,
    checked: Checked,
}

impl Sieve<'_> {
    fn take(&mut self, rule: &'static Rule, report: Report) {
        let (level, set_by) = self.levels.of(rule.name, rule.level);
        self.checked.skipped.extend(report.skipped.map(|reason| Skipped { rule: rule.name, reason }));
        for finding in report.findings {
            if self.is_accepted(rule, &finding) {
                self.checked.suppressed += 1;
                continue;
            }
            let is_mild = finding.in_flight || (finding.mild && set_by == SetBy::Default);
            let level = if is_mild { level.min(Level::Warn) } else { level };
            self.checked.diagnostics.push(Diagnostic { rule: rule.name, level, set_by, finding });
        }
    }

    fn is_accepted(&mut self, rule: &Rule, finding: &Finding) -> bool {
        let mut is_accepted = false;
        for (suppression, used) in self.suppressions.iter().zip(&mut self.used) {
            if suppression.accepts(rule.name, finding, self.context) {
                *used = true;
                is_accepted = true;
            }
        }
        is_accepted
    }
}
