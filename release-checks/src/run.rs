//! Runs the rules: levels, suppressions, order.

mod checked;
mod past;
mod sieve;

pub use checked::{Accepted, AcceptedBy, Checked};
pub use past::{ignore_at, report_stale, run_past};

use crate::baseline::Entry;
use crate::context::Context;
use crate::diagnostic::Report;
use crate::level::Levels;
use crate::parallel::in_parallel;
use crate::rule::{Check, Rule, Settings};
use crate::rules::{self, OF_TREES, STALE_BASELINE, UNKNOWN_RULE, UNUSED_IGNORE, config_stale_baseline};
use crate::suppression::suppressions;
use camino::Utf8Path;
use sieve::{Sieve, is_run};

/// Runs every rule over a tree that is not ignored.
pub fn run(context: &Context, levels: &Levels) -> Checked {
    let suppressions = suppressions(context);
    let source = |path: &Utf8Path| context.source(path);
    let mut sieve = Sieve::new(levels, &suppressions, &source);
    let reports = in_parallel(OF_TREES, |rule| {
        let mut report = Report::default();
        match rule.check {
            Check::Tree(check) if is_run(rule, levels) => check(context, &mut report),
            _ => {}
        }
        report
    });
    for (rule, report) in OF_TREES.iter().zip(reports) {
        sieve.take(rule, report);
    }
    let rules = rules::all();
    let settings = Settings { context, rules: &rules, levels, skipped: &[], unused: &[], stale: &[] };
    run_settings(&mut sieve, UNKNOWN_RULE, &settings);
    // Only now it is known which suppressions accept nothing.
    let skipped = sieve.skipped();
    let unused = sieve.unused();
    let settings = Settings { skipped: &skipped, unused: &unused, ..settings };
    run_settings(&mut sieve, UNUSED_IGNORE, &settings);
    sieve.sort();
    sieve.number();
    let mut stale: Vec<&Entry> = Vec::new();
    if let Some(baseline) = &context.baseline {
        let left = sieve.accept(baseline);
        let is_own = baseline.foreign.is_none();
        stale.extend(left.iter().filter(|entry| is_own && config_stale_baseline::is_stale(entry, &settings)));
        run_settings(&mut sieve, STALE_BASELINE, &Settings { stale: &stale, ..settings });
        sieve.sort();
        sieve.number();
    }
    let mut checked = Checked { stale: stale.iter().map(|entry| entry.fingerprint).collect(), ..Checked::default() };
    sieve.finish(&mut checked);
    checked
}

fn run_settings(sieve: &mut Sieve<'_>, rule: &'static Rule, settings: &Settings<'_>) {
    if let Check::Settings(check) = rule.check {
        sieve.run(rule, |report| check(settings, report));
    }
}
