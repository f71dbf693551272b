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
//! If what was mended comes back, it is accepted again, and nobody hears of it.
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
use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::{Level, Levels};
use crate::registry;
use crate::rule::{Report, Rule, removed};
use crate::rules::config_unused_ignore::is_elsewhere;
use std::collections::BTreeSet;

/// The rule of this file. What it needs to know is known only when the others have run: see [`is_stale`] and [`report`].
pub(crate) const RULE: Rule = Rule {
    name: "config-stale-baseline",
    level: Level::Warn,
    source: include_str!("config_stale_baseline.rs"),
    check: |_, _| {},
};

/// Whether an entry that no finding needed accepts what is gone; not where its rule did not tell.
pub(crate) fn is_stale(entry: &Entry, context: &Context, levels: &Levels, skipped: &[&'static str]) -> bool {
    let is_elsewhere = match &entry.place {
        Some(Place::Reference(reference)) => is_elsewhere(reference, context),
        _ => false,
    };
    !entry.is_of_audit() && !is_elsewhere && is_told(&entry.rule, levels, |rule| skipped.contains(&rule))
}

/// Whether a rule told all that it could have found. One that does not exist will never find anything.
pub(crate) fn is_told(rule: &str, levels: &Levels, is_skipped: impl Fn(&str) -> bool) -> bool {
    registry::rule(rule)
        .is_none_or(|rule| levels.of(rule.name, rule.level).0 != Level::Ignore && !is_skipped(rule.name))
}

/// Reports the entries of a baseline that accept what is gone.
pub(crate) fn report(baseline: &Baseline, stale: &[&Entry], report: &mut Report) {
    for entry in stale {
        report.find(finding(baseline, entry, true, "check"));
    }
    if let Some(reason) = &baseline.foreign {
        report.skip(reason.clone());
    }
}

/// The same of an audit's own entries; `tags` are all that there are.
pub(crate) fn report_of_audit(baseline: &Baseline, stale: &[&Entry], tags: &BTreeSet<&str>, report: &mut Report) {
    for entry in stale {
        let has_tag = entry.tag.as_deref().is_none_or(|tag| tags.contains(tag));
        report.find(finding(baseline, entry, has_tag, "audit"));
    }
}

fn finding(baseline: &Baseline, entry: &Entry, has_tag: bool, command: &str) -> Finding {
    let Baseline { path, .. } = baseline;
    let tag = entry.tag.as_ref().map_or_else(String::new, |tag| format!(" at {tag}"));
    let place = entry.place.as_ref().map(Place::as_str).filter(|place| Some(*place) != entry.tag.as_deref());
    let place = place.map_or_else(String::new, |place| format!(" in {place}"));
    let what = match registry::rule(&entry.rule) {
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
    use crate::rules::tests::Scene;
    use crate::run::run;

    fn entry(rule: &str, place: &str) -> String {
        let entry = "version = 1\n[[finding]]\nfingerprint = '0f3a5c7e9b1d2468'\nreason = 'x'\ndate = '2026-11-23'\n";
        format!("{entry}rule = '{rule}'\n{place}\n")
    }

    fn scene(baseline: String, state: &str) -> Scene {
        let mut scene = Scene::of_version("0.4.5", state);
        scene.files.values_mut().for_each(|text| *text += "dependencies = ['meadow-client==0.4.5']\n");
        scene.files.insert("release-baseline.toml".into(), baseline);
        scene
    }

    #[test]
    fn only_what_this_run_could_have_found_is_gone() {
        for (rule, place, state, found) in [
            ("pin-operator", "path = 'pyproject.toml'", "", 1),
            ("no-such-rule", "path = 'pyproject.toml'", "", 1),
            ("tag-gap", "reference = 'v0.4.4'", "", 0),
            ("pin-operator", "path = 'pyproject.toml'\ntag = 'v0.4.4'", "tag v0.4.4", 0),
            ("no-such-rule", "tag = 'v0.4.4'", "", 0),
            ("pin-unpublished", "path = 'pyproject.toml'", "", 0),
            ("tag-off-branch", "reference = 'v0.4.4'", "tag v0.4.4", 1),
            ("tag-off-branch", "reference = 'v0.4.3'", "tag v0.4.3\ntag v0.4.4", 0),
            ("tag-off-branch", "reference = 'v0.4.3'", "tag v0.4.4", 1),
        ] {
            let fires = scene(entry(rule, place), state).fires();
            let stale = fires.iter().filter(|rule| **rule == super::RULE.name).count();
            assert_eq!(stale, found, "{rule} {place} {state}");
        }
    }

    #[test]
    fn an_entry_of_a_rule_that_went_says_where_it_went() {
        let scene = scene(entry("workflow-script-injection", "path = 'pyproject.toml'"), "");
        let found = run(&scene.context(), &Levels::default()).diagnostics;
        let stale = found.iter().find(|found| found.rule == super::RULE.name).unwrap();
        assert_eq!(stale.level, Level::Warn);
        let message = &stale.finding.problem.message;
        assert!(message.contains("which is gone: zizmor and actionlint"), "{message}");
    }

    #[test]
    fn a_rule_that_is_not_run_finds_nothing_and_proves_nothing() {
        let mut levels = Levels::default();
        levels.set("pin-operator", Level::Ignore, SetBy::Flag);
        let checked = run(&scene(entry("pin-operator", ""), "").context(), &levels);
        assert!(checked.stale.is_empty() && checked.diagnostics.iter().all(|found| found.rule != super::RULE.name));
    }

    #[test]
    fn of_another_tree_than_its_own_a_baseline_says_nothing() {
        let mut context = scene(entry("pin-operator", ""), "").context();
        context.baseline.as_mut().unwrap().foreign = Some("v0.4.4 is another tree".to_owned());
        let checked = run(&context, &Levels::default());
        assert!(checked.diagnostics.iter().all(|found| found.rule != super::RULE.name));
        assert!(checked.skipped.iter().any(|skipped| skipped.rule == super::RULE.name));
    }

    #[test]
    fn it_can_be_ignored_itself_and_that_is_not_unused() {
        let mut scene = scene(entry("pin-operator", ""), "");
        let ignore = "[[ignore]]\nrule = 'config-stale-baseline'\nreason = 'it is so'\n";
        scene.files.insert("release.toml".into(), ignore.to_owned());
        let checked = run(&scene.context(), &Levels::default());
        assert!(checked.diagnostics.iter().all(|found| !found.rule.starts_with("config-")), "{checked:?}");
        assert_eq!(checked.stale.len(), 1);
    }
}
