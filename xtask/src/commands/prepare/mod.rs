//! `release patch|minor|major|rc`: every edit that a release needs before it is tagged.

mod act;
mod observe;
mod show;

use act::Act;
pub(super) use observe::under_way;
use observe::{against_branch, against_upstream, observe, tip};

use crate::Outcome;
use crate::checkout::{Checkout, Found, Intent, Repository, found};
use crate::cli::{Global, Prepare};
use crate::commands::prepare::show::Report;
use crate::effects::commit;
use crate::effects::planned::standing;
use crate::stop::{Result, Stop, Texts};
use anyhow::Context;
use camino::Utf8PathBuf;
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Monorepo, Tree};
use release_core::plan::preconditions::{self, Place, RemoteState, Request, Target};
use release_core::plan::{self, Locks, Plan, PlannedFile};
use release_core::problem::Problem;
use release_core::reading;
use release_core::text::SourceText;
use release_core::version::Release;

/// Files that a plan may change, as patterns for git.
pub(super) const EDITED: [&str; 2] = [":(glob)**/pyproject.toml", ":(glob)**/uv.lock"];

/// Everything that was observed.
struct Observed<'a> {
    repository: &'a Repository,
    config: &'a Config,
    refs: Refs,
    history: History,
    remote: RemoteState,
}

/// The content of the tree, and the plan for it.
struct Planned {
    monorepo: Monorepo,
    plan: Plan,
}

/// Prepares a release.
pub(super) fn run(global: &Global, prepare: &Prepare, release: Release) -> Result<Outcome> {
    let mut checkout = Checkout::open(global, Intent::Write)?;
    let lock = checkout.lock.take();
    let request = request(prepare, release, &checkout.config);
    let observed = observe(global, &checkout, &request)?;
    let mut report = Report::new(global, &checkout.repository, release, &checkout.config, &observed.history);
    let (place, mut problems) = place(&checkout, &observed, &request).map_err(|stop| report.stop(stop))?;
    problems.extend(against_upstream(&observed, &request, &place)?);
    problems.extend(against_branch(&observed, &request, &place)?);
    let planned = match planned(&observed, &request, &place) {
        Ok(planned) => planned,
        Err(stop) => return Err(report.stop(stop.after(problems))),
    };
    let tip = tip(&observed, &place);
    let files = files(&observed, prepare, &request, &place, &planned, &tip)?;
    problems.extend(files.problems);
    report.refs(&observed.refs, &place, &tip, &request);
    report.plan(&planned.monorepo, &planned.plan, &observed.remote, &place);
    if !problems.is_empty() {
        return Err(report.stop(Stop::refused(problems, texts(&planned.monorepo))));
    }
    report.diff();
    let is_done = planned.plan.is_done() && !place.cuts() && files.to_commit.is_empty();
    let act = Act {
        observed: &observed,
        prepare,
        request: &request,
        place: &place,
        planned: &planned,
        tip: &tip,
        dirty: &files.dirty,
        to_commit: &files.to_commit,
    };
    match &lock {
        Some(lock) if !is_done => act.carry_out(lock, &mut report),
        _ => Ok(report.finish(is_done, &act.steps(false))),
    }
}

/// The request, with the branch that it goes to.
fn request(prepare: &Prepare, release: Release, config: &Config) -> Request {
    let target = match &prepare.branch {
        None if prepare.commit => Target::Line,
        None => Target::WorkTree,
        Some(name) if name.is_empty() => Target::Branch(format!("prepare-{}", config.tag.tag(release))),
        Some(name) => Target::Branch(name.clone()),
    };
    Request { release, skip: prepare.skip, unmaintained: prepare.unmaintained, target }
}

/// The place of the edits, and what stands against the release already.
fn place(checkout: &Checkout, observed: &Observed<'_>, request: &Request) -> Result<(Place, Vec<Problem>)> {
    let Observed { repository, config, refs, history, remote } = observed;
    let mut problems: Vec<Problem> = checkout.unfinished.iter().cloned().collect();
    problems.extend(under_way(repository));
    problems.extend(preconditions::against(request, history, config, remote, repository.location.shallow));
    match preconditions::place(request, refs, config, remote) {
        Ok(place) => Ok((place, problems)),
        Err(problem) => {
            // The way out is a git command, which a lock would stop.
            problems.extend(commit::locked(repository, true, []));
            problems.push(problem);
            Err(Stop::refused(problems, Texts::new()))
        }
    }
}

/// Reads the tree of the place, and plans.
fn planned(observed: &Observed<'_>, request: &Request, place: &Place) -> Result<Planned> {
    let commit = match place {
        Place::WorkTree | Place::CutInWorkTree => None,
        Place::Temporary { base, .. } => Some(base.as_str()),
    };
    plan_tree(&observed.repository.tree(commit), observed, request.release)
}

fn plan_tree(tree: &dyn Tree, observed: &Observed<'_>, release: Release) -> Result<Planned> {
    let Found { monorepo, texts } = found(tree, observed.config, &observed.history)?;
    let locks = if plan::needs_locks(&monorepo, release) { locks(tree, &monorepo)? } else { Locks::new() };
    match plan::prepare(&monorepo, release, &locks) {
        Ok(plan) => Ok(Planned { monorepo, plan }),
        Err(problems) => Err(Stop::refused(problems, texts)),
    }
}

/// Reads the `uv.lock` files of a tree.
pub(super) fn locks(tree: &dyn Tree, monorepo: &Monorepo) -> Result<Locks> {
    let files: Vec<_> = monorepo.uv_locks.iter().collect();
    let mut locks = Locks::new();
    for (file, bytes) in files.iter().zip(tree.read(&files)?) {
        let text =
            SourceText::from_bytes(bytes).map_err(|at| anyhow::anyhow!("{} is not UTF-8 at byte {at}", file.path))?;
        locks.insert(file.path.clone(), text);
    }
    Ok(locks)
}

/// The texts of a monorepo's manifests, to show problems in.
pub(super) fn texts(monorepo: &Monorepo) -> Texts {
    monorepo.manifests.iter().map(|(path, manifest)| (path.clone(), manifest.source.clone())).collect()
}

/// The files of the place as git sees them.
struct Files {
    /// Files with uncommitted changes.
    dirty: Vec<Utf8PathBuf>,
    /// Those of them that an earlier run edited, which are committed too.
    to_commit: Vec<PlannedFile>,
    /// The problems that stand against the edits.
    problems: Vec<Problem>,
}

/// Looks at the files that the plan edits, and at what git keeps locked.
fn files(
    observed: &Observed<'_>,
    prepare: &Prepare,
    request: &Request,
    place: &Place,
    planned: &Planned,
    tip: &str,
) -> Result<Files> {
    let Observed { repository, config, history, .. } = observed;
    let (release, plan) = (request.release, &planned.plan);
    let mut problems = Vec::new();
    problems.extend(preconditions::tagged(release, history, config, tip, plan.is_done()));
    let (dirty, found) = dirty_files(observed, plan, place)?;
    if prepare.commit || place.cuts() || !found.is_empty() {
        problems.extend(locked(observed, request, place));
    }
    problems.extend(found);
    let (to_commit, other) = match place {
        Place::WorkTree if prepare.commit => left_to_commit(observed, planned, &dirty, release)?,
        _ => (Vec::new(), None),
    };
    let changed: Vec<Utf8PathBuf> = match place {
        Place::CutInWorkTree => dirty.clone(),
        _ => dirty.iter().filter(|path| plan.changes(path)).cloned().collect(),
    };
    if !matches!(place, Place::Temporary { .. }) {
        problems.extend(repository.left_out(plan.files.iter().map(|file| file.path.as_path()))?);
    }
    problems.extend(preconditions::uncommitted(&changed, *place == Place::CutInWorkTree));
    problems.extend(other);
    Ok(Files { dirty, to_commit, problems })
}

/// The locks of git's that are in the way of what is to be done.
fn locked(observed: &Observed<'_>, request: &Request, place: &Place) -> Option<Problem> {
    let line = observed.config.branch.branch(request.release.line());
    let branch = match place {
        Place::Temporary { branch, .. } => branch,
        Place::WorkTree | Place::CutInWorkTree => &line,
    };
    let mut names = vec![format!("refs/heads/{branch}")];
    if place.cuts() && *branch != line {
        names.push(format!("refs/heads/{line}"));
    }
    commit::locked(observed.repository, !matches!(place, Place::Temporary { .. }), names)
}

/// Tracked files with uncommitted changes: all of them when the checkout is switched, else those that a plan may edit; and
/// what is wrong with how git looks at the plan's own.
fn dirty_files(observed: &Observed<'_>, plan: &Plan, place: &Place) -> Result<(Vec<Utf8PathBuf>, Vec<Problem>)> {
    let git = &observed.repository.git;
    let mut dirty = match place {
        Place::WorkTree => git.changed(&EDITED)?,
        Place::CutInWorkTree => git.changed(&[])?,
        Place::Temporary { .. } => return Ok((Vec::new(), Vec::new())),
    };
    let mut paths = plan.paths();
    paths.extend(plan.files.iter().map(|file| file.path.as_path()));
    let standing = standing(observed.repository, &paths.into_iter().collect::<Vec<_>>())?;
    dirty.extend(standing.changed);
    dirty.sort_unstable();
    dirty.dedup();
    // A git that was killed while it committed: what is staged is neither the commit nor the files.
    let staged: Vec<Utf8PathBuf> = standing.staged.into_iter().filter(|path| !plan.changes(path)).collect();
    dirty.retain(|path| !staged.contains(path));
    let found = standing.unseen.into_iter().chain(preconditions::staged(&staged)).collect();
    Ok((dirty, found))
}

/// The files that an earlier run edited and that are not committed yet: they must hold exactly what this release makes of the
/// last commit, or something else would be committed with them.
fn left_to_commit(
    observed: &Observed<'_>,
    planned: &Planned,
    dirty: &[Utf8PathBuf],
    release: Release,
) -> Result<(Vec<PlannedFile>, Option<Problem>)> {
    let sites = planned.plan.paths();
    let is_left = |path: &&Utf8PathBuf| sites.contains(path.as_path()) && !planned.plan.changes(path);
    let left: Vec<&Utf8PathBuf> = dirty.iter().filter(is_left).collect();
    if left.is_empty() {
        return Ok((Vec::new(), None));
    }
    let committed = match plan_tree(&observed.repository.tree(Some("HEAD")), observed, release) {
        Ok(planned) => planned.plan.files,
        Err(stop) => stop.refusal().map(|_| Vec::new())?,
    };
    let root = &observed.repository.location.root;
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for path in left {
        let now = reading::inside(root, path).with_context(|| format!("could not read {path}"))?;
        let made = committed.iter().find(|file| file.path == *path);
        match made.filter(|made| made.new.as_str().as_bytes() == now) {
            Some(made) => files.push(made.clone()),
            None => others.push(path.clone()),
        }
    }
    let problem = preconditions::uncommitted(&others, false);
    Ok((if problem.is_some() { Vec::new() } else { files }, problem))
}
