//! `release patch|minor|major|rc`: every edit that a release needs before it is tagged.

mod act;
mod observe;

use act::Act;
pub(super) use observe::under_way;
use observe::{against_branch, against_upstream, observe, tip};

use crate::Outcome;
use crate::cli::{Global, Prepare};
use crate::effects::commit;
use crate::effects::lock::Lock;
use crate::effects::planned::standing;
use crate::effects::write;
use crate::output;
use crate::output::prepare::Report;
use crate::world::{Repository, WorkTree};
use anyhow::Context;
use camino::Utf8PathBuf;
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Monorepo, Snapshot, SnapshotError, Tree, discover};
use release_core::plan::preconditions::{self, Place, RemoteState, Request, Target};
use release_core::plan::{self, Locks, Plan, PlannedFile};
use release_core::problem::Problem;
use release_core::reading;
use release_core::text::SourceText;
use release_core::version::{Release, ReleaseKind};
use std::collections::BTreeMap;

/// Files that a plan may change, as patterns for git.
pub(super) const EDITED: [&str; 2] = [":(glob)**/pyproject.toml", ":(glob)**/uv.lock"];

/// The command that was given.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// Nothing is `rc`.
    pub(super) kind: Option<ReleaseKind>,
    pub(super) patch_candidate: bool,
}

/// Reads the version, and sees that the command is the one for it.
pub(super) fn version(text: &str, asked: Asked) -> Result<Release, Problem> {
    let release = Release::parse(text).map_err(|error| Problem::new(error.to_string(), ""))?;
    let command = match (release.is_candidate(), release.kind()) {
        (false, kind) => format!("{kind} {release}"),
        (true, ReleaseKind::Patch) => format!("rc {release} --patch-candidate"),
        (true, _) => format!("rc {release}"),
    };
    let help = format!("`cargo xtask release {command}`");
    let is = |what: &str| Err(Problem::new(format!("{release} is {what}"), help.clone()));
    match (asked.kind, release.is_candidate(), release.kind()) {
        (Some(_), true, _) => is("a candidate"),
        (None, false, _) => is("no candidate"),
        (Some(kind), false, is_kind) if kind != is_kind => is(&format!("a {is_kind}, not a {kind}")),
        (None, true, ReleaseKind::Patch) if !asked.patch_candidate => {
            is("a candidate of a patch; patches usually have none")
        }
        (None, true, ReleaseKind::Minor | ReleaseKind::Major) if asked.patch_candidate => is("no candidate of a patch"),
        _ => Ok(release),
    }
}

/// Everything that was observed.
struct Observed<'a> {
    repository: &'a Repository,
    config: Config,
    refs: Refs,
    history: History,
    remote: RemoteState,
}

/// What the tree holds, and what is to be done with it.
struct Planned {
    monorepo: Monorepo,
    plan: Plan,
}

/// Prepares a release.
pub(super) fn run(global: &Global, prepare: &Prepare, release: Release) -> anyhow::Result<Outcome> {
    let repository = Repository::open(global)?;
    let outcome = run_in(&repository, global, prepare, release);
    if global.verbose > 1 {
        output::note(&repository.cost());
    }
    outcome
}

fn run_in(repository: &Repository, global: &Global, prepare: &Prepare, release: Release) -> anyhow::Result<Outcome> {
    // A dry run writes nothing, and so has nothing to lock.
    let lock = if global.dry_run { None } else { Some(Lock::take(repository)?) };
    let mut problems = Vec::new();
    problems.extend(write::recover(global, &repository.location.root, &repository.state_dir())?);
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            output::unreadable(&unreadable);
            return Ok(Outcome::Usage);
        }
    };
    let target = match &prepare.branch {
        None if prepare.commit => Target::Line,
        None => Target::WorkTree,
        Some(name) if name.is_empty() => Target::Branch(format!("prepare-{}", config.tag.tag(release))),
        Some(name) => Target::Branch(name.clone()),
    };
    let request = Request { release, skip: prepare.skip, unmaintained: prepare.unmaintained, target };
    let observed = observe(global, repository, config, &request)?;
    let Observed { config, refs, history, remote, .. } = &observed;
    problems.extend(under_way(repository));
    problems.extend(preconditions::against(&request, history, config, remote, repository.location.shallow));
    let place = match preconditions::place(&request, refs, config, remote) {
        Ok(place) => Some(place),
        Err(problem) => {
            // The way out is a git command, which a lock would stop.
            problems.extend(commit::locked(repository, true, []));
            problems.push(problem);
            None
        }
    };
    let mut report = Report::new(global, repository, release, config, history);
    let Some(place) = place else { return Ok(report.refuse(&problems, &BTreeMap::new())) };
    problems.extend(against_upstream(&observed, &request, &place)?);
    problems.extend(against_branch(&observed, &request, &place)?);
    let planned = match planned(&observed, &request, &place)? {
        Ok(planned) => planned,
        Err((found, texts)) => {
            problems.extend(found);
            return Ok(report.refuse(&problems, &texts));
        }
    };
    let tip = tip(&observed, &place);
    problems.extend(preconditions::tagged(release, history, config, &tip, planned.plan.is_done()));
    let (dirty, found) = dirty_files(&observed, &planned.plan, &place)?;
    if prepare.commit || place.cuts() || !found.is_empty() {
        problems.extend(locked(&observed, &request, &place));
    }
    problems.extend(found);
    let to_commit = match &place {
        Place::WorkTree if prepare.commit => left_to_commit(&observed, &planned, &dirty, release)?,
        _ => Ok(Vec::new()),
    };
    let changed: Vec<Utf8PathBuf> = match &place {
        Place::CutInWorkTree => dirty.clone(),
        _ => dirty.iter().filter(|path| planned.plan.changes(path)).cloned().collect(),
    };
    if !matches!(place, Place::Temporary { .. }) {
        problems.extend(repository.left_out(planned.plan.files.iter().map(|file| file.path.as_path()))?);
    }
    problems.extend(preconditions::uncommitted(&changed, place == Place::CutInWorkTree));
    let to_commit = to_commit.unwrap_or_else(|problem| {
        problems.push(problem);
        Vec::new()
    });
    report.refs(&observed.refs, &place, &tip, &request);
    report.plan(&planned.monorepo, &planned.plan, &observed.remote, &place);
    if !problems.is_empty() {
        let texts =
            planned.monorepo.manifests.iter().map(|(path, manifest)| (path.clone(), manifest.source.clone())).collect();
        return Ok(report.refuse(&problems, &texts));
    }
    report.diff();
    let is_done = planned.plan.is_done() && !place.cuts() && to_commit.is_empty();
    let act = Act {
        observed: &observed,
        prepare,
        request: &request,
        place: &place,
        planned: &planned,
        tip: &tip,
        dirty: &dirty,
        to_commit: &to_commit,
    };
    match &lock {
        Some(lock) if !is_done => act.carry_out(lock, &mut report),
        _ => Ok(report.finish(is_done, &act.steps(false))),
    }
}

type Texts = BTreeMap<Utf8PathBuf, SourceText>;

/// Reads the tree of the place, and plans.
fn planned(
    observed: &Observed<'_>,
    request: &Request,
    place: &Place,
) -> anyhow::Result<Result<Planned, (Vec<Problem>, Texts)>> {
    let git = &observed.repository.git;
    match place {
        Place::WorkTree | Place::CutInWorkTree => plan_tree(&WorkTree(observed.repository), observed, request.release),
        Place::Temporary { base, .. } => plan_tree(&(git, base.as_str()), observed, request.release),
    }
}

fn plan_tree(
    tree: &dyn Tree,
    observed: &Observed<'_>,
    release: Release,
) -> anyhow::Result<Result<Planned, (Vec<Problem>, Texts)>> {
    let snapshot = match Snapshot::take(tree, &observed.config) {
        Ok(snapshot) => snapshot,
        Err(SnapshotError::NotText(problems)) => return Ok(Err((problems, Texts::new()))),
        Err(SnapshotError::Tree(error)) => return Err(error.into()),
    };
    let texts = snapshot.texts.clone();
    let monorepo = match discover(snapshot, &observed.config, &observed.history) {
        Ok(monorepo) => monorepo,
        Err(problems) => return Ok(Err((problems, texts))),
    };
    let mut locks = Locks::new();
    if plan::needs_locks(&monorepo, release) {
        let files: Vec<_> = monorepo.uv_locks.iter().collect();
        for (file, bytes) in files.iter().zip(tree.read(&files)?) {
            let text = SourceText::from_bytes(bytes)
                .map_err(|at| anyhow::anyhow!("{} is not UTF-8 at byte {at}", file.path))?;
            locks.insert(file.path.clone(), text);
        }
    }
    Ok(match plan::prepare(&monorepo, release, &locks) {
        Ok(plan) => Ok(Planned { monorepo, plan }),
        Err(problems) => Err((problems, texts)),
    })
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
fn dirty_files(
    observed: &Observed<'_>,
    plan: &Plan,
    place: &Place,
) -> anyhow::Result<(Vec<Utf8PathBuf>, Vec<Problem>)> {
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

/// Files that an earlier run edited and nobody committed: they must hold exactly what this release makes of the last
/// commit, or something else would be committed with them.
fn left_to_commit(
    observed: &Observed<'_>,
    planned: &Planned,
    dirty: &[Utf8PathBuf],
    release: Release,
) -> anyhow::Result<Result<Vec<PlannedFile>, Problem>> {
    let sites = planned.plan.paths();
    let is_left = |path: &&Utf8PathBuf| sites.contains(path.as_path()) && !planned.plan.changes(path);
    let left: Vec<&Utf8PathBuf> = dirty.iter().filter(is_left).collect();
    if left.is_empty() {
        return Ok(Ok(Vec::new()));
    }
    let committed = plan_tree(&(&observed.repository.git, "HEAD"), observed, release)?;
    let root = &observed.repository.location.root;
    let (mut files, mut others) = (Vec::new(), Vec::new());
    for path in left {
        let now = reading::inside(root, path).with_context(|| format!("could not read {path}"))?;
        let made = committed.as_ref().ok().and_then(|made| made.plan.files.iter().find(|file| file.path == *path));
        match made.filter(|made| made.new.as_str().as_bytes() == now) {
            Some(made) => files.push(made.clone()),
            None => others.push(path.clone()),
        }
    }
    Ok(preconditions::uncommitted(&others, false).map_or(Ok(files), Err))
}
