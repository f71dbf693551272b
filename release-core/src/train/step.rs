//! One step of a release: its identifier, its state, its commands.

use super::world::fact::Why;
use serde::Serialize;
use std::fmt;

/// One step of a release.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its identifier, the same in every run.
    pub id: StepId,
    /// Its state.
    #[serde(flatten)]
    pub state: State,
    /// The sentence that describes it.
    pub title: String,
    /// Its commands; none if a person does it.
    pub commands: Vec<String>,
}

/// The identifier of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepId {
    /// This tool writes or commits edits.
    Edits,
    /// Edits of the checkout become a commit.
    Commit,
    /// Commits come onto a branch of the remote, by a pull request if they have a branch of their own.
    Proposal,
    /// The release is tagged and created on the forge.
    GithubRelease,
    /// Packages and clients are on their registries.
    Artifacts,
    /// The community tests a candidate.
    TestingWindow,
    /// The final, or the candidate that follows this one.
    NextRelease,
    /// Main and the line's lockfiles follow the release.
    FollowUp,
    /// A development tag is set.
    DevelopmentTag,
    /// Lockfiles are brought in line with the manifests.
    Lockfiles,
    /// The rules are checked.
    Checks,
    /// A setting is added to `release.toml`.
    Settings,
    /// The release notes and the announcement are written.
    Announcement,
    /// A person is named who owns the release.
    Owner,
    /// The release has a thread in which people talk about it.
    Thread,
    /// The issues of the milestone are done, or moved to another one.
    Milestone,
    /// Fixes come onto the branch.
    Fixes,
    /// The line gets its branch.
    Cut,
    /// The clients are published before what needs them.
    Clients,
    /// Candidates are published.
    Candidates,
    /// The tree is brought to the version of the release.
    Prepare,
    /// The commit is tagged.
    Tag,
    /// The workflow that publishes runs.
    PublishingRun,
    /// Main gets the next version.
    Main,
    /// The release is merged into main.
    MergeBack,
    /// The release notes are written.
    Notes,
}

impl fmt::Display for StepId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

/// The state of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", content = "on", rename_all = "kebab-case")]
pub enum State {
    /// It is done.
    Done,
    /// It can be done now.
    Ready,
    /// It can be done once another step is done.
    Waiting(StepId),
    /// It is under way, or begins by itself: until this day, or until this is done by others.
    #[serde(rename = "waiting")]
    Until(String),
    /// It cannot be done before this finding is mended.
    Blocked(String),
    /// It is a person's turn.
    Human,
    /// It is not known, for this reason.
    NotKnown(Why),
}

impl Step {
    /// Creates a step that can be done now, by these commands.
    pub fn ready(id: StepId, title: impl Into<String>, commands: impl IntoIterator<Item = String>) -> Self {
        Self { id, state: State::Ready, title: title.into(), commands: commands.into_iter().collect() }
    }

    /// Creates a step that can be done now, by a person.
    pub fn person(id: StepId, title: impl Into<String>) -> Self {
        Self::ready(id, title, [])
    }

    /// Makes the step wait for another one.
    #[must_use]
    pub fn after(self, id: StepId) -> Self {
        Self { state: State::Waiting(id), ..self }
    }
}

/// Makes each of the steps wait for the one before it.
pub fn in_turn(steps: impl IntoIterator<Item = Step>) -> Vec<Step> {
    let mut steps: Vec<Step> = steps.into_iter().collect();
    for at in 1..steps.len() {
        steps[at].state = State::Waiting(steps[at - 1].id);
    }
    steps
}

/// Returns the last step of a release.
pub(super) fn announcement() -> Step {
    Step::person(StepId::Announcement, "write the release notes and announce the release")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_in_turn_wait_each_for_the_one_before() {
        let steps = in_turn([
            Step::ready(StepId::Commit, "commit the edits", ["git commit".to_owned()]),
            Step::person(StepId::Checks, "look"),
            announcement(),
        ]);
        let states: Vec<State> = steps.iter().map(|step| step.state.clone()).collect();
        assert_eq!(states, [State::Ready, State::Waiting(StepId::Commit), State::Waiting(StepId::Checks)]);
        let json = serde_json::to_value(&steps[..2]).unwrap();
        assert_eq!(
            json,
            serde_json::json!([
                { "id": "commit", "state": "ready", "title": "commit the edits", "commands": ["git commit"] },
                { "id": "checks", "state": "waiting", "on": "commit", "title": "look", "commands": [] },
            ])
        );
    }
}
