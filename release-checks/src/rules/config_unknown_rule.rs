//! A setting names a rule that does not exist.
//!
//! ## What it does
//!
//! Reports names in `[rules]`, in `[[ignore]]` and in comments `release: ignore[...]` that are no rule's.
//!
//! ## Why is this bad?
//!
//! The setting has no effect: what was meant to be an error is none, what was accepted is not.
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
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml release.toml
//! [rules]
//! pin-operators = "warn"
//! ```
//!
//! ## Use instead
//!
//! ```toml pyproject.toml
//! [build-system]
//! requires = ["setuptools>=61.0", "setuptools-scm>=8.0"]
//!
//! [project]
//! name = "meadow"
//! dynamic = ["version"]
//!
//! [tool.setuptools_scm]
//! fallback_version = "0.4.5"
//! ```
//!
//! ```toml release.toml
//! [rules]
//! pin-operator = "warn"
//! ```
//!
//! ## Fix
//!
//! Unsafe: the rule with the nearest name, where one is near, need not be the one that was meant.

use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::rule::{Settings, nearest, removed, rule};
use crate::suppression::suppressions;
use camino::Utf8Path;
use release_core::text::Span;

pub(super) fn check(settings: &Settings<'_>, report: &mut Report) {
    let Settings { context, rules, .. } = *settings;
    let is_unknown = |name: &str| rule(rules, name).is_none();
    if let Some((path, _)) = &context.config_source {
        for setting in context.config.rules.iter().filter(|setting| is_unknown(&setting.rule)) {
            report.find(finding(settings, path, &setting.rule, &setting.span));
        }
    }
    for suppression in suppressions(context).iter().filter(|suppression| is_unknown(&suppression.rule)) {
        report.find(finding(settings, &suppression.path, &suppression.rule, &suppression.span));
    }
}

fn finding(settings: &Settings<'_>, path: &Utf8Path, name: &str, span: &Span) -> Finding {
    if let Some(gone) = removed(name) {
        let finding = Finding::at(gone.message(), path, span.clone(), "names a rule that is gone");
        return finding.help("remove it").mild(true);
    }
    let finding = Finding::at(format!("there is no rule `{name}`"), path, span.clone(), "no rule");
    let Some(near) = nearest(settings.rules, name) else {
        return finding.help("`cargo xtask release rules` lists them");
    };
    let finding = finding.help(format!("did you mean `{near}`?"));
    // A place may include quotes, which stay.
    let literal =
        settings.context.source(path).and_then(|source| source.as_str().get(span.clone())).unwrap_or_default();
    let place = literal.find(name).map(|at| span.start + at..span.start + at + name.len());
    finding.rewrite(Applicability::Unsafe, path, place, near)
}

#[cfg(test)]
mod tests {
    use crate::level::Level;
    use crate::rules::tests::Scene;

    #[test]
    fn a_rule_that_went_is_a_warning_that_says_where_it_went() {
        let config = "[rules]\nworkflow-script-injection = 'ignore'\n[[ignore]]\nrule = 'workflow-script-injection'\nreason = 'x'\n";
        let found = Scene::of_version("0.4.5", "").with("release.toml", config).checked().diagnostics;
        let shown: Vec<_> = found.iter().map(|found| (found.rule, found.level, found.finding.fix.is_some())).collect();
        assert_eq!(shown, [("config-unknown-rule", Level::Warn, false); 2]);
        assert!(found.iter().all(|found| found.finding.problem.message.contains("zizmor")));
    }

    #[test]
    fn names_are_looked_up_wherever_they_stand() {
        let text = "[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\n# release: ignore[scm-rot, version-of-nothing-at-all] why\nfallback_version = '0.4.5'\n";
        let config = "[rules]\n\"pin-oprator\" = 'warn'\npin-operator = 'warn'\n[[ignore]]\nrule = \"scm-roots\"\n";
        let files = [("pyproject.toml", text.to_owned()), ("release.toml", config.to_owned())];
        let report = Scene::of_files(files, "").report("config-unknown-rule");
        let said: Vec<_> = report.findings.iter().map(|finding| finding.problem.help.as_str()).collect();
        assert_eq!(
            said,
            [
                "did you mean `pin-operator`?",
                "did you mean `scm-root`?",
                "`cargo xtask release rules` lists them",
                "did you mean `scm-root`?"
            ]
        );
        let edits = report.findings[3].fix.iter().flat_map(|fix| &fix.edits);
        assert!(edits.into_iter().all(|(_, edit)| &config[edit.span.clone()] == "scm-roots"));
    }
}
