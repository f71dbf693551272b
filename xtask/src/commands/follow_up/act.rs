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
use crate::commands::registries::{Asker, Registries};
use crate::effects::commit::{self, Committed, Piece};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::planned;
use crate::effects::write;
use crate::output::follow_up::{Command, Report, title};
use crate::registry::at_once;
use anyhow::bail;
use release_core::lockfile::NotNative;
use release_core::plan::targets;
use release_core::problem::Problem;
use std::collections::BTreeMap;
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
    let mut answers = Vec::new();
    let mut registries = None;
    let branch = parts.first().map(|part| part.name.clone());
    if has_needs {
        let asked = Registries::new(Asker {
            global: run.global,
            flags: &run.registries.ask,
            repository: observed.repository,
            config: &observed.config,
            branch: branch.as_deref(),
        });
        let questions = asked.as_ref().map_err(Clone::clone).and_then(|registries| registries.all_questions(parts));
        let (asked, questions) = match (asked, questions) {
            (Ok(asked), Ok(questions)) => (asked, questions),
            (Err(reason), _) | (_, Err(reason)) => {
                let help = "nothing was changed; `release post` does main's part alone with `--only main`";
                return Ok(Solved::No(report.cannot_ask(&[Problem::new(reason, help)])));
            }
        };
        if !questions.is_empty() && run.global.offline {
            let mut clients: Vec<&str> = questions.iter().map(|question| question.name.as_str()).collect();
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
        answers = asked.wait(run.global, &questions, limit, interrupt);
        if interrupt.happened() {
            bail!("interrupted: nothing was changed");
        }
        report.answers(&answers);
        if let Some(outcome) = verdict(&answers) {
            return Ok(Solved::No(report.unpublished(&answers, outcome)));
        }
        registries = Some(asked);
    }
    // Both kinds of lockfiles are large; each is worked on by itself.
    let open: Vec<(&Branch, &Job)> = parts
        .iter()
        .filter_map(|part| part.branch.as_ref().ok())
        .flat_map(|branch| branch.jobs.iter().filter(|job| !job.is_right()).map(move |job| (branch, job)))
        .collect();
    let http = registries.as_ref().map(|registries| &registries.http);
    let solve_one = |(branch, job): &(&Branch, &Job)| match run.registries.with_tools {
        true => Ok(Err(NotNative::new("asked for with `--with-tools`"))),
        false => edit(http, &answers, branch, job),
    };
    let edited = interrupt.harmless(|| at_once(&open, solve_one));
    let mut edited = edited.into_iter();
    let mut left: Vec<Left> = Vec::new();
    for (at, part) in parts.iter_mut().enumerate() {
        let Ok(branch) = &part.branch else { continue };
        part.files = branch.manifest_files().to_vec();
        part.sites = branch.manifests.iter().flat_map(|plan| plan.sites.clone()).collect();
        for (job, edited) in branch.jobs.iter().filter(|job| !job.is_right()).zip(edited.by_ref()) {
            match edited {
                Ok(Ok((files, sites))) => {
                    part.files.extend(files);
                    part.sites.extend(sites);
                }
                Ok(Err(reason)) => left.push(Left { part: at, job: job.clone(), reason: reason.to_string() }),
                Err(failure) => {
                    let help = "nothing was changed; try again, or `--with-tools`";
                    return Ok(Solved::No(report.cannot_ask(&[Problem::new(failure.to_string(), help)])));
                }
            }
        }
    }
    if let (false, Some(registries)) = (left.is_empty(), &registries) {
        let place = Around { observed, registries, interrupt };
        if let Err((problems, texts)) = by_tool::solve(run, &place, parts, &left, lock)? {
            return Ok(Solved::No(report.refuse(&problems, &texts)));
        }
    }
    for part in parts {
        part.files.sort_by(|a, b| a.path.cmp(&b.path));
        part.sites.sort_by(|a, b| (&a.path, a.span.start).cmp(&(&b.path, b.span.start)));
    }
    Ok(Solved::Yes)
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
                return Ok(report.refuse(&[problem], &BTreeMap::new()));
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
