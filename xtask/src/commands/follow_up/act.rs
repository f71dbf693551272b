//! Solves the lockfiles, by edits where these are known and by npm and uv where that was asked for, and carries everything out.

use super::branch::{Branch, Job};
use super::by_tool::{Around, Left};
use super::native::edit;
use super::observe::Observed;
use super::part::{Part, Role};
use super::publish::verdict;
use super::tag::{self, DevTag, State};
use super::{Run, by_tool, part};
use crate::Outcome;
use crate::cli::CommitFlags;
use crate::commands::follow_up::show::{Command, Report, title};
use crate::commands::registries::{Asker, Registries};
use crate::effects::commit::{self, Committed, Piece};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::planned;
use crate::effects::write;
use crate::registry::{Answered, at_once};
use crate::stop::{Result, Stop, Texts};
use anyhow::Context as _;
use release_core::lockfile::NotNative;
use release_core::plan::targets;
use release_core::problem::Problem;
use std::time::Duration;

/// What stands against the parts, now that all of them are known; finds the development tag too.
pub(super) fn check(
    flags: &CommitFlags,
    observed: &Observed<'_>,
    parts: &mut [Part],
    command: Command,
) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for part in parts {
        let lacks = part.branch.as_ref().is_ok_and(|branch| !branch.is_right());
        if let Some(target) = part.target.as_ref().filter(|_| flags.commit && lacks) {
            problems.extend(targets::checked_out(&observed.refs, target));
            let branch = format!("refs/heads/{}", target.goes_to);
            problems.extend(commit::locked(observed.repository, false, [branch]));
        }
        if let (Role::Main, Command::Post(release)) = (part.role, command) {
            match tag::development(observed, part, release) {
                Ok(found) => part.tag = found,
                Err(stop) => problems.extend(stop.refusal()?.problems),
            }
        }
    }
    Ok(problems)
}

/// The surroundings in which every file is solved: what was observed, and what is said of it.
pub(super) struct Solving<'a> {
    pub(super) run: &'a Run<'a>,
    pub(super) observed: &'a Observed<'a>,
    pub(super) interrupt: &'a Interrupt,
    pub(super) report: &'a Report<'a>,
}

/// Finds the new text of every file.
pub(super) fn solve(solving: &Solving<'_>, parts: &mut [Part], lock: &mut Option<Lock>) -> Result<()> {
    let Solving { run, observed, interrupt, report } = solving;
    let needs = |branch: &Branch| branch.jobs.iter().any(|job| !job.is_right());
    let has_needs = parts.iter().any(|part| part.branch.as_ref().is_ok_and(needs));
    let branch = parts.first().map(|part| part.name.clone());
    let (registries, answers) = match has_needs {
        true => ask(solving, parts, branch.as_deref()).map(|(registries, answers)| (Some(registries), answers))?,
        false => (None, Vec::new()),
    };
    let left = edit_all(solving, parts, registries.as_ref(), &answers)?;
    if let (false, Some(registries)) = (left.is_empty(), &registries) {
        let place = Around { observed, registries, interrupt };
        by_tool::solve(run, &place, parts, &left, lock).map_err(|stop| report.stop(stop))?;
    }
    for part in parts {
        part.files.sort_by(|a, b| a.path.cmp(&b.path));
        part.sites.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    }
    Ok(())
}

/// Asks the registries whether the clients are published, and what there is to lock of them.
fn ask<'a>(solving: &Solving<'a>, parts: &[Part], branch: Option<&'a str>) -> Result<(Registries<'a>, Vec<Answered>)> {
    let Solving { run, observed, interrupt, report } = solving;
    let asked = Registries::new(Asker {
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
    let asked = asked.map_err(cannot_ask)?;
    let questions = asked.all_questions(parts).map_err(cannot_ask)?;
    if !questions.is_empty() && run.global.offline {
        let mut clients: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
        clients.sort_unstable();
        clients.dedup();
        return Err(report.cannot_ask(Problem::new(
            format!("the lockfiles need what registries say of {}, and `--offline` asks nobody", clients.join(", ")),
            "leave it out; `release post` does main's part alone with `--only main`",
        )));
    }
    let limit = run.registries.wait.unwrap_or(Duration::ZERO);
    let answers = asked.wait(run.global, &questions, limit, interrupt);
    if interrupt.happened() {
        return Err(anyhow::anyhow!("interrupted: nothing was changed").into());
    }
    report.answers(&answers);
    match verdict(&answers) {
        Some(outcome) => Err(report.unpublished(&answers, outcome)),
        None => Ok((asked, answers)),
    }
}

/// Edits the files of every part, and gives back those whose edits are not known.
fn edit_all(
    solving: &Solving<'_>,
    parts: &mut [Part],
    registries: Option<&Registries<'_>>,
    answers: &[Answered],
) -> Result<Vec<Left>> {
    let Solving { run, interrupt, report, .. } = solving;
    // Both kinds of lockfiles are large; each is worked on by itself.
    let open: Vec<(&Branch, &Job)> = parts
        .iter()
        .filter_map(|part| part.branch.as_ref().ok())
        .flat_map(|branch| branch.jobs.iter().filter(|job| !job.is_right()).map(move |job| (branch, job)))
        .collect();
    let http = registries.map(|registries| &registries.http);
    let solve_one = |(branch, job): &(&Branch, &Job)| match run.registries.with_tools {
        true => Ok(Err(NotNative::new("asked for with `--with-tools`"))),
        false => edit(http, answers, branch, job),
    };
    let edited = interrupt.harmless(|| at_once(&open, solve_one));
    let mut edited = edited.into_iter();
    let mut left: Vec<Left> = Vec::new();
    for (at, part) in parts.iter_mut().enumerate() {
        let Ok(branch) = &part.branch else { continue };
        part.files = branch.manifest_files().to_vec();
        part.sites = branch.manifests.iter().flat_map(|plan| plan.sites.clone()).collect();
        for (job, edited) in branch.jobs.iter().filter(|job| !job.is_right()).zip(edited.by_ref()) {
            let help = "nothing was changed; try again, or `--with-tools`";
            match edited.map_err(|failure| report.cannot_ask(Problem::new(failure.to_string(), help)))? {
                Ok((files, sites)) => {
                    part.files.extend(files);
                    part.sites.extend(sites);
                }
                Err(reason) => left.push(Left { part: at, job: job.clone(), reason: reason.to_string() }),
            }
        }
    }
    Ok(left)
}

/// Writes or commits what was asked for.
pub(super) fn carry_out(solving: &Solving<'_>, parts: &mut [Part], lock: Option<&Lock>) -> Result<Outcome> {
    let Solving { run, observed, report, .. } = solving;
    let makes_tag = |part: &Part| matches!(part.tag, Some(DevTag { state: State::On(_), .. }));
    let is_done = parts.iter().all(|part| part.is_done() && !makes_tag(part));
    if is_done {
        return Ok(report.nothing_to_do(parts, observed));
    }
    if run.global.dry_run || !(run.commit.commit || run.command.writes()) {
        return Ok(report.planned(parts));
    }
    if run.command.writes() {
        write_all(solving, parts)?;
        return Ok(report.written(parts));
    }
    let lock = lock.context("the repository is not locked; this is a defect of this tool")?;
    commit_all(solving, parts, lock)?;
    Ok(report.committed(parts, observed))
}

/// Writes the lockfiles of the checkout.
fn write_all(solving: &Solving<'_>, parts: &[Part]) -> Result<()> {
    let Solving { observed, interrupt, report, .. } = solving;
    let repository = observed.repository;
    for part in parts {
        if let Some(problem) = planned::unseen(repository, &part.files)? {
            return Err(report.stop(Stop::refused(vec![problem], Texts::new())));
        }
        let (root, state) = (&repository.location.root, repository.state_dir());
        write::write_files(root, &state, "the lockfiles", &part.files, interrupt)?;
    }
    Ok(())
}

/// Commits the parts, and tags main's commit where a development tag is wanted.
fn commit_all(solving: &Solving<'_>, parts: &mut [Part], lock: &Lock) -> Result<()> {
    let Solving { run, observed, interrupt, report } = solving;
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
        Committed::Refused { hook, ids } => return Err(report.hook_refused(hook.as_deref(), &ids)),
        Committed::Departed(problem) => return Err(report.commit_refused(problem)),
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
    Ok(())
}
