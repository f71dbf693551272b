//! The way of edits from a branch of their own onto another one: pushed, proposed, merged.

use super::super::world::Fact;
use super::super::world::forge::{PullRequest, PullRequestState};
use super::super::world::{Head, World};
use super::verdict::Verdict;
use crate::text::quoted;

/// Judges edits that a branch has, which are done once the remote has them too.
pub(super) fn pushed(world: &World, done: String, branch: &str, is_pushed: &Fact<bool>) -> Verdict {
    let remote = &world.remote;
    let title = format!("bring {branch} to {remote}");
    let push = format!("git push {remote} {}", quoted(branch));
    match is_pushed {
        _ if remote.is_empty() => Verdict::done(done),
        Ok(true) => Verdict::done(done),
        Ok(false) => Verdict::ready(title, push),
        Err(why) => Verdict::not_known(title, why, push),
    }
}

/// Judges edits that wait on a branch of their own.
pub(super) fn judge(world: &World, title: &str, own: &Head, base: &str) -> Verdict {
    let remote = &world.remote;
    let (head, into) = (quoted(&own.name), quoted(base));
    let push = format!("git push --set-upstream {remote} {head}");
    if remote.is_empty() {
        return Verdict::ready(title, format!("git switch {into} && git merge {head}"));
    }
    match &own.is_pushed {
        Ok(true) => {}
        Ok(false) => return Verdict::ready(title, push),
        Err(why) => return Verdict::not_known(title, why, push),
    }
    let proposals = match &world.forge {
        Err(why) => Err(why),
        Ok(forge) => forge.proposals.as_ref(),
    };
    let create = format!("gh pr create --base {into} --head {head}");
    let proposals = match proposals {
        Err(why) => return Verdict::not_known(title, why, create),
        Ok(proposals) => proposals,
    };
    let is_meant = |proposal: &&PullRequest| proposal.head == own.name && proposal.base == base;
    // An open one counts before those that were closed or merged earlier.
    let open = |proposal: &&PullRequest| proposal.state == PullRequestState::Open;
    let meant = || proposals.iter().filter(is_meant);
    match meant().find(open).or_else(|| meant().max_by_key(|proposal| proposal.number)) {
        None => Verdict::ready(title, create),
        Some(PullRequest { number, page, state, .. }) => match state {
            PullRequestState::Open => Verdict::human(title, format!("approve and merge #{number}: {page}")),
            PullRequestState::Closed => {
                Verdict::human(title, format!("#{number} was closed: reopen it, or give it up: {page}"))
            }
            PullRequestState::Merged(_) => Verdict::ready(title, format!("git fetch {remote}")),
        },
    }
}
