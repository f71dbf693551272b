//! The observations of `release status`: the local past, and one question to the remote.

use crate::checkout::{Checkout, Listed, Repository};
use crate::cli::Global;
use crate::clock;
use crate::commands::check::around::or_unread;
use crate::commands::past::{past, unreleased};
use crate::remote::{self, Asked};
use crate::stop::{Result, Stop};
use release_core::calendar::Moment;
use release_core::history::{History, Refs, Timeline};
use release_core::monorepo::{Config, FILE_NAMES, Manifest, Monorepo, Snapshot, UnreadableTree, discover};
use release_core::plan::own_branch;
use release_core::plan::targets::proposal;
use release_core::problem::Problem;
use release_core::train::overview::{Overview, overview};
use release_core::train::world::{Artifact, Code, Fact, Forge, Why};
use release_core::version::Release;
use std::collections::BTreeMap;

/// The observations that every state is judged by.
pub(super) struct Observed<'a> {
    pub(super) repository: &'a Repository,
    pub(super) config: &'a Config,
    pub(super) refs: Refs,
    pub(super) history: History,
    pub(super) timeline: Timeline,
    /// The name of the remote; empty if there is none.
    pub(super) remote: String,
    /// The references that the remote has.
    pub(super) answered: Fact<Vec<(String, String)>>,
    /// The reason why a partial clone lacks what unreleased commits bring.
    pub(super) unread: Option<String>,
    pub(super) now: Moment,
    is_offline: bool,
}

impl<'a> Observed<'a> {
    /// Observes the repository and its remote, for all lines or one release.
    pub(super) fn new(global: &Global, checkout: &'a Checkout, release: Option<Release>) -> Result<Self> {
        let Checkout { repository, config, .. } = checkout;
        if repository.location.shallow {
            let help = "`git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`";
            return Err(Stop::usage(Problem::new("this is a shallow clone: its past is cut off", help)));
        }
        let (refs, remote) = checkout.refs(|_| config.main.clone())?;
        let remote = remote.unwrap_or_default();
        let answered = answered(global, checkout, &remote, release)?;
        let now = clock::now()?;
        let git = &repository.git;
        let (mut timeline, trees) = past(git, config, &refs, now.seconds())?;
        let mut unread = None;
        (timeline.marks, timeline.settled) = or_unread(unreleased(git, &timeline, &trees), &mut unread)?;
        let history = History::new(&refs.tags, &config.tag);
        let is_offline = global.offline;
        Ok(Self { repository, config, refs, history, timeline, remote, answered, unread, now, is_offline })
    }

    /// Returns `true` if everything was looked at that was to be.
    pub(super) fn is_whole(&self) -> bool {
        self.unread.is_none() && (self.answered.is_ok() || self.is_offline)
    }

    /// Returns all lines, by the version of main's first package at the newest commit of each branch.
    pub(super) fn overview(&self) -> Result<Overview> {
        let git = &self.repository.git;
        let mut versions = BTreeMap::new();
        if let Some(first) = self.first_package()? {
            let names: Vec<String> = self.timeline.branches.iter().map(|(_, tip)| format!("{tip}:{first}")).collect();
            let found = git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
            for ((branch, _), object) in self.timeline.branches.iter().zip(found) {
                let manifest = object.and_then(|object| Manifest::from_bytes(object.content));
                versions.extend(manifest.and_then(|read| read.current_version()).map(|text| (branch.clone(), text)));
            }
        }
        Ok(overview(&self.timeline, self.config, &versions, &self.refs.branch_names()))
    }

    /// Returns the path of main's first package, or `None` if main is not here or is not understood.
    fn first_package(&self) -> Result<Option<String>> {
        let Some(tip) = self.timeline.tip(&self.config.main) else { return Ok(None) };
        Ok(self.monorepo(tip)?.and_then(|monorepo| Some(monorepo.packages.first()?.path.to_string())))
    }

    /// Returns the packages and clients of a commit, or `None` if its files are not understood.
    pub(super) fn monorepo(&self, commit: &str) -> Result<Option<Monorepo>> {
        let names = &FILE_NAMES;
        let mut files = self.repository.git.trees(&[commit], names)?;
        let place = self.repository.tree(Some(commit));
        let tree = Listed::of(&place, names, files.pop().unwrap_or_default());
        match Snapshot::take(&tree, self.config) {
            Err(UnreadableTree::Tree(error)) => Err(error.into()),
            Err(UnreadableTree::Files(_)) => Ok(None),
            Ok(snapshot) => Ok(discover(snapshot, self.config, &self.history).ok()),
        }
    }

    /// Returns the commit of a branch on the remote: by its answer, else as of the last fetch.
    pub(super) fn theirs(&self, branch: &str) -> Option<&str> {
        match &self.answered {
            Ok(found) => remote::commit(found, &format!("refs/heads/{branch}")),
            Err(_) => self.refs.remote_branch(&self.remote, branch).map(|branch| branch.commit.as_str()),
        }
    }

    /// Asks the forge and the registries about a release, side by side. Everything that is asked follows from what was
    /// observed before, and nothing from another answer.
    pub(super) fn ask_others(&self) -> (Fact<Forge>, Fact<Vec<Artifact>>) {
        let why = |place: &str| match self.is_offline {
            true => Why::new(Code::Offline, format!("{place} not asked, with `--offline`")),
            false => Why::new(Code::NotConfigured, format!("{place} not asked by this version of the tool")),
        };
        (Err(why("the forge was")), Err(why("the registries were")))
    }
}

/// Asks the remote for everything at once.
fn answered(
    global: &Global,
    checkout: &Checkout,
    remote: &str,
    release: Option<Release>,
) -> Result<Fact<Vec<(String, String)>>> {
    let Checkout { repository, config, .. } = checkout;
    if remote.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    if global.offline {
        return Ok(Err(Why::new(Code::Offline, format!("{remote} was not asked, with `--offline`"))));
    }
    let lines = config.branch.to_string().replace("{major}", "*").replace("{minor}", "*");
    let mut wanted = vec![config.main.clone(), lines];
    if let Some(release) = release {
        let line = config.branch.branch(release.line());
        wanted.push(own_branch::name(config, release));
        wanted.extend([line, config.main.clone()].map(|branch| proposal(config, release, &branch)));
    }
    let mut wanted: Vec<String> = wanted.into_iter().map(|name| format!("refs/heads/{name}")).collect();
    wanted.push("refs/tags/*".to_owned());
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    Ok(match remote::ask(&repository.git, remote, &wanted)? {
        Asked::Found(found) => Ok(found),
        Asked::Unknown(said) => Err(Why::new(Code::Unreachable, format!("{remote} could not be asked: {said}"))),
    })
}
