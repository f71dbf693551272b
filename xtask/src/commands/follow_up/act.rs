//! Solves the lockfiles, by edits where these are known and by npm and uv where they are not, and carries everything out.

use super::branch::{Branch, Job, LockRef, npm_spelling};
use super::native::edit;
use super::observe::Observed;
use super::part::{Part, Role};
use super::publish::{Answers, verdict};
use super::tag::{self, DevTag, State};
use super::{Run, part};
use crate::Outcome;
use crate::cli::CommitFlags;
use crate::commands::registries::Registries;
use crate::effects::commit::{self, Committed, Piece};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::planned;
use crate::effects::tools::{self, ToolRun};
use crate::effects::write;
use crate::output;
use crate::output::follow_up::{Command, Report, title};
use crate::registry::at_once;
use anyhow::bail;
use camino::{Utf8Path, Utf8PathBuf};
use release_core::lockfile::NotNative;
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::UvLock;
use release_core::manifest::requirement::canonical_name;
use release_core::plan::relock::{beyond_npm, beyond_uv};
use release_core::plan::{PlannedFile, targets};
use release_core::problem::Problem;
use release_core::text::SourceText;
use release_core::version::Version;
use std::time::Duration;

/// What stands against the parts, now that all of them are known; finds the development tag too.
pub(super) fn check(
    flags: &CommitFlags,
    observed: &Observed<'_>,
    parts: &mut [Part],
    command: Command,
) -> anyhow::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for part in parts {
        let lacks = part.branch.as_ref().is_ok_and(|branch| !branch.is_right());
        if let Some(target) = part.target.as_ref().filter(|_| flags.commit && lacks) {
            problems.extend(targets::checked_out(&observed.refs, target));
            let branch = format!("refs/heads/{}", target.goes_to);
            problems.extend(commit::locked(observed.repository, false, [branch]));
        }
        if let (Role::Main, Command::Post(release)) = (part.role, command) {
            match tag::development(observed, part, release)? {
                Ok(found) => part.tag = found,
                Err(problem) => problems.push(problem),
            }
        }
    }
    Ok(problems)
}

/// Whether the files of every part are known.
pub(super) enum Solved {
    Yes,
    /// They are not, and the run ends like this.
    No(Outcome),
}

/// Finds the new text of every file.
pub(super) fn solve(
    run: &Run<'_>,
    observed: &Observed<'_>,
    parts: &mut [Part],
    lock: &mut Option<Lock>,
    interrupt: &Interrupt,
    limit: Duration,
    report: &mut Report<'_>,
) -> anyhow::Result<Solved> {
    let needs = |branch: &Branch| branch.jobs.iter().any(|job| !job.is_right());
    let has_needs = parts.iter().any(|part| part.branch.as_ref().is_ok_and(needs));
    let mut answers = Answers { questions: Vec::new(), known: Vec::new(), told: Vec::new() };
    let mut registries = None;
    if has_needs {
        let asked = Registries::new(run.global, observed.config.index.as_deref());
        let questions = asked.as_ref().map_err(Clone::clone).and_then(|registries| registries.all_questions(parts));
        let (asked, questions) = match (asked, questions) {
            (Ok(asked), Ok(questions)) => (asked, questions),
            (Err(reason), _) | (_, Err(reason)) => {
                let help = "nothing was changed; `release post` does main's part alone with `--only main`";
                return Ok(Solved::No(report.cannot_ask(&[Problem::new(reason, help)])));
            }
        };
        if !questions.is_empty() && run.global.offline {
            let mut clients: Vec<&str> = questions.iter().map(|question| question.client.as_str()).collect();
            clients.sort_unstable();
            clients.dedup();
            return Ok(Solved::No(report.cannot_ask(&[Problem::new(
                format!(
                    "the lockfiles need what registries say of {}, and `--offline` asks nobody",
                    clients.join(", ")
                ),
                "leave it out; `release post` does main's part alone with `--only main`",
            )])));
        }
        answers = asked.wait(run.global, questions, limit, interrupt);
        if interrupt.happened() {
            bail!("interrupted: nothing was changed");
        }
        report.told(&answers.told);
        if let Some(outcome) = verdict(&answers.told) {
            return Ok(Solved::No(report.unpublished(&answers.told, outcome)));
        }
        registries = Some(asked);
    }
    // Both kinds of lockfiles are large; each is worked on by itself.
    let open: Vec<(&Branch, &Job)> = parts
        .iter()
        .filter_map(|part| part.branch.as_ref().ok())
        .flat_map(|branch| branch.jobs.iter().filter(|job| !job.is_right()).map(move |job| (branch, job)))
        .collect();
    let solve_one = |(branch, job): &(&Branch, &Job)| match run.registries.with_tools {
        true => Ok(Err(NotNative::new("asked for with `--with-tools`"))),
        false => edit(registries.as_ref(), &answers, branch, job),
    };
    let edited = interrupt.harmless(|| at_once(&open, solve_one));
    let mut edited = edited.into_iter();
    for part in parts.iter_mut() {
        let Ok(branch) = &part.branch else { continue };
        part.files = branch.manifest_files().to_vec();
        part.sites = branch.manifests.iter().flat_map(|plan| plan.sites.clone()).collect();
        let mut by_tool: Vec<(Job, String)> = Vec::new();
        for (job, edited) in branch.jobs.iter().filter(|job| !job.is_right()).zip(edited.by_ref()) {
            match edited {
                Ok(Ok((files, sites))) => {
                    part.files.extend(files);
                    part.sites.extend(sites);
                }
                Ok(Err(reason)) => by_tool.push((job.clone(), reason.to_string())),
                Err(failure) => {
                    let help = "nothing was changed; try again, or `--with-tools`";
                    return Ok(Solved::No(report.cannot_ask(&[Problem::new(failure.to_string(), help)])));
                }
            }
        }
        if !by_tool.is_empty() {
            if lock.is_none() {
                *lock = Some(Lock::take(observed.repository)?);
            }
            if let Some(lock) = lock {
                with_tools(run, observed, part, &by_tool, lock, interrupt)?;
            }
        }
        part.files.sort_by(|a, b| a.path.cmp(&b.path));
        part.sites.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    }
    Ok(Solved::Yes)
}

/// Lets the lockfiles' own tools write them.
fn with_tools(
    run: &Run<'_>,
    observed: &Observed<'_>,
    part: &mut Part,
    jobs: &[(Job, String)],
    lock: &Lock,
    interrupt: &Interrupt,
) -> anyhow::Result<()> {
    let Ok(branch) = &part.branch else { return Ok(()) };
    let (mut runs, mut olds) = (Vec::new(), Vec::new());
    for (job, reason) in jobs {
        let (tool, files) = tool_run(branch, job);
        output::say(run.global, &format!("{} has to write {}: {reason}", tool.program, branch.path(job)));
        part.by_tool.push((branch.path(job).to_owned(), tool.program, reason.clone()));
        runs.push(tool);
        olds.extend(files);
    }
    let head = observed.refs.current().map_or("HEAD", |branch| &branch.commit);
    let base = part.base.as_deref().unwrap_or(head);
    let paths: Vec<Utf8PathBuf> = olds.iter().map(|(path, _)| path.clone()).collect();
    let place = tools::Place { repository: observed.repository, lock, interrupt, base, edits: &overlay(branch) };
    let news = tools::run(run.global, &place, &runs, &paths)?;
    let mut changed = Vec::new();
    for ((path, old), new) in olds.into_iter().zip(news).filter(|((_, old), new)| old != new) {
        changed.push(PlannedFile { path, old, new });
    }
    for (job, _) in jobs {
        let path = branch.path(job);
        let new = changed.iter().find(|file| file.path == path).map(|file| &file.new);
        let beyond = beyond(branch, job, new)?;
        if !beyond.is_empty() {
            part.beyond.push((path.to_owned(), beyond));
        }
    }
    part.files.extend(changed);
    Ok(())
}

/// The run of a job's tool, and the files that it may write, as they are.
fn tool_run(branch: &Branch, job: &Job) -> (ToolRun, Vec<(Utf8PathBuf, SourceText)>) {
    let folder = |path: &Utf8Path| path.parent().unwrap_or(Utf8Path::new("")).to_owned();
    match job.lock {
        LockRef::Uv(index) => {
            let file = &branch.lockfiles.uv[index];
            let clients: Vec<(String, String)> =
                job.wanted.iter().map(|(wanted, _)| (wanted.client.clone(), wanted.version.to_string())).collect();
            (ToolRun::uv(&folder(&file.path), &clients), vec![(file.path.clone(), file.source.clone())])
        }
        LockRef::Npm(index) => {
            let file = &branch.lockfiles.npm[index];
            let version = job.wanted.first().map(|(wanted, _)| npm_spelling(&wanted.version)).unwrap_or_default();
            let files = [(&file.package_path, &file.package_source), (&file.path, &file.source)];
            let files = files.map(|(path, source)| (path.clone(), source.clone())).to_vec();
            (ToolRun::npm(&folder(&file.path), &file.ui.client, &version, &file.ui.range), files)
        }
    }
}

/// The manifests and lockfiles as the branch has them, with the edits that are planned: what a tool is to see.
fn overlay(branch: &Branch) -> Vec<PlannedFile> {
    let file = |path: &Utf8PathBuf, text: &SourceText| PlannedFile {
        path: path.clone(),
        old: text.clone(),
        new: text.clone(),
    };
    let manifests = branch.monorepo.manifests.iter().map(|(path, manifest)| file(path, &manifest.source));
    let uv = branch.lockfiles.uv.iter().map(|lock| file(&lock.path, &lock.source));
    let npm = branch
        .lockfiles
        .npm
        .iter()
        .flat_map(|lock| [file(&lock.package_path, &lock.package_source), file(&lock.path, &lock.source)]);
    manifests.chain(uv).chain(npm).collect()
}

/// What a tool changed beyond what it had to; nothing new where it left its lockfile alone. It has to have locked what was
/// asked for.
fn beyond(branch: &Branch, job: &Job, new: Option<&SourceText>) -> anyhow::Result<Vec<String>> {
    let path = branch.path(job);
    match job.lock {
        LockRef::Uv(index) => {
            let new = new.unwrap_or(&branch.lockfiles.uv[index].source);
            let read = UvLock::parse(new)
                .map_err(|error| anyhow::anyhow!("uv wrote {path}, which is not TOML: {error}; nothing was changed"))?;
            for (wanted, _) in &job.wanted {
                let has = |package: &&release_core::lockfile::uv_lock::LockedPackage| {
                    canonical_name(&package.name.value) == wanted.client
                        && package.version.as_ref().and_then(|version| Version::parse(&version.value).ok()).as_ref()
                            == Some(&wanted.version)
                };
                if !read.packages.iter().any(|package| has(&package)) {
                    bail!("uv did not lock {} {} in {path}; nothing was changed", wanted.client, wanted.version);
                }
            }
            let clients: Vec<&str> = job.wanted.iter().map(|(wanted, _)| wanted.client.as_str()).collect();
            Ok(beyond_uv(branch.lockfiles.uv[index].source.as_str(), new.as_str(), &clients))
        }
        LockRef::Npm(index) => {
            let file = &branch.lockfiles.npm[index];
            let read = PackageLock::parse(new.unwrap_or(&file.source)).map_err(|error| {
                anyhow::anyhow!("npm wrote {path}, which cannot be read: {error}; nothing was changed")
            })?;
            let entry_path = format!("node_modules/{}", file.ui.client);
            let entry = read.packages.iter().find(|entry| entry.path.value == entry_path);
            let locked = entry.and_then(|entry| entry.version.as_ref()).map(|version| version.value.as_str());
            if let Some(version) = job.wanted.first().map(|(wanted, _)| npm_spelling(&wanted.version))
                && locked != Some(&version)
            {
                bail!("npm did not lock {} {version} in {path}; nothing was changed", file.ui.client);
            }
            Ok(beyond_npm(&file.lock, &read, &file.ui.client))
        }
    }
}

/// Writes or commits what was asked for.
pub(super) fn carry_out(
    run: &Run<'_>,
    observed: &Observed<'_>,
    parts: &mut [Part],
    lock: Option<&Lock>,
    interrupt: &Interrupt,
    report: &mut Report<'_>,
) -> anyhow::Result<Outcome> {
    let makes_tag = |part: &Part| matches!(part.tag, Some(DevTag { state: State::On(_), .. }));
    let is_done = parts.iter().all(|part| part.is_done() && !makes_tag(part));
    if is_done {
        return Ok(report.nothing_to_do(parts, observed));
    }
    if run.global.dry_run || !(run.commit.commit || run.command.writes()) {
        return Ok(report.planned(parts));
    }
    if run.command.writes() {
        let location = &observed.repository.location;
        for part in parts.iter() {
            if let Some(problem) = planned::unseen(observed.repository, &part.files)? {
                return Ok(report.commit_refused(&problem));
            }
            write::write_files(
                &location.root,
                &observed.repository.state_dir(),
                "the lockfiles",
                &part.files,
                interrupt,
            )?;
        }
        return Ok(report.written(parts));
    }
    let Some(lock) = lock else { bail!("the repository is not locked; this is a defect of this tool") };
    let messages: Vec<String> = parts.iter().map(|part| title(run.command, part)).collect();
    let mut pieces = Vec::new();
    for (part, message) in parts.iter().zip(&messages).filter(|(part, _)| !part.is_done()) {
        let (Some(target), Some(base)) = (&part.target, &part.base) else { continue };
        let is_tagged = target.is_direct() && matches!(&part.tag, Some(DevTag { state: State::Later, .. }));
        pieces.push(Piece {
            message,
            files: &part.files,
            base,
            branch: &target.goes_to,
            expected: target.now.as_deref(),
            cut: None,
            tag: part.tag.as_ref().filter(|_| is_tagged).map(|tag| tag.name.as_str()),
        });
    }
    let request = commit::Request { signoff: run.commit.signoff, interrupt, reason: "xtask: follow a release" };
    let commits = match commit::elsewhere(observed.repository, lock, &request, &pieces)? {
        Committed::Made(commits) => commits,
        Committed::Refused { hook, ids } => return Ok(report.hook_refused(hook.as_deref(), &ids)),
        Committed::Departed(problem) => return Ok(report.commit_refused(&problem)),
    };
    drop(pieces);
    let changed = parts.iter_mut().filter(|part: &&mut part::Part| !part.is_done() && part.target.is_some());
    for (part, commit) in changed.zip(commits) {
        if let Some(tag) = part.tag.as_mut().filter(|tag| tag.state == State::Later)
            && part.target.as_ref().is_some_and(targets::Target::is_direct)
        {
            tag.state = State::On(commit.clone());
        } else if let Some(DevTag { name, state: State::On(at) }) = &part.tag {
            commit::tag(&observed.repository.git, name, at)?;
        }
        part.commit = Some(commit);
    }
    for part in parts.iter().filter(|part| part.commit.is_none()) {
        if let Some(DevTag { name, state: State::On(at) }) = &part.tag {
            commit::tag(&observed.repository.git, name, at)?;
        }
    }
    Ok(report.committed(parts, observed))
}
