//! An image is built from a package that may not be published yet.
//!
//! ## What it does
//!
//! Reports jobs that run for a release and install the released version of a package of this monorepo, or give its version to an
//! image's build (also by `buildx bake --set`) as a build argument named after the package or after PyPI, where neither the job nor
//! one that it needs waits for the index: by a loop that asks, a retry, or a pause that is not for tests alone. Jobs that a release does not start are left alone.
//!
//! ## Why is this bad?
//!
//! Uploads take minutes, and an index shows them later still, one package after the other. The build fails, or it installs what
//! was there before and the image carries a wrong version.
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
//!   image:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: docker/build-push-action@v6
//!         with:
//!           push: true
//!           tags: registry.example/meadow:${{ github.event.release.tag_name }}
//!           build-args: PYPI_VERSION=${{ github.event.release.tag_name }}
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
//!   image:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - run: until pip download --no-deps "meadow==${TAG#v}"; do sleep 20; done
//!         timeout-minutes: 30
//!         env:
//!           TAG: ${{ github.event.release.tag_name }}
//!       - uses: docker/build-push-action@v6
//!         with:
//!           push: true
//!           tags: registry.example/meadow:${{ github.event.release.tag_name }}
//!           build-args: PYPI_VERSION=${{ github.event.release.tag_name }}
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::workflow::{self, Event, Target, Upload};
use release_core::manifest::requirement::canonical_name;
use release_core::manifest::workflow::{BlockKind, Command, Job, Step, Workflow, YamlString, parts};
use release_core::text::{SourceText, Span};
use std::collections::BTreeSet;

pub(super) fn check(context: &Context, report: &mut Report) {
    let packages: BTreeSet<_> = context.monorepo.packages.iter().map(|package| package.name.as_str()).collect();
    let argument = |name: &&str| format!("{}_VERSION", name.to_ascii_uppercase().replace(['-', '.'], "_"));
    let names = Names { arguments: packages.iter().map(argument).collect(), packages };
    for (file, workflow) in workflow::workflows(context) {
        if !workflow::is_started_by_release(workflow) {
            continue;
        }
        let events = workflow::events(workflow);
        let waiting = workflow.jobs.iter().filter(|job| waits(workflow, &events, job));
        let waited = workflow::with_those_that_need(workflow, waiting, &|_| true);
        for job in workflow.jobs.iter().filter(|job| job.steps.iter().any(builds_image)) {
            let installed = job.steps.iter().find_map(|step| {
                let installed = installs(&file.source, step, &names).or_else(|| from_output(job, step, &names));
                Some((installed?, step))
            });
            let Some((span, step)) = installed else { continue };
            if waited.contains(job.id.value.as_str()) || workflow::is_for_other_events(workflow, &events, job, step) {
                continue;
            }
            let message = format!("{} builds an image of a release that may not be installable yet", file.path);
            let label =
                match job.needs.iter().find(|id| workflow.job(&id.value).is_some_and(|job| uploads(workflow, job))) {
                    Some(id) => format!("job `{}` has uploaded it, and the index shows it later", id.value),
                    None => "nothing here waits for the index".to_owned(),
                };
            let help = "wait before it until the index has the version: a loop over `pip download --no-deps NAME==VERSION`, with `timeout-minutes`";
            report.find(Finding::at(message, &file.path, span, label).help(help));
        }
    }
}

/// The names of the monorepo's packages, and what they are called in build arguments.
struct Names<'a> {
    packages: BTreeSet<&'a str>,
    arguments: BTreeSet<String>,
}

/// Tells if a job uploads to the index.
fn uploads(workflow: &Workflow, job: &Job) -> bool {
    let is_index = |upload: &Upload<'_>| upload.target == Target::Index && !upload.is_test;
    job.steps.iter().any(|step| workflow::uploads(workflow, job, step).iter().any(is_index))
}

/// Tells if a job waits for something when a release runs it, or leaves that to a workflow or an action that is not seen.
fn waits(workflow: &Workflow, events: &[Event<'_>], job: &Job) -> bool {
    const ASKS: [&str; 5] = ["pip download", "pip install", "pip index", "curl", "wget"];
    let has_pause = |step: &Step| {
        let words = |(at, command): (usize, &Command)| {
            if workflow::conditions(&step.script, at).iter().any(|text| is_about_tests(text)) {
                return false;
            }
            let asks = ASKS.iter().any(|asks| workflow::begins(workflow::program(command), asks));
            command.words.first().is_some_and(|word| word.text == "sleep")
                || command.words.iter().any(|word| {
                    matches!(word.text.as_str(), "--retry" | "--wait" | "verify") || word.text.contains("sleep ")
                })
                || (asks
                    && command.is_condition
                    && step.script.around(command).any(|(_, block)| block.kind == BlockKind::While))
        };
        // Scripts in other languages have pauses too.
        let is_foreign =
            |run: &YamlString| ["time.sleep", "Start-Sleep", "setTimeout"].iter().any(|word| run.value.contains(word));
        step.run.as_ref().is_some_and(is_foreign) || step.script.commands.iter().enumerate().any(words)
    };
    let is_retry = |step: &Step| {
        step.action().is_some_and(|action| {
            ["retry", "wait", "sleep"].iter().any(|word| action.contains(word)) || action.starts_with("./")
        })
    };
    let is_for_releases = |step: &&Step| {
        let is_for_tests = step.condition.as_ref().is_some_and(|condition| is_about_tests(&condition.value));
        !is_for_tests && !workflow::is_for_other_events(workflow, events, job, step)
    };
    job.uses.is_some() || job.steps.iter().filter(is_for_releases).any(|step| has_pause(step) || is_retry(step))
}

/// Tells if a condition holds for tests alone, as far as words tell.
fn is_about_tests(condition: &str) -> bool {
    let text = condition.to_ascii_lowercase();
    let is_denied = ["!=", "! ", "!inputs", "!env", "-ne", "false"].iter().any(|sign| text.contains(sign));
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    !is_denied && words.any(|word| matches!(word, "test" | "tests" | "testing" | "testpypi" | "dry" | "dryrun"))
}

/// Returns the place where a step gives an image's build what an earlier step of its job put together, with such an argument in it.
fn from_output(job: &Job, step: &Step, names: &Names<'_>) -> Option<Span> {
    let given =
        step.input("build-args").filter(|_| builds_image(step)).map(|entry| (&entry.value.value, &entry.value.span));
    let by_command = || {
        let command = step.script.commands.iter().find(|command| builds_image_by(command))?;
        let word = command.words.iter().find(|word| word.text.contains("outputs."))?;
        Some((&word.text, &word.span))
    };
    let (text, span) = given.or_else(by_command)?;
    let (_, rest) = text.split_once("steps.")?;
    let (id, _) = rest.split_once(".outputs.")?;
    let before = job.steps.iter().find(|step| step.id.as_ref().is_some_and(|known| known.value == id))?;
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let run = &before.run.as_ref()?.value;
    let sets = run.split('=').zip(run.split('=').skip(1)).any(|(before, value)| {
        let name = before.rsplit(|c: char| !is_part(c)).next().unwrap_or_default();
        is_installed(name, names) && value.trim_start_matches(['"', '\'', '\\']).starts_with('$')
    });
    sets.then(|| span.clone())
}

fn builds_image(step: &Step) -> bool {
    const ACTIONS: [&str; 3] = ["docker/build-push-action", "depot/build-push-action", "docker/bake-action"];
    ACTIONS.iter().any(|action| workflow::is_action(step, action)) || step.script.commands.iter().any(builds_image_by)
}

/// Returns the places where a step installs the version that is being released of one of ours, or has an image's build do so.
fn installs(source: &SourceText, step: &Step, names: &Names<'_>) -> Option<Span> {
    let is_argument = |argument: &str| {
        argument.split_once('=').is_some_and(|(name, value)| is_installed(name, names) && is_open(value))
    };
    if let Some(entry) = step.input("build-args").filter(|_| builds_image(step)) {
        let lines = parts(source, &entry.value, |c| c == '\n');
        return lines.into_iter().find(|(line, _)| is_argument(line)).map(|(_, span)| span);
    }
    step.script.commands.iter().find_map(|command| {
        let is_build = builds_image_by(command);
        let is_install = command.words.iter().take(3).any(|word| word.text == "install" || word.text == "download");
        let word = command.words.iter().find(|word| {
            let text = word.text.trim_start_matches("--build-arg=");
            // `buildx bake --set TARGET.args.NAME=VALUE`.
            (is_build
                && (is_argument(text) || text.split_once(".args.").is_some_and(|(_, argument)| is_argument(argument))))
                || (is_install && is_ours(&word.text, names))
        })?;
        Some(word.span.clone())
    })
}

fn builds_image_by(command: &Command) -> bool {
    const BUILDS: [&str; 5] =
        ["docker build", "docker buildx build", "docker buildx bake", "podman build", "buildah build"];
    BUILDS.iter().any(|build| workflow::begins(&command.words, build))
}

/// Tells if a build argument is about what is installed: `PYPI_VERSION`, `MEADOW_VERSION`.
fn is_installed(argument: &str, names: &Names<'_>) -> bool {
    argument.contains("PYPI") || names.arguments.contains(argument)
}

/// Tells if a requirement is on a package of ours at a version that is known only when the workflow runs.
fn is_ours(requirement: &str, names: &Names<'_>) -> bool {
    requirement.split_once("==").is_some_and(|(name, version)| {
        let name = name.split('[').next().unwrap_or_default();
        names.packages.contains(canonical_name(name).as_str()) && is_open(version)
    })
}

fn is_open(value: &str) -> bool {
    value.contains('$')
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn images_that_wait_or_install_nothing_of_the_release_are_left_alone() {
        for (on, script, found) in [
            ("release", "docker build --build-arg PYPI_VERSION=$V .", FIRES),
            ("release", "docker build --build-arg=MEADOW_VERSION=$V .", FIRES),
            ("{push: {tags: ['v*']}}", "docker build --build-arg PYPI_VERSION=$V .", FIRES),
            ("release", "docker build --build-arg VERSION=$V .", SILENT),
            ("release", "docker build --build-arg PYPI_VERSION=0.4.5 .", SILENT),
            ("release", "pip install 'meadow[ui]==${{ github.ref_name }}'; docker build .", FIRES),
            ("release", "pip install meadow==$V; make", SILENT),
            ("release", "pip install pollen==$V; docker build .", SILENT),
            ("release", "pip install meadow; docker build .", SILENT),
            ("release", "sleep 300; docker build --build-arg PYPI_VERSION=$V .", SILENT),
            ("release", "until pip download meadow==$V; do; sleep 9; done; docker build .", SILENT),
            (
                "release",
                "until curl -f https://index.example/meadow/$V; do :; done; docker build --build-arg PYPI_VERSION=$V .",
                SILENT,
            ),
            (
                "release",
                "timeout 600 bash -c 'until a; do sleep 5; done'; docker build --build-arg PYPI_VERSION=$V .",
                SILENT,
            ),
            ("release", "python -c 'import time'; docker build --build-arg PYPI_VERSION=$V .", FIRES),
            ("release", "python -c 'time.sleep(60)'; docker build --build-arg PYPI_VERSION=$V .", SILENT),
            ("release", "docker buildx bake --set *.args.MEADOW_VERSION=$V", FIRES),
            ("workflow_dispatch", "docker build --build-arg PYPI_VERSION=$V .", SILENT),
        ] {
            let script = script.replace("; ", "\n        ");
            let text = format!("on: {on}\njobs:\n  a:\n    steps:\n    - run: |\n        {script}\n");
            assert_eq!(Scene::of_workflow(&text).count("workflow-image-before-index"), found, "{text}");
        }
    }

    #[test]
    fn a_job_that_is_needed_may_do_the_waiting() {
        const BUILD: &str = "    steps: [{run: 'docker build --build-arg PYPI_VERSION=$V .'}]\n";
        for (wait, found) in [("sleep 60", 0), ("make", 1)] {
            let text = format!(
                "on: release\njobs:\n  publish:\n    steps: [{{run: uv publish}}]\n  wait:\n    needs: publish\n    steps: [{{run: {wait}}}]\n  between:\n    needs: [wait, between]\n  image:\n    needs: between\n{BUILD}"
            );
            assert_eq!(Scene::of_workflow(&text).count("workflow-image-before-index"), found, "{wait}");
        }
    }

    #[test]
    fn a_wait_for_tests_alone_is_none_for_a_release() {
        const BUILD: &str = "docker build --build-arg PYPI_VERSION=$V .";
        for (wait, found) in [
            ("{if: inputs.test == 'true', run: sleep 60}", FIRES),
            ("{if: \"github.event_name == 'schedule'\", run: sleep 60}", FIRES),
            ("{run: 'if [ \"$INDEX\" = testpypi ]; then sleep 60; fi'}", FIRES),
            ("{if: inputs.dry_run != 'true', run: sleep 60}", SILENT),
            ("{run: 'if [ \"$INDEX\" = pypi ]; then sleep 60; fi'}", SILENT),
            ("{run: sleep 60}", SILENT),
        ] {
            let text = format!(
                "on: [release, schedule, workflow_dispatch]\njobs:\n  a:\n    steps:\n    - {wait}\n    - run: {BUILD}\n"
            );
            assert_eq!(Scene::of_workflow(&text).count("workflow-image-before-index"), found, "{wait}");
        }
    }

    #[test]
    fn an_argument_that_an_earlier_step_put_together_is_seen() {
        for (script, given, found) in [
            ("echo \"args=PYPI_VERSION=$V\" >> $GITHUB_OUTPUT", "args", FIRES),
            ("echo args=MEADOW_VERSION=${V} >> $GITHUB_OUTPUT", "args", FIRES),
            ("ARGS=\"MEADOW_VERSION='$V'\"", "args", FIRES),
            ("echo \"args=PYPI_VERSION=0.4.5\" >> $GITHUB_OUTPUT", "args", SILENT),
            ("echo \"args=COMMIT=$SHA\" >> $GITHUB_OUTPUT", "args", SILENT),
            ("echo \"args=PYPI_VERSION=$V\" >> $GITHUB_OUTPUT", "other", SILENT),
        ] {
            let text = format!(
                "on: release\njobs:\n  a:\n    steps:\n    - id: args\n      run: |\n        {script}\n    - uses: docker/build-push-action@v6\n      with:\n        build-args: ${{{{ steps.{given}.outputs.args }}}}\n"
            );
            assert_eq!(Scene::of_workflow(&text).count("workflow-image-before-index"), found, "{text}");
            let by_command = text.replace(
                "    - uses: docker/build-push-action@v6\n      with:\n        build-args: ",
                "    - run: docker build --build-arg ",
            );
            assert_eq!(Scene::of_workflow(&by_command).count("workflow-image-before-index"), found, "{by_command}");
        }
    }
}
