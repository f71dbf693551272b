//! The steps of a release, one file each: a state that follows from the observed world, a sentence, and the one next act.

mod announcement;
mod arrival;
mod artifacts;
mod candidates;
mod checks;
mod clients;
mod cut;
mod development_tag;
mod fixes;
mod github_release;
mod lockfiles;
mod main_version;
mod merge_back;
mod next_release;
mod people;
mod prepare;
mod proposal;
mod publishing_run;
mod tag;
mod testing_window;
#[cfg(test)]
mod tests;
mod verdict;

use super::step::{State, StepId};
use super::world::{Decision, World};
use serde::Serialize;
use verdict::Verdict;

/// A step of a release, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Its identifier.
    pub id: StepId,
    /// Its state.
    #[serde(flatten)]
    pub state: State,
    /// The sentence that describes it as it is.
    pub title: String,
    /// The one next act, a command or a sentence; empty if it is done.
    pub next: String,
}

/// The state of a release as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Whole {
    /// Every step is done.
    Done,
    /// A step cannot be done before a finding is mended.
    Blocked,
    /// Somebody can do a step now.
    Turn,
    /// Nothing can be done now, because something is not known.
    NotKnown,
    /// Nothing can be done now but to wait.
    Waiting,
}

/// A step of the list: the steps that come before it, and its judgement, which is `None` for a release that does not have it.
struct Row {
    id: StepId,
    after: &'static [StepId],
    judge: fn(&World) -> Option<Verdict>,
}

const fn row(id: StepId, after: &'static [StepId], judge: fn(&World) -> Option<Verdict>) -> Row {
    Row { id, after, judge }
}

/// The steps of every release, in order.
const STEPS: [Row; 23] = {
    use StepId as S;
    [
        row(S::Owner, &[], people::owner),
        row(S::Thread, &[], people::thread),
        row(S::Fixes, &[], fixes::judge),
        row(S::Cut, &[], cut::judge),
        row(S::Candidates, &[S::Cut], candidates::judge),
        row(S::TestingWindow, &[S::Candidates], testing_window::of_final),
        row(S::Milestone, &[], people::milestone),
        row(S::Clients, &[S::TestingWindow], clients::judge),
        row(S::Prepare, &[S::Cut, S::TestingWindow, S::Clients], prepare::judge),
        row(S::Proposal, &[S::Prepare], proposal::judge),
        row(S::Checks, &[S::Proposal], checks::judge),
        row(S::Tag, &[S::Checks], tag::judge),
        row(S::GithubRelease, &[S::Tag], github_release::judge),
        row(S::PublishingRun, &[S::GithubRelease], publishing_run::judge),
        row(S::Artifacts, &[S::PublishingRun], artifacts::judge),
        row(S::TestingWindow, &[S::Artifacts], testing_window::of_candidate),
        row(S::NextRelease, &[S::TestingWindow, S::Artifacts], next_release::judge),
        row(S::Lockfiles, &[S::Artifacts], lockfiles::judge),
        row(S::Main, &[S::Tag], main_version::judge),
        row(S::MergeBack, &[S::Tag], merge_back::judge),
        row(S::DevelopmentTag, &[S::Main], development_tag::judge),
        row(S::Notes, &[S::GithubRelease], announcement::notes),
        row(S::Announcement, &[S::Artifacts, S::Notes], announcement::judge),
    ]
};

/// Returns the steps of a release with their states, in order.
pub fn judge(world: &World) -> Vec<Judged> {
    let mut judged: Vec<(Judged, bool)> = Vec::new();
    for Row { id, after, judge } in STEPS {
        let Some(own) = judge(world) else { continue };
        let verdict = decided(world, id).unwrap_or(own);
        let closed = after.iter().find(|before| judged.iter().any(|(step, opens)| step.id == **before && !opens));
        let Verdict { state, title, next, opens } = match closed {
            Some(before) => verdict.after(*before),
            None => verdict,
        };
        judged.push((Judged { id, state, title, next }, opens));
    }
    judged.into_iter().map(|(step, _)| step).collect()
}

/// Returns the verdict on a step that a person has done by hand, for the commit of the release.
fn decided(world: &World, id: StepId) -> Option<Verdict> {
    let is_meant = |decision: &&Decision| decision.step == id && Some(decision.commit.as_str()) == world.commit();
    let Decision { by, at, reason, .. } = world.decisions.iter().rev().find(is_meant)?;
    Some(Verdict::done(format!("done by {by} on {at}: {reason}")))
}

impl Whole {
    /// Returns the state of a release from the states of its steps.
    pub fn of(steps: &[Judged]) -> Self {
        let has = |is: fn(&State) -> bool| steps.iter().any(|step| is(&step.state));
        if has(|state| matches!(state, State::Blocked(_))) {
            return Self::Blocked;
        }
        if has(|state| matches!(state, State::Ready | State::Human)) {
            return Self::Turn;
        }
        if has(|state| matches!(state, State::NotKnown(_))) {
            return Self::NotKnown;
        }
        if has(|state| *state != State::Done) { Self::Waiting } else { Self::Done }
    }
}
