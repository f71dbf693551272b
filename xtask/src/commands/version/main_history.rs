//! Main's first-parent history: its commits, the versions in their manifest, and what `git describe` finds from them. However
//! many there are, each question is one process.

use super::observe::Scene;
use release_core::git::{Git, GitError};
use release_core::monorepo::{Manifest, Monorepo};
use release_core::scm::{self, Checkout, Described, Flavor, Observed, Settings};
use std::collections::BTreeMap;

/// The number of commits that main is followed back: their ids must fit on a command line.
const MOST: usize = 20_000;

/// A commit, and the version of the first package in it.
#[derive(Clone, Debug)]
pub(super) struct Versioned {
    pub(super) id: String,
    pub(super) seconds: i64,
    pub(super) version: Option<String>,
}

/// The commits of a branch, the oldest first.
pub(super) fn commits(scene: &Scene<'_>, tip: &str, monorepo: &Monorepo) -> anyhow::Result<Vec<Versioned>> {
    let git = &scene.repository.git;
    let path = monorepo.packages.first().map(|package| package.path.to_string()).unwrap_or_default();
    let most = format!("--max-count={MOST}");
    let all = git.read(&["rev-list", "--first-parent", "--timestamp", &most, tip])?;
    git.obtain_branch(tip)?;
    let touching = git.read(&["rev-list", "--first-parent", &most, tip, "--", &path])?;
    let names: Vec<String> = touching.lines().map(|commit| format!("{commit}:{path}")).collect();
    let found = git.objects(&names.iter().map(String::as_str).collect::<Vec<_>>())?;
    let versions = found.into_iter().map(|object| Manifest::from_bytes(object?.content)?.current_version());
    let versions: BTreeMap<&str, Option<String>> = touching.lines().zip(versions).collect();
    let mut current = None;
    let mut commits = Vec::new();
    for line in all.lines().rev() {
        let Some((seconds, id)) = line.split_once(' ') else { continue };
        if let Some(version) = versions.get(id) {
            current = version.clone();
        }
        let seconds = seconds.parse().unwrap_or_default();
        commits.push(Versioned { id: id.to_owned(), seconds, version: current.clone() });
    }
    Ok(commits)
}

/// The settings of the first package without its `fallback_version`: what tags alone would say.
pub(super) fn settings(monorepo: &Monorepo, flavor: Flavor) -> Settings {
    let manifest = monorepo.packages.first().and_then(|package| monorepo.manifest(package));
    let mut settings = manifest.map(|manifest| Settings::of(&manifest.read, flavor)).unwrap_or_default();
    settings.table.fallback_version = None;
    settings
}

/// The line that `git describe` prints for each commit, asked as setuptools-scm asks; `None` where it finds no tag.
pub(super) fn describe(git: &Git, settings: &Settings, commits: &[&str]) -> anyhow::Result<Vec<Option<String>>> {
    if commits.is_empty() {
        return Ok(Vec::new());
    }
    let question = settings.question("/".into())?;
    let mut words: Vec<&str> = question.describe.iter().map(String::as_str).collect();
    words.retain(|word| !word.starts_with("--dirty") && !word.starts_with("--broken"));
    // Without it git stops at the first commit that has no tag.
    words.push("--always");
    words.extend(commits);
    let answer = git.read(&words)?;
    if answer.lines().count() != commits.len() {
        let command = question.describe.join(" ");
        return Err(GitError::Answer { command, answer: format!("not a line for each of {}", commits.len()) }.into());
    }
    let is_tag = |line: &&str| tag(line).is_some();
    Ok(answer.lines().map(|line| Some(line).filter(is_tag).map(str::to_owned)).collect())
}

/// The tag in `TAG-N-gID`.
pub(super) fn tag(line: &str) -> Option<&str> {
    let mut parts = line.rsplitn(3, '-');
    let (node, distance) = (parts.next()?, parts.next()?);
    (node.starts_with('g') && distance.parse::<u64>().is_ok()).then(|| parts.next())?
}

/// The version that setuptools-scm makes of the output of `git describe`.
pub(super) fn called(settings: &Settings, line: String, branch: &str, now: i64) -> Result<String, String> {
    if let Some(option) = settings.depends_on_files() {
        return Err(format!(
            "`{option}` names a build after files too, which is told of the work tree alone: see `--scm`"
        ));
    }
    let checkout = Checkout { branch: Some(branch.to_owned()), ..Checkout::of(Described::Tag(line)) };
    let observed = Observed { checkout: Some(checkout), now, ..Observed::default() };
    scm::version(settings, &observed).map(|version| version.text).map_err(|error| error.to_string())
}
