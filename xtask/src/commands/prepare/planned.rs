//! The plan for the tree of the place, and the files that it edits as git sees them.

use super::observe::Observed;
use crate::checkout::{Found, Listed, Repository, doubts, found};
use crate::cli::Prepare;
use crate::commands::repeated::repeated;
use crate::effects::commit;
use crate::effects::planned::standing;
use crate::stop::{Result, Stop, Texts};
use anyhow::Context;
use camino::Utf8PathBuf;
use release_core::history::History;
use release_core::monorepo::{Config, ELSEWHERE, FILE_NAMES, Monorepo, Tree, elsewhere, replaced};
use release_core::plan::preconditions::{self, Place, Target};
use release_core::plan::{self, Locks, Plan, PlannedFile};
use release_core::problem::Problem;
use release_core::reading;
use release_core::text::SourceText;
use release_core::version::{Release, Version};

/// Files that every plan may change, as patterns for git.
const EDITED: [&str; 2] = [":(glob)**/pyproject.toml", ":(glob)**/uv.lock"];

/// Begins to ask git for what a plan of the work tree needs, while the caller goes on.
pub(super) fn expect(repository: &Repository) -> Result<()> {
    repository.expect_work_tree(&looked_at())?;
    // A partial clone may have to fetch before it can tell.
    if !repository.git.is_partial() {
        repository.git.expect_changing(&EDITED)?;
    }
    Ok(())
}

/// Files that a plan may change, as patterns for git.
pub(crate) fn edited(monorepo: &Monorepo) -> Vec<&str> {
    let lists = monorepo.manifests.iter().filter(|(_, manifest)| manifest.lists.is_some());
    EDITED.into_iter().chain(lists.map(|(path, _)| path.as_str())).collect()
}

/// Returns the names of the files that a plan looks at.
pub(crate) fn looked_at() -> Vec<&'static str> {
    [&FILE_NAMES[..], &ELSEWHERE].concat()
}

/// The content of the tree, and the plan for it.
pub(crate) struct Planned {
    pub(crate) monorepo: Monorepo,
    pub(crate) plan: Plan,
    /// The places that ask for another version and are left to a person, with their texts.
    pub(super) warnings: Vec<Problem>,
    pub(super) elsewhere: Texts,
}

/// The release that a tree is brought to, and what is known beside the tree.
#[derive(Clone, Copy)]
pub(crate) struct Aim<'a> {
    pub(crate) release: Release,
    pub(crate) repository: &'a Repository,
    pub(crate) config: &'a Config,
    pub(crate) history: &'a History,
}

impl<'a> Aim<'a> {
    fn of(observed: &'a Observed<'_>) -> Self {
        let Observed { repository, config, history, request, .. } = observed;
        Self { release: request.release, repository, config, history }
    }
}

/// Reads the tree of the place, and plans.
pub(super) fn planned(observed: &Observed<'_>, place: &Place) -> Result<Planned> {
    let commit = match place {
        Place::WorkTree | Place::CutInWorkTree => None,
        Place::Temporary { base, .. } => Some(base.as_str()),
    };
    plan_tree(&observed.repository.tree(commit), Aim::of(observed))
}

/// Returns the place where the edits of an earlier run stand already, with its plan: the release's own branch, or the line,
/// onto which they came by a merge of any kind.
pub(super) fn arrived(observed: &Observed<'_>) -> Result<Option<(Place, Planned)>> {
    let Observed { repository, line, request, .. } = observed;
    let (Some(own), Some(newest)) = (observed.own_tip.as_deref(), observed.line_tip()) else { return Ok(None) };
    let current = observed.refs.current().map(|branch| &branch.name);
    if let Some(planned) = done_at(observed, newest)? {
        // The files of the checkout count where it is on the line.
        let is_elsewhere = match request.target {
            Target::Branch => true,
            Target::Line => current != Some(line),
            Target::WorkTree => current == Some(&request.own_branch),
        };
        let place = Place::Temporary { base: newest.to_owned(), branch: line.clone(), cuts: false };
        return Ok(is_elsewhere.then_some((place, planned)));
    }
    if !repository.git.is_ancestor(newest, own)? {
        return Ok(None);
    }
    let place = Place::Temporary { base: own.to_owned(), branch: request.own_branch.clone(), cuts: false };
    Ok(done_at(observed, own)?.map(|planned| (place, planned)))
}

/// Returns the plan for the tree of a commit where nothing is left to edit in it.
fn done_at(observed: &Observed<'_>, commit: &str) -> Result<Option<Planned>> {
    match plan_tree(&observed.repository.tree(Some(commit)), Aim::of(observed)) {
        Ok(planned) => Ok(Some(planned).filter(|planned| planned.plan.is_done())),
        Err(stop) => stop.refusal().map(|_| None),
    }
}

/// The problem of a tag of the release on another commit than the one that is at the release, whose tree is not.
fn mistagged(observed: &Observed<'_>, tip: &str) -> Result<Option<Problem>> {
    let Observed { config, history, request, .. } = observed;
    match history.commit(request.release) {
        Some(commit) if commit != tip && done_at(observed, commit)?.is_none() => {
            Ok(release_core::plan::own_branch::mistagged(request.release, history, config))
        }
        _ => Ok(None),
    }
}

/// Plans to bring a tree to a release.
pub(crate) fn plan_tree(tree: &dyn Tree, aim: Aim<'_>) -> Result<Planned> {
    let Aim { release, repository, config, history } = aim;
    let names = looked_at();
    let tree = &Listed::new(tree, &names)?;
    let Found { mut monorepo, texts } = found(tree, config, history)?;
    monorepo.doubts = doubts(repository, config, history, Some(release.line()), &monorepo)?;
    let locks = if plan::needs_locks(&monorepo) { locks(tree, &monorepo)? } else { Locks::new() };
    let places = elsewhere(tree, &monorepo)?;
    let replaced = replaced(tree, &monorepo)?;
    let mut refused: Vec<Problem> = replaced.iter().map(|replaced| replaced.problem.clone()).collect();
    let mut warnings = Vec::new();
    for place in &places {
        let against = place.against(&monorepo, release);
        if place.is_published(&monorepo) { &mut refused } else { &mut warnings }.extend(against);
    }
    let (unwritten, mut elsewhere) =
        (monorepo.unwritten.iter().filter(|unwritten| !unwritten.is_released), Texts::new());
    for unwritten in unwritten {
        warnings.push(unwritten.problem());
        elsewhere.insert(unwritten.path.clone(), unwritten.source.clone());
    }
    elsewhere.extend(replaced.into_iter().map(|replaced| (replaced.path, replaced.source)));
    elsewhere.extend(places.into_iter().map(|place| (place.path, place.source)));
    let (repeated, modules) = repeated(tree, &monorepo, config, &Version::from(release))?;
    match (plan::prepare(&monorepo, release, &locks), repeated) {
        (Ok(mut plan), Ok(repeated)) if refused.is_empty() => {
            plan.add(repeated);
            Ok(Planned { monorepo, plan, warnings, elsewhere })
        }
        (planned, repeated) => {
            let problems = planned.err().into_iter().chain(repeated.err()).flatten().chain(refused).collect();
            Err(Stop::refused(problems, elsewhere.into_iter().chain(modules).chain(texts).collect()))
        }
    }
}

/// Reads the `uv.lock` files of a tree.
pub(crate) fn locks(tree: &dyn Tree, monorepo: &Monorepo) -> Result<Locks> {
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
pub(crate) fn texts(monorepo: &Monorepo) -> Texts {
    monorepo.manifests.iter().map(|(path, manifest)| (path.clone(), manifest.source.clone())).collect()
}

/// The files of the place as git sees them.
pub(super) struct Files {
    /// Files with uncommitted changes.
    pub(super) dirty: Vec<Utf8PathBuf>,
    /// Files of them that an earlier run edited, which are committed too.
    pub(super) to_commit: Vec<PlannedFile>,
    /// The problems that stand against the edits.
    pub(super) problems: Vec<Problem>,
}

/// Looks at the files that the plan edits, and at what git keeps locked.
pub(super) fn files(
    observed: &Observed<'_>,
    prepare: &Prepare,
    place: &Place,
    planned: &Planned,
    tip: &str,
) -> Result<Files> {
    let Observed { repository, config, history, request, .. } = observed;
    let plan = &planned.plan;
    let mut problems = Vec::new();
    problems.extend(preconditions::tagged(request.release, history, config, tip, plan.is_done()));
    if plan.is_done() {
        problems.extend(mistagged(observed, tip)?);
    }
    let (dirty, found) = dirty_files(observed, planned, place)?;
    if prepare.commit || place.cuts() || !found.is_empty() {
        problems.extend(locked(observed, place));
    }
    problems.extend(found);
    let (to_commit, other) = match place {
        Place::WorkTree if prepare.commit => left_to_commit(observed, planned, &dirty)?,
        _ => (Vec::new(), None),
    };
    let is_cut = *place == Place::CutInWorkTree;
    let changed: Vec<Utf8PathBuf> = dirty.iter().filter(|path| is_cut || plan.changes(path)).cloned().collect();
    if !matches!(place, Place::Temporary { .. }) {
        problems.extend(repository.left_out(plan.files.iter().map(|file| file.path.as_path()))?);
    }
    problems.extend(preconditions::uncommitted(&changed, is_cut));
    problems.extend(other);
    Ok(Files { dirty, to_commit, problems })
}

/// The locks of git's that are in the way of what is to be done.
fn locked(observed: &Observed<'_>, place: &Place) -> Option<Problem> {
    let line = &observed.line;
    let (branch, is_here) = (observed.branch(place), !matches!(place, Place::Temporary { .. }));
    let cut = Some(line).filter(|line| place.cuts() && *line != branch).map(String::as_str);
    let names = [Some(branch), cut].into_iter().flatten().map(|branch| format!("refs/heads/{branch}"));
    commit::locked(observed.repository, is_here, names)
}

/// Tracked files with uncommitted changes: all of them when the checkout is switched, else those that a plan may edit; and
/// what is wrong with how git looks at the plan's own.
fn dirty_files(observed: &Observed<'_>, planned: &Planned, place: &Place) -> Result<(Vec<Utf8PathBuf>, Vec<Problem>)> {
    let git = &observed.repository.git;
    let Planned { monorepo, plan, .. } = planned;
    let changing = match place {
        Place::WorkTree => git.changing(&edited(monorepo))?,
        Place::CutInWorkTree => git.changing(&[])?,
        Place::Temporary { .. } => return Ok((Vec::new(), Vec::new())),
    };
    let mut paths = plan.paths();
    paths.extend(plan.files.iter().map(|file| file.path.as_path()));
    let standing = standing(observed.repository, &paths.into_iter().collect::<Vec<_>>())?;
    let mut dirty = changing.files()?;
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
) -> Result<(Vec<PlannedFile>, Option<Problem>)> {
    let sites = planned.plan.paths();
    let is_left = |path: &&Utf8PathBuf| sites.contains(path.as_path()) && !planned.plan.changes(path);
    let left: Vec<&Utf8PathBuf> = dirty.iter().filter(is_left).collect();
    if left.is_empty() {
        return Ok((Vec::new(), None));
    }
    let committed = match plan_tree(&observed.repository.tree(Some("HEAD")), Aim::of(observed)) {
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
