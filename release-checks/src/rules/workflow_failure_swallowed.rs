//! An upload that fails does not fail the job.
//!
//! ## What it does
//!
//! Reports uploads whose failure is made a success where they stand: steps and jobs with `continue-on-error: true`, commands that
//! end in `|| true` or its like (`|| :`, `|| exit 0`, `|| echo failed`); and, as a warning, uploads that skip what is there already.
//!
//! Scripts are not followed further: what `set +e`, pipes, conditions, groups and the background do to a failure is not looked at,
//! and within loops, which may try again, nothing is reported. Left alone are steps whose outcome is looked at later, and uploads to
//! an index for tests. For the hygiene of workflows in general there are zizmor and actionlint.
//!
//! ## Why is this bad?
//!
//! The release looks complete, and one of its packages is not there. Files that are skipped may be those of another build, and
//! it is not seen that the version was taken.
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
use crate::diagnostic::{Finding, Report};
use crate::workflow::{self, Upload, uploads};
use release_core::manifest::workflow::{BlockKind, Command, Job, Joint, Script, Step, Workflow};
use release_core::text::Span;
use std::collections::BTreeSet;

pub(super) fn check(context: &Context, report: &mut Report) {
    for (file, workflow) in workflow::workflows(context) {
        // Once for each way: what mends it mends it for all uploads.
        let mut known = BTreeSet::new();
        for job in &workflow.jobs {
            let looked_at = looked_at(job);
            for step in &job.steps {
                let is_looked_at = step.id.as_ref().is_some_and(|id| looked_at.contains(id.value.as_str()));
                for (upload, (span, label, help, is_mild)) in swallowed(workflow, job, step, is_looked_at) {
                    if !known.insert(span.start) {
                        continue;
                    }
                    let message = format!("{}: `{}` can fail without failing the job", file.path, upload.what);
                    let finding = Finding::at(message, &file.path, span, label);
                    report.find(finding.and(&file.path, upload.span, "this upload").help(help).mild(is_mild));
                }
            }
        }
    }
}

/// The words of a workflow that make a success of a failure: their place, what they do, and the way out; `true` if they only pass over
/// what is there already.
type Swallowed = (Span, &'static str, &'static str, bool);

const LET_IT_FAIL: &str = "let it fail: a job can be run again when what is wrong is mended";

/// The longest list of `&&`, `||` and `|` that is followed, in commands.
const LONGEST_LIST: usize = 64;

/// Returns the uploads of a step whose failures are swallowed, each with what swallows them.
fn swallowed<'a>(workflow: &Workflow, job: &Job, step: &'a Step, is_looked_at: bool) -> Vec<(Upload<'a>, Swallowed)> {
    let goes_on = [&step.continue_on_error, &job.continue_on_error].into_iter().flatten();
    let goes_on = goes_on.filter(|_| !is_looked_at).find(|value| value.is_true());
    let by = |upload: &Upload<'_>| match (goes_on, upload.command) {
        (Some(value), _) => Some(swallows(value.span.clone(), "the job goes on as if it were there")),
        (None, None) => {
            let input = step.input("skip-existing").or_else(|| step.input("skip_existing"));
            let is_true = |value: &str| value.eq_ignore_ascii_case("true");
            input.filter(|entry| is_true(&entry.value.value)).map(|entry| skips(entry.value.span.clone()))
        }
        (None, Some(at)) => by_script(&step.script, at),
    };
    let uploads = uploads(workflow, job, step).into_iter().filter(|upload| !upload.is_test);
    uploads.filter_map(|upload| by(&upload).map(|swallowed| (upload, swallowed))).collect()
}

/// Returns what in the line of a command swallows its failure.
fn by_script(script: &Script, at: usize) -> Option<Swallowed> {
    const SKIPS: [&str; 2] = ["--skip-existing", "--tolerate-republish"];
    if let Some(word) = script.commands[at].words.iter().find(|word| SKIPS.contains(&word.text.as_str())) {
        return Some(skips(word.span.clone()));
    }
    let is_loop = |kind: BlockKind| matches!(kind, BlockKind::For | BlockKind::While);
    if script.around(&script.commands[at]).any(|(_, block)| is_loop(block.kind)) {
        return None;
    }
    let last = end_of_list(script, at);
    let replaces = last.joints.0 == Joint::Or && last.block == script.commands[at].block;
    (replaces && is_nothing(last)).then(|| swallows(last.span(), "takes the place of the failure"))
}

/// Returns the last command of the list that a command is in.
fn end_of_list(script: &Script, at: usize) -> &Command {
    let commands = &script.commands;
    let (mut last, end) = (at, commands.len().min(at + LONGEST_LIST));
    // The substitutions of a command stand before it.
    while commands[last].joints.1 != Joint::Sequence
        && let Some(next) = (last + 1..end).find(|next| commands[*next].joints.0 == commands[last].joints.1)
    {
        last = next;
    }
    &commands[last]
}

/// Tells if a command succeeds and does nothing about a failure before it.
fn is_nothing(command: &Command) -> bool {
    let words: Vec<&str> = command.words.iter().take(3).map(|word| word.text.as_str()).collect();
    match words[..] {
        ["true" | ":", ..] | ["exit" | "return", "0"] => true,
        // Others may look at a file that is written.
        ["echo" | "printf", ..] => command
            .words
            .iter()
            .all(|word| !word.text.starts_with('>') || word.text.starts_with(">&") || word.text.contains("/dev/")),
        _ => false,
    }
}

fn swallows(span: Span, label: &'static str) -> Swallowed {
    (span, label, LET_IT_FAIL, false)
}

fn skips(span: Span) -> Swallowed {
    const LEAVE_OUT: &str = "leave it out, or compare the hashes first: what is there may be of another build";
    (span, "what is there already is passed over", LEAVE_OUT, true)
}

/// Returns the steps of a job at whose outcome others look.
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
    use crate::rules::tests::{FIRES, SILENT, Scene};

    fn finds_in_script(script: &str) -> usize {
        let script = script.replace('\n', "\n        ");
        Scene::of_workflow(&format!("jobs:\n  a:\n    steps:\n    - run: |\n        {script}\n"))
            .count("workflow-failure-swallowed")
    }

    #[test]
    fn an_upload_whose_line_ends_in_a_success_is_reported() {
        for script in [
            "uv publish || true",
            "uv publish || :",
            "uv publish || exit 0",
            "uv publish || echo there already >&2",
            "cd a && uv publish && ls || true",
            "uv publish || gh release upload v1 x || true",
            "uv publish | tee log || true",
            "uv publish || echo $(date)",
            "if $A; then\n  uv publish || true\nfi",
            "f() {\n  uv publish || return 0\n}\nf",
            "yarn npm publish --tolerate-republish",
            "twine upload --skip-existing dist/*",
        ] {
            assert_eq!(finds_in_script(script), FIRES, "{script}");
        }
    }

    #[test]
    fn an_upload_whose_failure_is_looked_at_or_would_have_to_be_followed_is_left_alone() {
        for script in [
            "uv publish",
            "uv publish || exit 1",
            "uv publish || echo failed && exit 1",
            "uv publish || echo failed | tee log",
            "uv publish || echo failed >> $GITHUB_OUTPUT",
            "uv publish || failed=1\nexit $failed",
            "uv publish || (echo failed; exit 1)",
            "uv publish || { echo failed && exit 1; }",
            "gh release create v1 || gh release upload v1 x",
            "make || true\nuv publish",
            "uv publish\nmake || true",
            "uv publish; true",
            "set +e\nuv publish\necho done",
            "uv publish | tee log",
            "uv publish &\nwait",
            "echo $(uv publish)",
            "if uv publish; then\n  echo a\nfi",
            "for i in 1 2; do\n  uv publish || echo again\ndone",
            "until uv publish || echo again; do sleep 1; done",
            "echo 'uv publish || true'",
            "TWINE_REPOSITORY=testpypi twine upload dist/* || true",
            "twine upload -r testpypi --skip-existing dist/*",
        ] {
            assert_eq!(finds_in_script(script), SILENT, "{script}");
        }
    }

    #[test]
    fn steps_and_jobs_that_go_on_are_reported_unless_somebody_looks_at_the_outcome() {
        const PUBLISH: &str = "pypa/gh-action-pypi-publish@release/v1";
        for (step, found) in [
            (format!("{{uses: {PUBLISH}, continue-on-error: true}}"), FIRES),
            (format!("{{uses: {PUBLISH}, continue-on-error: false}}"), SILENT),
            (format!("{{uses: {PUBLISH}, continue-on-error: '${{{{ inputs.x }}}}'}}"), SILENT),
            (format!("{{uses: {PUBLISH}, with: {{skip-existing: true}}}}"), FIRES),
            (format!("{{uses: {PUBLISH}, with: {{skip-existing: 'True'}}}}"), FIRES),
            (format!("{{uses: {PUBLISH}, with: {{skip-existing: 'false'}}}}"), SILENT),
            ("{run: uv publish || true, env: {UV_PUBLISH_URL: 'https://test.pypi.example'}}".to_owned(), SILENT),
            ("{uses: nick-fields/retry@v3, with: {command: uv publish || true}}".to_owned(), FIRES),
            (
                format!(
                    "{{uses: {PUBLISH}, with: {{skip-existing: true, repository-url: 'https://test.pypi.example'}}}}"
                ),
                SILENT,
            ),
            (
                format!(
                    "{{uses: {PUBLISH}, id: p, continue-on-error: true}}\n    - {{if: steps.p.outcome == 'failure', run: exit 1}}"
                ),
                SILENT,
            ),
            ("{run: make, continue-on-error: true}".to_owned(), SILENT),
        ] {
            assert_eq!(
                Scene::of_workflow(&format!("jobs:\n  a:\n    steps:\n    - {step}\n"))
                    .count("workflow-failure-swallowed"),
                found,
                "{step}"
            );
        }
        let outcome = "outputs: {a: '${{ steps.p.outcome }}'}";
        let exported = format!(
            "jobs:\n  a:\n    {outcome}\n    steps:\n    - {{uses: {PUBLISH}, id: p, continue-on-error: true}}\n"
        );
        assert_eq!(Scene::of_workflow(&exported).count("workflow-failure-swallowed"), SILENT);
        let job = format!("jobs:\n  a:\n    continue-on-error: true\n    steps:\n    - uses: {PUBLISH}\n");
        assert_eq!(Scene::of_workflow(&job).count("workflow-failure-swallowed"), FIRES);
    }
}
