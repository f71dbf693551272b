//! Events that start a workflow, and conditions that hold for them.

use super::guard::chooses;
use release_core::manifest::workflow::expression::{self, Value};
use release_core::manifest::workflow::{Job, Step, Trigger, Workflow, YamlString};
use std::collections::{BTreeMap, BTreeSet};

/// The number of events that are looked at; there are fewer.
const MOST_EVENTS: usize = 64;

/// Something that starts a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event<'a> {
    /// Its name; `None` where another workflow starts it, and any event may have started that.
    pub(crate) name: Option<&'a str>,
    /// The revision that is checked out.
    pub(crate) at: At<'a>,
    /// The jobs that surely do not run for it: their conditions do not hold, or they need one that does not run.
    skipped: BTreeSet<&'a str>,
}

/// The revision that a workflow is started for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum At<'a> {
    /// A tag.
    Tag,
    /// One of these branches, or any.
    Branch(Vec<&'a str>),
    /// A pull request.
    Request,
    /// Whatever the caller was started for.
    Unknown,
}

/// Returns the events that start a workflow; for one that others of the tree call, those that start these.
pub(crate) fn events(workflow: &Workflow) -> Vec<Event<'_>> {
    let is_call = |trigger: &&Trigger| trigger.event.value == "workflow_call" && !workflow.callers.is_empty();
    let own = workflow.triggers.iter().filter(|trigger| !is_call(trigger));
    let mut found: Vec<_> = own.chain(&workflow.callers).flat_map(of_trigger).take(MOST_EVENTS).collect();
    for event in &mut found {
        event.skipped = skipped(workflow, event);
    }
    found
}

/// The jobs that surely do not run for an event.
fn skipped<'a>(workflow: &'a Workflow, event: &Event<'_>) -> BTreeSet<&'a str> {
    let has = |job: &Job, test: &dyn Fn(&str) -> bool| job.condition.as_ref().is_some_and(|text| test(&text.value));
    let is_false = |job: &&Job| has(job, &|condition| holds(event, condition) == Some(false));
    let first = workflow.jobs.iter().filter(is_false);
    // A job whose condition asks how others ended runs after them, whatever became of them.
    let asks =
        |job: &Job| has(job, &|text| ["always(", "failure(", "cancelled("].iter().any(|word| text.contains(word)));
    with_those_that_need(workflow, first, &|job| !asks(job))
}

/// Returns jobs, and those that need one of them, however far, by their names; `follows` leaves some of these out.
pub(crate) fn with_those_that_need<'a>(
    workflow: &'a Workflow,
    first: impl Iterator<Item = &'a Job>,
    follows: &dyn Fn(&Job) -> bool,
) -> BTreeSet<&'a str> {
    let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for job in workflow.jobs.iter().filter(|job| follows(job)) {
        for id in &job.needs {
            needed_by.entry(&id.value).or_default().push(&job.id.value);
        }
    }
    let mut next: Vec<&str> = first.map(|job| job.id.value.as_str()).collect();
    let mut found = BTreeSet::new();
    while let Some(id) = next.pop() {
        if found.insert(id) {
            next.extend(needed_by.get(id).into_iter().flatten());
        }
    }
    found
}

fn of_trigger(trigger: &Trigger) -> Vec<Event<'_>> {
    let event = |name, at| Event { name, at, skipped: BTreeSet::new() };
    let is_plain = |name: &&str| !name.contains(['*', '?', '[', '!', '+', '$']);
    let branches = || trigger.branches.iter().map(|branch| branch.value.as_str()).filter(is_plain).collect();
    let name = Some(trigger.event.value.as_str());
    match trigger.event.value.as_str() {
        "workflow_call" => vec![event(None, At::Unknown)],
        "release" => vec![event(name, At::Tag)],
        "push" => {
            let tags = (!trigger.tags.is_empty() || trigger.branches.is_empty()).then_some(At::Tag);
            let is_branch = !trigger.branches.is_empty() || trigger.tags.is_empty();
            let branch = is_branch.then(|| At::Branch(branches()));
            tags.into_iter().chain(branch).map(|at| event(name, at)).collect()
        }
        name if name.starts_with("pull_request") || name == "merge_group" => {
            vec![event(Some(name), At::Request)]
        }
        _ => vec![event(name, At::Branch(Vec::new()))],
    }
}

/// Tells if a release starts it: one that is published, or the tag that is pushed for it.
pub(crate) fn is_started_by_release(workflow: &Workflow) -> bool {
    let is_release = |trigger: &Trigger| match trigger.event.value.as_str() {
        "release" => true,
        "push" => !trigger.tags.is_empty(),
        _ => false,
    };
    workflow.triggers.iter().chain(&workflow.callers).any(is_release)
}

/// Tells if a release can be made by it: that starts it, or a person, or another workflow.
pub(crate) fn is_for_releases(workflow: &Workflow) -> bool {
    is_started_by_release(workflow) || events(workflow).iter().any(is_by_hand)
}

/// Tells if a person starts it, or another workflow.
pub(crate) fn is_by_hand(event: &Event<'_>) -> bool {
    event.name.is_none_or(|name| matches!(name, "workflow_dispatch" | "workflow_run" | "repository_dispatch"))
}

/// Tells if a step is only for other events than a release: with those its conditions, or its job's, surely do not hold.
pub(crate) fn is_for_other_events(workflow: &Workflow, events: &[Event<'_>], job: &Job, step: &Step) -> bool {
    let is_started = is_started_by_release(workflow);
    let is_release = |event: &&Event<'_>| if is_started { event.at == At::Tag } else { is_by_hand(event) };
    let mut releases = events.iter().filter(is_release).peekable();
    releases.peek().is_some() && !releases.any(|event| runs(event, job, step))
}

/// Tells if a step may run for an event.
pub(crate) fn runs(event: &Event<'_>, job: &Job, step: &Step) -> bool {
    !event.skipped.contains(job.id.value.as_str())
        && conditions(job, step).all(|condition| holds(event, &condition.value) != Some(false))
}

/// The conditions of a step and its job.
fn conditions<'a>(job: &'a Job, step: &'a Step) -> impl Iterator<Item = &'a YamlString> {
    [&job.condition, &step.condition].into_iter().flatten()
}

/// Tells if one of the conditions of a step and its job chooses the versions for which it runs.
pub(crate) fn is_chosen(job: &Job, step: &Step) -> bool {
    conditions(job, step).any(|condition| chooses(&condition.value))
}

/// Tells if a condition holds for an event: surely, surely not, or `None` where that is not known. Every branch and tag is tried of which the
/// condition speaks, and others besides.
pub(crate) fn holds(event: &Event<'_>, condition: &str) -> Option<bool> {
    let mut references: BTreeSet<String> = BTreeSet::new();
    let spoken_of = |kind: &'static str| {
        condition.split(kind).skip(1).take(4).map(move |rest| rest.split('\'').next().unwrap_or_default())
    };
    match &event.at {
        At::Tag => {
            references.insert("refs/tags/v1.2.3".to_owned());
            references.extend(spoken_of("refs/tags/").map(|name| format!("refs/tags/{name}1.2.3")));
        }
        At::Branch(names) if !names.is_empty() => {
            references.extend(names.iter().take(8).map(|name| format!("refs/heads/{name}")));
        }
        At::Branch(_) => {
            references.extend(["main", "master", "release-1.2.x"].map(|name| format!("refs/heads/{name}")));
            references.extend(spoken_of("refs/heads/").map(|name| format!("refs/heads/{name}")));
        }
        At::Request => _ = references.insert("refs/pull/1/merge".to_owned()),
        At::Unknown => return expression::condition(condition, &|_| None),
    }
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let known = |reference: &str, name: &str| {
        match name {
            "github.event_name" => event.name.and_then(text),
            "github.ref" => text(reference),
            "github.ref_type" => text(if event.at == At::Tag { "tag" } else { "branch" }),
            // Candidates and drafts are not what the rules are about.
            "github.event.release.prerelease" | "github.event.release.draft" if event.name == Some("release") => {
                Some(Value::Boolean(false))
            }
            _ => None,
        }
    };
    let mut all = references.iter().map(|reference| expression::condition(condition, &|name| known(reference, name)));
    let first = all.next()??;
    all.all(|other| other == Some(first)).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use release_core::text::SourceText;

    /// For which events a condition may hold, by their names; `+` where it surely does.
    fn runs_for(on: &str, condition: &str) -> String {
        let workflow = Workflow::parse(&SourceText::new(format!("on: {on}\n"))).unwrap();
        let show = |event: &Event<'_>| {
            let name = format!("{}{}", event.name.unwrap_or("?"), if event.at == At::Tag { ":tag" } else { "" });
            match holds(event, condition) {
                Some(true) => Some(format!("+{name}")),
                None => Some(name),
                Some(false) => None,
            }
        };
        events(&workflow).iter().filter_map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn jobs_that_need_a_skipped_one_are_skipped_too() {
        let text = "on: schedule\njobs:\n  a: {if: github.event_name == 'release'}\n  b: {needs: a}\n  c: {needs: [b, e]}\n  d: {needs: a, if: always()}\n  e: {needs: c}\n";
        let workflow = Workflow::parse(&SourceText::new(text)).unwrap();
        let events = events(&workflow);
        let skipped: Vec<_> = events[0].skipped.iter().copied().collect();
        assert_eq!(skipped, ["a", "b", "c", "e"]);
    }

    #[test]
    fn conditions_choose_among_the_events() {
        const ALL: &str = "{release: , push: , schedule: , pull_request: }";
        for (on, condition, expected) in [
            (ALL, "github.event_name == 'schedule'", "+schedule"),
            (ALL, "github.event_name != 'release'", "+push:tag +push +schedule +pull_request"),
            (ALL, "startsWith(github.ref, 'refs/tags/v')", "+release:tag +push:tag"),
            (ALL, "startsWith(github.ref, 'refs/tags/meadow-')", "release:tag push:tag"),
            (ALL, "!startsWith(github.ref, 'refs/tags/')", "+push +schedule +pull_request"),
            (ALL, "github.ref_type == 'tag'", "+release:tag +push:tag"),
            (ALL, "github.ref == 'refs/heads/trunk'", "push schedule"),
            (ALL, "!github.event.release.prerelease", "+release:tag push:tag push schedule pull_request"),
            (ALL, "${{ !cancelled() && github.event_name == 'release' }}", "release:tag"),
            (ALL, "steps.a.outputs.b == 'c'", "release:tag push:tag push schedule pull_request"),
            (ALL, "this is no expression", "release:tag push:tag push schedule pull_request"),
            ("{push: {branches: [main]}}", "github.ref != 'refs/heads/main'", ""),
            ("{push: {branches: ['*']}}", "github.ref != 'refs/heads/main'", "push"),
            ("{push: {tags: [v*]}}", "always()", "+push:tag"),
            ("{push: {tags: [v*], branches: [main]}}", "github.ref == 'refs/heads/main'", "+push"),
            ("workflow_call", "github.event_name == 'release'", "?"),
            ("workflow_dispatch", "inputs.a", "workflow_dispatch"),
        ] {
            assert_eq!(runs_for(on, condition), expected, "{condition}");
        }
    }
}
