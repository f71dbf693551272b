//! The parts that rules about workflows share: uploads of a step, the events for which it runs, the program of a command.

mod event;
mod guard;
mod program;
mod upload;

pub(crate) use event::{
    At, Event, events, holds, is_chosen, is_for_other_events, is_for_releases, is_started_by_release, runs,
    with_those_that_need,
};
pub(crate) use guard::{Choice, choice, conditions};
pub(crate) use program::{begins, program, rest_after};
pub(crate) use upload::{Target, Upload, uploads};

use crate::context::{Context, WorkflowFile};
use release_core::manifest::workflow::{Job, Step, Workflow};

/// The workflows that can be read.
pub(crate) fn workflows(context: &Context) -> impl Iterator<Item = (&WorkflowFile, &Workflow)> {
    context.workflows.iter().filter_map(|file| Some((file, file.read.as_ref().ok()?)))
}

/// Tells if a release starts a workflow, or one of the same tree after which it runs.
pub(crate) fn follows_release(context: &Context, workflow: &Workflow) -> bool {
    let followed = workflow.triggers.iter().filter(|trigger| trigger.event.value == "workflow_run");
    let names: Vec<&str> =
        followed.flat_map(|trigger| &trigger.workflows).map(|followed| followed.value.as_str()).collect();
    let is_followed = |(file, other): &(&WorkflowFile, &Workflow)| {
        let name = other.name.as_ref().map_or(file.path.as_str(), |name| name.value.as_str());
        names.contains(&name)
    };
    is_started_by_release(workflow)
        || workflows(context).filter(is_followed).any(|(_, other)| is_started_by_release(other))
}

/// The workflow of the same tree that a job calls.
pub(crate) fn called<'a>(context: &'a Context, job: &Job) -> Option<(&'a WorkflowFile, &'a Workflow)> {
    let path = job.uses.as_ref()?.value.strip_prefix("./")?;
    workflows(context).find(|(file, _)| file.path == path)
}

/// Tells if a step uses an action; names have no case.
pub(crate) fn is_action(step: &Step, name: &str) -> bool {
    step.action().is_some_and(|action| action.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests;
