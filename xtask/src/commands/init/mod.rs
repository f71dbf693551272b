//! `release init`: moves a monorepo to what the other commands work with, in the work tree.

mod show;

use super::prepare::{edited, locks, texts, under_way};
use crate::Outcome;
use crate::checkout::{Checkout, Found, Intent, Repository, current, found};
use crate::cli::{Global, Init};
use crate::commands::init::show::Report;
use crate::effects::interrupt::Interrupt;
use crate::effects::planned;
use crate::effects::write;
use crate::output;
use crate::stop::{Result, Stop};
use camino::Utf8PathBuf;
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Monorepo};
use release_core::plan::adopt::{Adoption, Ground, adopt};
use release_core::plan::preconditions;
use release_core::problem::Problem;
use release_core::train::{self, Step};

/// The message of the commit that is proposed.
const MESSAGE: &str = "build: take versions from setuptools-scm";

/// Moves the work tree to setuptools-scm.
pub(super) fn run(global: &Global, init: &Init) -> Result<Outcome> {
    let checkout = Checkout::open(global, Intent::Write)?;
    let Checkout { repository, config, .. } = &checkout;
    let mut problems: Vec<Problem> = checkout.unfinished.iter().cloned().collect();
    problems.extend(under_way(repository));
    let refs = checkout.references(current)?;
    let history = History::new(&refs.tags, &config.tag);
    let ground = ground(repository, config, &refs, init);
    let mut report = Report::new(global, repository);
    let (monorepo, adoption) = match planned(&checkout, &history, &ground) {
        Ok(planned) => planned,
        Err(stop) => return Err(report.stop(stop.after(problems))),
    };
    let dirty = repository.git.changed(&edited(&monorepo))?;
    let is_edited = |path: &&Utf8PathBuf| adoption.files.iter().any(|file| file.path == **path);
    let mixed: Vec<Utf8PathBuf> = dirty.iter().filter(is_edited).cloned().collect();
    problems.extend(preconditions::mixed(&mixed, "this edits them"));
    problems.extend(planned::unseen(repository, &adoption.files)?);
    report.plan(&monorepo, &adoption);
    if !problems.is_empty() {
        return Err(report.stop(Stop::refused(problems, texts(&monorepo))));
    }
    output::differences(global, &adoption.files);
    let steps = steps(&monorepo, &adoption, &dirty);
    if adoption.is_done() || global.dry_run {
        return Ok(report.finish(false, &steps));
    }
    let interrupt = Interrupt::watch()?;
    let label = "the move to setuptools-scm";
    write::write_files(&repository.location.root, &repository.state_dir(), label, &adoption.files, &interrupt)?;
    Ok(report.finish(true, &steps))
}

/// The ground for the next version: the person, or the branch.
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
        format!("{on}, which does not say which version comes next"),
        format!("switch to {} or to a line's branch, or name the version: `--fallback X.Y.Z`", config.main),
    )))
}

/// Plans the move of the work tree's monorepo.
fn planned(checkout: &Checkout, history: &History, ground: &Ground) -> Result<(Monorepo, Adoption)> {
    let tree = checkout.tree(None);
    let Found { monorepo, texts } = found(&tree, &checkout.config, history)?;
    let locks = locks(&tree, &monorepo)?;
    match adopt(&monorepo, history, ground, &locks) {
        Ok(adoption) => Ok((monorepo, adoption)),
        Err(problems) => Err(Stop::refused(problems, texts).within(locks)),
    }
}

/// Returns the steps that remain: to commit what is edited, now or by an earlier run, and to look at all of it.
fn steps(monorepo: &Monorepo, adoption: &Adoption, dirty: &[Utf8PathBuf]) -> Vec<Step> {
    let is_ours = |path: &&Utf8PathBuf| {
        monorepo.package_at(path).is_some() || monorepo.uv_locks.iter().any(|lock| lock.path == **path)
    };
    let changed = adoption.files.iter().map(|file| &file.path);
    let left = dirty.iter().filter(|path| adoption.is_done() && is_ours(path));
    train::init::remaining(MESSAGE, changed.chain(left).map(Utf8PathBuf::as_path))
}
