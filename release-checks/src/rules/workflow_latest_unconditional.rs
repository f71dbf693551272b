//! Every release becomes `latest`, whatever its line.
//!
//! ## What it does
//!
//! Reports `npm publish` without `--tag`, which takes the dist-tag `latest`, and images that are pushed as `latest`, by command or by
//! Docker's actions, in workflows that make releases. What stands under a condition on the newest version, an input or an output
//! of another step is left alone, and so are images of branches.
//!
//! ## Why is this bad?
//!
//! A patch of an older line is released after a newer line has begun. Whoever asks for no version is then given the older one,
//! and nothing fails.
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
//!   npm:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/download-artifact@v4
//!       - run: npm publish
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
//!   npm:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/download-artifact@v4
//!       - run: npm publish --tag "$NPM_TAG"
//!         env:
//!           NPM_TAG: ${{ needs.version.outputs.npm-tag }}
//! ```

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::Level;
use crate::rule::{Report, Rule};
use crate::workflow::{self, Target};
use camino::Utf8Path;
use release_core::manifest::workflow::{Command, Job, Joint, Step, Workflow, YamlString};
use release_core::text::{SourceText, Span};

/// The rule of this file.
pub(crate) const RULE: Rule = Rule {
    name: "workflow-latest-unconditional",
    level: Level::Error,
    source: include_str!("workflow_latest_unconditional.rs"),
    check,
};

fn check(context: &Context, report: &mut Report) {
    for (file, workflow) in workflow::workflows(context).filter(|(_, workflow)| workflow::is_for_releases(workflow)) {
        for job in &workflow.jobs {
            let has_images = job.steps.iter().any(pushes);
            // Of one step one dist-tag and one image: what mends it mends the others.
            for step in &job.steps {
                let (dist_tag, image) = (dist_tag(workflow, job, step), image(&file.source, has_images, step));
                if (dist_tag.is_none() && image.is_none()) || is_chosen(job, step) {
                    continue;
                }
                report.findings.extend(dist_tag.map(|span| of_dist_tag(&file.path, span)));
                report.findings.extend(image.map(|span| of_image(&file.path, span)));
            }
        }
    }
}

fn of_dist_tag(path: &Utf8Path, span: Span) -> Finding {
    let message = format!("{path} publishes every version to npm as `latest`");
    Finding::at(message, path, span, "without `--tag` this is `latest`, also for an older line")
        .help("write `--tag`: `cargo xtask release version --github-output` says which (`npm-tag`)")
}

fn of_image(path: &Utf8Path, span: Span) -> Finding {
    let message = format!("{path} pushes every version as the image `latest`");
    Finding::at(message, path, span, "also for a patch of an older line").help(
        "push `latest` for the highest version only: `cargo xtask release version --github-output` says which tags (`container-tags`)",
    )
}

/// Whether a condition chooses the versions, or the step is not about releases.
fn is_chosen(job: &Job, step: &Step) -> bool {
    const CHOSEN: [&str; 5] = ["latest", "highest", "newest", "inputs.", "outputs."];
    workflow::is_conditioned_on(job, step, &CHOSEN) || workflow::is_for_other_events(job, step)
}

/// Where a step publishes to npm without a dist-tag.
fn dist_tag(workflow: &Workflow, job: &Job, step: &Step) -> Option<Span> {
    let by_environment = [&workflow.env, &job.env, &step.env].into_iter().flatten();
    if by_environment.into_iter().any(|entry| entry.key.value.eq_ignore_ascii_case("npm_config_tag")) {
        return None;
    }
    let upload = workflow::uploads(step).into_iter().find(|upload| {
        let Some(at) = upload.command else { return upload.target == Target::Npm && step.input("tag").is_none() };
        let command = &step.commands[at];
        // What a variable stands for may be the option.
        let is_open = command.words.iter().any(|word| word.text.starts_with('$'));
        upload.target == Target::Npm
            && !upload.is_test
            && !is_open
            && !command.has_option("--tag")
            && !is_conditional(&step.commands, at)
    })?;
    Some(upload.span)
}

/// Whether a command stands in an `if`, or after a test and `&&`.
fn is_conditional(commands: &[Command], at: usize) -> bool {
    let command = &commands[at];
    let before = at.checked_sub(1).and_then(|at| commands[at].words.first()).map(|word| word.text.as_str());
    let is_tested = matches!(before, Some("[" | "[[" | "test"));
    command.conditions > 0 || (command.joints.0 != Joint::Sequence && is_tested)
}

/// Where a step, or its action, pushes the image `latest`.
fn image(source: &SourceText, has_images: bool, step: &Step) -> Option<Span> {
    match step.action() {
        Some("docker/build-push-action") if pushes(step) => {
            item(source, &step.input("tags")?.value, |tag| tag.ends_with(":latest"))
        }
        Some("docker/metadata-action") if has_images => {
            let is_fixed = |tag: &str| tag.contains("value=latest") && tag.contains("type=raw") && is_always(tag);
            let by_tag = step.input("tags").and_then(|tags| line(source, &tags.value, is_fixed));
            let flavor = |flavor: &str| flavor.split(',').any(|part| part.trim() == "latest=true");
            by_tag.or_else(|| line(source, &step.input("flavor")?.value, flavor))
        }
        _ => command(step),
    }
}

/// Whether a step pushes images.
fn pushes(step: &Step) -> bool {
    workflow::uploads(step).iter().any(|upload| upload.target == Target::Images && !upload.is_test)
}

/// Whether a line of `docker/metadata-action` holds for every run.
fn is_always(line: &str) -> bool {
    line.split(',').all(|part| part.trim().strip_prefix("enable=").is_none_or(|value| value == "true"))
}

fn command(step: &Step) -> Option<Span> {
    let pushed =
        workflow::uploads(step).into_iter().filter(|upload| upload.target == Target::Images && !upload.is_test);
    pushed.filter_map(|upload| Some((upload.command?, upload))).find_map(|(at, _)| {
        let command = &step.commands[at];
        if is_conditional(&step.commands, at) {
            return None;
        }
        // An image without a tag is `latest` too.
        let last = command.words.last()?;
        let is_bare = command.words.iter().any(|word| word.text == "push")
            && !last.text.contains(['$', '@'])
            && !last.text.starts_with("localhost")
            && last.text.rsplit('/').next().is_some_and(|name| !name.contains(':'))
            && !command.has_option("--all-tags");
        let named = command.words.iter().find(|word| word.text.ends_with(":latest"));
        named.or(Some(last).filter(|_| is_bare)).map(|word| word.span.clone())
    })
}

/// The first item of a list, by lines or commas, that is meant.
fn item(source: &SourceText, list: &YamlString, is_meant: impl Fn(&str) -> bool) -> Option<Span> {
    part(source, list, &['\n', ','], is_meant)
}

/// The first line that is meant.
fn line(source: &SourceText, list: &YamlString, is_meant: impl Fn(&str) -> bool) -> Option<Span> {
    part(source, list, &['\n'], is_meant)
}

fn part(source: &SourceText, list: &YamlString, ends: &[char], is_meant: impl Fn(&str) -> bool) -> Option<Span> {
    let content = list.content();
    let mut start = content.start;
    source.as_str().get(content)?.split_inclusive(ends).find_map(|part| {
        let text = part.trim_end_matches(ends).trim();
        let at = start + (part.len() - part.trim_start().len());
        start += part.len();
        is_meant(text).then(|| at..at + text.len())
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

    fn finds_step(on: &str, step: &str) -> usize {
        finds(&format!("on: {on}\njobs:\n  a:\n    steps:\n    - {step}\n"))
    }

    #[test]
    fn commands_that_leave_the_choice_open_are_left_alone() {
        for (script, found) in [
            ("npm publish", 1),
            ("npm publish --access public", 1),
            ("pnpm publish", 1),
            ("npm publish --tag next", 0),
            ("npm publish --tag=next", 0),
            ("npm publish --dry-run", 0),
            ("npm publish $ARGS", 0),
            ("npm publish \"${ARGS[@]}\"", 0),
            ("npm publish --registry http://localhost:4873", 0),
            ("if $IS_LATEST; then npm publish; fi", 0),
            ("[ $LATEST = true ] && npm publish", 0),
            ("cd dist && npm publish", 1),
            ("docker push registry.example/meadow:latest", 1),
            ("docker push registry.example/meadow", 1),
            ("docker push registry.example/meadow:$VERSION", 0),
            ("docker push $IMAGE", 0),
            ("docker build -t registry.example/meadow:latest .", 0),
            ("docker buildx build --push -t registry.example/meadow:latest .", 1),
            ("if $IS_LATEST; then docker push registry.example/meadow:latest; fi", 0),
            ("npm publish; docker push registry.example/meadow:latest", 2),
        ] {
            let step = format!("run: |\n        {}", script.replace("; ", "\n        "));
            assert_eq!(finds_step("release", &step), found, "{script}");
            assert_eq!(finds_step("{push: {branches: [main]}}", &step), 0, "{script}");
            let condition = format!("if: needs.version.outputs.latest == 'true'\n      {step}");
            assert_eq!(finds_step("release", &condition), 0, "{script}");
            let nightly = format!("if: github.event_name == 'schedule'\n      {step}");
            assert_eq!(finds_step("[release, schedule]", &nightly), 0, "{script}");
        }
    }

    #[test]
    fn actions_push_latest_where_they_say_so_themselves() {
        const BUILD: &str = "uses: docker/build-push-action@v6\n      with: ";
        const META: &str = "uses: docker/metadata-action@v5\n      with: ";
        let push = format!("\n    - {BUILD}{{push: true, tags: x}}");
        for (step, found) in [
            (format!("{BUILD}{{push: true, tags: 'r.example/a:1,r.example/a:latest'}}"), 1),
            (
                format!(
                    "{BUILD}\n        push: true\n        tags: |\n          r.example/a:1\n          r.example/a:latest"
                ),
                1,
            ),
            (format!("{BUILD}{{push: false, tags: 'r.example/a:latest'}}"), 0),
            (format!("{BUILD}{{push: true, tags: \"${{{{ inputs.l && 'a:latest' || 'a:1' }}}}\"}}"), 0),
            (format!("{BUILD}{{push: true, tags: 'r.example/a:latest-gpu'}}"), 0),
            (format!("{META}{{flavor: 'latest=true'}}{push}"), 1),
            (format!("{META}{{flavor: 'latest=false'}}{push}"), 0),
            (format!("{META}{{flavor: 'latest=true'}}"), 0),
            (format!("{META}{{tags: 'type=raw,value=latest'}}{push}"), 1),
            (format!("{META}{{tags: \"type=raw,value=latest,enable=${{{{ inputs.l }}}}\"}}{push}"), 0),
        ] {
            assert_eq!(finds_step("release", &step), found, "{step}");
        }
    }
}
