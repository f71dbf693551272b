//! Solves the lockfiles, by edits where these are known and by npm and uv where that was asked for, and carries everything out.

use super::branch::{Branch, Job, LockRef};
use super::by_tool::{self, Left};
use super::native::{Unedited, edit};
use super::observe::Observed;
use super::part::{Part, Role, State, branches};
use super::publish::verdict;
use super::run::{Command, Run};
use super::show::{Report, title};
use super::tag;
use crate::Outcome;
use crate::commands::registries::{Asker, Registries};
use crate::effects::commit::{self, Committed, Piece};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::planned;
use crate::effects::write;
use crate::registry::{Answered, Http, at_once};
use crate::stop::{Result, Stop};
use anyhow::Context as _;
use release_core::lockfile::NotNative;
use release_core::plan::targets::{self, Target};
use release_core::problem::Problem;
use std::time::Duration;

/// Returns what stands against the parts, now that all of them are known; finds the development tag too.
pub(super) fn check(run: &Run<'_>, observed: &Observed<'_>, parts: &mut [Part]) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for part in parts {
        let lacks = part.branch.as_ref().is_ok_and(|branch| !branch.is_at_target());
        if let Some(target) = part.target.as_ref().filter(|_| run.commit.commit && lacks) {
            problems.extend(targets::checked_out(&observed.refs, target));
            let branch = format!("refs/heads/{}", target.goes_to);
            problems.extend(commit::locked(observed.repository, false, [branch]));
        }
        if let (Role::Main, Command::Post(release)) = (part.role, run.command) {
            let (found, warning) = tag::development(observed, part, release)?.unzip();
            part.tag = found;
            part.warnings.extend(warning.flatten());
        }
    }
    Ok(problems)
}

/// Finds the new text of every file.
pub(super) fn solve(
    report: &Report<'_>,
    interrupt: &Interrupt,
    parts: &mut [Part],
    lock: &mut Option<Lock>,
) -> Result<()> {
    let has_needs = branches(parts).any(|branch| !branch.jobs.iter().all(Job::is_locked));
    if !has_needs {
        edit_all(report, interrupt, parts, None, &[])?;
    } else {
        let branch = parts.first().map(|part| part.name.clone());
        let (registries, answers) = ask(report, interrupt, parts, branch.as_deref())?;
        let left = edit_all(report, interrupt, parts, Some(&registries.http), &answers)?;
        by_tool::solve(report, interrupt, (&registries, &answers), parts, &left, lock)
            .map_err(|stop| report.stop(stop))?;
    }
    for part in parts {
        part.files.sort_by(|a, b| a.path.cmp(&b.path));
        part.sites.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    }
    Ok(())
}

/// Asks the registries whether the clients are published, and what there is to lock of them.
fn ask<'a>(
    report: &Report<'a>,
    interrupt: &Interrupt,
    parts: &[Part],
    branch: Option<&'a str>,
) -> Result<(Registries<'a>, Vec<Answered>)> {
    let Report { run, observed, .. } = report;
    let registries = Registries::new(Asker {
        global: run.global,
        flags: &run.registries.ask,
        repository: observed.repository,
        config: observed.config,
        branch,
    });
    let cannot_ask = |reason| {
        let help = "nothing was changed; `release post` does main's part alone with `--only main`";
        report.cannot_ask(Problem::new(reason, help))
    };
    let registries = registries.map_err(cannot_ask)?;
    let questions = registries.all_questions(parts).map_err(cannot_ask)?;
    if !questions.is_empty() && run.global.offline {
        let mut clients: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
        clients.sort_unstable();
        clients.dedup();
        return Err(report.cannot_ask(Problem::new(
            format!(
                "the lockfiles need what registries say of {}, and with `--offline` no registry is asked",
                clients.join(", ")
            ),
            "leave it out; `release post` does main's part alone with `--only main`",
        )));
    }
    let limit = run.registries.wait.unwrap_or(Duration::ZERO);
    let answers = registries.wait(run.global, &questions, limit, interrupt);
    if interrupt.happened() {
        return Err(anyhow::anyhow!("interrupted: nothing was changed").into());
    }
    report.answers(&answers);
    match verdict(&answers) {
        Some(outcome) => Err(report.unpublished(&answers, outcome)),
        None => Ok((registries, answers)),
    }
}

/// Edits the files of every part, and gives back those whose edits are not known.
fn edit_all(
    report: &Report<'_>,
    interrupt: &Interrupt,
    parts: &mut [Part],
    http: Option<&Http>,
    answers: &[Answered],
) -> Result<Vec<Left>> {
    // Both kinds of lockfiles are large; each is worked on by itself.
    let open: Vec<(&Branch, &Job)> =
        branches(parts).flat_map(|branch| branch.open_jobs().map(move |job| (branch, job))).collect();
    let solve_one = |(branch, job): &(&Branch, &Job)| match report.run.registries.with_tools
        && !matches!(job.lock, LockRef::Range(_))
    {
        true => Err(NotNative::new("asked for with `--with-tools`").into()),
        false => edit(http, answers, branch, job),
    };
    let mut edited = interrupt.harmless(|| at_once(&open, solve_one)).into_iter();
    let mut left: Vec<Left> = Vec::new();
    for (at, part) in parts.iter_mut().enumerate() {
        let Ok(branch) = &part.branch else { continue };
        part.files = branch.manifest_files().to_vec();
        part.sites = branch.manifests.iter().flat_map(|plan| plan.sites.clone()).collect();
        for (job, edited) in branch.open_jobs().zip(edited.by_ref()) {
            let help = "nothing was changed; try again, or `--with-tools`";
            match edited {
                Ok((files, sites)) => {
                    part.files.extend(files);
                    part.sites.extend(sites);
                }
                Err(Unedited::ByTool(reason)) => {
                    left.push(Left { part: at, job: job.clone(), reason: reason.to_string() });
                }
                Err(Unedited::Unknown(failure)) => {
                    return Err(report.cannot_ask(Problem::new(failure.to_string(), help)));
                }
            }
        }
    }
    Ok(left)
}

/// Writes or commits what was asked for.
pub(super) fn carry_out(
    report: &Report<'_>,
    interrupt: &Interrupt,
    parts: &mut [Part],
    lock: Option<&Lock>,
) -> Result<Outcome> {
    let Report { run, .. } = report;
    if parts.iter().all(|part| part.is_done() && part.to_tag().is_none()) {
        return report.nothing_to_do(parts);
    }
    if run.global.dry_run || !(run.commit.commit || run.writes()) {
        return report.planned(parts);
    }
    if run.writes() {
        write_all(report, interrupt, parts)?;
        return report.written(parts);
    }
    let lock = lock.context("the repository is not locked; this is a defect of this tool")?;
    commit_all(report, interrupt, parts, lock)?;
    report.committed(parts)
}

/// Writes the lockfiles of the checkout.
fn write_all(report: &Report<'_>, interrupt: &Interrupt, parts: &[Part]) -> Result<()> {
    let repository = report.observed.repository;
    for part in parts {
        if let Some(problem) = planned::unseen(repository, &part.files)? {
            return Err(report.stop(Stop::problem(problem)));
        }
        let (root, state) = (&repository.location.root, repository.state_dir());
        write::write_files(root, &state, "the lockfiles", &part.files, interrupt)?;
    }
    Ok(())
}

/// Commits the parts, and tags main's commit where a development tag is wanted.
fn commit_all(report: &Report<'_>, interrupt: &Interrupt, parts: &mut [Part], lock: &Lock) -> Result<()> {
    let Report { run, observed, .. } = report;
    let messages: Vec<String> = parts.iter().map(|part| title(run.command, part)).collect();
    let mut pieces = Vec::new();
    for (part, message) in parts.iter().zip(&messages).filter(|(part, _)| !part.is_done()) {
        let (Some(target), Some(base)) = (&part.target, &part.base) else { continue };
        let new_tag = part.tag.as_ref().filter(|tag| target.is_direct() && tag.state == State::Later);
        pieces.push(Piece {
            message,
            files: &part.files,
            base,
            branch: &target.goes_to,
            expected: target.now.as_deref(),
            cut: None,
            tag: new_tag.map(|tag| tag.name.as_str()),
        });
    }
    let request = commit::Request { signoff: run.commit.signoff, interrupt, reason: "xtask: follow a release" };
    let commits = match commit::elsewhere(observed.repository, lock, &request, &pieces)? {
        Committed::Made(commits) => commits,
        Committed::Refused { hook, ids } => return Err(report.hook_refused(hook.as_deref(), &ids)),
        Committed::Departed(problem) => return Err(report.commit_refused(problem)),
    };
    // Those that are there already.
    for (name, commit) in parts.iter().filter_map(Part::to_tag) {
        commit::tag(&observed.repository.git, name, commit)?;
    }
    let changed = parts.iter_mut().filter(|part| !part.is_done() && part.target.is_some());
    for (part, commit) in changed.zip(commits) {
        let is_direct = part.target.as_ref().is_some_and(Target::is_direct);
        if let Some(tag) = part.tag.as_mut().filter(|tag| is_direct && tag.state == State::Later) {
            tag.state = State::On(commit.clone());
        }
        part.commit = Some(commit);
    }
    Ok(())
}
