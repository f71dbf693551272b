//! Rules over the past as a whole: what no single tree shows.

use crate::baseline::{Baseline, Entry};
use crate::diagnostic::{Diagnostic, Finding, Skipped};
use crate::fingerprint::Fingerprints;
use crate::level::{Level, Levels, SetBy};
use crate::published::Asked;
use crate::rule::{Report, Rule};
use crate::rules::{self, config_stale_baseline};
use crate::run::{Accepted, AcceptedBy, Checked};
use release_core::calendar::Day;
use release_core::monorepo::{Client, Config, IgnoreSetting};
use release_core::text::SourceText;
use release_core::timeline::Timeline;
use release_core::version::Release;
use std::collections::{BTreeMap, BTreeSet};

/// What rules over the past look at; all of it observed before.
#[derive(Clone, Copy, Debug)]
pub struct Past<'a> {
    /// Commits, tags and lines.
    pub timeline: &'a Timeline,
    /// The settings.
    pub config: &'a Config,
    /// For each final, the files beyond manifests and lockfiles in which it differs from its last candidate.
    pub differing: &'a BTreeMap<Release, Vec<String>>,
    /// Why files of commits were not looked at, as in a partial clone.
    pub unread: Option<&'a str>,
    /// The clients of today's branches.
    pub clients: &'a [Client],
    /// What registries say of the packages, or why none was asked.
    pub published: &'a Asked,
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
pub fn run(past: &Past<'_>, levels: &Levels) -> Checked {
    let mut sieve = Sieve { config: past.config, levels, fingerprints: Fingerprints::default() };
    let mut checked = Checked::default();
    for rule in HISTORY_RULES {
        if levels.of(rule.rule.name, rule.rule.level).0 != Level::Ignore {
            let mut report = Report::default();
            (rule.check)(past, &mut report);
            sieve.take(&rule.rule, report, None, &mut checked);
        }
    }
    checked
}

/// Moves to what is accepted what `[[ignore]]` accepts of the findings at a tag. It is today's `release.toml` that decides: the
/// tree of the tag cannot be changed any more.
pub fn ignore_at(tag: &str, config: &Config, checked: &mut Checked) {
    for diagnostic in std::mem::take(&mut checked.diagnostics) {
        let accepts = |ignore: &&IgnoreSetting| accepts(ignore, diagnostic.rule, &diagnostic.finding, Some(tag));
        match config.ignores.iter().find(accepts) {
            Some(ignore) => checked.accepted.push(accepted(diagnostic, ignore)),
            None => checked.diagnostics.push(diagnostic),
        }
    }
}

/// Adds to what was found of the past the entries of a baseline that accept what is gone; `tags` are all that there are.
pub fn report_stale(
    baseline: &Baseline,
    stale: &[&Entry],
    tags: &BTreeSet<&str>,
    config: &Config,
    levels: &Levels,
    checked: &mut Checked,
) {
    let rule = &config_stale_baseline::RULE;
    if levels.of(rule.name, rule.level).0 == Level::Ignore {
        return;
    }
    let mut report = Report::default();
    config_stale_baseline::report_of_audit(baseline, stale, tags, &mut report);
    let mut sieve = Sieve { config, levels, fingerprints: Fingerprints::default() };
    sieve.take(rule, report, Some(&baseline.source), checked);
}

/// Takes what rules report, and notes what `release.toml` accepts.
struct Sieve<'a> {
    config: &'a Config,
    levels: &'a Levels,
    fingerprints: Fingerprints,
}

impl Sieve<'_> {
    /// `source` is the text that findings point into, where they do.
    fn take(&mut self, rule: &'static Rule, report: Report, source: Option<&SourceText>, checked: &mut Checked) {
        let (level, set_by) = self.levels.of(rule.name, rule.level);
        checked.skipped.extend(report.skipped.map(|reason| Skipped { rule: rule.name, reason }));
        for finding in report.findings {
            let fingerprint = self.fingerprints.of(rule.name, &finding, source);
            let level = if finding.mild && set_by == SetBy::Default { level.min(Level::Warn) } else { level };
            let ignore = self.config.ignores.iter().find(|ignore| accepts(ignore, rule.name, &finding, None));
            let diagnostic = Diagnostic { rule: rule.name, level, set_by, fingerprint, finding };
            match ignore {
                Some(ignore) => checked.accepted.push(accepted(diagnostic, ignore)),
                None => checked.diagnostics.push(diagnostic),
            }
        }
    }
}

fn accepted(diagnostic: Diagnostic, ignore: &IgnoreSetting) -> Accepted {
    let reason = ignore.reason.as_ref().map(|reason| reason.value.trim().to_owned());
    Accepted { diagnostic, by: AcceptedBy::Configuration, reason: reason.filter(|reason| !reason.is_empty()) }
}

/// Whether an entry of `release.toml` is about a finding: by its file or a folder above it, by the tag or branch that it is
/// about, or by the tag that it was found at.
fn accepts(ignore: &IgnoreSetting, rule: &str, finding: &Finding, tag: Option<&str>) -> bool {
    let is_here = ignore.path.as_ref().map(|path| path.value.as_str()).is_none_or(|place| {
        let is_named = [finding.reference.as_deref(), tag].contains(&Some(place));
        is_named || finding.place().is_some_and(|label| label.path.starts_with(place))
    });
    ignore.rule.value == rule && is_here
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
