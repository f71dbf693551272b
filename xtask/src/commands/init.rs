//! `release init`: moves a monorepo to what the other commands work with, in the work tree.

use super::prepare::{EDITED, under_way};
use crate::Outcome;
use crate::cli::{Global, Init};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::planned;
use crate::effects::write;
use crate::output;
use crate::output::init::Report;
use crate::remote;
use crate::world::{Repository, WorkTree};
use camino::Utf8PathBuf;
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Monorepo, Snapshot, SnapshotError, Tree, discover};
use release_core::plan::adopt::{Adoption, Ground, adopt};
use release_core::plan::{Locks, preconditions};
use release_core::problem::Problem;
use release_core::text::SourceText;
use release_core::train::{self, Step};
use std::collections::BTreeMap;

/// The message of the commit that is proposed.
const MESSAGE: &str = "build: take versions from setuptools-scm";

/// `release init` alone.
pub(super) fn asks_for_nothing() -> Problem {
    Problem::new(
        "`release init` does nothing by itself",
        "`cargo xtask release init --adopt-scm` moves packages with static versions to setuptools-scm",
    )
}

/// What was planned, and the monorepo that it was planned for; or what stands against it, with the texts to show it in.
type Planned = Result<(Monorepo, Adoption), (Vec<Problem>, BTreeMap<Utf8PathBuf, SourceText>)>;

/// Moves the work tree to setuptools-scm.
pub(super) fn run(global: &Global, init: &Init) -> anyhow::Result<Outcome> {
    let repository = Repository::open(global)?;
    let outcome = run_in(&repository, global, init);
    if global.verbose > 1 {
        output::note(&repository.cost());
    }
    outcome
}

fn run_in(repository: &Repository, global: &Global, init: &Init) -> anyhow::Result<Outcome> {
    // A dry run writes nothing, and so has nothing to lock.
    let _lock = if global.dry_run { None } else { Some(Lock::take(repository)?) };
    let state_dir = repository.state_dir();
    let mut problems = Vec::new();
    problems.extend(write::recover(global, &repository.location.root, &state_dir)?);
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            output::unreadable(&unreadable);
            return Ok(Outcome::Usage);
        }
    };
    problems.extend(under_way(repository));
    let refs = refs(repository, global, &config)?;
    let history = History::new(&refs.tags, &config.tag);
    let ground = ground(repository, &config, &refs, init);
    let mut report = Report::new(global, repository);
    let (monorepo, adoption) = match planned(repository, &config, &history, &ground)? {
        Ok(planned) => planned,
        Err((found, texts)) => {
            problems.extend(found);
            return Ok(report.refuse(&problems, &texts));
        }
    };
    let dirty = repository.git.changed(&EDITED)?;
    let is_edited = |path: &&Utf8PathBuf| adoption.files.iter().any(|file| file.path == **path);
    let mixed: Vec<Utf8PathBuf> = dirty.iter().filter(is_edited).cloned().collect();
    problems.extend(preconditions::mixed(&mixed, "this edits them"));
    problems.extend(planned::unseen(repository, &adoption.files)?);
    report.plan(&monorepo, &adoption);
    if !problems.is_empty() {
        return Ok(report.refuse(&problems, &texts(&monorepo)));
    }
    report.diff();
    let steps = steps(&monorepo, &adoption, &dirty);
    if adoption.is_done() || global.dry_run {
        return Ok(report.finish(&steps));
    }
    let interrupt = Interrupt::watch()?;
    let label = "the move to setuptools-scm";
    repository.see_that_all_are_here(&adoption.files)?;
    write::write_files(&repository.location.root, &state_dir, label, &adoption.files, &interrupt)?;
    Ok(report.written(&steps))
}

fn refs(repository: &Repository, global: &Global, config: &Config) -> anyhow::Result<Refs> {
    let refs = repository.git.refs()?;
    if !global.fetch {
        return Ok(refs);
    }
    let branch = refs.current().map_or("", |branch| branch.name.as_str());
    let Some(remote) = remote::name(repository, &refs, branch)? else { return Ok(refs) };
    output::say(global, &format!("fetching {remote}"));
    remote::fetch(repository, config, &remote)?;
    Ok(repository.git.refs()?)
}

/// What says which version comes next: the person, or the branch.
fn ground(repository: &Repository, config: &Config, refs: &Refs, init: &Init) -> Ground {
    if let Some(fallback) = &init.fallback {
        return Ground::Given(fallback.clone());
    }
    if repository.location.shallow {
        return Ground::Unknown(Box::new(Problem::new(
            "this is a shallow clone: its tags do not say what comes next",
            "`git fetch --unshallow --tags`, or name the version: `--fallback X.Y.Z`",
        )));
    }
    let current = refs.current().map(|branch| branch.name.as_str());
    if current == Some(config.main.as_str()) {
        return Ground::Main;
    }
    if let Some(line) = current.and_then(|name| config.branch.line(name)) {
        return Ground::Line(line);
    }
    let on = current.map_or_else(|| "no branch is checked out".to_owned(), |name| format!("{name} is checked out"));
    Ground::Unknown(Box::new(Problem::new(
        format!("{on}, so it cannot be told what comes next"),
        format!("switch to {} or to a line's branch, or name the version: `--fallback X.Y.Z`", config.main),
    )))
}

fn planned(repository: &Repository, config: &Config, history: &History, ground: &Ground) -> anyhow::Result<Planned> {
    let tree = WorkTree(repository);
    let snapshot = match Snapshot::take(&tree, config) {
        Ok(snapshot) => snapshot,
        Err(SnapshotError::NotText(problems)) => return Ok(Err((problems, BTreeMap::new()))),
        Err(SnapshotError::Tree(error)) => return Err(error.into()),
    };
    let held = snapshot.texts.clone();
    let monorepo = match discover(snapshot, config, history) {
        Ok(monorepo) => monorepo,
        Err(problems) => return Ok(Err((problems, held))),
    };
    let files: Vec<_> = monorepo.uv_locks.iter().collect();
    let mut locks = Locks::new();
    for (file, bytes) in files.iter().zip(tree.read(&files)?) {
        let text =
            SourceText::from_bytes(bytes).map_err(|at| anyhow::anyhow!("{} is not UTF-8 at byte {at}", file.path))?;
        locks.insert(file.path.clone(), text);
    }
    Ok(match adopt(&monorepo, history, ground, &locks) {
        Ok(adoption) => Ok((monorepo, adoption)),
        Err(problems) => {
            let texts = held.into_iter().chain(locks).collect();
            Err((problems, texts))
        }
    })
}

fn texts(monorepo: &Monorepo) -> BTreeMap<Utf8PathBuf, SourceText> {
    monorepo.manifests.iter().map(|(path, manifest)| (path.clone(), manifest.source.clone())).collect()
}

/// What remains: to commit what is edited, now or by an earlier run, and to look at all of it.
fn steps(monorepo: &Monorepo, adoption: &Adoption, dirty: &[Utf8PathBuf]) -> Vec<Step> {
    let is_ours = |path: &&Utf8PathBuf| {
        monorepo.package_at(path).is_some() || monorepo.uv_locks.iter().any(|lock| lock.path == **path)
    };
    let changed = adoption.files.iter().map(|file| &file.path);
    let left = dirty.iter().filter(|path| adoption.is_done() && is_ours(path));
    train::init::remaining(MESSAGE, changed.chain(left).map(Utf8PathBuf::as_path))
}
