//! Runs the rules over the past as a whole, and accepts what an audit found.

use super::checked::{Acceptance, AcceptedBy, Checked};
use super::sieve::{Sieve, acceptance_by};
use crate::baseline::{Baseline, Entry};
use crate::diagnostic::Diagnostic;
use crate::level::Levels;
use crate::past::Past;
use crate::rule::Check;
use crate::rules::{self, OF_THE_PAST, STALE_BASELINE, config_stale_baseline};
use crate::suppression::{Index, configured};
use camino::Utf8Path;
use release_core::monorepo::Config;
use std::collections::BTreeSet;

/// Runs every rule over the past that is not ignored. `[[ignore]]` accepts findings by their tag or branch.
pub fn run_past(past: &Past<'_>, levels: &Levels) -> Checked {
    let suppressions: Vec<_> = configured(past.config, Utf8Path::new("")).collect();
    let mut sieve = Sieve::new(levels, &suppressions, &|_| None);
    for rule in OF_THE_PAST {
        if let Check::Past(check) = rule.check {
            sieve.run(rule, |report| check(past, report));
        }
    }
    let mut checked = Checked::default();
    sieve.number();
    sieve.finish(&mut checked);
    checked
}

/// Moves to what is accepted what `[[ignore]]` accepts of the findings at each tag. It is today's `release.toml` that decides: the
/// tree of a tag cannot be changed any more.
pub fn ignore_at<'t>(config: &Config, tags: impl IntoIterator<Item = (&'t str, &'t mut Checked)>) {
    let suppressions: Vec<_> = configured(config, Utf8Path::new("")).collect();
    let index = Index::new(&suppressions);
    for (tag, checked) in tags {
        accept(checked, |found| {
            let of_tag = index.at_place(found.rule, tag);
            let group = index.accepting(found.rule, &found.finding, &|_| None).into_iter().chain(of_tag).min()?;
            index.first(group).map(acceptance_by)
        });
    }
}

impl Baseline {
    /// Moves to what is accepted what an audit found at a tag, or of the past as a whole, and this baseline has.
    pub fn accept(&self, tag: Option<&str>, checked: &mut Checked) {
        let entry = |found: &Diagnostic| self.entry(tag, found.rule, found.fingerprint);
        accept(checked, |found| entry(found).map(|entry| (AcceptedBy::Baseline, Some(entry.reason.clone()))));
    }
}

fn accept(checked: &mut Checked, acceptance: impl Fn(&Diagnostic) -> Option<Acceptance>) {
    for diagnostic in std::mem::take(&mut checked.diagnostics) {
        let acceptance = acceptance(&diagnostic);
        checked.add(diagnostic, acceptance);
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
    let suppressions: Vec<_> = configured(config, Utf8Path::new("")).collect();
    let source = |path: &Utf8Path| Some(&baseline.source).filter(|_| *path == baseline.path);
    let mut sieve = Sieve::new(levels, &suppressions, &source);
    sieve.run(STALE_BASELINE, |report| {
        config_stale_baseline::check_audit(baseline, stale, tags, &rules::all(), report);
    });
    sieve.number();
    sieve.finish(checked);
}
