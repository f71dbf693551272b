//! What the rules about workflows share: what a step uploads, when a job runs, what a condition is about.

use crate::context::{Context, WorkflowFile};
use release_core::manifest::workflow::{Command, Job, Step, Trigger, Word, Workflow};
use release_core::text::Span;

/// Where an upload goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Index,
    Npm,
    Images,
    Release,
}

/// Something that leaves for others to install.
#[derive(Clone, Debug)]
pub(crate) struct Upload<'a> {
    pub(crate) target: Target,
    /// What does it, in words: `twine upload`.
    pub(crate) what: &'a str,
    pub(crate) span: Span,
    /// The command that does it, by its place in the step's; nothing for an action.
    pub(crate) command: Option<usize>,
    /// Whether it goes to an index for tests.
    pub(crate) is_test: bool,
}

/// The workflows that can be read.
pub(crate) fn workflows(context: &Context) -> impl Iterator<Item = (&WorkflowFile, &Workflow)> {
    context.workflows.iter().filter_map(|file| Some((file, file.read.as_ref().ok()?)))
}

/// What a step uploads.
pub(crate) fn uploads(step: &Step) -> Vec<Upload<'_>> {
    let commands = step.commands.iter().enumerate().filter_map(|(at, command)| {
        let (target, what) = uploaded_by(command)?;
        let is_test = command.words.iter().any(|word| is_for_tests(&word.text));
        Some(Upload { target, what, span: command.span(), command: Some(at), is_test })
    });
    action(step).into_iter().chain(commands).collect()
}

/// The upload of an action.
fn action(step: &Step) -> Option<Upload<'_>> {
    let (uses, what) = (step.uses.as_ref()?, step.action()?);
    let says = |input: &str, no: &[&str]| step.input(input).is_some_and(|entry| !no.contains(&&*entry.value.value));
    let target = match what {
        "pypa/gh-action-pypi-publish" => Target::Index,
        "JS-DevTools/npm-publish" if !says("dry-run", &["false"]) => Target::Npm,
        "docker/build-push-action" | "docker/bake-action" if says("push", &["false"]) => Target::Images,
        "softprops/action-gh-release" | "ncipollo/release-action" => Target::Release,
        _ => return None,
    };
    let is_test = ["repository-url", "repository_url", "registry"]
        .iter()
        .filter_map(|input| step.input(input))
        .any(|entry| is_for_tests(&entry.value.value));
    Some(Upload { target, what, span: uses.span.clone(), command: None, is_test })
}

/// Where a command uploads to, and what it is called.
fn uploaded_by(command: &Command) -> Option<(Target, &'static str)> {
    if ["--dry-run", "--help", "--version", "-h"].iter().any(|option| command.has_option(option)) {
        return None;
    }
    const UPLOADS: [(&[&str], Target, &str); 14] = [
        (&["twine", "upload"], Target::Index, "twine upload"),
        (&["uv", "publish"], Target::Index, "uv publish"),
        (&["poetry", "publish"], Target::Index, "poetry publish"),
        (&["hatch", "publish"], Target::Index, "hatch publish"),
        (&["flit", "publish"], Target::Index, "flit publish"),
        (&["pdm", "publish"], Target::Index, "pdm publish"),
        (&["npm", "publish"], Target::Npm, "npm publish"),
        (&["pnpm", "publish"], Target::Npm, "pnpm publish"),
        (&["yarn", "publish"], Target::Npm, "yarn publish"),
        (&["yarn", "npm", "publish"], Target::Npm, "yarn npm publish"),
        (&["docker", "push"], Target::Images, "docker push"),
        (&["podman", "push"], Target::Images, "podman push"),
        (&["gh", "release", "create"], Target::Release, "gh release create"),
        (&["gh", "release", "upload"], Target::Release, "gh release upload"),
    ];
    let words = program(command);
    let found = UPLOADS.iter().find(|(wanted, ..)| begins(words, wanted));
    let pushes = || begins(words, &["docker", "buildx", "build"]) || begins(words, &["docker", "build"]);
    let built = || (pushes() && command.has_option("--push")).then_some((Target::Images, "docker build --push"));
    found.map(|(_, target, what)| (*target, *what)).or_else(built)
}

/// Whether words begin with these, the first by the name of a program, wherever that lies.
pub(crate) fn begins(words: &[Word], wanted: &[&str]) -> bool {
    words.len() >= wanted.len()
        && words.iter().zip(wanted).enumerate().all(|(at, (word, wanted))| {
            let text = if at == 0 { word.text.rsplit('/').next().unwrap_or_default() } else { &word.text };
            text == *wanted
        })
}

/// The program and its arguments, without what only starts it: `python -m`, `uvx`, `uv run`, `pipx run`.
pub(crate) fn program(command: &Command) -> &[Word] {
    const STARTERS: [&[&str]; 8] = [
        &["python", "-m"],
        &["python3", "-m"],
        &["uvx"],
        &["uv", "run"],
        &["uv", "tool", "run"],
        &["pipx", "run"],
        &["poetry", "run"],
        &["npx"],
    ];
    let mut words = command.words.as_slice();
    while let Some(starter) = STARTERS.iter().find(|starter| begins(words, starter)) {
        words = &words[starter.len()..];
        // The options of the starter, of which one takes a value.
        while let Some(option) = words.first().filter(|word| word.text.starts_with("--")) {
            let width = if matches!(option.text.as_str(), "--from" | "--with" | "--python") { 2 } else { 1 };
            words = words.get(width..).unwrap_or_default();
        }
    }
    words
}

/// Whether an address or a name is that of an index for tests, or of a registry on this machine.
fn is_for_tests(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["testpypi", "test.pypi", "test-pypi", "://localhost", "://127.0.0.1"].iter().any(|word| text.contains(word))
}

/// Whether a trigger is about tags alone.
pub(crate) fn is_tag_trigger(trigger: &Trigger) -> bool {
    match trigger.event.value.as_str() {
        "release" => true,
        "push" => !trigger.tags.is_empty() && trigger.branches.is_empty(),
        _ => false,
    }
}

/// Whether a release starts it: one that is published, or the tag that is pushed for it.
pub(crate) fn is_started_by_release(workflow: &Workflow) -> bool {
    workflow.triggers.iter().any(|trigger| match trigger.event.value.as_str() {
        "release" => true,
        "push" => !trigger.tags.is_empty(),
        _ => false,
    })
}

/// Whether a release can be made by it: that starts it, or a person, or another workflow.
pub(crate) fn is_for_releases(workflow: &Workflow) -> bool {
    let others = ["workflow_dispatch", "workflow_call", "workflow_run", "repository_dispatch"];
    is_started_by_release(workflow) || workflow.is_started_by(&others)
}

/// How long an expression may be for GitHub; a longer one is no condition.
const LONGEST_EXPRESSION: usize = 21_000;

/// The conditions of a step and its job.
fn conditions<'a>(job: &'a Job, step: &'a Step) -> impl Iterator<Item = &'a str> {
    let conditions = [&job.condition, &step.condition].into_iter().flatten().map(|condition| condition.value.as_str());
    conditions.filter(|condition| condition.len() <= LONGEST_EXPRESSION)
}

/// Whether one of the conditions of a step and its job speaks of one of these.
pub(crate) fn is_conditioned_on(job: &Job, step: &Step, words: &[&str]) -> bool {
    conditions(job, step).any(|condition| words.iter().any(|word| condition.contains(word)))
}

/// Whether a step is only for other events than a release: its condition, or its job's, compares the event with one.
pub(crate) fn is_for_other_events(job: &Job, step: &Step) -> bool {
    const OTHERS: [&str; 4] = ["'schedule'", "'pull_request'", "'workflow_dispatch'", "refs/heads/"];
    conditions(job, step).any(|condition| {
        !condition.contains("||") && !condition.contains('!') && OTHERS.iter().any(|event| condition.contains(event))
    })
}

#[cfg(test)]
mod tests;
