//! An upload that fails does not fail the job.
//!
//! ## What it does
//!
//! Reports uploads under `continue-on-error: true`, followed by `|| true` or by `||` and a message, or after `set +e`; and, as a
//! warning, uploads that skip files that are there already. Left alone are steps whose outcome is looked at later, scripts that
//! look at `$?`, and uploads to an index for tests.
//!
//! ## Why is this bad?
//!
//! The release looks complete, and one of its packages is not there. Files that are skipped may be those of another build, and
//! nobody hears that the version was taken.
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
//! ```yaml .github/workflows/release.yml
//! on:
//!   release:
//!     types: [published]
//! jobs:
//!   publish:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/download-artifact@v4
//!       - run: twine upload dist/* || true
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
//! ```yaml .github/workflows/release.yml
//! on:
//!   release:
//!     types: [published]
//! jobs:
//!   publish:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/download-artifact@v4
//!       - run: twine upload dist/*
//! ```

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::Level;
use crate::rule::{Report, Rule};
use crate::workflow::{self, Upload};
use release_core::manifest::workflow::{Command, Job, Joint, Step};
use release_core::text::Span;
use std::collections::BTreeSet;

/// The rule of this file.
pub(crate) const RULE: Rule = Rule {
    name: "workflow-failure-swallowed",
    level: Level::Error,
    source: include_str!("workflow_failure_swallowed.rs"),
    check,
};

fn check(context: &Context, report: &mut Report) {
    for (file, workflow) in workflow::workflows(context) {
        for job in &workflow.jobs {
            let looked_at = looked_at(job);
            for step in &job.steps {
                let is_looked_at = step.id.as_ref().is_some_and(|id| looked_at.contains(id.value.as_str()));
                for (upload, swallowed) in swallowed(job, step, is_looked_at) {
                    let message = format!("{}: `{}` can fail and nobody hears of it", file.path, upload.what);
                    let finding = Finding::at(message, &file.path, swallowed.span, swallowed.label)
                        .and(&file.path, upload.span, "this upload")
                        .help(swallowed.help);
                    report.find(finding.mild(swallowed.is_mild));
                }
            }
        }
    }
}

/// What makes of a failure a success.
struct Swallowed {
    span: Span,
    label: &'static str,
    help: &'static str,
    is_mild: bool,
}

const LET_IT_FAIL: &str = "let it fail: a job can be run again when what is wrong is mended";

/// The uploads of a step whose failures are swallowed, once for each way, with what swallows them.
fn swallowed<'a>(job: &Job, step: &'a Step, is_looked_at: bool) -> Vec<(Upload<'a>, Swallowed)> {
    let is_asked = step.run.as_ref().is_some_and(|run| run.value.contains("$?"));
    let goes_on = [&step.continue_on_error, &job.continue_on_error].into_iter().flatten();
    let goes_on = goes_on.filter(|_| !is_looked_at).find(|value| value.is_true());
    let mut known = BTreeSet::new();
    let mut found = Vec::new();
    // Where failures were last switched off, as far as the commands were looked at.
    let (mut off, mut read) = (None, 0);
    for upload in workflow::uploads(step).into_iter().filter(|upload| !upload.is_test) {
        for command in &step.commands[read..upload.command.unwrap_or(0).max(read)] {
            off = sets_errexit(command).map_or(off, |is_on| Some(command).filter(|_| !is_on));
        }
        read = upload.command.unwrap_or(0).max(read);
        let swallowed = match (goes_on, upload.command) {
            (Some(value), _) => Some(swallows(value.span.clone(), "the job goes on as if it were there")),
            (None, None) => {
                let input = step.input("skip-existing").or_else(|| step.input("skip_existing"));
                input.filter(|entry| entry.value.is_true()).map(|entry| skips(entry.value.span.clone()))
            }
            (None, Some(at)) => by_script(step, at, off.filter(|_| !is_asked)),
        };
        found.extend(swallowed.filter(|swallowed| known.insert(swallowed.span.start)).map(|how| (upload, how)));
    }
    found
}

/// What in a script swallows the failure of one of its commands.
fn by_script(step: &Step, at: usize, off: Option<&Command>) -> Option<Swallowed> {
    let command = &step.commands[at];
    if let Some(word) = command.words.iter().find(|word| word.text == "--skip-existing") {
        return Some(skips(word.span.clone()));
    }
    // A loop tries again.
    if command.is_condition || command.loops > 0 {
        return None;
    }
    let next = step.commands.get(at + 1)?;
    if next.joints.0 == Joint::Or && is_nothing(next) {
        return Some(swallows(next.span(), "takes the place of the failure"));
    }
    // The status of the last command is that of the script.
    let off = off.filter(|_| command.joints.1 == Joint::Sequence)?;
    Some(swallows(off.span(), "from here on failures are passed over"))
}

fn swallows(span: Span, label: &'static str) -> Swallowed {
    Swallowed { span, label, help: LET_IT_FAIL, is_mild: false }
}

fn skips(span: Span) -> Swallowed {
    Swallowed {
        span,
        label: "what is there already is passed over",
        help: "leave it out, or compare the hashes first: what is there may be of another build",
        is_mild: true,
    }
}

/// The steps of a job at whose outcome others look.
fn looked_at(job: &Job) -> BTreeSet<&str> {
    let texts = job.steps.iter().flat_map(|step| {
        let own = step.condition.iter().chain(&step.run);
        own.chain(step.env.iter().map(|entry| &entry.value))
    });
    let names = texts.flat_map(|text| text.value.split("steps.").skip(1));
    names.filter_map(|rest| rest.split_once(".outcome")).map(|(name, _)| name).collect()
}

/// Whether a command after `||` does nothing about the failure.
fn is_nothing(command: &Command) -> bool {
    let words: Vec<&str> = command.words.iter().map(|word| word.text.as_str()).collect();
    matches!(words[..], ["true" | ":"] | ["exit", "0"] | ["echo" | "printf", ..]) && command.joints.1 == Joint::Sequence
}

/// Whether a command sets that failures end the script.
fn sets_errexit(command: &Command) -> Option<bool> {
    command.arguments("set", &[])?.iter().find_map(|word| match word.text.split_at_checked(1)? {
        ("-", flags) if flags.contains('e') && !flags.starts_with('-') => Some(true),
        ("+", flags) if flags.contains('e') => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    fn finds(text: &str) -> usize {
        let mut scene = Scene::of_version("0.4.5", "");
        scene.files.insert(".github/workflows/a.yml".into(), text.to_owned());
        scene.fires().iter().filter(|name| **name == super::RULE.name).count()
    }

    #[test]
    fn scripts_that_do_something_about_a_failure_are_left_alone() {
        for (script, found) in [
            ("uv publish || true", 1),
            ("uv publish || :", 1),
            ("uv publish || echo there already", 1),
            ("uv publish || exit 0", 1),
            ("uv publish || exit 1", 0),
            ("uv publish || (echo failed; exit 1)", 0),
            ("uv publish || { echo failed && exit 1; }", 0),
            ("gh release create v1 || gh release upload v1 x", 0),
            ("make || true; uv publish", 0),
            ("uv publish; make || true", 0),
            ("if uv publish; then echo a; else exit 1; fi", 0),
            ("set +e; uv publish; echo done", 1),
            ("for i in 1 2; do; uv publish || echo again; done", 0),
            ("set +e; uv publish && exit 0; echo done; exit 1", 0),
            ("set +e; make; set -e; uv publish; echo done", 0),
            ("set +e; uv publish; code=$?; exit $code", 0),
            ("set -euo pipefail; uv publish; echo done", 0),
            ("twine upload --skip-existing dist/*", 1),
            ("twine upload -r testpypi --skip-existing dist/*", 0),
            ("echo 'uv publish || true'", 0),
        ] {
            let script = script.replace("; ", "\n        ");
            let text = format!("jobs:\n  a:\n    steps:\n    - run: |\n        {script}\n");
            assert_eq!(finds(&text), found, "{text}");
        }
    }

    #[test]
    fn steps_and_jobs_that_go_on_are_reported_unless_somebody_looks_at_the_outcome() {
        const PUBLISH: &str = "pypa/gh-action-pypi-publish@release/v1";
        for (step, found) in [
            (format!("{{uses: {PUBLISH}, continue-on-error: true}}"), 1),
            (format!("{{uses: {PUBLISH}, continue-on-error: false}}"), 0),
            (format!("{{uses: {PUBLISH}, continue-on-error: '${{{{ inputs.x }}}}'}}"), 0),
            (format!("{{uses: {PUBLISH}, with: {{skip-existing: true}}}}"), 1),
            (
                format!(
                    "{{uses: {PUBLISH}, with: {{skip-existing: true, repository-url: 'https://test.pypi.example'}}}}"
                ),
                0,
            ),
            (
                format!(
                    "{{uses: {PUBLISH}, id: p, continue-on-error: true}}\n    - {{if: steps.p.outcome == 'failure', run: exit 1}}"
                ),
                0,
            ),
            ("{run: make, continue-on-error: true}".to_owned(), 0),
        ] {
            assert_eq!(finds(&format!("jobs:\n  a:\n    steps:\n    - {step}\n")), found, "{step}");
        }
        let job = format!("jobs:\n  a:\n    continue-on-error: true\n    steps:\n    - uses: {PUBLISH}\n");
        assert_eq!(finds(&job), 1);
    }
}
