//! A release writes its version to main without a look at what main has.
//!
//! ## What it does
//!
//! Reports jobs that run for a release, write a version into a file (`sed` over a version, `echo` into a version file, the commands
//! of uv, hatch and poetry) and bring that to main by a push or a pull request, where nothing in the job compares versions and no
//! condition speaks of the newest one.
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
//!       - run: cargo xtask release post "${TAG#v}" --commit --push --yes
//!         env:
//!           TAG: ${{ github.event.release.tag_name }}
//! ```

use crate::context::Context;
use crate::diagnostic::Finding;
use crate::level::Level;
use crate::rule::{Report, Rule};
use crate::workflow;
use release_core::manifest::workflow::{Command, Job, Step, Word};
use release_core::text::Span;

/// The rule of this file.
pub(crate) const RULE: Rule =
    Rule { name: "workflow-main-bump", level: Level::Warn, source: include_str!("workflow_main_bump.rs"), check };

fn check(context: &Context, report: &mut Report) {
    let main = context.config.main.as_str();
    for (file, workflow) in workflow::workflows(context) {
        if !workflow::is_started_by_release(workflow) {
            continue;
        }
        for job in workflow.jobs.iter().filter(|job| !compares(job)) {
            let Some((written, step)) = job.steps.iter().find_map(|step| Some((writes_version(step)?, step))) else {
                continue;
            };
            const CHOSEN: [&str; 5] = ["latest", "highest", "newest", "inputs.", "outputs."];
            if workflow::is_for_other_events(job, step) || workflow::is_conditioned_on(job, step, &CHOSEN) {
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

/// Whether a job looks at which version is higher, as far as words tell.
fn compares(job: &Job) -> bool {
    const WORDS: [&str; 13] = [
        "sort -V",
        "--version-sort",
        "packaging",
        "Version(",
        "compare-versions",
        "semver",
        "vercmp",
        "release post",
        "release version",
        " -lt ",
        " -gt ",
        " -le ",
        " -ge ",
    ];
    let mut runs = job.steps.iter().filter_map(|step| step.run.as_ref());
    runs.any(|run| WORDS.iter().any(|word| run.value.contains(word)))
}

/// Where a step writes a version into a file.
fn writes_version(step: &Step) -> Option<Span> {
    let found = step.commands.iter().find(|command| {
        let words = workflow::program(command);
        let is = |wanted: &[&str]| workflow::begins(words, wanted);
        let mentions = |words: &[Word]| words.iter().any(|word| word.text.to_ascii_lowercase().contains("version"));
        let edits =
            || is(&["sed"]) && words.iter().any(|word| word.text.starts_with("-i") || word.text == "--in-place");
        let sets = || {
            [["uv", "version"], ["hatch", "version"], ["poetry", "version"]]
                .iter()
                .any(|command| is(command) && words.get(2).is_some_and(|word| !word.text.starts_with("--")))
        };
        let redirected = || words.iter().position(|word| word.text.starts_with('>')).map(|at| &words[at..]);
        let prints = || is(&["echo"]) || is(&["printf"]);
        (edits() && mentions(words)) || sets() || (prints() && redirected().is_some_and(is_version_file))
    })?;
    Some(found.span())
}

/// Whether what follows `>` is a file that holds a version, and not a variable of the runner's.
fn is_version_file(redirected: &[Word]) -> bool {
    redirected.iter().take(2).any(|word| {
        let file = word.text.trim_start_matches('>');
        let name = file.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        !file.contains('$') && matches!(name.as_str(), "version" | "version.txt" | "_version.py" | "version.py")
    })
}

/// Where a job brings its commits to main.
fn reaches(job: &Job, main: &str) -> Option<Span> {
    let checkouts = job.steps.iter().filter(|step| step.action() == Some("actions/checkout"));
    let is_on_main = checkouts.filter_map(|step| step.input("ref")).any(|entry| is_main(&entry.value.value, main));
    job.steps.iter().find_map(|step| {
        if step.action() == Some("peter-evans/create-pull-request") {
            let base = step.input("base").map_or(is_on_main, |base| is_main(&base.value.value, main));
            return step.uses.as_ref().filter(|_| base).map(|uses| uses.span.clone());
        }
        step.commands
            .iter()
            .find(|command| {
                let base = command.option("--base").or_else(|| command.option("-B"));
                let pushed = command.arguments("git", &["push"]);
                let asked =
                    command.arguments("gh", &["pr", "create"]).is_some() && base.is_some_and(|base| base == main);
                asked || pushed.is_some_and(|arguments| pushes_to(arguments, main, is_on_main))
            })
            .map(Command::span)
    })
}

fn is_main(reference: &str, main: &str) -> bool {
    reference == main || reference.strip_prefix("refs/heads/") == Some(main)
}

fn pushes_to(arguments: &[Word], main: &str, is_on_main: bool) -> bool {
    let mut named = arguments.iter().filter(|word| !word.text.starts_with('-')).skip(1).peekable();
    if named.peek().is_none() {
        let tags_alone = arguments.iter().any(|word| matches!(word.text.as_str(), "--tags" | "--delete"));
        return is_on_main && !tags_alone;
    }
    named.any(|word| is_main(word.text.rsplit(':').next().unwrap_or_default().trim_start_matches('+'), main))
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
    fn only_versions_that_reach_main_unseen_are_reported() {
        const SED: &str = "sed -i s/version=.*/version=1/ pyproject.toml";
        for (on, condition, script, found) in [
            ("release", "true", format!("{SED}; git push origin main"), 1),
            ("release", "true", format!("{SED}; git push origin HEAD:main"), 1),
            ("release", "true", format!("{SED}; git push origin HEAD:refs/heads/main"), 1),
            ("release", "true", format!("{SED}; gh pr create --base main --fill"), 1),
            ("release", "true", "echo 1 > src/VERSION; git push origin main".to_owned(), 1),
            ("release", "true", "uv version 1.2; git push origin main".to_owned(), 1),
            ("{push: {tags: ['v*']}}", "true", format!("{SED}; git push origin main"), 1),
            ("release", "true", "echo version=1 >> $GITHUB_OUTPUT; git push origin main".to_owned(), 0),
            ("release", "true", "uv version --short; git push origin main".to_owned(), 0),
            ("release", "true", format!("{SED}; git push origin release-0.4.x"), 0),
            ("release", "true", format!("{SED}; git push"), 0),
            ("release", "true", format!("{SED}; uv build"), 0),
            ("release", "true", "sed -i s/a/b/ README.md; git push origin main".to_owned(), 0),
            ("release", "true", format!("new=$(printf \"$A $B\" | sort -V | tail -1); {SED}; git push origin main"), 0),
            ("workflow_dispatch", "true", format!("{SED}; git push origin main"), 0),
            ("[release, schedule]", "github.event_name == 'schedule'", format!("{SED}; git push origin main"), 0),
            ("release", "needs.plan.outputs.is-highest", format!("{SED}; git push origin main"), 0),
        ] {
            let script = script.replace("; ", "\n        ");
            let text =
                format!("on: {on}\njobs:\n  a:\n    if: {condition}\n    steps:\n    - run: |\n        {script}\n");
            assert_eq!(finds(&text), found, "{text}");
        }
    }

    #[test]
    fn a_checkout_of_main_decides_where_nothing_else_names_a_branch() {
        for (reference, last, found) in [
            ("main", "run: git push", 1),
            ("release-0.4.x", "run: git push", 0),
            ("main", "run: git push --tags", 0),
            ("main", "uses: peter-evans/create-pull-request@v7", 1),
            ("release-0.4.x", "uses: peter-evans/create-pull-request@v7", 0),
            ("release-0.4.x", "{uses: peter-evans/create-pull-request@v7, with: {base: main}}", 1),
        ] {
            let text = format!(
                "on: release\njobs:\n  a:\n    steps:\n    - {{uses: actions/checkout@v4, with: {{ref: {reference}}}}}\n    - run: hatch version 1\n    - {last}\n"
            );
            assert_eq!(finds(&text), found, "{text}");
        }
    }
}
