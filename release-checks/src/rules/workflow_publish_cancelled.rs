//! A job that publishes can be cancelled by the next run.
//!
//! ## What it does
//!
//! Reports jobs that upload something under a concurrency group with `cancel-in-progress: true`, of the workflow or of the job.
//! Expressions are reported where they hold for a tag, as `github.ref != 'refs/heads/main'` does; groups that every run has to
//! itself, uploads to an index for tests, and images of branches are left alone.
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
//! Unsafe: runs then wait for each other, where the last one had them all out of its way.

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::fix::{Applicability, Fix};
use crate::level::Level;
use crate::rule::{Report, Rule};
use crate::workflow::{self, Target, Upload};
use camino::Utf8Path;
use release_core::manifest::workflow::{Concurrency, Job, Workflow, YamlString};
use release_core::text::TextEdit;
use std::collections::BTreeMap;

/// The rule of this file.
pub(crate) const RULE: Rule = Rule {
    name: "workflow-publish-cancelled",
    level: Level::Error,
    source: include_str!("workflow_publish_cancelled.rs"),
    check,
};

/// A job, and what it uploads first.
type Publishing<'a> = (&'a Job, Upload<'a>);

fn check(context: &Context, report: &mut Report) {
    for (file, workflow) in workflow::workflows(context) {
        // One finding for each group, with the jobs that it ends: what mends it mends all of them.
        let mut groups: BTreeMap<usize, (&YamlString, Vec<Publishing<'_>>)> = BTreeMap::new();
        for job in &workflow.jobs {
            let concurrency =
                [&job.concurrency, &workflow.concurrency].into_iter().flatten().find(|group| cancels(group));
            let Some(cancel) = concurrency.and_then(|concurrency| concurrency.cancel.as_ref()) else { continue };
            let Some(upload) = first_upload(workflow, job) else { continue };
            groups.entry(cancel.span.start).or_insert((cancel, Vec::new())).1.push((job, upload));
        }
        for (cancel, jobs) in groups.into_values() {
            report.find(finding(&file.path, cancel, jobs));
        }
    }
}

fn finding(path: &Utf8Path, cancel: &YamlString, jobs: Vec<Publishing<'_>>) -> Finding {
    let names: Vec<String> = jobs.iter().map(|(job, _)| format!("`{}`", job.id.value)).collect();
    let message = format!("{path} can be cancelled while it publishes, in {}", names.join(", "));
    let mut finding = Finding::at(message, path, cancel.span.clone(), "ends the run in progress")
        .help("write `cancel-in-progress: false`, or publish in a workflow with a group of its own");
    for (_, upload) in jobs {
        finding = finding.and(path, upload.span, format!("a newer run of the group ends `{}` here", upload.what));
    }
    if cancel.is_true() {
        let edit = TextEdit { span: cancel.span.clone(), replacement: "false".to_owned() };
        finding = finding.fix(Fix::new(Applicability::Unsafe, path, edit));
    }
    finding
}

/// The first upload of a job that others install from.
fn first_upload<'a>(workflow: &Workflow, job: &'a Job) -> Option<Upload<'a>> {
    let is_only_for_requests = workflow
        .triggers
        .iter()
        .all(|trigger| trigger.event.value.starts_with("pull_request") || trigger.event.value == "merge_group");
    if is_only_for_requests {
        return None;
    }
    // An image of a branch is no more once there is a newer one.
    let counts = |upload: &Upload<'_>| {
        !upload.is_test && (upload.target != Target::Images || workflow::is_started_by_release(workflow))
    };
    job.steps.iter().flat_map(workflow::uploads).find(counts)
}

/// Whether a group ends a run that publishes.
fn cancels(concurrency: &Concurrency) -> bool {
    let is_shared = concurrency.group.as_ref().is_none_or(|group| !group.value.contains("github.run_id"));
    let cancel = concurrency.cancel.as_ref();
    is_shared && cancel.is_some_and(|cancel| cancel.is_true() || holds_for_tags(&cancel.value))
}

/// Whether an expression surely holds where a tag is released; others may be about pull requests, and are left alone.
fn holds_for_tags(expression: &str) -> bool {
    let Some(text) = expression.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}")) else {
        return false;
    };
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_other = ["&&", "||", "refs/pull", "pull_request"].iter().any(|word| text.contains(word));
    let holds = [
        "github.ref!='refs/heads/",
        "github.ref_name!='",
        "!startsWith(github.ref,'refs/heads/",
        "startsWith(github.ref,'refs/tags",
        "github.event_name=='release'",
    ];
    text == "true" || (!is_other && holds.iter().any(|form| text.starts_with(form)))
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    #[test]
    fn only_groups_that_end_a_release_are_reported() {
        for (on, concurrency, run, found) in [
            ("release", "{group: a, cancel-in-progress: true}", "npm publish --tag next", 1),
            ("release", "{group: a, cancel-in-progress: true}", "gh release upload v1 dist/*", 1),
            ("release", "{group: a, cancel-in-progress: true}", "make", 0),
            ("release", "{group: a, cancel-in-progress: 'true'}", "uv publish", 0),
            ("release", "{group: a}", "uv publish", 0),
            ("release", "a", "uv publish", 0),
            ("release", "{group: 'a-${{ github.run_id }}', cancel-in-progress: true}", "uv publish", 0),
            ("pull_request", "{group: a, cancel-in-progress: true}", "uv publish", 0),
            ("release", "{group: a, cancel-in-progress: true}", "uv publish --dry-run", 0),
            ("release", "{group: a, cancel-in-progress: true}", "twine upload -r testpypi dist/*", 0),
            ("schedule", "{group: a, cancel-in-progress: true}", "docker push meadow:nightly", 0),
            ("release", "{group: a, cancel-in-progress: true}", "docker push meadow:0.4.5", 1),
            ("release", "{group: a, cancel-in-progress: \"${{ github.ref != 'refs/heads/main' }}\"}", "uv publish", 1),
            (
                "release",
                "{group: a, cancel-in-progress: \"${{ github.event_name == 'pull_request' }}\"}",
                "uv publish",
                0,
            ),
            (
                "release",
                "{group: a, cancel-in-progress: \"${{ !startsWith(github.ref, 'refs/tags/') }}\"}",
                "uv publish",
                0,
            ),
        ] {
            for text in [
                format!("on: {on}\nconcurrency: {concurrency}\njobs:\n  a:\n    steps:\n    - run: {run}\n"),
                format!("on: {on}\njobs:\n  a:\n    concurrency: {concurrency}\n    steps:\n    - run: {run}\n"),
            ] {
                let mut scene = Scene::of_version("0.4.5", "");
                scene.files.insert(".github/workflows/a.yml".into(), text.clone());
                let fires = scene.fires().iter().filter(|name| **name == super::RULE.name).count();
                assert_eq!(fires, found, "{text}");
            }
        }
    }
}
