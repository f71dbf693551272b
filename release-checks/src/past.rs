//! Rules over the past as a whole: what no single tree shows.

use crate::diagnostic::{Diagnostic, Finding, Skipped};
use crate::fingerprint::Fingerprints;
use crate::level::{Level, Levels, SetBy};
use crate::published::Published;
use crate::rule::{Report, Rule};
use crate::rules;
use release_core::calendar::Day;
use release_core::monorepo::{Client, Config};
use release_core::timeline::Timeline;
use release_core::version::Release;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What rules over the past look at; all of it observed before.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// Commits, tags and lines.
    pub timeline: &'a Timeline,
    /// The settings.
    pub config: &'a Config,
    /// For each final, the files beyond manifests and lockfiles in which it differs from its last candidate.
    pub differing: &'a BTreeMap<Release, Vec<String>>,
    /// The clients of today's branches.
    pub clients: &'a [Client],
    /// What registries say of the packages, or why none was asked.
    pub published: &'a Result<Arc<Published>, String>,
}

/// A rule over the past.
pub struct HistoryRule {
    /// Its name, weight and documentation; it finds nothing in a single tree.
    pub rule: Rule,
    /// Finds what is wrong.
    pub check: fn(&Past<'_>, &mut Report),
}

/// Every rule over the past, by name.
pub const HISTORY_RULES: &[&HistoryRule] = rules::HISTORY;

/// Whether a rule looks at the past, and so finds nothing in a single tree.
pub(crate) fn is_of_the_past(rule: &str) -> bool {
    HISTORY_RULES.iter().any(|of_the_past| of_the_past.rule.name == rule)
}

/// Runs every rule over the past that is not ignored. `[[ignore]]` accepts findings by their tag or branch.
/// Gives back what was found, how many findings were accepted, and which rules could not tell.
pub fn run(past: &Past<'_>, levels: &Levels) -> (Vec<Diagnostic>, usize, Vec<Skipped>) {
    let (mut diagnostics, mut suppressed, mut skipped) = (Vec::new(), 0, Vec::new());
    let mut fingerprints = Fingerprints::default();
    for rule in HISTORY_RULES {
        let (level, set_by) = levels.of(rule.rule.name, rule.rule.level);
        if level == Level::Ignore {
            continue;
        }
        let mut report = Report::default();
        (rule.check)(past, &mut report);
        skipped.extend(report.skipped.map(|reason| Skipped { rule: rule.rule.name, reason }));
        for finding in report.findings {
            let fingerprint = fingerprints.of(rule.rule.name, &finding, None);
            if is_accepted(past.config, rule.rule.name, &finding) {
                suppressed += 1;
                continue;
            }
            let level = if finding.mild && set_by == SetBy::Default { level.min(Level::Warn) } else { level };
            diagnostics.push(Diagnostic { rule: rule.rule.name, level, set_by, fingerprint, finding });
        }
    }
    (diagnostics, suppressed, skipped)
}

fn is_accepted(config: &Config, rule: &str, finding: &Finding) -> bool {
    config.ignores.iter().any(|ignore| {
        let is_here = ignore.path.as_ref().is_none_or(|path| Some(path.value.as_str()) == finding.reference.as_deref());
        ignore.rule.value == rule && is_here
    })
}

/// A length of time in days, where it has one, else in hours, to a tenth.
pub(crate) fn duration(seconds: i64) -> String {
    let hours = seconds as f64 / 3600.0;
    if hours.abs() < 48.0 {
        format!("{hours:.1} hours")
    } else {
        format!("{:.1} days ({hours:.1} hours)", hours / 24.0)
    }
}

/// The day of a moment, in UTC (ISO 8601).
pub fn day(time: i64) -> String {
    Day::at(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (time, shown) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (1_767_225_599, "2025-12-31"),
            (1_767_225_600, "2026-01-01"),
            (-1, "1969-12-31"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(day(time), shown, "{time}");
        }
    }
}
