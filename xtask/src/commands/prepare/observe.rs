//! What a run observes before it plans: references, the remote, and how the branch stands to it.

use super::Observed;
use crate::checkout::{Checkout, Repository};
use crate::cli::Global;
use crate::remote::{self, Asked};
use crate::stop::Result;
use release_core::git::GitError;
use release_core::history::History;
use release_core::monorepo::Config;
use release_core::plan::preconditions::{self, Divergence, Place, RemoteState, Request, Target};
use release_core::problem::Problem;
use release_core::version::Release;

/// Observes references and the remote.
pub(super) fn observe<'a>(global: &Global, checkout: &'a Checkout, request: &Request) -> Result<Observed<'a>> {
    let Checkout { repository, config, .. } = checkout;
    let line = config.branch.branch(request.release.line());
    let (refs, name) = checkout.refs(|_| line.clone())?;
    let history = History::new(&refs.tags, &config.tag);
    let mut remote = RemoteState { name: name.unwrap_or_default(), ..RemoteState::default() };
    if !global.offline && !remote.name.is_empty() {
        ask(repository, config, &line, request.release, &mut remote)?;
    }
    Ok(Observed { repository, config, refs, history, remote })
}

fn ask(
    repository: &Repository,
    config: &Config,
    line: &str,
    release: Release,
    state: &mut RemoteState,
) -> Result<(), GitError> {
    let tag = format!("refs/tags/{}", config.tag.tag(release));
    let peeled = format!("{tag}^{{}}");
    let head = format!("refs/heads/{line}");
    match remote::ask(repository, &state.name, &[&tag, &peeled, &head])? {
        Asked::Found(found) => {
            let find = |name: &str| remote::commit(&found, name).map(str::to_owned);
            state.tag = find(&peeled).or_else(|| find(&tag));
            state.line = find(&head);
        }
        Asked::Unknown(said) => state.error = Some(said),
    }
    Ok(())
}

/// An operation of git's that has to end first.
pub(crate) fn under_way(repository: &Repository) -> Option<Problem> {
    let (name, command) = repository.operation()?;
    Some(Problem::new(
        format!("{name} is under way in this checkout"),
        format!("finish it with `{command} --continue`, or leave it with `{command} --abort`"),
    ))
}

/// The commit that the plan is made against.
pub(super) fn tip(observed: &Observed<'_>, place: &Place) -> String {
    match place {
        Place::WorkTree | Place::CutInWorkTree => {
            observed.refs.current().map(|branch| branch.commit.clone()).unwrap_or_default()
        }
        Place::Temporary { base, .. } => base.clone(),
    }
}

/// Whether the branch that is worked on, or cut from, is what its remote has.
pub(super) fn against_upstream(observed: &Observed<'_>, request: &Request, place: &Place) -> Result<Vec<Problem>> {
    let Observed { repository, config, refs, remote, .. } = observed;
    let line = config.branch.branch(request.release.line());
    let worked_on = if place.cuts() { config.main.clone() } else { line.clone() };
    let mut problems = Vec::new();
    let local = refs.branch(&worked_on);
    let upstream = local.and_then(|branch| branch.upstream.clone()).map(|upstream| upstream.reference);
    let upstream = upstream.unwrap_or_else(|| format!("refs/remotes/{}/{worked_on}", remote.name));
    if let (Some(local), Some(theirs)) = (local, refs.commit(&upstream))
        && local.commit != theirs
    {
        let (ahead, behind) = repository.git.divergence(&local.commit, theirs)?;
        let upstream = upstream.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/").to_owned();
        problems.extend(preconditions::behind(&Divergence { branch: worked_on.clone(), upstream, ahead, behind }));
    }
    let Some(theirs) = &remote.line else { return Ok(problems) };
    let known = refs.remote_branch(&remote.name, &line).map(|branch| &branch.commit);
    let ours = local.map(|branch| &branch.commit).or(known);
    let is_here = known == Some(theirs)
        || ours == Some(theirs)
        || (ours.is_some()
            && repository.git.has(theirs)?
            && repository.git.is_ancestor(theirs, ours.map_or("", |ours| ours))?);
    if place.cuts() || !is_here {
        problems.push(Problem::new(
            format!("{line} on {} is at {}, which is not here", remote.name, preconditions::short(theirs)),
            "`--fetch` fetches first; if your branch is behind then, pull",
        ));
    }
    Ok(problems)
}

/// Whether a branch of the release's own, which is there already and is committed on, has what the line has.
pub(super) fn against_branch(observed: &Observed<'_>, request: &Request, place: &Place) -> Result<Option<Problem>> {
    let Observed { repository, config, refs, remote, .. } = observed;
    let line = config.branch.branch(request.release.line());
    let (Target::Branch(branch), Place::Temporary { base, .. }) = (&request.target, place) else { return Ok(None) };
    if refs.branch(branch).is_none() {
        let is_name = repository.git.output(&["check-ref-format", "--branch", branch], None)?.status.success();
        let problem = || Problem::new(format!("git allows no branch of the name `{branch}`"), "give another name");
        return Ok((!is_name).then(problem));
    }
    let newest = refs.branch(&line).map(|branch| &branch.commit);
    let newest = newest.or_else(|| refs.remote_branch(&remote.name, &line).map(|branch| &branch.commit));
    let lacks = match newest {
        Some(newest) => !repository.git.is_ancestor(newest, base)?,
        None => false,
    };
    Ok(lacks.then(|| preconditions::stale(branch, &line)))
}
