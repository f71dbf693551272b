//! `release patch|minor|major|rc`: every edit that a release needs before it is tagged.

use crate::Outcome;
use crate::cli::{Global, Prepare};
use crate::effects::{commit, write};
use crate::output;
use crate::output::prepare::Report;
use crate::world::{Repository, Unreadable, WorkTree};
use anyhow::Context;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::git::{CommitOutcome, GitError};
use release_core::history::{History, Refs};
use release_core::monorepo::{Config, Monorepo, Snapshot, SnapshotError, Tree, discover};
use release_core::plan::preconditions::{self, Divergence, Place, RemoteState, Request, Target};
use release_core::plan::{self, Locks, Plan, Scene};
use release_core::problem::Problem;
use release_core::text::SourceText;
use release_core::version::{Release, ReleaseKind};
use std::collections::BTreeMap;

/// Files that a plan may change, as patterns for git.
const EDITED: [&str; 2] = [":(glob)**/pyproject.toml", ":(glob)**/uv.lock"];

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
    let mut problems = Vec::new();
    problems.extend(write::recover(global, &repository.location.root, &repository.state_dir())?);
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            refuse_config(&unreadable);
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
    let place = match preconditions::place(&request, refs, config, &remote.name) {
        Ok(place) => Some(place),
        Err(problem) => {
            problems.push(problem);
            None
        }
    };
    let mut report = Report::new(global, repository, release, config, history);
    let Some(place) = place else { return Ok(report.refuse(&problems, &BTreeMap::new())) };
    problems.extend(against_upstream(&observed, &request, &place)?);
    let planned = match planned(&observed, &request, &place)? {
        Ok(planned) => planned,
        Err((found, texts)) => {
            problems.extend(found);
            return Ok(report.refuse(&problems, &texts));
        }
    };
    let tip = tip(&observed, &place);
    if let Some(tagged) = history.commit(release) {
        problems.extend(preconditions::tagged(release, &config.tag.tag(release), tagged, &tip, planned.plan.is_done()));
    }
    let dirty = dirty_files(&observed, &place)?;
    let to_commit = match &place {
        Place::WorkTree if prepare.commit => left_to_commit(&observed, &planned, &dirty, release)?,
        _ => Ok(Vec::new()),
    };
    let changed: Vec<Utf8PathBuf> = match &place {
        Place::CutInWorkTree => dirty.clone(),
        _ => dirty.iter().filter(|path| planned.plan.changes(path)).cloned().collect(),
    };
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
    let is_done = planned.plan.is_done() && !place.cuts() && to_commit.is_empty();
    if is_done || global.dry_run {
        let merge = merge_commands(&observed, &request, &place, &planned, &dirty, false);
        let steps = remaining(&observed, &planned, release, &merge);
        return Ok(report.finish(is_done, &steps));
    }
    carry_out(&observed, prepare, &request, &place, &planned, &tip, &to_commit, &mut report)
}

fn refuse_config(unreadable: &Unreadable) {
    output::problems(&unreadable.problems, std::iter::once((unreadable.path.as_path(), &unreadable.source)));
}

fn observe<'a>(
    global: &Global,
    repository: &'a Repository,
    config: Config,
    request: &Request,
) -> anyhow::Result<Observed<'a>> {
    let git = &repository.git;
    let mut refs = git.refs()?;
    let line = config.branch.branch(request.release.line());
    let mut remote =
        RemoteState { name: remote_name(repository, &refs, &line)?.unwrap_or_default(), ..RemoteState::default() };
    if global.fetch && !remote.name.is_empty() {
        output::say(global, &format!("fetching {}", remote.name));
        git.fetch(&remote.name)?;
        refs = git.refs()?;
    }
    let history = History::new(&refs.tags, &config.tag);
    if !global.offline && !remote.name.is_empty() {
        ask(repository, &config, &line, request.release, &mut remote)?;
    }
    Ok(Observed { repository, config, refs, history, remote })
}

/// The remote that a line lives on: what its branch follows, else `upstream`, else `origin`.
fn remote_name(repository: &Repository, refs: &Refs, line: &str) -> Result<Option<String>, GitError> {
    if let Some(upstream) =
        refs.branch(line).and_then(|branch| branch.upstream.as_ref()).filter(|upstream| upstream.remote != ".")
    {
        return Ok(Some(upstream.remote.clone()));
    }
    let mut names: Vec<String> = refs.remote_branches.iter().map(|branch| branch.remote.clone()).collect();
    if names.is_empty() {
        names = repository.git.remotes()?;
    }
    Ok(["upstream", "origin"]
        .iter()
        .find(|name| names.iter().any(|other| other == **name))
        .map(|name| (*name).to_owned()))
}

fn ask(
    repository: &Repository,
    config: &Config,
    line: &str,
    release: Release,
    remote: &mut RemoteState,
) -> Result<(), GitError> {
    let tag = format!("refs/tags/{}", config.tag.tag(release));
    let peeled = format!("{tag}^{{}}");
    let head = format!("refs/heads/{line}");
    match repository.git.ask_remote(&remote.name, &[&tag, &peeled, &head]) {
        Ok(found) => {
            let find = |name: &str| found.iter().find(|(found, _)| found == name).map(|(_, commit)| commit.clone());
            remote.tag = find(&peeled).or_else(|| find(&tag));
            remote.line = find(&head);
            Ok(())
        }
        Err(GitError::Failed { stderr, .. }) => {
            remote.error = Some(stderr.lines().next().unwrap_or_default().to_owned());
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn under_way(repository: &Repository) -> Option<Problem> {
    let (name, command) = repository.operation()?;
    Some(Problem::new(
        format!("{name} is under way in this checkout"),
        format!("finish it with `{command} --continue`, or leave it with `{command} --abort`"),
    ))
}

/// The commit that the plan is made against.
fn tip(observed: &Observed<'_>, place: &Place) -> String {
    match place {
        Place::WorkTree | Place::CutInWorkTree => {
            observed.refs.current().map(|branch| branch.commit.clone()).unwrap_or_default()
        }
        Place::Temporary { base, .. } => base.clone(),
    }
}

/// Whether the branch that is worked on, or cut from, is what its remote has.
fn against_upstream(observed: &Observed<'_>, request: &Request, place: &Place) -> anyhow::Result<Vec<Problem>> {
    let Observed { repository, config, refs, remote, .. } = observed;
    let line = config.branch.branch(request.release.line());
    let worked_on = if place.cuts() { config.main.clone() } else { line.clone() };
    let mut problems = Vec::new();
    let local = refs.branch(&worked_on);
    let upstream = local.and_then(|branch| branch.upstream.clone()).map(|upstream| upstream.reference);
    let upstream = upstream.unwrap_or_else(|| format!("refs/remotes/{}/{worked_on}", remote.name));
    if let (Some(local), Some(theirs)) = (local, refs.commit(&upstream))
        && local.commit != theirs
    {
        let (ahead, behind) = repository.git.divergence(&local.commit, theirs)?;
        let upstream = upstream.trim_start_matches("refs/remotes/").trim_start_matches("refs/heads/").to_owned();
        problems.extend(preconditions::behind(&Divergence { branch: worked_on.clone(), upstream, ahead, behind }));
    }
    let Some(theirs) = &remote.line else { return Ok(problems) };
    let known = refs.remote_branch(&remote.name, &line).map(|branch| &branch.commit);
    let ours = local.map(|branch| &branch.commit).or(known);
    let is_here = known == Some(theirs)
        || ours == Some(theirs)
        || (ours.is_some()
            && repository.git.has(theirs)?
            && repository.git.is_ancestor(theirs, ours.map_or("", |ours| ours))?);
    if place.cuts() || !is_here {
        problems.push(Problem::new(
            format!("{line} on {} is at {}, which is not here", remote.name, preconditions::short(theirs)),
            "`--fetch` fetches first; if your branch is behind then, pull",
        ));
    }
    Ok(problems)
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

/// Tracked files with uncommitted changes: all of them when the checkout is switched, else those that a plan may edit.
fn dirty_files(observed: &Observed<'_>, place: &Place) -> anyhow::Result<Vec<Utf8PathBuf>> {
    Ok(match place {
        Place::WorkTree => observed.repository.git.changed(&EDITED)?,
        Place::CutInWorkTree => observed.repository.git.changed(&[])?,
        Place::Temporary { .. } => Vec::new(),
    })
}

/// Files that an earlier run edited and nobody committed: they must hold exactly what this release makes of the last
/// commit, or something else would be committed with them.
fn left_to_commit(
    observed: &Observed<'_>,
    planned: &Planned,
    dirty: &[Utf8PathBuf],
    release: Release,
) -> anyhow::Result<Result<Vec<Utf8PathBuf>, Problem>> {
    let sites = planned.plan.paths();
    let is_site = |path: &Utf8PathBuf| sites.contains(path.as_path());
    let left: Vec<Utf8PathBuf> =
        dirty.iter().filter(|path| is_site(path) && !planned.plan.changes(path)).cloned().collect();
    if left.is_empty() {
        return Ok(Ok(left));
    }
    let git = &observed.repository.git;
    let committed = plan_tree(&(git, "HEAD"), observed, release)?;
    let made = |path: &Utf8PathBuf| {
        let file = committed.as_ref().ok()?.plan.files.iter().find(|file| file.path == *path)?;
        Some(file.new.as_str().as_bytes().to_vec())
    };
    let root = &observed.repository.location.root;
    let mut others = Vec::new();
    for path in &left {
        let now = std::fs::read(root.join(path)).with_context(|| format!("could not read {path}"))?;
        if made(path) != Some(now) {
            others.push(path.clone());
        }
    }
    Ok(match preconditions::uncommitted(&others, false) {
        Some(problem) => Err(problem),
        None => Ok(left),
    })
}

fn remaining(observed: &Observed<'_>, planned: &Planned, release: Release, merge: &[String]) -> Vec<plan::Step> {
    let is_tagged = observed.history.commit(release).is_some();
    let merge = if is_tagged { &[] } else { merge };
    let Observed { config, history, .. } = observed;
    plan::remaining(Scene { release, monorepo: &planned.monorepo, config, history, merge, is_tagged })
}

/// The message of the commit.
fn message(config: &Config, release: Release) -> String {
    format!("chore: prepare release {}", config.tag.tag(release))
}

/// The commands that bring the edits onto the line's branch of the remote.
fn merge_commands(
    observed: &Observed<'_>,
    request: &Request,
    place: &Place,
    planned: &Planned,
    dirty: &[Utf8PathBuf],
    is_committed: bool,
) -> Vec<String> {
    let Observed { config, refs, remote, .. } = observed;
    let line = config.branch.branch(request.release.line());
    let message = message(config, request.release);
    let remote = if remote.name.is_empty() { "origin" } else { &remote.name };
    let pull_request =
        |branch: &str| format!("gh pr create --base {line} --head {branch} --title '{message}' --body ''");
    let is_pushed = |branch: &str| {
        let local = refs.branch(branch).map(|branch| &branch.commit);
        local.is_some() && local == refs.remote_branch(remote, branch).map(|branch| &branch.commit)
    };
    if let (Target::Branch(branch), Place::Temporary { .. }) = (&request.target, place) {
        let mut commands = Vec::new();
        if refs.remote_branch(remote, &line).is_none() {
            commands.push(format!("git push {remote} {line}"));
        }
        commands.push(format!("git push --set-upstream {remote} {branch}"));
        commands.push(pull_request(branch));
        return commands;
    }
    let site_files: Vec<&Utf8Path> = {
        let sites = planned.plan.paths();
        let changed = planned.plan.files.iter().map(|file| file.path.as_path());
        let left = dirty.iter().filter(|path| sites.contains(path.as_path())).map(Utf8PathBuf::as_path);
        let mut files: Vec<&Utf8Path> = changed.chain(left).collect();
        files.sort_unstable();
        files.dedup();
        files
    };
    let uncommitted = !is_committed && !site_files.is_empty() && !matches!(place, Place::Temporary { .. });
    match (uncommitted, is_pushed(&line) && !is_committed) {
        (true, _) => {
            let branch = format!("prepare-{}", config.tag.tag(request.release));
            let files: Vec<&str> = site_files.iter().map(|path| path.as_str()).collect();
            let mut commands = Vec::new();
            if refs.remote_branch(remote, &line).is_none() {
                commands.push(format!("git push --set-upstream {remote} {line}"));
            }
            commands.push(format!("git switch --create {branch}"));
            commands.push(format!("git commit --message '{message}' -- {}", files.join(" ")));
            commands.push(format!("git push --set-upstream {remote} {branch}"));
            commands.push(pull_request(&branch));
            commands
        }
        (false, true) => Vec::new(),
        (false, false) => vec![format!("git push {remote} {line}")],
    }
}

#[expect(clippy::too_many_arguments, reason = "the last act of one function, split for its length")]
fn carry_out(
    observed: &Observed<'_>,
    prepare: &Prepare,
    request: &Request,
    place: &Place,
    planned: &Planned,
    tip: &str,
    to_commit: &[Utf8PathBuf],
    report: &mut Report<'_>,
) -> anyhow::Result<Outcome> {
    let Observed { repository, config, refs, .. } = observed;
    let line = config.branch.branch(request.release.line());
    let message = message(config, request.release);
    let steps = |is_committed| {
        let merge = merge_commands(observed, request, place, planned, to_commit, is_committed);
        remaining(observed, planned, request.release, &merge)
    };
    let outcome = match place {
        Place::CutInWorkTree => {
            cut_here(observed, &line, planned)?;
            report.cut(&line, &config.main);
            return Ok(report.written(&steps(false)));
        }
        Place::WorkTree => {
            write::write(&repository.location.root, &repository.state_dir(), &planned.plan)?;
            if !prepare.commit {
                return Ok(report.written(&steps(false)));
            }
            let mut paths: Vec<Utf8PathBuf> = planned.plan.files.iter().map(|file| file.path.clone()).collect();
            paths.extend_from_slice(to_commit);
            commit::in_checkout(&repository.git, &message, prepare.signoff, &paths)?
        }
        Place::Temporary { base, branch, cuts } => {
            let destination = commit::Destination {
                base,
                branch,
                expected: refs.branch(branch).map(|branch| branch.commit.as_str()),
                cut: (*cuts && *branch != line).then_some(line.as_str()),
            };
            commit::elsewhere(repository, &planned.plan, &message, prepare.signoff, &destination)?
        }
    };
    match outcome {
        CommitOutcome::Made(commit) => {
            let branch = match place {
                Place::Temporary { branch, .. } => branch,
                _ => &line,
            };
            report.committed(&commit, branch, tip);
            Ok(report.done("committed", &steps(true)))
        }
        CommitOutcome::Refused { hook, ids } => {
            let in_checkout = matches!(place, Place::WorkTree);
            Ok(report.hook_refused(hook.as_deref(), &ids, in_checkout, &prepare.version))
        }
    }
}

/// Switches the checkout to the line's new branch and edits it there; when the edit fails, the checkout goes back.
fn cut_here(observed: &Observed<'_>, line: &str, planned: &Planned) -> anyhow::Result<()> {
    let Observed { repository, config, .. } = observed;
    repository.git.read(&["switch", "--quiet", "--no-track", "--create", line])?;
    let written = write::write(&repository.location.root, &repository.state_dir(), &planned.plan);
    if written.is_err() {
        repository.git.read(&["switch", "--quiet", &config.main])?;
        repository.git.read(&["branch", "--quiet", "--delete", "--force", line])?;
    }
    written
}
