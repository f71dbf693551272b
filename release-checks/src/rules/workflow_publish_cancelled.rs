//! A job that publishes can be cancelled by the next run.
//!
//! ## What it does
//!
//! Reports jobs that upload something under a concurrency group with `cancel-in-progress: true`, of the workflow or of the job.
//! An upload in a workflow of the same repository that a job calls counts as the job's own. Expressions are reported where they
//! hold for what the upload runs for, as `github.ref != 'refs/heads/main'` does for a tag. Where a group has the runs of one tag
//! alone it is a warning. Groups that every run has to itself, uploads to an index for tests, and images of branches are left alone.
//!
//! ## Why is this bad?
//!
//! A run that is cancelled half way has published some packages and not the others. No run can take that back, and the next
//! one fails at what is there already.
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
//! concurrency:
//!   group: publish
//!   cancel-in-progress: true
//! jobs:
//!   publish:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/download-artifact@v4
//!       - uses: pypa/gh-action-pypi-publish@release/v1
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
//! concurrency:
//!   group: publish
//!   cancel-in-progress: false
//! jobs:
//!   publish:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/download-artifact@v4
//!       - uses: pypa/gh-action-pypi-publish@release/v1
//! ```
//!
//! ## Fix
//!
//! Unsafe: runs then wait for each other, where the last one had them all out of its way. GitHub keeps one waiting run of a
//! group and drops the one that waited before, so that of three releases in a row the second is lost: a group for each tag
//! (`publish-${{ github.ref }}`) loses none.

use crate::context::{Context, WorkflowFile};
use crate::diagnostic::{Finding, Report};
use crate::fix::Applicability;
use crate::workflow::{self, At, Event, Target, Upload};
use camino::Utf8Path;
use release_core::manifest::workflow::{Concurrency, Job, Step, Workflow, YamlString};
use std::collections::BTreeMap;

/// A job, and what it uploads first: in this file, or in that of a workflow that it calls.
type Publishing<'a> = (&'a Job, &'a Utf8Path, Upload<'a>);

pub(super) fn check(context: &Context, report: &mut Report) {
    for (file, workflow) in workflow::workflows(context) {
        let events = workflow::events(workflow);
        // One finding for each group, with the jobs that it ends: what mends it mends all of them.
        let mut groups: BTreeMap<usize, (&Concurrency, Vec<Publishing<'_>>)> = BTreeMap::new();
        for job in &workflow.jobs {
            for concurrency in [&job.concurrency, &workflow.concurrency].into_iter().flatten() {
                let Some(cancel) = concurrency.cancel.as_ref().filter(|_| is_shared(concurrency)) else { continue };
                let cancels = |event: &Event<'_>| is_released(event) && cancels(event, cancel);
                let Some((path, upload)) = first_upload(context, (file, workflow), job, &events, &cancels) else {
                    continue;
                };
                groups.entry(cancel.span.start).or_insert((concurrency, Vec::new())).1.push((job, path, upload));
                break;
            }
        }
        for (concurrency, jobs) in groups.into_values() {
            let is_for_one = events.iter().all(|event| event.at == At::Tag) && is_of_tag(concurrency);
            report.findings.extend(finding(&file.path, concurrency, jobs).map(|finding| finding.mild(is_for_one)));
        }
    }
}

fn finding(path: &Utf8Path, concurrency: &Concurrency, jobs: Vec<Publishing<'_>>) -> Option<Finding> {
    let cancel = concurrency.cancel.as_ref()?;
    let names: Vec<String> = jobs.iter().map(|(job, ..)| format!("`{}`", job.id.value)).collect();
    let message = format!("{path} can be cancelled while it publishes, in {}", names.join(", "));
    let ended = jobs
        .into_iter()
        .map(|(_, path, upload)| (path, upload.span, format!("a newer run of the group ends `{}` here", upload.what)));
    let finding = Finding::at(message, path, cancel.span.clone(), "ends the run in progress")
        .and_all(ended)
        .help("write `cancel-in-progress: false`, or publish in a workflow with a group of its own");
    let span = cancel.is_true().then(|| cancel.span.clone());
    Some(finding.rewrite(Applicability::Unsafe, path, span, "false"))
}

/// The first upload of a job that others install from and that is made for an event that is meant.
fn first_upload<'a>(
    context: &'a Context,
    (file, workflow): (&'a WorkflowFile, &'a Workflow),
    job: &'a Job,
    events: &[Event<'_>],
    is_meant: &dyn Fn(&Event<'_>) -> bool,
) -> Option<(&'a Utf8Path, Upload<'a>)> {
    // An image of a branch is no more once there is a newer one.
    let counts = |workflow: &Workflow, upload: &Upload<'_>| {
        !upload.is_test && (upload.target != Target::Images || workflow::is_started_by_release(workflow))
    };
    let first = |workflow: &'a Workflow, job: &'a Job| {
        let runs = |step: &&Step| events.iter().any(|event| is_meant(event) && workflow::runs(event, job, step));
        let uploads = job.steps.iter().filter(runs).flat_map(|step| workflow::uploads(workflow, job, step));
        uploads.into_iter().find(|upload| counts(workflow, upload))
    };
    if let Some(upload) = first(workflow, job) {
        return Some((&file.path, upload));
    }
    let (file, workflow) = workflow::called(context, job)?;
    events.iter().find(|event| is_meant(event) && workflow::runs(event, job, &Step::default()))?;
    let upload = workflow.jobs.iter().find_map(|job| first(workflow, job))?;
    Some((&file.path, upload))
}

/// Nothing is released for a pull request.
fn is_released(event: &Event<'_>) -> bool {
    event.at != At::Request
}

/// Tells if a group has more than one run.
fn is_shared(concurrency: &Concurrency) -> bool {
    !has_in_name(concurrency, &["github.run_id", "github.run_number"])
}

/// Tells if a group has the runs of one tag alone: only who moves the tag, or starts two events with it, ends a run.
fn is_of_tag(concurrency: &Concurrency) -> bool {
    has_in_name(concurrency, &["github.ref", "github.sha", "tag_name"])
}

fn has_in_name(concurrency: &Concurrency, words: &[&str]) -> bool {
    concurrency.group.as_ref().is_some_and(|group| words.iter().any(|word| group.value.contains(word)))
}

/// Tells if a run surely ends the one before it for an event; what is not known is left alone.
fn cancels(event: &Event<'_>, cancel: &YamlString) -> bool {
    cancel.is_true() || (cancel.value.trim().starts_with("${{") && workflow::holds(event, &cancel.value) == Some(true))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn only_groups_that_end_a_release_are_reported() {
        for (on, concurrency, run, found) in [
            ("push", "{group: 'a-${{ github.ref }}', cancel-in-progress: true}", "uv publish", FIRES),
            ("release", "{group: a, cancel-in-progress: true}", "npm publish --tag next", FIRES),
            ("release", "{group: a, cancel-in-progress: true}", "gh release upload v1 dist/*", FIRES),
            ("release", "{group: a, cancel-in-progress: true}", "make", SILENT),
            ("release", "{group: a, cancel-in-progress: 'true'}", "uv publish", SILENT),
            ("release", "{group: a}", "uv publish", SILENT),
            ("release", "a", "uv publish", SILENT),
            ("release", "{group: 'a-${{ github.run_id }}', cancel-in-progress: true}", "uv publish", SILENT),
            ("pull_request", "{group: a, cancel-in-progress: true}", "uv publish", SILENT),
            ("release", "{group: a, cancel-in-progress: true}", "uv publish --dry-run", SILENT),
            ("release", "{group: a, cancel-in-progress: true}", "twine upload -r testpypi dist/*", SILENT),
            ("schedule", "{group: a, cancel-in-progress: true}", "docker push meadow:nightly", SILENT),
            ("release", "{group: a, cancel-in-progress: true}", "docker push meadow:0.4.5", FIRES),
            (
                "release",
                "{group: a, cancel-in-progress: \"${{ github.ref != 'refs/heads/main' }}\"}",
                "uv publish",
                FIRES,
            ),
            (
                "release",
                "{group: a, cancel-in-progress: \"${{ github.event_name == 'pull_request' }}\"}",
                "uv publish",
                SILENT,
            ),
            (
                "release",
                "{group: a, cancel-in-progress: \"${{ github.event_name != 'pull_request' }}\"}",
                "uv publish",
                FIRES,
            ),
            ("release", "{group: a, cancel-in-progress: \"${{ inputs.cancel }}\"}", "uv publish", SILENT),
            (
                "{push: {branches: [main]}, pull_request: }",
                "{group: a, cancel-in-progress: \"${{ github.ref != 'refs/heads/main' }}\"}",
                "uv publish",
                SILENT,
            ),
            (
                "release",
                "{group: a, cancel-in-progress: \"${{ !startsWith(github.ref, 'refs/tags/') }}\"}",
                "uv publish",
                SILENT,
            ),
        ] {
            for text in [
                format!("on: {on}\nconcurrency: {concurrency}\njobs:\n  a:\n    steps:\n    - run: {run}\n"),
                format!("on: {on}\njobs:\n  a:\n    concurrency: {concurrency}\n    steps:\n    - run: {run}\n"),
            ] {
                let mut scene = Scene::of_version("0.4.5", "");
                scene.files.insert(".github/workflows/a.yml".into(), text.clone());
                let fires = scene.count("workflow-publish-cancelled");
                assert_eq!(fires, found, "{text}");
            }
        }
    }

    #[test]
    fn an_upload_counts_in_the_workflow_that_is_called() {
        for (concurrency, condition, found) in [
            ("{group: a, cancel-in-progress: true}", "true", FIRES),
            ("{group: a, cancel-in-progress: false}", "true", SILENT),
            ("{group: a, cancel-in-progress: true}", "github.event_name == 'pull_request'", SILENT),
        ] {
            let mut scene = Scene::of_version("0.4.5", "");
            let caller = format!(
                "on: release\nconcurrency: {concurrency}\njobs:\n  a:\n    if: {condition}\n    uses: ./.github/workflows/b.yml\n"
            );
            let called = "on: workflow_call\njobs:\n  b:\n    steps: [{run: uv publish}]\n";
            scene.files.insert(".github/workflows/a.yml".into(), caller.clone());
            scene.files.insert(".github/workflows/b.yml".into(), called.to_owned());
            let fires = scene.count("workflow-publish-cancelled");
            assert_eq!(fires, found, "{caller}");
        }
    }
}
