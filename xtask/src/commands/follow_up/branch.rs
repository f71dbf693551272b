//! The needs of one branch: the edits of its manifests, and what its lockfiles need.

use super::observe::Observed;
use crate::checkout::{Held, doubts, found};
use crate::commands::prepare::locks;
use crate::commands::repeated::repeated;
use crate::stop::{Result, Stop, Texts};
use camino::Utf8Path;
use release_core::manifest::limit::Limit;
use release_core::manifest::requirement::canonical_name;
use release_core::monorepo::{Client, Config, Monorepo, PinForm, Tree, Ui, WithoutRange};
use release_core::plan::development::{self, develop};
use release_core::plan::relock::{
    FILES, Lockfiles, Need, NpmFile, OtherLock, PYTHON_LOCKS, UvFile, Wanted, excluded, left_to_python, named,
    not_a_range, overridden,
};
use release_core::plan::{Plan, PlannedFile, PlannedKind, follow_manifests, needs_locks};
use release_core::problem::Problem;
use release_core::registry::Registry;
use release_core::version::npm;
use release_core::version::{Line, Release, Version};
use std::collections::BTreeSet;

/// The aim of a run for a branch.
#[derive(Clone, Copy)]
pub(crate) enum Aim<'a> {
    /// Main after a release that leads.
    Main { release: Release, next: &'a str },
    /// The lockfiles of a line at a release.
    Release(Release),
    /// The lockfiles at what the pins name, for every client or for one; where they name no single version, at a release.
    Locks { fallback: Option<Release>, client: Option<&'a Wanted> },
}

impl Aim<'_> {
    /// The line whose clients are meant; `None` for main.
    fn line(self) -> Option<Line> {
        match self {
            Self::Main { .. } => None,
            Self::Release(release) => Some(release.line()),
            Self::Locks { fallback, .. } => fallback.map(Release::line),
        }
    }
}

/// A branch as it is, and what it needs.
pub(crate) struct Branch {
    /// The monorepo, with its manifests as they will be.
    pub(crate) monorepo: Monorepo,
    /// The edits of the manifests.
    pub(crate) manifests: Option<Plan>,
    pub(crate) lockfiles: Lockfiles,
    pub(crate) jobs: Vec<Job>,
    /// The highest version that its packages have, or will have.
    pub(crate) version: Option<String>,
    /// The files that were read, with the edits of the manifests.
    pub(crate) texts: Texts,
    /// The doubts about its clients, where none is moved.
    pub(crate) doubts: Vec<Problem>,
    /// The lockfiles for Python of other tools that lock another version of a client.
    left_to_python: Vec<(Problem, OtherLock)>,
}

/// One lockfile that may change.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) lock: LockRef,
    /// The versions that it is to lock, each with what is needed for that.
    pub(crate) wanted: Vec<(Wanted, Need)>,
}

/// A lockfile among the branch's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LockRef {
    Uv(usize),
    Npm(usize),
    /// The `package.json` of a UI without a lockfile of npm's.
    Range(usize),
}

impl Job {
    /// Tells whether the lockfile is as it must be.
    pub(crate) fn is_locked(&self) -> bool {
        self.wanted.iter().all(|(_, need)| *need == Need::Nothing)
    }

    /// Clients that a registry is asked for.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &Wanted> {
        let is_asked = |(_, need): &&(Wanted, Need)| matches!(need, Need::Published | Need::Tool(_));
        self.wanted.iter().filter(is_asked).map(|(wanted, _)| wanted)
    }
}

impl Branch {
    /// Tells whether the branch is as it must be already.
    pub(crate) fn is_at_target(&self) -> bool {
        self.manifests.as_ref().is_none_or(Plan::is_done) && self.jobs.iter().all(Job::is_locked)
    }

    /// The lockfiles that have to change.
    pub(crate) fn open_jobs(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().filter(|job| !job.is_locked())
    }

    /// The clients that its lockfiles are to have, each once and with its version.
    pub(crate) fn clients(&self) -> Vec<String> {
        let wanted = self.jobs.iter().flat_map(|job| &job.wanted);
        let names = wanted.map(|(wanted, _)| format!("{} {}", wanted.client, wanted.version));
        names.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The files of the manifests' edits.
    pub(crate) fn manifest_files(&self) -> &[PlannedFile] {
        self.manifests.as_ref().map_or(&[], |plan| &plan.files)
    }

    /// The path of a job's lockfile.
    pub(crate) fn path(&self, job: &Job) -> &Utf8Path {
        match job.lock {
            LockRef::Uv(index) => &self.lockfiles.uv[index].path,
            LockRef::Npm(index) => &self.lockfiles.npm[index].path,
            LockRef::Range(index) => &self.lockfiles.ranges[index].package_path,
        }
    }

    /// Returns a problem for each lockfile of another tool that does not record the range that its UI is to have, or of which
    /// that cannot be told, and for each for Python with another client. It is left to a person.
    pub(crate) fn left_locks(&self) -> Vec<(Problem, &OtherLock)> {
        let left = |job: &Job| {
            let (ui, range) = match (job.lock, job.wanted.first()) {
                (LockRef::Npm(index), Some((wanted, _))) => {
                    let file = &self.lockfiles.npm[index];
                    (&file.ui, file.range(&locked_as(file, wanted)))
                }
                (LockRef::Range(index), Some((wanted, _))) => {
                    let file = &self.lockfiles.ranges[index];
                    (&file.ui, file.range(&Registry::Npm.spelling(&wanted.version)))
                }
                _ => return Vec::new(),
            };
            let without_range = self.monorepo.without_range(ui);
            let catalogued = without_range.first().and_then(WithoutRange::catalogued);
            let problem = |lock: &OtherLock| {
                let (path, client) = (&lock.path, &ui.key);
                let why = match lock.records(self.lockfiles.texts.get(path), client, &range, catalogued) {
                    Some(true) => return None,
                    Some(false) => {
                        let range = catalogued.unwrap_or(&range);
                        format!("{path} does not record `{range}` for {client}, and another tool writes it")
                    }
                    None => format!(
                        "{path} cannot be read here, so that it is unknown whether it records `{range}` for {client}"
                    ),
                };
                Some(Problem::new(why, format!("write it with `{}`, and commit it", lock.command)))
            };
            let others = self.lockfiles.others.get(&ui.path).into_iter().flatten();
            others.filter_map(|lock| Some((problem(lock)?, lock))).collect::<Vec<_>>()
        };
        let of_python = self.left_to_python.iter().map(|(problem, lock)| (problem.clone(), lock));
        self.jobs.iter().flat_map(left).chain(of_python).collect()
    }
}

/// Reads a branch at a commit, or of `None` the checkout, and plans what can be planned without asking anybody.
pub(crate) fn read(observed: &Observed<'_>, commit: Option<&str>, aim: Aim<'_>) -> Result<Branch> {
    read_tree(observed, &observed.repository.tree(commit), aim)
}

/// Reads the needs of a branch from its tree.
pub(crate) fn read_tree(observed: &Observed<'_>, place: &dyn Tree, aim: Aim<'_>) -> Result<Branch> {
    let names = [&["pyproject.toml"][..], &FILES, &PYTHON_LOCKS].concat();
    let tree = Held::new(place, &names)?;
    let planned = planned(observed, &tree, aim);
    let mut texts = tree.texts();
    let Planned { monorepo, manifests, lockfiles, jobs, doubts, wanted } = match planned {
        Ok(planned) => planned,
        Err(stop) => return Err(stop.within(texts)),
    };
    let version = development::highest(&monorepo).ok().flatten().map(|(_, text)| text);
    texts.extend(manifests.iter().flat_map(|plan| &plan.files).map(|file| (file.path.clone(), file.new.clone())));
    let wanted: Vec<_> = wanted.iter().map(|wanted| (wanted.client.as_str(), &wanted.version)).collect();
    let left_to_python = left_to_python(&monorepo, texts.iter(), &wanted);
    Ok(Branch { monorepo, manifests, lockfiles, jobs, version, texts, doubts, left_to_python })
}

/// The needs of a branch.
struct Planned {
    monorepo: Monorepo,
    manifests: Option<Plan>,
    lockfiles: Lockfiles,
    jobs: Vec<Job>,
    doubts: Vec<Problem>,
    /// The clients that are to be locked.
    wanted: Vec<Wanted>,
}

/// Plans the edits of a tree.
fn planned(observed: &Observed<'_>, tree: &Held<'_>, aim: Aim<'_>) -> Result<Planned> {
    let Observed { config, history, .. } = observed;
    let refused = |problems| Stop::refused(problems, Texts::new());
    let mut monorepo = found(tree, config, history)?.monorepo;
    let doubts = doubts(observed.repository, config, history, aim.line(), &monorepo)?;
    monorepo.doubts.clear();
    // What makes it doubtful which requirements are clients stands in the way only where clients are moved.
    let moves_clients = !matches!(aim, Aim::Main { .. }) || config.main_floors || config.main_ui;
    if moves_clients && !doubts.is_empty() {
        return Err(refused(doubts));
    }
    let mut manifests = match aim {
        Aim::Main { release, next } => Some(develop(&monorepo, release, next, config.main_floors).map_err(refused)?),
        Aim::Release(_) | Aim::Locks { .. } => None,
    };
    if let Some(plan) = &mut manifests {
        add_repeated(tree, &monorepo, config, plan)?;
    }
    for file in manifests.iter().flat_map(|plan| &plan.files) {
        if let Some(manifest) = monorepo.manifests.get_mut(&file.path)
            && let Ok(edited) = manifest.again(file.new.clone())
        {
            *manifest = edited;
        }
    }
    let mut lockfiles = Lockfiles::read(tree, &monorepo, config)?;
    // uv prefers the variable to every file.
    if let Some(text) = std::env::var("UV_EXCLUDE_NEWER").ok().filter(|text| !text.is_empty()) {
        lockfiles.uv.iter_mut().for_each(|file| file.settings.limits.all = Some(Limit::read(&text)));
    }
    let (uv, ui) = match aim {
        Aim::Main { .. } => (config.main_floors, config.main_ui),
        Aim::Release(_) | Aim::Locks { .. } => (true, true),
    };
    let wanted = if uv || ui { wanted(&monorepo, aim).map_err(refused)? } else { Vec::new() };
    let mut jobs = if uv { uv_jobs(&monorepo, &lockfiles, &wanted) } else { Vec::new() };
    if ui {
        let links: Vec<Problem> = monorepo.uis.iter().flat_map(|ui| tree.linked_locks(ui)).collect();
        if !links.is_empty() {
            return Err(refused(links));
        }
        jobs.extend(npm_jobs(&monorepo, &lockfiles, &wanted).map_err(refused)?);
    }
    if let Some(plan) = &mut manifests {
        let open = jobs.iter().filter(|job| !job.is_locked()).filter_map(|job| match job.lock {
            LockRef::Uv(index) => Some(lockfiles.uv[index].path.as_path()),
            LockRef::Npm(_) | LockRef::Range(_) => None,
        });
        add_static_versions(tree, &monorepo, &open.collect(), plan)?;
    }
    Ok(Planned { monorepo, manifests, lockfiles, jobs, doubts, wanted })
}

/// Adds the versions that packages with a static one repeat beside their manifests.
fn add_repeated(tree: &dyn Tree, monorepo: &Monorepo, config: &Config, plan: &mut Plan) -> Result<()> {
    let version = plan.sites.iter().find(|site| site.kind == PlannedKind::StaticVersion);
    let Some(version) = version.and_then(|site| Version::parse(site.new.as_deref()?).ok()) else { return Ok(()) };
    let (edits, texts) = repeated(tree, monorepo, config, &version)?;
    plan.add(edits.map_err(|problems| Stop::refused(problems, texts))?);
    Ok(())
}

/// Adds the static versions that lockfiles record of the tree's packages, but for lockfiles that are edited for a client anyway.
fn add_static_versions(
    tree: &Held<'_>,
    monorepo: &Monorepo,
    others: &BTreeSet<&Utf8Path>,
    plan: &mut Plan,
) -> Result<()> {
    if !needs_locks(monorepo) {
        return Ok(());
    }
    let mut locks = locks(tree, monorepo)?;
    locks.retain(|path, _| !others.contains(path.as_path()));
    let refused = |problems| Stop::refused(problems, locks.clone());
    let edits = follow_manifests(monorepo, &locks).map_err(refused)?;
    plan.add(edits);
    Ok(())
}

/// The work on each `uv.lock`.
fn uv_jobs(monorepo: &Monorepo, lockfiles: &Lockfiles, wanted: &[Wanted]) -> Vec<Job> {
    let job = |(index, file): (usize, &UvFile)| {
        let indexed = file.indexed();
        let is_of = |one: &&Wanted| indexed.contains(&one.client) || file.lacks(monorepo, &one.client);
        let own: Vec<Wanted> = wanted.iter().filter(is_of).cloned().collect();
        let needs = file.needs(monorepo, &own);
        Job { lock: LockRef::Uv(index), wanted: own.into_iter().zip(needs).collect() }
    };
    lockfiles.uv.iter().enumerate().map(job).collect()
}

/// The work on each `package-lock.json`, and on each UI without one.
///
/// # Errors
/// If a UI requires its client otherwise than by a range.
fn npm_jobs(monorepo: &Monorepo, lockfiles: &Lockfiles, wanted: &[Wanted]) -> Result<Vec<Job>, Vec<Problem>> {
    let (mut jobs, mut problems) = (Vec::new(), Vec::new());
    let wanted_of = |ui: &Ui| {
        let client = canonical_name(&ui.client);
        wanted.iter().find(|wanted| wanted.client == client)
    };
    for (index, file) in lockfiles.npm.iter().enumerate() {
        let wanted = wanted_of(&file.ui);
        let package = &file.package;
        problems.extend(wanted.into_iter().flat_map(|one| not_a_range(monorepo, &file.ui, &one.version)));
        problems.extend(wanted.into_iter().flat_map(|one| overridden(monorepo, package, &file.ui, &one.version)));
        let wanted = wanted.map(|one| (one.clone(), file.need(&locked_as(file, one))));
        jobs.push(Job { lock: LockRef::Npm(index), wanted: wanted.into_iter().collect() });
    }
    for (index, file) in lockfiles.ranges.iter().enumerate() {
        let Some(wanted) = wanted_of(&file.ui) else { continue };
        problems.extend(not_a_range(monorepo, &file.ui, &wanted.version));
        problems.extend(overridden(monorepo, &file.package, &file.ui, &wanted.version));
        let is_right = file.edits(&Registry::Npm.spelling(&wanted.version)).is_empty();
        let need = if is_right { Need::Nothing } else { Need::Published };
        jobs.push(Job { lock: LockRef::Range(index), wanted: vec![(wanted.clone(), need)] });
    }
    if problems.is_empty() { Ok(jobs) } else { Err(problems) }
}

/// The spelling of a version for npm: as the lockfile has it where that means the same, for candidates are spelled in two ways.
fn locked_as(file: &NpmFile, wanted: &Wanted) -> String {
    let canonical = Registry::Npm.spelling(&wanted.version);
    let locked = file
        .lock
        .entry_of(&file.member, &file.ui.key)
        .and_then(|entry| entry.version.as_ref())
        .map(|version| version.value.clone());
    let means_the_same = |text: &String| {
        npm::read_version(text).is_some_and(|locked| {
            let numbers = Release::new(locked.major, locked.minor, locked.patch);
            let pre = locked.pre.as_str();
            let number = pre.strip_prefix("rc").map(|number| number.trim_start_matches('.'));
            let release = match number.and_then(|number| number.parse().ok()) {
                Some(number) => numbers.with_candidate(number),
                None if pre.is_empty() => numbers,
                None => return false,
            };
            release.npm().to_string() == canonical
        })
    };
    locked.filter(means_the_same).unwrap_or(canonical)
}

/// The clients that are to be locked, each with its version.
fn wanted(monorepo: &Monorepo, aim: Aim<'_>) -> Result<Vec<Wanted>, Vec<Problem>> {
    let only = match aim {
        Aim::Locks { client, .. } => client,
        Aim::Main { .. } | Aim::Release(_) => None,
    };
    if let Some(only) = only {
        if monorepo.client(&only.client).is_none() {
            let names: Vec<String> = monorepo.clients.iter().map(|client| format!("`{}`", client.name)).collect();
            let known =
                if names.is_empty() { "there is none".to_owned() } else { format!("there is {}", names.join(", ")) };
            return Err(vec![Problem::new(
                format!("`{}` is no client of this monorepo", only.client),
                format!("{known}; name others in release.toml: `[[client]]` with `name = \"...\"`"),
            )]);
        }
        let problems = excluded(monorepo, std::slice::from_ref(only));
        return if problems.is_empty() { Ok(vec![only.clone()]) } else { Err(problems) };
    }
    // A client that releases leave alone is not of this release.
    let (release, is_kept): (Release, fn(&Client) -> bool) = match aim {
        Aim::Main { release, .. } => (release, |client| client.policy.main == PinForm::Keep),
        Aim::Release(release) => (release, |client| client.policy.release == PinForm::Keep),
        Aim::Locks { fallback, .. } => return named(monorepo, fallback),
    };
    let clients = monorepo.clients.iter().filter(|client| !is_kept(client));
    let wanted: Vec<Wanted> = clients.filter_map(|client| Wanted::of(client, release)).collect();
    let problems = excluded(monorepo, &wanted);
    if problems.is_empty() { Ok(wanted) } else { Err(problems) }
}
