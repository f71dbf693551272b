//! A version is asked of git where the checkout has no tags.
//!
//! ## What it does
//!
//! Reports steps that run `git describe`, list tags or ask setuptools-scm, or that build a package whose version setuptools-scm
//! tells, in a job whose `actions/checkout` takes one commit alone. Tags that are fetched later, or by `fetch-tags`, help
//! `git describe` where the commit itself is tagged; to all others nothing leads from that one commit.
//!
//! Left alone are jobs that fetch the history, that set `SETUPTOOLS_SCM_PRETEND_VERSION`, and those that run for a tag only or
//! check one out by name, since that tag is there; builds in workflows that upload nothing but for tags; and jobs with several
//! checkouts that differ. A workflow that others call runs for what these run for. Where only a person can start it without a tag,
//! and where nothing is uploaded, it is a warning.
//!
//! ## Why is this bad?
//!
//! Without tags `git describe` fails, and what a script then falls back to is used instead. setuptools-scm does not even fail,
//! and the build goes out under a version that was not meant: with `fallback_version = "0.4.5"` releases 9 and 10 call it
//! `0.4.6.dev1+gCOMMIT`, 8 calls it `0.1.dev1+gCOMMIT`.
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
use crate::diagnostic::{Finding, Report};
use crate::workflow::{self, At, Event};
use release_core::manifest::workflow::{Command, Entry, Job, Step, Word, Workflow};
use release_core::monorepo::Scheme;
use release_core::text::Span;

pub(super) fn check(context: &Context, report: &mut Report) {
    let is_scm = context.monorepo.scheme == Scheme::Dynamic
        && context.monorepo.manifests.values().any(|manifest| manifest.read.scm.is_some());
    for (file, workflow) in workflow::workflows(context) {
        let events = workflow::events(workflow);
        let others = Others(events.iter().filter(|event| event.at != At::Tag).collect());
        let publishes = workflow.jobs.iter().any(|job| others.upload(workflow, job));
        let is_by_hand = others
            .0
            .iter()
            .all(|event| matches!(event.at, At::Unknown) || matches!(event.name, Some("workflow_dispatch")));
        for job in &workflow.jobs {
            // One finding for a checkout: what mends it mends all that follows.
            let Some((asked, what, checkout)) = first_blind(workflow, &others, job, is_scm && publishes) else {
                continue;
            };
            let message = format!("{} {what} in a checkout without tags", file.path);
            let depth = checkout.input("fetch-depth").map(|entry| entry.value.span.clone());
            let (place, label) = match (depth, &checkout.uses) {
                (Some(span), _) => (span, "not the whole history"),
                (None, Some(uses)) => (uses.span.clone(), "takes one commit, and no tags"),
                (None, None) => continue,
            };
            let finding = Finding::at(message, &file.path, asked, "needs the tags").and(&file.path, place, label);
            let help =
                "check out with `fetch-depth: 0`, or set `SETUPTOOLS_SCM_PRETEND_VERSION` where the version is known";
            report.find(finding.help(help).mild(!publishes || is_by_hand));
        }
    }
}

/// The events of a workflow that are not about a tag.
struct Others<'a>(Vec<&'a Event<'a>>);

impl Others<'_> {
    fn run(&self, job: &Job, step: &Step) -> bool {
        self.0.iter().any(|event| workflow::runs(event, job, step))
    }

    /// Tells if a job uploads something for them, or for tags where there is nothing else: another commit may be checked out.
    fn upload(&self, workflow: &Workflow, job: &Job) -> bool {
        let counts = |step: &Step| self.0.is_empty() || self.run(job, step);
        job.steps.iter().any(|step| !workflow::uploads(workflow, job, step).is_empty() && counts(step))
    }

    /// Tells if a step runs for tags alone, and the checkout is that of the tag.
    fn leave_to_tags(&self, workflow: &Workflow, job: &Job, step: &Step, checkout: &Step) -> bool {
        let is_tag = !workflow.triggers.is_empty() && !self.run(job, step);
        match checkout.input("ref").map(|entry| entry.value.value.as_str()) {
            None => is_tag,
            // A tag by its name, wherever that comes from.
            Some(at) => at.contains("tag") || at.starts_with("v${{") || (is_tag && at.contains("${{")),
        }
    }
}

/// The need of a command or an action for history.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// The way from the commit to its tag.
    History(&'static str),
    /// The tags alone.
    Tags(&'static str),
    /// The need of a build with setuptools-scm, unless it is told the version.
    Build,
}

/// The history that a checkout has.
#[derive(Clone, Copy)]
struct Checkout<'a> {
    step: &'a Step,
    /// Tells if the tags were fetched later, without the history that leads to them.
    has_tags: bool,
}

/// The first place in a job that needs tags and has none, and the checkout that left them out.
fn first_blind<'a>(
    workflow: &Workflow,
    others: &Others<'_>,
    job: &'a Job,
    counts_builds: bool,
) -> Option<(Span, &'static str, &'a Step)> {
    let is_pretended = [&workflow.env, &job.env].into_iter().flatten().any(is_pretense)
        || job.steps.iter().any(|step| {
            step.run.as_ref().is_some_and(|run| run.value.contains("PRETEND_VERSION"))
                || step.env.iter().any(is_pretense)
        });
    let checkouts: Vec<&Step> = job.steps.iter().filter(|step| is_checkout(step)).collect();
    // Which of several repositories or folders a command is about is not known.
    let several = checkouts.len() > 1 && checkouts.iter().any(|step| step.input("path").is_some());
    if checkouts.iter().any(|step| !is_own(step)) || (several && !checkouts.iter().all(|step| is_shallow(step))) {
        return None;
    }
    let mut checkout: Option<Checkout<'_>> = None;
    for step in &job.steps {
        if is_checkout(step) {
            checkout = Some(Checkout { step, has_tags: fetches_tags(step) }).filter(|_| is_shallow(step));
            continue;
        }
        let by_action = BUILDERS.iter().any(|action| workflow::is_action(step, action));
        let by_action = by_action.then(|| Some((step.uses.as_ref()?.span.clone(), Need::Build))).flatten();
        let by_command = step.script.commands.iter().map(|command| (command.span(), need(command), Some(command)));
        let all = by_action.into_iter().map(|(span, need)| (span, Some(need), None)).chain(by_command);
        for (span, need, command) in all {
            match command.and_then(fetched) {
                Some(Fetched::History) => return None,
                Some(Fetched::Tags) => checkout.iter_mut().for_each(|checkout| checkout.has_tags = true),
                None => {}
            }
            let (Some(need), Some(checkout)) = (need, checkout) else { continue };
            let what = match need {
                Need::History(what) => what,
                Need::Tags(what) if !checkout.has_tags => what,
                Need::Build if counts_builds && !is_pretended => "builds with setuptools-scm",
                Need::Tags(_) | Need::Build => continue,
            };
            if !others.leave_to_tags(workflow, job, step, checkout.step) {
                return Some((span, what, checkout.step));
            }
        }
    }
    None
}

fn is_pretense(entry: &Entry) -> bool {
    entry.key.value.contains("PRETEND_VERSION")
}

fn is_checkout(step: &Step) -> bool {
    workflow::is_action(step, "actions/checkout")
}

fn is_own(checkout: &Step) -> bool {
    checkout.input("repository").is_none_or(|entry| entry.value.value.contains("github.repository"))
}

/// Tells if a checkout has less than the whole history. How much of it leads to a tag is not known, where tags are fetched too.
fn is_shallow(checkout: &Step) -> bool {
    let depth = checkout.input("fetch-depth").map_or("1", |entry| entry.value.value.as_str());
    depth != "0" && !depth.contains("${{") && (depth == "1" || !fetches_tags(checkout))
}

fn fetches_tags(checkout: &Step) -> bool {
    checkout.input("fetch-tags").is_some_and(|entry| entry.value.value == "true")
}

/// Returns what a `git fetch` adds to a checkout of one commit. Tags alone do not help `git describe`: nothing leads from the commit to
/// them.
#[derive(Clone, Copy)]
enum Fetched {
    History,
    Tags,
}

fn fetched(command: &Command) -> Option<Fetched> {
    const MORE: [&str; 3] = ["--unshallow", "--depth", "--deepen"];
    let arguments = command.arguments("git", &["fetch"])?;
    let is_more = |word: &Word| word.text.starts_with("--shallow");
    if MORE.iter().any(|option| command.has_option(option)) || arguments.iter().any(is_more) {
        return Some(Fetched::History);
    }
    let is_tags = |word: &Word| word.text == "--tags" || word.text == "-t" || word.text.contains("refs/tags");
    arguments.iter().any(is_tags).then_some(Fetched::Tags)
}

/// The actions that build a package.
const BUILDERS: [&str; 2] = ["hynek/build-and-inspect-python-package", "pypa/cibuildwheel"];

/// Returns the need of a command.
fn need(command: &Command) -> Option<Need> {
    const BUILDS: [&str; 9] = [
        "uv build",
        "pip wheel",
        "hatch build",
        "pdm build",
        "rye build",
        "pyproject-build",
        "build",
        "cibuildwheel",
        "python setup.py",
    ];
    let words = workflow::program(command);
    let is = |wanted: &str| workflow::begins(words, wanted);
    if let Some(arguments) = command.arguments("git", &["describe"]) {
        return describes(command, arguments);
    }
    if let Some(arguments) = command.arguments("git", &["tag"]) {
        return lists_tags(arguments).then_some(Need::Tags("lists the tags"));
    }
    if is("setuptools_scm") || is("setuptools-scm") {
        return Some(Need::History("asks setuptools-scm"));
    }
    BUILDS.iter().any(|build| is(build)).then_some(Need::Build)
}

/// Returns the need of `git describe`: `--always` alone is content with a commit, and what is described by name, has it.
fn describes(command: &Command, arguments: &[Word]) -> Option<Need> {
    const WHAT: &str = "runs `git describe`";
    let has = |options: &[&str]| options.iter().any(|option| command.has_option(option));
    if has(&["--all", "--contains"]) || (has(&["--always"]) && !has(&["--tags", "--match"])) {
        return None;
    }
    let is_named = arguments.iter().any(|word| !word.text.starts_with(['-', '>', '<']) && word.text.contains('$'));
    Some(if is_named { Need::Tags(WHAT) } else { Need::History(WHAT) })
}

/// Tells if `git tag` lists tags, and makes none.
fn lists_tags(arguments: &[Word]) -> bool {
    const LISTS: [&str; 8] =
        ["-l", "--list", "--sort", "--merged", "--no-merged", "--points-at", "--contains", "--format"];
    let is_list = |word: &Word| LISTS.contains(&word.text.split('=').next().unwrap_or_default());
    arguments.is_empty() || arguments.iter().any(is_list)
}

#[cfg(test)]
mod tests {
    use crate::rules::tests::{FIRES, SILENT, Scene};

    const HEAD: &str = "[build-system]\nrequires = ['setuptools>=61.0', 'setuptools-scm>=8']\n[project]\nname = 'meadow'\ndynamic = ['version']\n[tool.setuptools_scm]\nfallback_version = '0.4.5'\n";

    fn finds(manifest: &str, on: &str, env: &str, steps: &str) -> usize {
        let text = format!("on: {on}\njobs:\n  build:\n    env: {{{env}}}\n    steps:\n{steps}");
        let files = [("pyproject.toml", manifest.to_owned()), (".github/workflows/a.yml", text)];
        Scene::of_files(files, "").count("workflow-shallow-describe")
    }

    #[test]
    fn what_asks_for_tags_is_known_from_what_does_not() {
        const CHECKOUT: &str = "    - uses: actions/checkout@v4\n";
        const PUBLISH: &str = "    - run: twine upload dist/*\n";
        for (run, found) in [
            ("VERSION=$(git describe --tags --abbrev=0)", FIRES),
            ("git describe --tags --always", FIRES),
            ("git describe --tags || echo 0.0.0", FIRES),
            ("git describe --always --dirty", SILENT),
            ("echo git describe", SILENT),
            ("git fetch --tags && git describe", FIRES),
            ("git fetch --tags && git describe $(git rev-list --tags --max-count=1)", SILENT),
            ("git describe --tags $(git rev-list --tags --max-count=1)", FIRES),
            ("git fetch --tags && git tag --sort=-v:refname", SILENT),
            ("git tag --sort=-v:refname | head -n 1", FIRES),
            ("git tag v1 && git push origin v1", SILENT),
            ("python -P -m setuptools_scm", FIRES),
            ("python setup.py sdist", FIRES),
            ("git fetch --prune --unshallow; git describe", SILENT),
            ("python -m build", FIRES),
            ("uvx --from build pyproject-build", FIRES),
            ("pipx run build --wheel", FIRES),
            ("SETUPTOOLS_SCM_PRETEND_VERSION=1 uv build", SILENT),
            ("docker build .", SILENT),
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
            ("one commit", HEAD, "[release, schedule]", "", shallow.clone(), FIRES),
            ("some commits", HEAD, "schedule", "", checkout("fetch-depth: 50"), FIRES),
            ("all commits", HEAD, "schedule", "", checkout("fetch-depth: 0"), SILENT),
            ("who knows", HEAD, "schedule", "", checkout("fetch-depth: '${{ inputs.depth }}'"), SILENT),
            ("another repository", HEAD, "schedule", "", checkout("repository: a/meadow-client"), SILENT),
            ("no checkout", HEAD, "schedule", "", BUILD.to_owned(), SILENT),
            ("a given version", HEAD, "schedule", "SETUPTOOLS_SCM_PRETEND_VERSION: 1", shallow.clone(), SILENT),
            ("the tag itself", HEAD, "release", "", shallow.clone(), SILENT),
            ("the tag itself", HEAD, "{push: {tags: ['v*']}}", "", shallow.clone(), SILENT),
            ("a tag by name", HEAD, "workflow_dispatch", "", checkout("ref: '${{ inputs.tag }}'"), SILENT),
            ("a tag by its version", HEAD, "workflow_dispatch", "", checkout("ref: 'v${{ inputs.version }}'"), SILENT),
            ("by hand", HEAD, "[workflow_dispatch, release]", "", shallow.clone(), FIRES),
            (
                "not for a release",
                HEAD,
                "[release, schedule]",
                "",
                format!("{shallow}      if: github.event_name != 'release'\n"),
                FIRES,
            ),
            ("called by others", HEAD, "workflow_call", "", shallow.clone(), FIRES),
            ("tags beside one commit", HEAD, "schedule", "", checkout("fetch-tags: true"), FIRES),
            ("tags beside some commits", HEAD, "schedule", "", checkout("fetch-tags: true, fetch-depth: 500"), SILENT),
            ("main for a release", HEAD, "release", "", checkout("ref: main"), FIRES),
            ("a static version", static_version, "schedule", "", shallow, SILENT),
            (
                "uploads of tags",
                HEAD,
                "push",
                "",
                format!("    - uses: actions/checkout@v4\n    - run: uv build\n{TAGS}"),
                SILENT,
            ),
            (
                "no upload",
                HEAD,
                "schedule",
                "",
                "    - uses: actions/checkout@v4\n    - run: uv build\n".to_owned(),
                SILENT,
            ),
        ] {
            assert_eq!(finds(manifest, on, env, &steps), found, "{why}");
        }
    }
}
