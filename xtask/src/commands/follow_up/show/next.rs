//! The steps after the commits of `post` and `relock`.

use crate::commands::follow_up::observe::Observed;
use crate::commands::follow_up::part::{Part, Role, State};
use crate::commands::follow_up::run::{Command, Run};
use release_core::train::Step;
use release_core::train::post::{self, Followed, Tag};

/// Returns the steps that bring commits and tags to the remote, and what is left then.
pub(super) fn publishing(run: &Run<'_>, parts: &[Part], observed: &Observed<'_>) -> Vec<Step> {
    let remote = if observed.remote.is_empty() { "origin" } else { &observed.remote };
    let is_pushed = |branch: &str, commit: Option<&String>| {
        let theirs = observed.refs.remote_branch(remote, branch).map(|branch| &branch.commit);
        let local = commit.or_else(|| observed.refs.branch(branch).map(|branch| &branch.commit));
        local.is_none() || local == theirs
    };
    post::remaining(remote, &observed.refs, &followed(run, parts, &is_pushed), run.is_post())
}

/// Returns what is left when the edits have arrived.
pub(super) fn last_steps(run: &Run<'_>, parts: &[Part]) -> Vec<Step> {
    post::last(&followed(run, parts, &|_, _| true), run.is_post())
}

fn followed(run: &Run<'_>, parts: &[Part], is_pushed: &dyn Fn(&str, Option<&String>) -> bool) -> Vec<Followed> {
    let followed = |part: &Part| {
        let target = part.target.as_ref()?;
        let has_proposal = !target.is_direct() && (part.commit.is_some() || part.waits());
        let version = || part.branch.as_ref().ok().and_then(|branch| branch.version.clone()).unwrap_or_default();
        let tag = part.tag.as_ref().and_then(|tag| match &tag.state {
            State::Elsewhere(_) => None,
            State::There if tag.is_pushed => None,
            State::There | State::On(_) => Some(Tag::Set(tag.name.clone())),
            State::Later => Some(Tag::Later { name: tag.name.clone(), version: version(), command: run.again() }),
        });
        Some(Followed {
            name: part.name.clone(),
            goes_to: target.goes_to.clone(),
            proposal: has_proposal.then(|| title(run.command, part)),
            is_pushed: !target.is_direct() && !has_proposal || is_pushed(&target.goes_to, part.commit.as_ref()),
            tag,
        })
    };
    parts.iter().filter_map(followed).collect()
}

/// The message of a part's commit, which is also the title of its pull request.
pub(crate) fn title(command: Command, part: &Part) -> String {
    let branch = part.branch.as_ref().ok();
    if let (Role::Main, Command::Post(release)) = (part.role, command) {
        return match branch.and_then(|branch| branch.version.as_ref()) {
            Some(version) => format!("chore: main is {version} after the release of {release}"),
            None => format!("chore: follow the release of {release}"),
        };
    }
    format!("chore: lock {}", branch.map(|branch| branch.clients().join(", ")).unwrap_or_default())
}
