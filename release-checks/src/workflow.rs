//! The parts that rules about workflows share: uploads of a step, the events for which it runs, the program of a command.

mod event;
mod guard;
mod program;
mod upload;

pub(crate) use event::{
    At, Event, events, holds, is_conditioned_on, is_for_other_events, is_for_releases, is_started_by_release, runs,
    with_those_that_need,
};
pub(crate) use guard::{Choice, choice};
pub(crate) use program::{begins, program, rest_after};
pub(crate) use upload::{Target, Upload, uploads};

use crate::context::{Context, WorkflowFile};
use release_core::manifest::workflow::{Job, Step, Workflow};

/// Words of conditions that choose the versions for which something is done.
pub(crate) const CHOSEN: [&str; 5] = ["latest", "highest", "newest", "inputs.", "outputs."];

/// The workflows that can be read.
pub(crate) fn workflows(context: &Context) -> impl Iterator<Item = (&WorkflowFile, &Workflow)> {
    context.workflows.iter().filter_map(|file| Some((file, file.read.as_ref().ok()?)))
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
