//! Runs the rules: levels, suppressions, order.

use crate::context::Context;
use crate::diagnostic::{Diagnostic, Skipped};
use crate::level::{Level, Levels};
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
    let mut used = vec![false; suppressions.len()];
    let mut checked = Checked::default();
    for rule in RULES {
        run_rule(rule, context, levels, &suppressions, &mut used, &mut checked, &|report| (rule.check)(context, report));
    }
    // Only now it is known which suppressions nobody needed.
    let unused: Vec<&Suppression> =
        suppressions.iter().zip(&used).filter(|(_, used)| !**used).map(|(s, _)| s).collect();
    let report =
        |report: &mut Report| config_unused_ignore::report(&unused, context, levels, &checked_skips(&checked), report);
    let mut last = Checked::default();
    run_rule(&config_unused_ignore::RULE, context, levels, &suppressions, &mut used.clone(), &mut last, &report);
    checked.diagnostics.extend(last.diagnostics);
    checked.suppressed += last.suppressed;
    checked.diagnostics.sort_by(|a, b| order(a).cmp(&order(b)));
    checked
}

fn checked_skips(checked: &Checked) -> Vec<&'static str> {
    checked.skipped.iter().map(|skipped| skipped.rule).collect()
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

fn run_rule(
    rule: &'static Rule,
    context: &Context,
    levels: &Levels,
    suppressions: &[Suppression],
    used: &mut [bool],
    checked: &mut Checked,
    check: &dyn Fn(&mut Report),
) {
    let (level, set_by) = levels.of(rule.name, rule.level);
    if level == Level::Ignore {
        return;
    }
    let mut report = Report::default();
    check(&mut report);
    checked.skipped.extend(report.skipped.map(|reason| Skipped { rule: rule.name, reason }));
    for finding in report.findings {
        let mut is_suppressed = false;
        for (suppression, used) in suppressions.iter().zip(used.iter_mut()) {
            if suppression.accepts(rule.name, &finding, context) {
                *used = true;
                is_suppressed = true;
            }
        }
        if is_suppressed {
            checked.suppressed += 1;
            continue;
        }
        let level = if finding.in_flight { level.min(Level::Warn) } else { level };
        checked.diagnostics.push(Diagnostic { rule: rule.name, level, set_by, finding });
    }
}
