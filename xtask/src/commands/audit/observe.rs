//! The observation of an audit: commits, tags, branches, and what main said from commit to commit.

use super::observed::{FILES, Observed};
use crate::checkout::Checkout;
use crate::commands::check::around::or_unread;
use crate::commands::past::{past, unreleased};
use crate::stop;
use camino::Utf8Path;
use release_core::git::{Git, GitError};
use release_core::history::History;
use release_core::history::{Graph, MainVersion, Timeline};
use release_core::monorepo::{Config, Manifest, Monorepo, Snapshot, TreeError, UnreadableTree, discover};
use std::collections::{BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

/// Reads commits, tags and branches.
pub(super) fn observe(checkout: &Checkout) -> stop::Result<Observed<'_>> {
    let Checkout { repository, config, .. } = checkout;
    let git = &repository.git;
    let refs = checkout.references(|_| config.main.clone())?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(i64::MAX, |now| now.as_secs().cast_signed());
    let (mut timeline, trees) = past(git, config, &refs, now)?;
    let mut unread = None;
    obtain(git, &timeline, &trees)?;
    (timeline.marks, timeline.settled) = or_unread(unreleased(git, &timeline, &trees), &mut unread)?;
    let tip = timeline.tip(&config.main).map(str::to_owned);
    let monorepo = match &tip {
        Some(tip) => or_unread(monorepo_of(git, config, &History::default(), tip), &mut unread)?,
        None => None,
    };
    let first = monorepo.and_then(|monorepo| Some(monorepo.packages.first()?.path.clone()));
    if let (Some(tip), Some(first)) = (&tip, &first) {
        timeline.main_versions = or_unread(main_versions(git, first, tip, &timeline.graph), &mut unread)?;
    }
    let first = first.unwrap_or_else(|| "pyproject.toml".into());
    Ok(Observed { repository, config, refs, timeline, trees, first, unread })
}

/// Fetches what the audit reads, in a clone that lacks it: at once, and not tag by tag.
fn obtain(git: &Git, timeline: &Timeline, trees: &HashMap<String, String>) -> Result<(), GitError> {
    if !git.is_partial() {
        return Ok(());
    }
    let commits = timeline.tags.iter().map(|tag| tag.commit.as_str());
    let branches = timeline.branches.iter().map(|(_, tip)| tip.as_str());
    let read: BTreeSet<&str> =
        commits.chain(branches).filter_map(|commit| trees.get(commit)).map(String::as_str).collect();
    let main = timeline.tip(&timeline.main).map(|tip| (tip, &FILES[..1]));
    let lines = timeline.lines();
    let unreleased =
        lines.iter().filter_map(|line| line.unreleased.as_ref()).flat_map(|unreleased| &unreleased.commits);
    let compared = unreleased.flat_map(|commit| std::iter::once(&commit.id).chain(&commit.parents));
    let compared: Vec<&str> = compared.filter_map(|commit| trees.get(commit)).map(String::as_str).collect();
    git.obtain_past(&compared, &read.into_iter().collect::<Vec<_>>(), &FILES, main)
}

/// The monorepo of a revision, where its files are understood.
pub(super) fn monorepo_of(
    git: &Git,
    config: &Config,
    history: &History,
    revision: &str,
) -> Result<Option<Monorepo>, GitError> {
    match Snapshot::take(&(git, revision), config) {
        Ok(snapshot) => Ok(discover(snapshot, config, history).ok()),
        Err(UnreadableTree::Tree(TreeError::Git(error))) => Err(error),
        Err(_) => Ok(None),
    }
}

/// The version of main's first package from commit to commit.
fn main_versions(git: &Git, first: &Utf8Path, tip: &str, graph: &Graph) -> Result<Vec<MainVersion>, GitError> {
    let commits = git.changes_of(tip, first.as_str())?;
    let names: Vec<String> = commits.iter().map(|commit| format!("{commit}:{first}")).collect();
    let found = git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let mut versions: Vec<MainVersion> = Vec::new();
    for (commit, object) in commits.iter().zip(found).rev() {
        let manifest = object.and_then(|object| Manifest::from_bytes(object.content));
        let version = manifest.and_then(|manifest| manifest.current_version());
        let Some(known) = graph.get(commit) else { continue };
        if versions.last().is_none_or(|last| last.version != version) {
            versions.push(MainVersion { commit: commit.clone(), time: known.time, version });
        }
    }
    Ok(versions)
}
