//! The observations of a run before it plans: references, the remote, and the newest commits of the branches that are worked on.

use crate::checkout::{Checkout, Repository};
use crate::cli::Global;
use crate::remote::{self, Asked};
use crate::stop::{Result, Stop};
use release_core::history::{History, Refs};
use release_core::monorepo::Config;
use release_core::plan::preconditions::short;
use release_core::plan::targets::{self, Target};
use release_core::problem::Problem;
use release_core::train::Step;
use release_core::train::tagged::Tagged;
use release_core::version::Release;

/// Everything that was observed.
pub(crate) struct Observed<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) config: &'a Config,
    pub(crate) refs: Refs,
    pub(crate) history: History,
    /// The remote's name; empty where there is none.
    pub(crate) remote: String,
    /// The commits that the remote has of the references that were asked for; `None` when it was not asked.
    answered: Option<Vec<(String, String)>>,
    /// The problems that stand in the way already.
    pub(crate) problems: Vec<Problem>,
}

/// Observes; `branches` names those that will be worked on, `release` the one whose tag must be there.
pub(crate) fn observe<'a>(
    global: &Global,
    checkout: &'a Checkout,
    branches: impl FnOnce(&Refs) -> Vec<String>,
    release: Option<Release>,
) -> Result<Observed<'a>> {
    let Checkout { repository, config, .. } = checkout;
    let mut worked_on = Vec::new();
    let (refs, remote) = checkout.refs(|refs| {
        worked_on = branches(refs);
        worked_on.first().cloned().unwrap_or_default()
    })?;
    let (branches, remote) = (worked_on, remote.unwrap_or_default());
    let history = History::new(&refs.tags, &config.tag);
    let mut problems = Vec::new();
    let mut answered = None;
    if !global.offline && !remote.is_empty() {
        let development = release.map(|release| config.tag.development_tags(release.next_patch()));
        let tags = release.map(|release| config.tag.tag(release)).into_iter().chain(development.into_iter().flatten());
        let tags: Vec<String> = tags.map(|tag| format!("refs/tags/{tag}")).collect();
        let peeled: Vec<String> = tags.iter().map(|tag| format!("{tag}^{{}}")).collect();
        let heads: Vec<String> = branches.iter().map(|branch| format!("refs/heads/{branch}")).collect();
        let wanted: Vec<&str> = heads.iter().chain(&tags).chain(&peeled).map(String::as_str).collect();
        match remote::ask(&repository.git, &remote, &wanted)? {
            Asked::Found(found) => answered = Some(found),
            Asked::Unknown(said) => problems.push(Problem::new(
                format!("{remote} could not be asked where its branches are: {said}"),
                "with `--offline` the remote is not asked",
            )),
        }
    }
    let mut observed = Observed { repository, config, refs, history, remote, answered, problems };
    if repository.location.shallow {
        observed.problems.push(Problem::new(
            "this is a shallow clone: it may lack the tags and branches of earlier releases",
            "`git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`",
        ));
    } else if let Some(release) = release {
        observed.problems.extend(untagged(&observed, release));
    }
    Ok(observed)
}

/// The problem of a release that has no tag, which what follows it needs.
fn untagged(observed: &Observed<'_>, release: Release) -> Option<Problem> {
    let Observed { config, history, remote, .. } = observed;
    let tag = config.tag.tag(release);
    let reference = format!("refs/tags/{tag}");
    let answered = observed.answered.as_deref().unwrap_or_default();
    let theirs = remote::tagged(answered, &reference);
    match (history.commit(release), theirs) {
        (Some(ours), Some(theirs)) if ours != theirs => Some(Problem::new(
            format!("{tag} is on {} here and on {} on {remote}", short(ours), short(theirs)),
            format!(
                "what others have counts: `git tag --delete {tag}`, then `git fetch --tags {remote}`, and see what is released"
            ),
        )),
        (Some(_), _) => None,
        (None, Some(theirs)) => Some(Problem::new(
            format!("{tag} is tagged on {remote}, at {}, and was not fetched", short(theirs)),
            format!("`git fetch --tags {remote}`, or run this with `--fetch`"),
        )),
        (None, None) => {
            let place = match remote.is_empty() {
                true => "in this repository".to_owned(),
                false if observed.answered.is_some() => format!("here or on {remote}"),
                false => "here".to_owned(),
            };
            let line = config.branch.branch(release.line());
            Some(Problem::new(
                format!("{release} is not released: there is no tag {tag} {place}"),
                format!("what follows a release comes after `gh release create {tag} --target {line}`"),
            ))
        }
    }
}

impl<'a> Observed<'a> {
    /// The observations of a run that asks no remote.
    pub(crate) fn unasked(repository: &'a Repository, config: &'a Config, refs: Refs, history: History) -> Self {
        Self { repository, config, refs, history, remote: String::new(), answered: None, problems: Vec::new() }
    }
}

impl Observed<'_> {
    /// The step that is left until the release's tag is on the remote.
    pub(crate) fn tagging(&self, release: Release) -> Option<Step> {
        let Self { config, history, remote, answered, .. } = self;
        let theirs = self.theirs(&config.tag.tag(release));
        let tagged = Tagged::of(history.commit(release), remote, answered.is_some(), theirs);
        tagged.step(release, config, history, remote)
    }

    /// The commit of a tag that was asked for on the remote.
    pub(crate) fn theirs(&self, tag: &str) -> Option<&str> {
        remote::tagged(self.answered.as_deref()?, &format!("refs/tags/{tag}"))
    }

    /// Returns the target for a branch.
    ///
    /// # Errors
    /// When the branch is not there, or not as it was when it was fetched.
    pub(crate) fn target(&self, branch: &str, goes_to: Option<String>) -> Result<Target> {
        let git = &self.repository.git;
        let upstream = format!("refs/remotes/{}/{branch}", self.remote);
        let pair = self.refs.branch(branch).map(|local| local.commit.as_str()).zip(self.refs.commit(&upstream));
        let diverged = match pair {
            Some((local, theirs)) if local != theirs => Some(git.divergence(local, theirs)?),
            _ => None,
        };
        let target = targets::target(&self.refs, &self.remote, branch, goes_to, diverged).map_err(Stop::problem)?;
        // What the remote has just answered is newer than what was fetched.
        let answered = self.answered.as_deref().unwrap_or_default();
        if let Some(theirs) = remote::commit(answered, &format!("refs/heads/{branch}")) {
            let is_here = theirs == target.tip
                || self.refs.commit(&upstream) == Some(theirs)
                || (git.has(theirs)? && git.is_ancestor(theirs, &target.tip)?);
            if !is_here {
                return Err(Stop::problem(targets::unknown_tip(branch, &self.remote, theirs)));
            }
        }
        Ok(target)
    }
}
