//! The observations of a run before it plans: references, the remote, and how the branch stands to it.

use crate::checkout::{Checkout, Repository};
use crate::cli::Global;
use crate::clock;
use crate::remote::{self, Asked};
use crate::stop::Result;
use release_core::history::{History, Refs};
use release_core::monorepo::Config;
use release_core::plan::early::{too_early, waits};
use release_core::plan::own_branch;
use release_core::plan::preconditions::{self, Divergence, Place, RemoteState, Request, Target, short};
use release_core::problem::Problem;
use release_core::train::tagged::Tagged;

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
    /// The newest commit of the release's own branch, here or on the remote.
    pub(super) own_tip: Option<String>,
    /// The problem that it has no newest commit, or one that is not here.
    own_problem: Option<Problem>,
}

impl Observed<'_> {
    /// The branch that the checkout is on, of those that a release is prepared on.
    pub(super) fn here(&self) -> &str {
        let own = &self.request.own_branch;
        match self.refs.current() {
            Some(branch) if branch.name == *own => own,
            _ => &self.line,
        }
    }

    /// The branch to which the edits of a place go.
    pub(super) fn branch<'a>(&'a self, place: &'a Place) -> &'a str {
        match place {
            Place::WorkTree => self.here(),
            Place::CutInWorkTree => &self.line,
            Place::Temporary { branch, .. } => branch,
        }
    }

    /// The place of the release's tag.
    pub(super) fn tagged(&self) -> Tagged {
        let Self { history, remote, request, .. } = self;
        Tagged::of(history.commit(request.release), &remote.name, remote.is_asked, remote.tag.as_deref())
    }

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
        let own = format!("refs/heads/{}", request.own_branch);
        match remote::ask(&repository.git, &remote.name, &[&tag, &peeled, &head, &own])? {
            Asked::Found(found) => {
                remote.is_asked = true;
                remote.tag = remote::tagged(&found, &tag).map(str::to_owned);
                remote.line = remote::commit(&found, &head).map(str::to_owned);
                remote.own = remote::commit(&found, &own).map(str::to_owned);
            }
            Asked::Unknown(reason) => remote.error = Some(reason),
        }
    }
    let (own_tip, own_problem) = own_tip(repository, &refs, &remote, &request.own_branch)?;
    Ok(Observed { repository, config, request, line, refs, history, remote, own_tip, own_problem })
}

/// Finds the newest commit of the release's own branch, or what is wrong with it.
fn own_tip(
    repository: &Repository,
    refs: &Refs,
    remote: &RemoteState,
    branch: &str,
) -> Result<(Option<String>, Option<Problem>)> {
    let git = &repository.git;
    let (local, theirs) = (refs.branch(branch).map(|branch| &*branch.commit), own_branch::theirs(refs, remote, branch));
    if let Some(theirs) = theirs
        && local != Some(theirs)
        && !git.has(theirs)?
    {
        return Ok((None, Some(own_branch::unfetched(remote, branch, theirs))));
    }
    let diverged = match local.zip(theirs) {
        Some((local, theirs)) if local != theirs => Some(git.divergence(local, theirs)?),
        _ => None,
    };
    Ok(match own_branch::tip(refs, remote, branch, diverged) {
        Ok(tip) => (tip.map(str::to_owned), None),
        Err(problem) => (None, Some(problem)),
    })
}

/// The problem of a final that its policy does not allow yet, by the dates of its candidates' tags.
pub(super) fn early(observed: &Observed<'_>) -> Result<Option<Problem>> {
    let Observed { repository, config, history, request, .. } = observed;
    let release = request.release;
    if !waits(release, config) {
        return Ok(None);
    }
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

/// The problems of the release's own branch: two newest commits, or a name that git does not allow, or that it is edited and
/// lacks what the line has.
pub(super) fn against_own_branch(observed: &Observed<'_>, place: &Place) -> Result<Option<Problem>> {
    let Observed { repository, line, request, own_tip, own_problem, .. } = observed;
    let branch = &request.own_branch;
    if own_problem.is_some() {
        return Ok(own_problem.clone());
    }
    if own_tip.is_none() && request.target == Target::Branch {
        let is_name = repository.git.output(&["check-ref-format", "--branch", branch], None)?.status.success();
        let problem = || Problem::new(format!("git allows no branch of the name `{branch}`"), "give another name");
        return Ok((!is_name).then(problem));
    }
    let is_edited = observed.branch(place) == branch && own_tip.is_some() && !place.cuts();
    let lacks = match observed.line_tip().filter(|_| is_edited) {
        Some(newest) => !repository.git.is_ancestor(newest, &tip(observed, place))?,
        None => false,
    };
    Ok(lacks.then(|| own_branch::stale(branch, line)))
}
