//! The verdict on a step by itself, before the steps that come first are looked at.

use super::super::step::{State, StepId};
use super::super::world::Why;

/// A state with its sentence and the next act.
pub(super) struct Verdict {
    pub(super) state: State,
    pub(super) title: String,
    pub(super) next: String,
    /// `true` if the steps that come after it may go on.
    pub(super) opens: bool,
}

impl Verdict {
    fn new(state: State, title: impl Into<String>, next: impl Into<String>) -> Self {
        let opens = state == State::Done;
        Self { state, title: title.into(), next: next.into(), opens }
    }

    /// Creates the verdict of a step that is done.
    pub(super) fn done(title: impl Into<String>) -> Self {
        Self::new(State::Done, title, "")
    }

    /// Creates the verdict of a step that a command does now.
    pub(super) fn ready(title: impl Into<String>, command: impl Into<String>) -> Self {
        Self::new(State::Ready, title, command)
    }

    /// Creates the verdict of a step that a person does now.
    pub(super) fn human(title: impl Into<String>, act: impl Into<String>) -> Self {
        Self::new(State::Human, title, act)
    }

    /// Creates the verdict of a step that ends by itself, or by others.
    pub(super) fn until(title: impl Into<String>, end: impl Into<String>, act: impl Into<String>) -> Self {
        Self::new(State::Until(end.into()), title, act)
    }

    /// Creates the verdict of a step that a finding stands against.
    pub(super) fn blocked(title: impl Into<String>, finding: impl Into<String>, way_out: impl Into<String>) -> Self {
        Self::new(State::Blocked(finding.into()), title, way_out)
    }

    /// Creates the verdict of a step about which something is not known.
    pub(super) fn not_known(title: impl Into<String>, why: &Why, act: impl Into<String>) -> Self {
        Self::new(State::NotKnown(why.clone()), title, act)
    }

    /// Lets the steps after it go on.
    pub(super) fn opening(self) -> Self {
        Self { opens: true, ..self }
    }

    /// Makes a step wait for one that is not done yet, unless it is done itself or a finding stands against it.
    pub(super) fn after(self, before: StepId) -> Self {
        if matches!(self.state, State::Done | State::Blocked(_)) {
            return self;
        }
        let next = format!("first {before}");
        Self { state: State::Waiting(before), next, opens: false, ..self }
    }
}
