//! The observations of a run before it plans: references, the remote, and how the branch stands to it.

use crate::checkout::{Checkout, Repository};
use crate::cli::Global;
use crate::clock;
use crate::remote::{self, Asked};
use crate::stop::Result;
use release_core::history::{History, Refs};
use release_core::monorepo::Config;
use release_core::plan::early::too_early;
use release_core::plan::preconditions::{self, Divergence, Place, RemoteState, Request, Target, short};
use release_core::problem::Problem;

/// Everything that was observed.
pub(super) struct Observed<'a> {
    pub(super) repository: &'a Repository,
    pub(super) config: &'a Config,
    pub(super) request: Request,
    /// The branch of the release's line.
    pub(super) line: String,
    pub(super) refs: Refs,
    pub(super) history: History,
    pub(super) remote: RemoteState,
}

impl Observed<'_> {
    /// The newest commit of the line's branch here, or else on the remote.
    pub(super) fn line_tip(&self) -> Option<&str> {
        let Observed { refs, remote, line, .. } = self;
        let theirs = || refs.remote_branch(&remote.name, line).map(|branch| branch.commit.as_str());
        refs.branch(line).map(|branch| branch.commit.as_str()).or_else(theirs)
    }
}

/// Observes references and the remote.
pub(super) fn observe<'a>(global: &Global, checkout: &'a Checkout, request: Request) -> Result<Observed<'a>> {
    let Checkout { repository, config, .. } = checkout;
    let line = config.branch.branch(request.release.line());
    let (refs, name) = checkout.refs(|_| line.clone())?;
    let history = History::new(&refs.tags, &config.tag);
    let mut remote = RemoteState { name: name.unwrap_or_default(), ..RemoteState::default() };
    if !global.offline && !remote.name.is_empty() {
        let tag = format!("refs/tags/{}", config.tag.tag(request.release));
        let (peeled, head) = (format!("{tag}^{{}}"), format!("refs/heads/{line}"));
        match remote::ask(&repository.git, &remote.name, &[&tag, &peeled, &head])? {
            Asked::Found(found) => {
                remote.tag = remote::tagged(&found, &tag).map(str::to_owned);
                remote.line = remote::commit(&found, &head).map(str::to_owned);
            }
            Asked::Unknown(reason) => remote.error = Some(reason),
        }
    }
    Ok(Observed { repository, config, request, line, refs, history, remote })
}

/// The problem of a final that its policy does not allow yet, by the dates of its candidates' tags.
pub(super) fn early(observed: &Observed<'_>) -> Result<Option<Problem>> {
    let Observed { repository, config, history, request, .. } = observed;
    let release = request.release;
    let is_candidate =
        |name: &str| config.tag.release(name).is_some_and(|other| other.is_candidate() && other.base() == release);
    let tags = repository.git.dated_tags()?;
    let times: Vec<i64> = tags.iter().filter(|tag| is_candidate(&tag.name)).map(|tag| tag.time).collect();
    Ok(too_early(release, config, history, &times, clock::now()?))
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

/// The problems of a branch, worked on or cut from, that is not what its remote has.
pub(super) fn against_upstream(observed: &Observed<'_>, place: &Place) -> Result<Vec<Problem>> {
    let Observed { repository, config, line, refs, remote, .. } = observed;
    let git = &repository.git;
    let worked_on = if place.cuts() { &config.main } else { line };
    let mut problems = Vec::new();
    let local = refs.branch(worked_on);
    let upstream = local.and_then(|branch| branch.upstream.clone()).map(|upstream| upstream.reference);
    let upstream = upstream.unwrap_or_else(|| format!("refs/remotes/{}/{worked_on}", remote.name));
    if let (Some(local), Some(theirs)) = (local, refs.commit(&upstream))
        && local.commit != theirs
    {
        let (ahead, behind) = git.divergence(&local.commit, theirs)?;
        let upstream = upstream.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/").to_owned();
        problems.extend(preconditions::behind(&Divergence { branch: worked_on.clone(), upstream, ahead, behind }));
    }
    let Some(theirs) = &remote.line else { return Ok(problems) };
    let known = refs.remote_branch(&remote.name, line).map(|branch| &branch.commit);
    let ours = local.map(|branch| &branch.commit).or(known);
    let has_theirs = match ours {
        _ if known == Some(theirs) || ours == Some(theirs) => true,
        Some(ours) => git.has(theirs)? && git.is_ancestor(theirs, ours)?,
        None => false,
    };
    if place.cuts() || !has_theirs {
        problems.push(Problem::new(
            format!("{line} on {} is at {}, which this clone does not have", remote.name, short(theirs)),
            "`--fetch` fetches first; if your branch is behind then, pull",
        ));
    }
    Ok(problems)
}

/// The problem of a branch of the release's own, which is there already and is committed on, that lacks what the line has.
pub(super) fn against_branch(observed: &Observed<'_>, place: &Place) -> Result<Option<Problem>> {
    let Observed { repository, line, refs, .. } = observed;
    let (Target::Branch(branch), Place::Temporary { base, .. }) = (&observed.request.target, place) else {
        return Ok(None);
    };
    if refs.branch(branch).is_none() {
        let is_name = repository.git.output(&["check-ref-format", "--branch", branch], None)?.status.success();
        let problem = || Problem::new(format!("git allows no branch of the name `{branch}`"), "give another name");
        return Ok((!is_name).then(problem));
    }
    let lacks = match observed.line_tip() {
        Some(newest) => !repository.git.is_ancestor(newest, base)?,
        None => false,
    };
    Ok(lacks.then(|| preconditions::stale(branch, line)))
}
