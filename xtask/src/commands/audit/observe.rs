//! What an audit observes: commits, tags, branches, and what main said from commit to commit.

use crate::world::Repository;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{Git, GitError};
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Manifest, Snapshot, discover};
use release_core::timeline::{Graph, MainVersion, Timeline};
use release_core::version::Release;
use std::collections::{BTreeMap, HashMap};
use std::time::{SystemTime, UNIX_EPOCH};

/// Names of files that making a release changes.
const RELEASE_FILES: [&str; 5] = ["pyproject.toml", "uv.lock", "package.json", "package-lock.json", "release.toml"];

/// Everything that was observed of the past.
pub(crate) struct Observed<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) config: Config,
    pub(super) refs: Refs,
    pub(crate) timeline: Timeline,
    /// The trees of commits.
    pub(super) trees: HashMap<String, String>,
    /// The manifest of the first package, whose version is the one that main develops.
    pub(super) first: Utf8PathBuf,
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
    };
    timeline.marks = marks(git, &timeline)?;
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

impl Observed<'_> {
    /// For each final, the files beyond those of a release in which it differs from its last candidate.
    pub(super) fn differing(&self) -> Result<BTreeMap<Release, Vec<String>>, GitError> {
        let tree = |commit: &str| self.trees.get(commit).cloned();
        let (mut finals, mut pairs) = (Vec::new(), Vec::new());
        let tags: HashMap<&str, &str> =
            self.timeline.tags.iter().map(|tag| (tag.name.as_str(), tag.commit.as_str())).collect();
        for window in self.timeline.windows() {
            let last = window.candidates.last().and_then(|candidate| tree(&candidate.tag.commit));
            let tag = self.config.tag.tag(window.release);
            let own = tags.get(tag.as_str()).and_then(|commit| tree(commit));
            if let (Some(last), Some(own)) = (last, own) {
                finals.push(window.release);
                pairs.push((last, own));
            }
        }
        let is_other =
            |path: &String| !Utf8Path::new(path).file_name().is_some_and(|name| RELEASE_FILES.contains(&name));
        let differing = self.repository.git.differing(&pairs)?;
        let others = differing.into_iter().map(|files| files.into_iter().filter(is_other).collect());
        Ok(finals.into_iter().zip(others).collect())
    }
}

/// The CVE and GHSA numbers that unreleased commits name, by commit.
fn marks(git: &Git, timeline: &Timeline) -> Result<BTreeMap<String, Vec<String>>, GitError> {
    let lines = timeline.lines();
    let unreleased = lines.iter().filter_map(|line| line.unreleased.as_ref());
    let commits: Vec<&str> =
        unreleased.flat_map(|unreleased| &unreleased.commits).map(|commit| commit.id.as_str()).collect();
    let messages = git.messages(&commits)?;
    let marked = commits.iter().zip(&messages).map(|(commit, message)| ((*commit).to_owned(), marks_in(message)));
    Ok(marked.filter(|(_, marks)| !marks.is_empty()).collect())
}

/// The names of vulnerabilities in a text: `CVE-2026-1234`, `GHSA-xxxx-xxxx-xxxx`.
fn marks_in(text: &str) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let words = text.split(|c: char| !is_part(c)).map(|word| word.trim_matches('-').to_ascii_uppercase());
    let is_mark = |word: &String| {
        let parts: Vec<&str> = word.split('-').collect();
        match parts[..] {
            ["CVE", year, number] => {
                let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                year.len() == 4 && number.len() >= 4 && is_number(year) && is_number(number)
            }
            ["GHSA", a, b, c] => [a, b, c].iter().all(|part| part.len() == 4),
            _ => false,
        }
    };
    let mut marks: Vec<String> = words.filter(is_mark).collect();
    marks.sort();
    marks.dedup();
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vulnerabilities_are_found_by_their_names() {
        let found =
            marks_in("fix: a gate (CVE-2026-12345, ghsa-abcd-ef12-3456), not CVE-26-1 nor GHSA-a-b-c; CVE-2026-12345.");
        assert_eq!(found, ["CVE-2026-12345", "GHSA-ABCD-EF12-3456"]);
    }
}
