//! An upload that fails does not fail the job.
//!
//! ## What it does
//!
//! Reports uploads whose failure gets lost: under `continue-on-error: true`, where `|| true` or `||` and a message take its place,
//! after `set +e` or in a shell without `-e`, before `| tee` without `pipefail`, before `&&` where the script goes on, in the
//! background, in a substitution, in an `if` that only prints; and, as a warning, uploads that skip what is there already.
//!
//! Left alone are steps whose outcome is looked at later, scripts that look at `$?`, loops that try again, and uploads to an index
//! for tests. Only scripts of POSIX shells are read, and of those not what `bash -c` is given.
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
use crate::workflow::{self, Lost, Options, Upload, lost, uploads};
use release_core::manifest::workflow::{Job, Step, Workflow};
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
        // Once for each way: what mends it mends it for all uploads.
        let mut known = BTreeSet::new();
        for job in &workflow.jobs {
            let looked_at = looked_at(job);
            for step in &job.steps {
                let is_looked_at = step.id.as_ref().is_some_and(|id| looked_at.contains(id.value.as_str()));
                for (upload, swallowed) in swallowed(workflow, job, step, is_looked_at) {
                    if !known.insert(swallowed.span.start) {
                        continue;
                    }
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

/// The uploads of a step whose failures are swallowed, with what swallows them.
fn swallowed<'a>(workflow: &Workflow, job: &Job, step: &'a Step, is_looked_at: bool) -> Vec<(Upload<'a>, Swallowed)> {
    let uploads: Vec<_> = uploads(workflow, job, step).into_iter().filter(|upload| !upload.is_test).collect();
    if uploads.is_empty() {
        return Vec::new();
    }
    let run = step.run.as_ref().map_or("", |run| run.value.as_str());
    let (asks_status, asks_pipe) = (run.contains("$?"), run.contains("PIPESTATUS"));
    // `wait` without a process always succeeds.
    let waits = ["wait $", "wait \"$", "wait %", "wait -n"].iter().any(|word| run.contains(word));
    let goes_on = [&step.continue_on_error, &job.continue_on_error].into_iter().flatten();
    let goes_on = goes_on.filter(|_| !is_looked_at).find(|value| value.is_true());
    let mut options = Options::of(step);
    let mut read = 0;
    let mut found = Vec::new();
    for upload in uploads {
        let at = upload.command.unwrap_or(0).max(read);
        step.script.commands[read..at].iter().for_each(|command| options.take(&step.script, command));
        read = at;
        let swallowed = match (goes_on, upload.command) {
            (Some(value), _) => Some(swallows(value.span.clone(), "the job goes on as if it were there")),
            (None, None) => {
                let input = step.input("skip-existing").or_else(|| step.input("skip_existing"));
                let is_true = |value: &str| value.eq_ignore_ascii_case("true");
                input.filter(|entry| is_true(&entry.value.value)).map(|entry| skips(entry.value.span.clone()))
            }
            (None, Some(at)) => by_script(step, at, &options)
                .filter(|(lost, _)| match lost {
                    Some(Lost::Off(_)) => !asks_status,
                    Some(Lost::Piped(_)) => !asks_pipe,
                    Some(Lost::Background(_)) => !waits,
                    _ => true,
                })
                .map(|(_, swallowed)| swallowed),
        };
        found.extend(swallowed.map(|how| (upload, how)));
    }
    found
}

/// What in a script swallows the failure of one of its commands.
fn by_script(step: &Step, at: usize, options: &Options) -> Option<(Option<Lost>, Swallowed)> {
    const SKIPS: [&str; 2] = ["--skip-existing", "--tolerate-republish"];
    if let Some(word) = step.script.commands[at].words.iter().find(|word| SKIPS.contains(&word.text.as_str())) {
        return Some((None, skips(word.span.clone())));
    }
    let lost = lost(&step.script, at, options)?;
    let swallowed = match lost.clone() {
        Lost::Replaced(span) => swallows(span, "takes the place of the failure"),
        Lost::Off(span) if step.shell.as_ref().is_some_and(|shell| shell.span == span) => {
            let help = "write `-e` among its options: `bash -el {0}`";
            Swallowed { help, ..swallows(span, "without `-e` failures are passed over") }
        }
        Lost::Off(span) => swallows(span, "from here on failures are passed over"),
        Lost::Substituted(span) => swallows(span, "succeeds, whatever the command in it does"),
        Lost::Tested(span) => swallows(span, "the script goes on if it fails"),
        Lost::Piped(span) => {
            let help = "write `set -o pipefail` before it, or `shell: bash`, which sets it";
            Swallowed { help, ..swallows(span, "without `pipefail` its status counts, and not that of the upload") }
        }
        Lost::Listed(span) => {
            let help = "write it on a line of its own: `set -e` passes over failures before `&&`";
            Swallowed { help, ..swallows(span, "a failure before `&&` does not end the script") }
        }
        Lost::Background(span) => {
            let help = "run it in the foreground, or `wait` for its process by number";
            Swallowed { help, ..swallows(span, "in the background, where its status is nobody's") }
        }
    };
    Some((Some(lost), swallowed))
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
    let texts = texts.chain(job.outputs.iter().map(|entry| &entry.value));
    let names = texts.flat_map(|text| text.value.split("steps.").skip(1));
    names.filter_map(|rest| rest.split_once(".outcome")).map(|(name, _)| name).collect()
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
            ("uv publish | tee log", 1),
            ("uv publish | tee log; exit ${PIPESTATUS[0]}", 0),
            ("uv publish & ; wait", 1),
            ("uv publish & ; wait $!", 0),
            ("uv publish && echo done; make", 1),
            ("echo $(uv publish)", 1),
            ("TWINE_REPOSITORY=testpypi twine upload dist/* || true", 0),
            ("yarn npm publish --tolerate-republish", 1),
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
            (format!("{{uses: {PUBLISH}, with: {{skip-existing: 'True'}}}}"), 1),
            (format!("{{uses: {PUBLISH}, with: {{skip-existing: 'false'}}}}"), 0),
            ("{run: uv publish || true, env: {UV_PUBLISH_URL: 'https://test.pypi.example'}}".to_owned(), 0),
            ("{uses: nick-fields/retry@v3, with: {command: uv publish || true}}".to_owned(), 1),
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
        let outcome = "outputs: {a: '${{ steps.p.outcome }}'}";
        let exported = format!(
            "jobs:\n  a:\n    {outcome}\n    steps:\n    - {{uses: {PUBLISH}, id: p, continue-on-error: true}}\n"
        );
        assert_eq!(finds(&exported), 0);
        let job = format!("jobs:\n  a:\n    continue-on-error: true\n    steps:\n    - uses: {PUBLISH}\n");
        assert_eq!(finds(&job), 1);
    }
}
