//! What an audit observes: commits, tags, branches, and what main said from commit to commit.

use super::content::unreleased;
use crate::world::Repository;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::Git;
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Manifest, Snapshot, discover};
use release_core::timeline::{Graph, MainVersion, Timeline};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

/// Everything that was observed of the past.
pub(crate) struct Observed<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) config: Config,
    pub(crate) refs: Refs,
    pub(crate) timeline: Timeline,
    /// The trees of commits.
    pub(super) trees: HashMap<String, String>,
    /// The manifest of the first package, whose version is the one that main develops.
    pub(crate) first: Utf8PathBuf,
}

/// Reads commits, tags and branches.
pub(super) fn observe(repository: &Repository, config: Config) -> anyhow::Result<Observed<'_>> {
    let git = &repository.git;
    let refs = git.refs()?;
    let (commits, trees) = git.commits()?;
    let tags = git.dated_tags()?.into_iter().filter(|tag| trees.contains_key(&tag.commit)).collect();
    let branches = refs.main_and_lines(&config);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(i64::MAX, |now| now.as_secs().cast_signed());
    let mut timeline = Timeline {
        graph: Graph::new(commits),
        tags,
        branches,
        main: config.main.clone(),
        main_versions: Vec::new(),
        tag_pattern: config.tag.clone(),
        branch_pattern: config.branch.clone(),
        maintained: config.maintained_lines,
        now,
        marks: BTreeMap::new(),
        settled: BTreeSet::new(),
    };
    (timeline.marks, timeline.settled) = unreleased(git, &timeline, &trees)?;
    let tip = timeline.tip(&config.main).map(str::to_owned);
    let first = tip.as_deref().and_then(|tip| first_manifest(git, &config, tip));
    if let (Some(tip), Some(first)) = (&tip, &first) {
        timeline.main_versions = main_versions(git, first, tip, &timeline.graph)?;
    }
    let first = first.unwrap_or_else(|| "pyproject.toml".into());
    Ok(Observed { repository, config, refs, timeline, trees, first })
}

/// The manifest of a revision's first package, where it has one that is understood.
fn first_manifest(git: &Git, config: &Config, revision: &str) -> Option<Utf8PathBuf> {
    let snapshot = Snapshot::take(&(git, revision), config).ok()?;
    let monorepo = discover(snapshot, config, &History::default()).ok()?;
    monorepo.packages.first().map(|package| package.path.clone())
}

/// The version of main's first package from commit to commit.
fn main_versions(git: &Git, first: &Utf8Path, tip: &str, graph: &Graph) -> anyhow::Result<Vec<MainVersion>> {
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
