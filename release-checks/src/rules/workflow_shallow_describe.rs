//! A version is asked of git where the checkout has no tags.
//!
//! ## What it does
//!
//! Reports steps that run `git describe`, or that build a package whose version setuptools-scm tells, in a job whose
//! `actions/checkout` takes one commit alone. Left alone are jobs that fetch more, that set `SETUPTOOLS_SCM_PRETEND_VERSION`, and
//! those that run for a tag only or check one out by name, since that tag is there; and builds in workflows that upload nothing
//! but for tags. Where only a person can start it without a tag, and where nothing is uploaded, it is a warning.
//!
//! ## Why is this bad?
//!
//! Without tags `git describe` fails, and what a script then falls back to is used instead. setuptools-scm does not even fail:
//! it takes `fallback_version`, and the build goes out under a version that nobody meant.
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
//!   schedule:
//!     - cron: "0 3 * * *"
//! jobs:
//!   nightly:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v4
//!       - run: uv build
//!       - run: uv publish
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
//!   schedule:
//!     - cron: "0 3 * * *"
//! jobs:
//!   nightly:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v4
//!         with:
//!           fetch-depth: 0
//!       - run: uv build
//!       - run: uv publish
//! ```

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::Level;
use crate::rule::{Report, Rule};
use crate::workflow;
use release_core::manifest::workflow::{Command, Entry, Job, Step, Word, Workflow};
use release_core::monorepo::Scheme;
use release_core::text::Span;

/// The rule of this file.
pub(crate) const RULE: Rule = Rule {
    name: "workflow-shallow-describe",
    level: Level::Error,
    source: include_str!("workflow_shallow_describe.rs"),
    check,
};

fn check(context: &Context, report: &mut Report) {
    let is_scm = context.monorepo.scheme == Scheme::Dynamic
        && context.monorepo.manifests.values().any(|manifest| manifest.read.scm.is_some());
    for (file, workflow) in workflow::workflows(context) {
        let publishes = workflow.jobs.iter().any(uploads_without_tag);
        let is_by_hand = workflow
            .triggers
            .iter()
            .all(|trigger| workflow::is_tag_trigger(trigger) || trigger.event.value == "workflow_dispatch");
        for job in &workflow.jobs {
            // One finding for a checkout: what mends it mends all that follows.
            let Some((asked, checkout)) = first_blind(workflow, job, is_scm && publishes) else { continue };
            let message = match asked.is_describe {
                true => format!("{} runs `git describe` in a checkout without tags", file.path),
                false => format!("{} builds with setuptools-scm in a checkout without tags", file.path),
            };
            let depth = checkout.input("fetch-depth").map(|entry| entry.value.span.clone());
            let (place, label) = match (depth, &checkout.uses) {
                (Some(span), _) => (span, "not the whole history"),
                (None, Some(uses)) => (uses.span.clone(), "takes one commit, and no tags"),
                (None, None) => continue,
            };
            let finding = Finding::at(message, &file.path, asked.span, "needs the tags").and(&file.path, place, label);
            let help =
                "check out with `fetch-depth: 0`, or set `SETUPTOOLS_SCM_PRETEND_VERSION` where the version is known";
            report.find(finding.help(help).mild(!publishes || is_by_hand));
        }
    }
}

/// A place that needs tags.
struct Asked {
    span: Span,
    is_describe: bool,
}

/// The first place in a job that needs tags and has none, and the checkout that left them out.
fn first_blind<'a>(workflow: &Workflow, job: &'a Job, counts_builds: bool) -> Option<(Asked, &'a Step)> {
    let is_pretended = [&workflow.env, &job.env].into_iter().flatten().any(is_pretense)
        || job.steps.iter().any(|step| {
            step.run.as_ref().is_some_and(|run| run.value.contains("PRETEND_VERSION"))
                || step.env.iter().any(is_pretense)
        });
    // Which of several repositories a command is about is not known.
    if job.steps.iter().any(|step| is_checkout(step) && !is_own(step)) {
        return None;
    }
    let mut checkout = None;
    for step in &job.steps {
        if is_checkout(step) {
            checkout = Some(step).filter(|step| is_shallow(step));
        }
        for command in &step.commands {
            if fetches(command) {
                return None;
            }
            let is_describe = is_describe(command);
            let is_build = counts_builds && !is_pretended && is_build(command);
            let found =
                checkout.filter(|checkout| (is_describe || is_build) && !is_at_tag(workflow, job, step, checkout));
            if let Some(checkout) = found {
                return Some((Asked { span: command.span(), is_describe }, checkout));
            }
        }
    }
    None
}

/// Whether a job uploads something where no tag was pushed or released.
fn uploads_without_tag(job: &Job) -> bool {
    job.steps.iter().any(|step| !is_for_tags(job, step) && !workflow::uploads(step).is_empty())
}

/// Whether a condition speaks of tags.
fn is_for_tags(job: &Job, step: &Step) -> bool {
    workflow::is_conditioned_on(job, step, &["refs/tags", "'release'", "ref_type"])
}

fn is_pretense(entry: &Entry) -> bool {
    entry.key.value.contains("PRETEND_VERSION")
}

fn is_checkout(step: &Step) -> bool {
    step.action() == Some("actions/checkout")
}

fn is_own(checkout: &Step) -> bool {
    checkout.input("repository").is_none_or(|entry| entry.value.value.contains("github.repository"))
}

fn is_shallow(checkout: &Step) -> bool {
    let depth = checkout.input("fetch-depth").map_or("1", |entry| entry.value.value.as_str());
    depth != "0" && !depth.contains("${{")
}

/// Whether a step runs for tags alone, and the checkout is that of the tag.
fn is_at_tag(workflow: &Workflow, job: &Job, step: &Step, checkout: &Step) -> bool {
    let is_tag = !workflow.triggers.is_empty() && workflow.triggers.iter().all(workflow::is_tag_trigger);
    let is_tag = is_tag || is_for_tags(job, step);
    match checkout.input("ref").map(|entry| entry.value.value.as_str()) {
        None => is_tag,
        // A tag by its name, wherever that comes from.
        Some(at) => at.contains("tag") || (is_tag && at.contains("${{")),
    }
}

fn fetches(command: &Command) -> bool {
    const MORE: [&str; 5] = ["--tags", "-t", "--unshallow", "--depth", "--deepen"];
    let is_more = |word: &Word| word.text.contains("refs/tags") || word.text.starts_with("--shallow");
    command
        .arguments("git", &["fetch"])
        .is_some_and(|arguments| MORE.iter().any(|option| command.has_option(option)) || arguments.iter().any(is_more))
}

/// Whether a command asks for a tag: `--always` alone is content with a commit.
fn is_describe(command: &Command) -> bool {
    let has = |options: &[&str]| options.iter().any(|option| command.has_option(option));
    command.arguments("git", &["describe"]).is_some()
        && !has(&["--all", "--contains"])
        && (!has(&["--always"]) || has(&["--tags", "--match"]))
}

fn is_build(command: &Command) -> bool {
    let words = workflow::program(command);
    let is = |wanted: &[&str]| workflow::begins(words, wanted);
    is(&["uv", "build"])
        || is(&["pip", "wheel"])
        || is(&["hatch", "build"])
        || is(&["pyproject-build"])
        || is(&["build"])
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::Scene;

    const HEAD: &str = "[build-system]\nrequires = ['setuptools>=61.0', 'setuptools-scm>=8']\n[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";

    fn finds(manifest: &str, on: &str, env: &str, steps: &str) -> usize {
        let text = format!("on: {on}\njobs:\n  build:\n    env: {{{env}}}\n    steps:\n{steps}");
        let files = [("pyproject.toml".into(), manifest.to_owned()), (".github/workflows/a.yml".into(), text)].into();
        let fires = Scene { files, ..Scene::default() }.fires();
        fires.iter().filter(|name| **name == super::RULE.name).count()
    }

    #[test]
    fn what_asks_for_tags_is_known_from_what_does_not() {
        const CHECKOUT: &str = "    - uses: actions/checkout@v4\n";
        const PUBLISH: &str = "    - run: twine upload dist/*\n";
        for (run, found) in [
            ("VERSION=$(git describe --tags --abbrev=0)", 1),
            ("git describe --tags --always", 1),
            ("git describe --tags || echo 0.0.0", 1),
            ("git describe --always --dirty", 0),
            ("echo git describe", 0),
            ("git fetch --tags && git describe", 0),
            ("git fetch --prune --unshallow; git describe", 0),
            ("python -m build", 1),
            ("uvx --from build pyproject-build", 1),
            ("pipx run build --wheel", 1),
            ("SETUPTOOLS_SCM_PRETEND_VERSION=1 uv build", 0),
            ("docker build .", 0),
        ] {
            let steps = format!("{CHECKOUT}    - run: {run}\n{PUBLISH}");
            assert_eq!(finds(HEAD, "schedule", "", &steps), found, "{run}");
        }
    }

    #[test]
    fn checkouts_that_have_the_tags_and_builds_that_need_none_are_left_alone() {
        const BUILD: &str = "    - run: uv build\n    - run: uv publish\n";
        const TAGS: &str = "    - if: startsWith(github.ref, 'refs/tags/')\n      run: uv publish\n";
        let static_version = "[project]\nname = 'meadow'\nversion = '0.4.5'\n";
        let checkout = |with: &str| format!("    - uses: actions/checkout@v4\n      with: {{{with}}}\n{BUILD}");
        let shallow = checkout("");
        for (why, manifest, on, env, steps, found) in [
            ("one commit", HEAD, "[release, schedule]", "", shallow.clone(), 1),
            ("some commits", HEAD, "schedule", "", checkout("fetch-depth: 50"), 1),
            ("all commits", HEAD, "schedule", "", checkout("fetch-depth: 0"), 0),
            ("who knows", HEAD, "schedule", "", checkout("fetch-depth: '${{ inputs.depth }}'"), 0),
            ("another repository", HEAD, "schedule", "", checkout("repository: a/meadow-client"), 0),
            ("no checkout", HEAD, "schedule", "", BUILD.to_owned(), 0),
            ("a given version", HEAD, "schedule", "SETUPTOOLS_SCM_PRETEND_VERSION: 1", shallow.clone(), 0),
            ("the tag itself", HEAD, "release", "", shallow.clone(), 0),
            ("the tag itself", HEAD, "{push: {tags: ['v*']}}", "", shallow.clone(), 0),
            ("a tag by name", HEAD, "workflow_dispatch", "", checkout("ref: '${{ inputs.tag }}'"), 0),
            ("by hand", HEAD, "[workflow_dispatch, release]", "", shallow.clone(), 1),
            ("main for a release", HEAD, "release", "", checkout("ref: main"), 1),
            ("a static version", static_version, "schedule", "", shallow, 0),
            (
                "uploads of tags",
                HEAD,
                "push",
                "",
                format!("    - uses: actions/checkout@v4\n    - run: uv build\n{TAGS}"),
                0,
            ),
            ("no upload", HEAD, "schedule", "", "    - uses: actions/checkout@v4\n    - run: uv build\n".to_owned(), 0),
        ] {
            assert_eq!(finds(manifest, on, env, &steps), found, "{why}");
        }
    }
}
