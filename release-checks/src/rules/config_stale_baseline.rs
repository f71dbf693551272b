//! The baseline accepts a finding that is gone.
//!
//! ## What it does
//!
//! Reports entries of the baseline (`release-baseline.toml`, or that of `--baseline`) that no finding of this run needed. Entries
//! of rules that could not tell or are not run do not count, and neither do those about a tag or branch that is not looked at.
//! A revision (`--rev`) is not what the baseline was written for, so nothing is said about one.
//!
//! `release check` and `release audit` share the file, and each speaks of its own entries alone: `audit` of those with a `tag`,
//! which are stale too when the tag is gone, and of those of rules over the past.
//!
//! ## Why is this bad?
//!
//! If what was mended comes back, it is accepted again, unseen.
//!
//! ## Example
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = [
//!     "meadow-client==0.4.5",
//! ]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml release-baseline.toml
//! version = 1
//!
//! [[finding]]
//! fingerprint = "0f3a5c7e9b1d2468"
//! rule = "pin-operator"
//! path = "pyproject.toml"
//! message = "`meadow-client` is pinned by `>=0.4.4`, and on release-0.4.x it is `==`"
//! reason = "pinned with the next minor"
//! date = "2026-11-23"
//! ```
//!
//! ## Use instead
//!
//! `cargo xtask release check --write-baseline` (of `audit` for its own) drops the entry and keeps the others.
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//! dependencies = [
//!     "meadow-client==0.4.5",
//! ]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml release-baseline.toml
//! version = 1
//! ```

use crate::baseline::{Baseline, Entry, Place};
use crate::diagnostic::{Finding, Report};
use crate::level::{Level, Levels};
use crate::rule::{Rule, Settings, removed, rule};
use std::collections::BTreeSet;

/// Tells if an entry is of `release audit`; others are of `release check`.
pub(crate) fn is_of_audit(entry: &Entry, rules: &[&'static Rule]) -> bool {
    entry.tag.is_some() || rule(rules, &entry.rule).is_some_and(Rule::is_of_the_past)
}

/// Tells if an entry that no finding needed accepts what is gone; not where its rule could not tell.
pub(crate) fn is_stale(entry: &Entry, settings: &Settings<'_>) -> bool {
    let Settings { context, rules, levels, skipped, .. } = *settings;
    let is_elsewhere = match &entry.place {
        Some(Place::Reference(reference)) => context.is_elsewhere(reference),
        _ => false,
    };
    let is_skipped = |rule: &str| skipped.contains(&rule);
    !is_of_audit(entry, rules) && !is_elsewhere && could_tell(rules, &entry.rule, levels, is_skipped)
}

/// Tells if a rule had its say on all that it could have found. One that does not exist will never find anything.
pub(crate) fn could_tell(
    rules: &[&'static Rule],
    name: &str,
    levels: &Levels,
    is_skipped: impl Fn(&str) -> bool,
) -> bool {
    rule(rules, name).is_none_or(|rule| levels.of(rule.name, rule.level).0 != Level::Ignore && !is_skipped(rule.name))
}

/// Reports the entries of a baseline that accept what is gone.
pub(super) fn check(settings: &Settings<'_>, report: &mut Report) {
    let Some(baseline) = &settings.context.baseline else { return };
    for entry in settings.stale {
        report.find(finding(baseline, entry, settings.rules, true, "check"));
    }
    if let Some(reason) = &baseline.foreign {
        report.skip(reason.clone());
    }
}

/// Reports an audit's own entries that accept what is gone; `tags` are all that there are.
pub(crate) fn check_audit(
    baseline: &Baseline,
    stale: &[&Entry],
    tags: &BTreeSet<&str>,
    rules: &[&'static Rule],
    report: &mut Report,
) {
    for entry in stale {
        let has_tag = entry.tag.as_deref().is_none_or(|tag| tags.contains(tag));
        report.find(finding(baseline, entry, rules, has_tag, "audit"));
    }
}

fn finding(baseline: &Baseline, entry: &Entry, rules: &[&'static Rule], has_tag: bool, command: &str) -> Finding {
    let Baseline { path, .. } = baseline;
    let tag = entry.tag.as_ref().map_or_else(String::new, |tag| format!(" at {tag}"));
    let place = entry.place.as_ref().map(Place::as_str).filter(|place| Some(*place) != entry.tag.as_deref());
    let place = place.map_or_else(String::new, |place| format!(" in {place}"));
    let what = match rule(rules, &entry.rule) {
        None => match removed(&entry.rule) {
            Some(gone) => format!(", which is gone: {}", gone.instead),
            None => ", and there is no such rule".to_owned(),
        },
        Some(_) if !has_tag => format!("{tag}, and there is no such tag"),
        Some(_) => format!("{place}{tag} that is gone"),
    };
    let message = format!("{path} accepts a finding of `{}`{what}", entry.rule);
    let finding = Finding::at(message, path, entry.span.clone(), "accepts nothing");
    finding.help(format!("`cargo xtask release {command} --write-baseline` drops it"))
}

#[cfg(test)]
mod tests {
    use crate::level::{Level, Levels, SetBy};
    use crate::rules::tests::{FIRES, SILENT, Scene};
    use crate::run::run;

    fn entry(rule: &str, place: &str) -> String {
        let entry = "version = 1\n[[finding]]\nfingerprint = '0f3a5c7e9b1d2468'\nreason = 'x'\ndate = '2026-11-23'\n";
        format!("{entry}rule = '{rule}'\n{place}\n")
    }

    fn scene(baseline: String, state: &str) -> Scene {
        Scene::of_version("0.4.5", state).asking_for("meadow-client==0.4.5").with("release-baseline.toml", baseline)
    }

    #[test]
    fn only_what_this_run_could_have_found_is_gone() {
        for (rule, place, state, found) in [
            ("pin-operator", "path = 'pyproject.toml'", "", FIRES),
            ("no-such-rule", "path = 'pyproject.toml'", "", FIRES),
            ("tag-gap", "reference = 'v0.4.4'", "", SILENT),
            ("pin-operator", "path = 'pyproject.toml'\ntag = 'v0.4.4'", "tag v0.4.4", SILENT),
            ("no-such-rule", "tag = 'v0.4.4'", "", SILENT),
            ("pin-unpublished", "path = 'pyproject.toml'", "", SILENT),
            ("tag-off-branch", "reference = 'v0.4.4'", "tag v0.4.4", FIRES),
            ("tag-off-branch", "reference = 'v0.4.3'", "tag v0.4.3\ntag v0.4.4", SILENT),
            ("tag-off-branch", "reference = 'v0.4.3'", "tag v0.4.4", FIRES),
        ] {
            let stale = scene(entry(rule, place), state).count("config-stale-baseline");
            assert_eq!(stale, found, "{rule} {place} {state}");
        }
    }

    #[test]
    fn an_entry_of_a_rule_that_went_says_where_it_went() {
        let scene = scene(entry("workflow-script-injection", "path = 'pyproject.toml'"), "");
        let found = scene.checked().diagnostics;
        let stale = found.iter().find(|found| found.rule == "config-stale-baseline").unwrap();
        assert_eq!(stale.level, Level::Warn);
        let message = &stale.finding.problem.message;
        assert!(message.contains("which is gone: zizmor and actionlint"), "{message}");
    }

    #[test]
    fn a_rule_that_is_not_run_finds_nothing_and_proves_nothing() {
        let mut levels = Levels::default();
        levels.set("pin-operator", Level::Ignore, SetBy::Flag);
        let checked = run(&scene(entry("pin-operator", ""), "").context(), &levels);
        assert!(
            checked.stale.is_empty() && checked.diagnostics.iter().all(|found| found.rule != "config-stale-baseline")
        );
    }

    #[test]
    fn of_another_tree_than_its_own_a_baseline_says_nothing() {
        let mut context = scene(entry("pin-operator", ""), "").context();
        context.baseline.as_mut().unwrap().foreign = Some("v0.4.4 is another tree".to_owned());
        let checked = run(&context, &Levels::default());
        assert!(checked.diagnostics.iter().all(|found| found.rule != "config-stale-baseline"));
        assert!(checked.skipped.iter().any(|skipped| skipped.rule == "config-stale-baseline"));
    }

    #[test]
    fn it_can_be_ignored_itself_and_that_is_not_unused() {
        let ignore = "[[ignore]]\nrule = 'config-stale-baseline'\nreason = 'it is so'\n";
        let checked = scene(entry("pin-operator", ""), "").with("release.toml", ignore).checked();
        assert!(checked.diagnostics.iter().all(|found| !found.rule.starts_with("config-")), "{checked:?}");
        assert_eq!(checked.stale.len(), 1);
    }
}
