//! A release writes its version to main without a look at what main has.
//!
//! ## What it does
//!
//! Reports jobs that run for a release, or after a workflow that does, write a version into a file (`sed` over a version, `echo` into a version file, the commands
//! of uv, hatch, poetry and npm, tools that bump) and bring that to main by a push or a pull request, where nothing in the job
//! compares versions and no condition speaks of the newest one.
//!
//! ## Why is this bad?
//!
//! After a patch of an older line main's version is lowered: every build of main until the next release then sorts below what was
//! released.
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
//!   bump:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v4
//!         with:
//!           ref: main
//!           fetch-depth: 0
//!       - run: |
//!           sed -i "s/^fallback_version = .*/fallback_version = \"$NEXT\"/" pyproject.toml
//!           git commit -am "build: next version"
//!           git push origin main
//!         env:
//!           NEXT: ${{ needs.version.outputs.next }}
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
//!   bump:
//!     runs-on: ubuntu-latest
//!     steps:
//!       - uses: actions/checkout@v4
//!         with:
//!           ref: main
//!           fetch-depth: 0
//!       - run: cargo xtask release post "${TAG#v}" --only main --commit --direct && git push origin main
//!         env:
//!           TAG: ${{ github.event.release.tag_name }}
//! ```

use crate::context::Context;
use crate::diagnostic::{Finding, Report};
use crate::workflow;
use release_core::manifest::workflow::{Command, Job, Step, Word};
use release_core::text::Span;

pub(super) fn check(context: &Context, report: &mut Report) {
    let main = context.config.main.as_str();
    for (file, workflow) in workflow::workflows(context) {
        if !workflow::follows_release(context, workflow) {
            continue;
        }
        let events = workflow::events(workflow);
        for job in workflow.jobs.iter().filter(|job| !compares(job)) {
            let Some((written, step)) = job.steps.iter().find_map(|step| Some((writes_version(step)?, step))) else {
                continue;
            };
            if workflow::is_for_other_events(workflow, &events, job, step) || workflow::is_chosen(job, step) {
                continue;
            }
            let Some(pushed) = reaches(job, main) else { continue };
            let message = format!("{} writes a version to {main} after every release, whatever {main} has", file.path);
            let finding = Finding::at(
                message,
                &file.path,
                written,
                "lowers the version after a patch of an older line",
            )
            .and(&file.path, pushed, format!("goes to {main}"))
            .help("`cargo xtask release post` does this and never lowers a version; or compare before it is written");
            report.find(finding);
        }
    }
}

/// Tells if a job looks at which version is higher, as far as words tell.
fn compares(job: &Job) -> bool {
    const WORDS: [&str; 8] = [
        "sort -V",
        "--version-sort",
        "packaging.version",
        "packaging import",
        "Version(",
        "compare-versions",
        "semver",
        "vercmp",
    ];
    let mut runs = job.steps.iter().filter_map(|step| step.run.as_ref());
    runs.any(|run| WORDS.iter().any(|word| run.value.contains(word)))
        || job.steps.iter().flat_map(|step| &step.script.commands).any(compares_by)
}

/// Tells if a command compares numbers of versions, or is one of ours that never lowers a version.
fn compares_by(command: &Command) -> bool {
    const OWN: [&str; 4] = [
        "cargo xtask release post",
        "cargo xtask release version",
        "cargo-xtask release post",
        "cargo-xtask release version",
    ];
    const OPERATORS: [&str; 4] = ["-lt", "-gt", "-le", "-ge"];
    const NUMBERS: [&str; 8] = ["version", "major", "minor", "patch", "current", "latest", "highest", "main"];
    let words = workflow::program(command);
    let has = |wanted: &[&str]| command.words.iter().any(|word| wanted.contains(&word.text.as_str()));
    let speaks = |word: &Word| NUMBERS.iter().any(|number| word.text.to_ascii_lowercase().contains(number));
    OWN.iter().any(|own| workflow::begins(words, own)) || (has(&OPERATORS) && command.words.iter().any(speaks))
}

/// Returns the place where a step writes a version into a file.
fn writes_version(step: &Step) -> Option<Span> {
    let found = step.script.commands.iter().find(|command| {
        let words = workflow::program(command);
        let is = |wanted: &str| workflow::begins(words, wanted);
        let mentions = |words: &[Word]| words.iter().any(|word| word.text.to_ascii_lowercase().contains("version"));
        let in_place = |word: &Word| {
            let is_short = word.text.starts_with('-') && !word.text.starts_with("--") && word.text.contains('i');
            is_short || word.text.starts_with("--in-place") || word.text == "--inplace"
        };
        let edits = || ["sed", "perl", "yq", "tomlq"].iter().any(|name| is(name)) && words.iter().any(in_place);
        let sets = || {
            ["uv", "hatch", "poetry", "npm", "pnpm", "yarn"].iter().any(|name| {
                let rest = workflow::rest_after(words, &format!("{name} version"));
                rest.is_some_and(|rest| {
                    rest.iter().any(|word| !word.text.starts_with('-') || word.text.starts_with("--bump"))
                })
            }) || ["bump2version", "bumpversion", "bump-my-version", "tbump"].iter().any(|name| is(name))
        };
        let redirected = || words.iter().position(|word| word.text.starts_with('>')).map(|at| &words[at..]);
        let prints = || is("echo") || is("printf");
        (edits() && mentions(words)) || sets() || (prints() && redirected().is_some_and(is_version_file))
    })?;
    Some(found.span())
}

/// Tells if what follows `>` is a file that holds a version, and not a variable of the runner's.
fn is_version_file(redirected: &[Word]) -> bool {
    redirected.iter().take(2).any(|word| {
        let file = word.text.trim_start_matches('>');
        let name = file.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        !file.contains('$') && matches!(name.as_str(), "version" | "version.txt" | "_version.py" | "version.py")
    })
}

/// Returns the place where a job brings its commits to main.
fn reaches(job: &Job, main: &str) -> Option<Span> {
    let checkouts = job.steps.iter().filter(|step| workflow::is_action(step, "actions/checkout"));
    let mut references = checkouts.filter_map(|step| step.input("ref"));
    let is_on_main = references.any(|entry| is_main(&entry.value.value, main))
        || job.steps.iter().flat_map(|step| &step.script.commands).any(|command| {
            let arguments = command.arguments("git", &["checkout"]).or_else(|| command.arguments("git", &["switch"]));
            arguments.and_then(<[Word]>::last).is_some_and(|word| is_main(&word.text, main))
        });
    job.steps.iter().find_map(|step| {
        // The actions that commit and push, with the input that names another branch than the one that is checked out.
        const ACTIONS: [(&str, &str); 4] = [
            ("peter-evans/create-pull-request", "base"),
            ("stefanzweifel/git-auto-commit-action", "branch"),
            ("ad-m/github-push-action", "branch"),
            ("EndBug/add-and-commit", "new_branch"),
        ];
        if let Some((_, input)) = ACTIONS.iter().find(|(action, _)| workflow::is_action(step, action)) {
            let base = step.input(input).map_or(is_on_main, |base| is_main(&base.value.value, main));
            return step.uses.as_ref().filter(|_| base).map(|uses| uses.span.clone());
        }
        step.script
            .commands
            .iter()
            .find(|command| {
                let base = command.option("--base").or_else(|| command.option("-B"));
                let pushed = command.arguments("git", &["push"]);
                // Without a base it is the default branch.
                let asked =
                    command.arguments("gh", &["pr", "create"]).is_some() && base.is_none_or(|base| is_main(base, main));
                asked || pushed.is_some_and(|arguments| pushes_to(arguments, main, is_on_main))
            })
            .map(Command::span)
    })
}

fn is_main(reference: &str, main: &str) -> bool {
    let reference = reference.strip_prefix("refs/heads/").unwrap_or(reference);
    reference == main || (reference.starts_with("${{") && reference.contains("github.event.repository.default_branch"))
}

fn pushes_to(arguments: &[Word], main: &str, is_on_main: bool) -> bool {
    let mut named = arguments.iter().filter(|word| !word.text.starts_with('-')).skip(1).peekable();
    if named.peek().is_none() {
        let tags_alone = arguments.iter().any(|word| matches!(word.text.as_str(), "--tags" | "--delete"));
        return is_on_main && !tags_alone;
    }
    named.any(|word| {
        (word.text == "HEAD" && is_on_main)
            || is_main(word.text.rsplit(':').next().unwrap_or_default().trim_start_matches('+'), main)
    })
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    #[test]
    fn only_versions_that_reach_main_unseen_are_reported() {
        const SED: &str = "sed -i s/version=.*/version=1/ pyproject.toml";
        for (on, condition, script, found) in [
            ("release", "true", format!("{SED}; git push origin main"), FIRES),
            ("release", "true", format!("{SED}; git push origin HEAD:main"), FIRES),
            ("release", "true", format!("{SED}; git push origin HEAD:refs/heads/main"), FIRES),
            ("release", "true", format!("{SED}; gh pr create --base main --fill"), FIRES),
            ("release", "true", "echo 1 > src/VERSION; git push origin main".to_owned(), FIRES),
            ("release", "true", "uv version 1.2; git push origin main".to_owned(), FIRES),
            ("{push: {tags: ['v*']}}", "true", format!("{SED}; git push origin main"), FIRES),
            ("release", "true", "echo version=1 >> $GITHUB_OUTPUT; git push origin main".to_owned(), SILENT),
            ("release", "true", "uv version --short; git push origin main".to_owned(), SILENT),
            ("release", "true", format!("{SED}; git push origin release-0.4.x"), SILENT),
            ("release", "true", format!("{SED}; git push"), SILENT),
            ("release", "true", format!("{SED}; uv build"), SILENT),
            ("release", "true", "sed -i s/a/b/ README.md; git push origin main".to_owned(), SILENT),
            (
                "release",
                "true",
                format!("new=$(printf \"$A $B\" | sort -V | tail -1); {SED}; git push origin main"),
                SILENT,
            ),
            ("release", "true", "uv version --bump minor; git push origin main".to_owned(), FIRES),
            ("release", "true", "npm version $V --no-git-tag-version; git push origin main".to_owned(), FIRES),
            ("release", "true", "perl -pi -e s/version=.*/version=1/ a.toml; git push origin main".to_owned(), FIRES),
            ("release", "true", "tbump 1.2; git switch main; git push origin HEAD".to_owned(), FIRES),
            ("release", "true", "tbump 1.2; git push origin HEAD".to_owned(), SILENT),
            (
                "release",
                "true",
                format!("{SED}; git push origin HEAD:${{{{ github.event.repository.default_branch }}}}"),
                FIRES,
            ),
            ("release", "true", format!("{SED}; gh pr create --fill"), FIRES),
            ("release", "true", format!("{SED}; gh pr create --base release-0.4.x --fill"), SILENT),
            ("workflow_dispatch", "true", format!("{SED}; git push origin main"), SILENT),
            ("[release, schedule]", "github.event_name == 'schedule'", format!("{SED}; git push origin main"), SILENT),
            ("release", "needs.plan.outputs.is-highest", format!("{SED}; git push origin main"), SILENT),
            ("release", "inputs.dry_run != 'true'", format!("{SED}; git push origin main"), FIRES),
            // Words are no comparison.
            ("release", "true", format!("{SED}; git commit -m 'release version 1'; git push origin main"), FIRES),
            ("release", "true", format!("echo packaging; {SED}; git push origin main"), FIRES),
            ("release", "true", format!("[ $TRIES -lt 5 ]; {SED}; git push origin main"), FIRES),
            ("release", "true", format!("[ $MINOR -lt $MAIN_MINOR ]; {SED}; git push origin main"), SILENT),
            ("release", "true", format!("cargo xtask release version; {SED}; git push origin main"), SILENT),
        ] {
            let script = script.replace("; ", "\n        ");
            let text =
                format!("on: {on}\njobs:\n  a:\n    if: {condition}\n    steps:\n    - run: |\n        {script}\n");
            assert_eq!(Scene::of_workflow(&text).count("workflow-main-bump"), found, "{text}");
        }
    }

    #[test]
    fn what_runs_after_a_workflow_of_releases_runs_for_releases() {
        for (named, on, found) in [
            ("Publish", "release", FIRES),
            ("Publish", "{push: {tags: ['v*']}}", FIRES),
            ("Publish", "schedule", SILENT),
            ("Other", "release", SILENT),
            (".github/workflows/unnamed.yml", "release", FIRES),
        ] {
            let bump = format!(
                "on:\n  workflow_run:\n    workflows: [{named}]\n    types: [completed]\njobs:\n  a:\n    steps:\n    - run: |\n        uv version 1.2\n        git push origin main\n"
            );
            let scene = Scene::of_workflow(&bump)
                .with(".github/workflows/publish.yml", format!("name: Publish\non: {on}\njobs: {{}}\n"))
                .with(".github/workflows/unnamed.yml", format!("on: {on}\njobs: {{}}\n"));
            assert_eq!(scene.count("workflow-main-bump"), found, "{named} {on}");
        }
    }

    #[test]
    fn a_checkout_of_main_decides_where_nothing_else_names_a_branch() {
        for (reference, last, found) in [
            ("main", "run: git push", FIRES),
            ("release-0.4.x", "run: git push", SILENT),
            ("main", "run: git push --tags", SILENT),
            ("main", "uses: peter-evans/create-pull-request@v7", FIRES),
            ("release-0.4.x", "uses: peter-evans/create-pull-request@v7", SILENT),
            ("release-0.4.x", "{uses: peter-evans/create-pull-request@v7, with: {base: main}}", FIRES),
            ("main", "uses: stefanzweifel/git-auto-commit-action@v5", FIRES),
            ("main", "{uses: stefanzweifel/git-auto-commit-action@v5, with: {branch: bump}}", SILENT),
            ("'${{ github.event.repository.default_branch }}'", "run: git push origin HEAD", FIRES),
        ] {
            let text = format!(
                "on: release\njobs:\n  a:\n    steps:\n    - {{uses: actions/checkout@v4, with: {{ref: {reference}}}}}\n    - run: hatch version 1\n    - {last}\n"
            );
            assert_eq!(Scene::of_workflow(&text).count("workflow-main-bump"), found, "{text}");
        }
    }
}
