//! Every release becomes `latest`, whatever its line.
//!
//! ## What it does
//!
//! Reports, in workflows that make releases: `npm publish` without `--tag` or with `--tag latest`, `npm dist-tag add` with `latest`,
//! images that are pushed as `latest`, by command or by Docker's actions, and releases that are made GitHub's latest. Without
//! `latest=false` in its `flavor`, `docker/metadata-action` adds `latest` for every final version by itself.
//!
//! What stands under a condition on the newest version, an input or an output of another step is left alone, and so are images of
//! branches. A condition on candidates, or on a token, chooses no line.
//!
//! ## Why is this bad?
//!
//! A patch of an older line is released after a newer line has begun. Whoever asks for no version is then given the older one,
//! and nothing fails. npm 11 does fail: it refuses to publish under an implicit `latest` what is lower than a version that is
//! published, and so the patch is not published at all. With `--tag latest`, and with older npm, it becomes `latest`.
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

use crate::context::{Context, WorkflowFile};
use crate::diagnostic::{Finding, Report};
use crate::workflow::{self, At, Choice, Event, Target, Upload};
use release_core::manifest::workflow::{Command, Entry, Job, Step, Workflow, parts};
use release_core::text::Span;

pub(super) fn check(context: &Context, report: &mut Report) {
    for (file, workflow) in workflow::workflows(context).filter(|(_, workflow)| workflow::is_for_releases(workflow)) {
        let events = workflow::events(workflow);
        for job in &workflow.jobs {
            let uploads: Vec<_> = job.steps.iter().map(|step| workflow::uploads(workflow, job, step)).collect();
            let has_images = uploads.iter().flatten().any(is_image);
            // Of one step one of each: what mends it mends the others.
            for (step, uploads) in job.steps.iter().zip(&uploads) {
                let found = [
                    dist_tag(workflow, job, step, uploads),
                    image(file, &events, has_images, step, uploads),
                    release(step, uploads),
                ];
                if found.iter().any(Option::is_some) && !is_chosen(workflow, &events, job, step) {
                    let found = found.into_iter().zip(SAID).filter_map(|(place, said)| Some((place?, said)));
                    report.findings.extend(found.map(|((span, label), (says, help))| {
                        let path = &file.path;
                        Finding::at(format!("{path} {says}"), path, span, label).help(help)
                    }));
                }
            }
        }
    }
}

/// A place and what is wrong with it.
type Place = (Span, &'static str);

/// The messages and ways out for a tag of npm, for an image and for a release of GitHub.
const SAID: [(&str, &str); 3] = [
    (
        "publishes every version to npm as `latest`",
        "write `--tag`: `cargo xtask release version --github-output` says which (`npm-tag`)",
    ),
    (
        "pushes every version as the image `latest`",
        "push `latest` for the highest version only: `cargo xtask release version --github-output` says which tags (`container-tags`)",
    ),
    (
        "makes every release the latest one on GitHub",
        "leave it out for all but the highest version: `--latest=false`, `make_latest: false`",
    ),
];

const ALSO_OLDER: &str = "also for a patch of an older line";

/// Tells if a condition chooses the versions, or the step is not about releases.
fn is_chosen(workflow: &Workflow, events: &[Event<'_>], job: &Job, step: &Step) -> bool {
    workflow::is_chosen(job, step) || workflow::is_for_other_events(workflow, events, job, step)
}

fn is_image(upload: &Upload<'_>) -> bool {
    upload.target == Target::Images && !upload.is_test
}

/// Returns the place where a step publishes to npm as `latest`.
fn dist_tag(workflow: &Workflow, job: &Job, step: &Step, uploads: &[Upload<'_>]) -> Option<Place> {
    const UNTAGGED: &str = "without `--tag` this is `latest`, also for an older line";
    let by_environment = [&workflow.env, &job.env, &step.env].into_iter().flatten();
    if by_environment.into_iter().any(|entry| entry.key.value.eq_ignore_ascii_case("npm_config_tag")) {
        return None;
    }
    let published =
        uploads.iter().filter(|upload| upload.target == Target::Npm && !upload.is_test).find_map(|upload| {
            let Some(at) = upload.command else {
                return match step.input("tag").map(|entry| &entry.value) {
                    None => Some((upload.span.clone(), "without `tag` this is `latest`, also for an older line")),
                    Some(tag) => (tag.value == "latest").then(|| (tag.span.clone(), ALSO_OLDER)),
                };
            };
            let command = &step.script.commands[at];
            if is_choosing(step, at) {
                return None;
            }
            match command.option("--tag").or_else(|| command.option("--dist-tag")) {
                Some("latest") => Some((upload.span.clone(), ALSO_OLDER)),
                Some(_) => None,
                None => (!command.words.iter().any(|word| may_be_options(&word.text)))
                    .then(|| (upload.span.clone(), UNTAGGED)),
            }
        });
    published.or_else(|| {
        let added = step.script.commands.iter().enumerate().find(|(at, command)| {
            const TAGS: [&str; 4] = ["npm dist-tag add", "npm dist-tags add", "npm dist-tag set", "npm dist-tags set"];
            let rest = TAGS.iter().find_map(|tags| workflow::rest_after(workflow::program(command), tags));
            rest.is_some_and(|rest| rest.iter().any(|word| word.text == "latest")) && !is_choosing(step, *at)
        });
        added.map(|(_, command)| (command.span(), ALSO_OLDER))
    })
}

/// Tells if what a variable stands for may be the option. A file is none.
fn may_be_options(word: &str) -> bool {
    const FILES: [&str; 8] = ["tarball", "tgz", "package", "pkg", "pack", "file", "dir", "path"];
    let word = word.to_ascii_lowercase();
    word.starts_with('$') && !FILES.iter().any(|name| word.contains(name))
}

/// Tells if conditions in the script choose when a command runs.
fn is_choosing(step: &Step, at: usize) -> bool {
    workflow::choice(&step.script, at) == Choice::Chosen
}

/// Returns the places where a step, or its action, pushes the image `latest`.
fn image(
    file: &WorkflowFile,
    events: &[Event<'_>],
    has_images: bool,
    step: &Step,
    uploads: &[Upload<'_>],
) -> Option<Place> {
    let is_build = ["docker/build-push-action", "depot/build-push-action"];
    if is_build.iter().any(|action| workflow::is_action(step, action)) && uploads.iter().any(is_image) {
        let tags = parts(&file.source, &step.input("tags")?.value, |c| matches!(c, '\n' | ','));
        return tags.into_iter().find(|(tag, _)| is_latest(tag) || is_bare(tag)).map(|(_, span)| (span, ALSO_OLDER));
    }
    if workflow::is_action(step, "docker/metadata-action") && has_images {
        return by_metadata(file, events, step);
    }
    uploads.iter().filter(|upload| is_image(upload)).find_map(|upload| {
        let at = upload.command?;
        if is_choosing(step, at) {
            return None;
        }
        named_latest(step, at).map(|span| (span, ALSO_OLDER))
    })
}

/// Returns what `docker/metadata-action` makes `latest`, by itself or because it is told to
/// (<https://github.com/docker/metadata-action#latest-tag>).
fn by_metadata(file: &WorkflowFile, events: &[Event<'_>], step: &Step) -> Option<Place> {
    let lines = |entry: &Entry| -> Vec<(String, Span)> {
        let lines = parts(&file.source, &entry.value, |c| c == '\n');
        lines.into_iter().map(|(line, span)| (line.to_owned(), span)).collect()
    };
    let tags = step.input("tags").map(lines);
    let has = |line: &str, wanted: &str| line.split(',').any(|part| part.trim() == wanted);
    let is_fixed = |line: &str| has(line, "type=raw") && has(line, "value=latest") && is_always(events, line);
    if let Some((_, span)) = tags.iter().flatten().find(|(line, _)| is_fixed(line)) {
        return Some((span.clone(), ALSO_OLDER));
    }
    let flavor = step.input("flavor").map(|entry| parts(&file.source, &entry.value, |c| matches!(c, '\n' | ',')));
    let said =
        flavor.into_iter().flatten().find_map(|(part, span)| Some((part.strip_prefix("latest=")?.to_owned(), span)));
    match said {
        Some((value, span)) if value == "true" => Some((span, ALSO_OLDER)),
        Some((value, _)) if value != "auto" => None,
        _ if events.iter().all(|event| event.at != At::Tag) => None,
        _ => {
            const BY_ITSELF: &str = "adds `latest` by itself, unless `flavor` says `latest=false`";
            let adds = |line: &str| {
                let is_version = ["type=semver", "type=pep440", "type=match"].iter().any(|kind| has(line, kind));
                (is_version || (has(line, "type=ref") && has(line, "event=tag"))) && is_always(events, line)
            };
            match &tags {
                Some(lines) => lines.iter().find(|(line, _)| adds(line)).map(|(_, span)| (span.clone(), BY_ITSELF)),
                None => step.uses.as_ref().map(|uses| (uses.span.clone(), BY_ITSELF)),
            }
        }
    }
}

/// Tells if a line of `docker/metadata-action` surely holds for a release.
fn is_always(events: &[Event<'_>], line: &str) -> bool {
    let Some(enable) = line.split_once("enable=").map(|(_, enable)| enable) else { return true };
    let enable = if enable.starts_with("${{") { enable } else { enable.split(',').next().unwrap_or_default() };
    let mut releases = events.iter().filter(|event| event.at == At::Tag);
    enable == "true"
        || (enable.starts_with("${{") && releases.any(|event| workflow::holds(event, enable) == Some(true)))
}

/// Returns the place where a command pushes the image `latest`.
fn named_latest(step: &Step, at: usize) -> Option<Span> {
    let command = &step.script.commands[at];
    if let Some(named) = command.words.iter().find(|word| is_latest(&word.text)) {
        return Some(named.span.clone());
    }
    // An image without a tag is `latest` too.
    let last = command.words.last()?;
    let is_all = command.has_option("--all-tags") || command.has_option("-a");
    if command.words.iter().any(|word| word.text == "push") && !is_all && is_bare(&last.text) {
        return Some(last.span.clone());
    }
    if is_all {
        let tagged = step.script.commands[..at].iter().rev().take(50).flat_map(|command| &command.words);
        return tagged.into_iter().find(|word| is_latest(&word.text)).map(|word| word.span.clone());
    }
    in_loop(step, command)
}

/// Returns the place where a loop over tags has `latest` among them.
fn in_loop(step: &Step, command: &Command) -> Option<Span> {
    step.script.around(command).take(4).find_map(|(_, block)| {
        let header = step.script.commands.get(block.first)?;
        let (name, rest) = header.words.split_first()?;
        let is_over = rest.first().is_some_and(|word| word.text == "in");
        let is_used =
            |text: &str| text.ends_with(&format!("${}", name.text)) || text.ends_with(&format!("${{{}}}", name.text));
        let latest = rest.iter().find(|word| word.text == "latest" || is_latest(&word.text))?;
        (is_over && command.words.iter().any(|word| is_used(&word.text))).then(|| latest.span.clone())
    })
}

fn is_latest(image: &str) -> bool {
    image.ends_with(":latest")
}

/// Tells if an image has no tag.
fn is_bare(image: &str) -> bool {
    !image.contains(['$', '@', '*'])
        && !image.starts_with("localhost")
        && !image.starts_with('-')
        && image.rsplit('/').next().is_some_and(|name| !name.is_empty() && !name.contains(':'))
}

/// Returns the place where a release is made GitHub's latest, whatever its version. Without a word GitHub looks at versions itself.
fn release(step: &Step, uploads: &[Upload<'_>]) -> Option<Place> {
    let input = ["make_latest", "makeLatest"].iter().find_map(|name| step.input(name));
    let by_action = input
        .filter(|entry| entry.value.value == "true" && uploads.iter().any(|upload| upload.target == Target::Release));
    if let Some(entry) = by_action {
        return Some((entry.value.span.clone(), ALSO_OLDER));
    }
    step.script.commands.iter().enumerate().find_map(|(at, command)| {
        let words = workflow::program(command);
        let is_release = ["gh release create", "gh release edit"].iter().any(|start| workflow::begins(words, start));
        let word = words.iter().find(|word| matches!(word.text.as_str(), "--latest" | "--latest=true"))?;
        (is_release && !is_choosing(step, at)).then(|| (word.span.clone(), ALSO_OLDER))
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, FIRES_TWICE, SILENT, Scene};

    fn finds_step(on: &str, step: &str) -> usize {
        Scene::of_workflow(&format!("on: {on}\njobs:\n  a:\n    steps:\n    - {step}\n"))
            .count("workflow-latest-unconditional")
    }

    #[test]
    fn commands_that_leave_the_choice_open_are_left_alone() {
        for (script, found) in [
            ("npm publish", FIRES),
            ("npm publish --access public", FIRES),
            ("pnpm publish", FIRES),
            ("npm publish --tag next", SILENT),
            ("npm publish --tag=next", SILENT),
            ("npm publish --dry-run", SILENT),
            ("npm publish $ARGS", SILENT),
            ("npm publish \"${ARGS[@]}\"", SILENT),
            ("npm publish --registry http://localhost:4873", SILENT),
            ("if $IS_LATEST; then npm publish; fi", SILENT),
            ("[ $LATEST = true ] && npm publish", SILENT),
            ("cd dist && npm publish", FIRES),
            ("npm publish --tag latest", FIRES),
            ("npm publish \"$TARBALL\" --access public", FIRES),
            ("npm dist-tag add \"meadow@$V\" latest", FIRES),
            ("npm dist-tag add \"meadow@$V\" next", SILENT),
            ("if [[ $V == *-rc* ]]; then npm publish --tag next; else npm publish; fi", FIRES),
            ("npm publish --tag next; [ $LATEST = $V ] || exit 0; npm dist-tag add meadow@$V latest", SILENT),
            ("docker buildx imagetools create -t r.example/a:latest r.example/a:$V", FIRES),
            ("docker buildx bake --push --set *.tags=r.example/a:latest", FIRES),
            ("docker tag a r.example/a:latest; docker push --all-tags r.example/a", FIRES),
            ("docker tag a r.example/a:1; docker push --all-tags r.example/a", SILENT),
            ("for t in $V latest; do; docker push r.example/a:$t; done", FIRES),
            ("for t in $V next; do; docker push r.example/a:${t}; done", SILENT),
            ("gh release create v1 --latest", FIRES),
            ("gh release edit v1 --latest", FIRES),
            ("gh release create v1 --latest=false", SILENT),
            ("gh release create v1", SILENT),
            ("docker push registry.example/meadow:latest", FIRES),
            ("docker push registry.example/meadow", FIRES),
            ("docker push registry.example/meadow:$VERSION", SILENT),
            ("docker push $IMAGE", SILENT),
            ("docker build -t registry.example/meadow:latest .", SILENT),
            ("docker buildx build --push -t registry.example/meadow:latest .", FIRES),
            ("if $IS_LATEST; then docker push registry.example/meadow:latest; fi", SILENT),
            ("npm publish; docker push registry.example/meadow:latest", FIRES_TWICE),
        ] {
            let step = format!("run: |\n        {}", script.replace("; ", "\n        "));
            assert_eq!(finds_step("release", &step), found, "{script}");
            assert_eq!(finds_step("{push: {branches: [main]}}", &step), SILENT, "{script}");
            let condition = format!("if: needs.version.outputs.latest == 'true'\n      {step}");
            assert_eq!(finds_step("release", &condition), SILENT, "{script}");
            let by_hand = format!("if: inputs.dry_run != 'true'\n      {step}");
            assert_eq!(finds_step("release", &by_hand), found, "{script}");
            let nightly = format!("if: github.event_name == 'schedule'\n      {step}");
            assert_eq!(finds_step("[release, schedule]", &nightly), SILENT, "{script}");
        }
    }

    #[test]
    fn actions_push_latest_where_they_say_so_themselves() {
        const BUILD: &str = "uses: docker/build-push-action@v6\n      with: ";
        const META: &str = "uses: docker/metadata-action@v5\n      with: ";
        let push = format!("\n    - {BUILD}{{push: true, tags: 'x:1'}}");
        for (step, found) in [
            (format!("{BUILD}{{push: true, tags: 'r.example/a:1,r.example/a:latest'}}"), FIRES),
            (
                format!(
                    "{BUILD}\n        push: true\n        tags: |\n          r.example/a:1\n          r.example/a:latest"
                ),
                FIRES,
            ),
            (format!("{BUILD}{{push: false, tags: 'r.example/a:latest'}}"), SILENT),
            (format!("{BUILD}{{push: true, tags: \"${{{{ inputs.l && 'a:latest' || 'a:1' }}}}\"}}"), SILENT),
            (format!("{BUILD}{{push: true, tags: 'r.example/a:latest-gpu'}}"), SILENT),
            (format!("{META}{{flavor: 'latest=true'}}{push}"), FIRES),
            (format!("{META}{{flavor: 'latest=false'}}{push}"), SILENT),
            (format!("{META}{{images: x}}{push}"), FIRES),
            (format!("{META}{{tags: 'type=semver,pattern=x'}}{push}"), FIRES),
            (format!("{META}{{tags: 'type=semver,pattern=x', flavor: 'prefix=a,latest=false'}}{push}"), SILENT),
            (format!("{META}{{tags: 'type=semver,pattern=x', flavor: \"latest=${{{{ inputs.l }}}}\"}}{push}"), SILENT),
            (format!("{META}{{tags: 'type=sha'}}{push}"), SILENT),
            (format!("{META}{{tags: 'type=raw,value=latest,enable={{{{is_default_branch}}}}'}}{push}"), SILENT),
            (
                format!(
                    "{META}{{tags: \"type=raw,value=latest,enable=${{{{ github.event_name == 'release' }}}}\"}}{push}"
                ),
                FIRES,
            ),
            (
                format!(
                    "{META}{{tags: \"type=raw,value=latest,enable=${{{{ github.event_name == 'push' }}}}\"}}{push}"
                ),
                SILENT,
            ),
            (format!("{BUILD}{{push: true, tags: 'r.example/a'}}"), FIRES),
            (format!("{BUILD}{{outputs: 'type=image,push=true', tags: 'r.example/a:latest'}}"), FIRES),
            ("{uses: softprops/action-gh-release@v2, with: {make_latest: true}}".to_owned(), FIRES),
            ("{uses: softprops/action-gh-release@v2, with: {make_latest: legacy}}".to_owned(), SILENT),
            ("{uses: JS-DevTools/npm-publish@v3}".to_owned(), FIRES),
            ("{uses: JS-DevTools/npm-publish@v3, with: {tag: latest}}".to_owned(), FIRES),
            ("{uses: JS-DevTools/npm-publish@v3, with: {tag: next}}".to_owned(), SILENT),
            ("{uses: JS-DevTools/npm-publish@v3, with: {registry: 'http://localhost:1'}}".to_owned(), SILENT),
            (format!("{META}{{flavor: 'latest=true'}}"), SILENT),
            (format!("{META}{{tags: 'type=raw,value=latest'}}{push}"), FIRES),
            (format!("{META}{{tags: \"type=raw,value=latest,enable=${{{{ inputs.l }}}}\"}}{push}"), SILENT),
        ] {
            assert_eq!(finds_step("release", &step), found, "{step}");
        }
    }
}
