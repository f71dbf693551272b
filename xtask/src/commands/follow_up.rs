//! `release post` and `release relock`: what follows a published release.

mod act;
pub(crate) mod branch;
mod by_tool;
mod native;
pub(crate) mod observe;
pub(crate) mod part;
pub(crate) mod publish;
pub(crate) mod tag;

use crate::Outcome;
use crate::cli::{self, CommitFlags, Global, Post, RegistryFlags, Relock};
use crate::effects::interrupt::Interrupt;
use crate::effects::lock::Lock;
use crate::effects::write;
use crate::output;
use crate::output::follow_up::{Command, Report};
use crate::world::Repository;
use branch::{Aim, Texts};
use observe::{Observed, observe};
use part::{Part, Read, Role};
use release_core::history::Refs;
use release_core::manifest::requirement::canonical_name;
use release_core::monorepo::Config;
use release_core::plan::relock::Wanted;
use release_core::problem::Problem;
use release_core::version::{Release, Version};
use std::time::Duration;

/// What both commands share once their words are read.
struct Run<'a> {
    global: &'a Global,
    commit: &'a CommitFlags,
    registries: &'a RegistryFlags,
    command: Command,
}

/// Reads the release of `post`.
pub(super) fn release(text: &str) -> Result<Release, Problem> {
    let release = Release::parse(text).map_err(|error| Problem::new(error.to_string(), ""))?;
    match release.is_candidate() {
        true => Err(Problem::new(
            format!("{release} is a candidate, which nothing follows: main and the lockfiles stay as they are"),
            format!("`cargo xtask release post {}`, once that is published", release.base()),
        )),
        false => Ok(release),
    }
}

/// Makes the edits that follow a release.
pub(super) fn post(global: &Global, post: &Post, release: Release) -> anyhow::Result<Outcome> {
    let run = Run { global, commit: &post.commit, registries: &post.registries, command: Command::Post(release) };
    in_repository(&run, |repository, config| {
        let (line, main) = (config.branch.branch(release.line()), config.main.clone());
        let wants = |part| post.only.is_none_or(|only| only == part);
        let branches = [(cli::Part::Line, line), (cli::Part::Main, main)].into_iter();
        let branches = branches.filter(|(part, _)| wants(*part)).map(|(_, branch)| branch).collect();
        let observed = observe(global, repository, config, |_| branches, Some(release))?;
        let mut parts = Parts::default();
        // Without its tag nothing is known of a release.
        if observed.problems.is_empty() {
            if wants(cli::Part::Line) {
                parts.add(part::line(&observed, release, post.commit.direct)?);
            }
            if wants(cli::Part::Main) {
                parts.add(part::main(&observed, release, post.commit.direct)?);
            }
        }
        Ok((observed, parts))
    })
}

/// The client and version of `relock CLIENT==X.Y.Z`.
pub(super) fn client(text: &str) -> Result<Wanted, Problem> {
    let problem = |message: String| Problem::new(message, "write `CLIENT==X.Y.Z`, such as `meadow-client==0.4.5`");
    let (name, version) =
        text.split_once("==").ok_or_else(|| problem(format!("`{text}` names no version of a client")))?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.trim().is_empty() || !name.trim().chars().all(is_name) {
        return Err(problem(format!("`{}` is not the name of a package", name.trim())));
    }
    let version = Version::parse(version.trim()).map_err(|error| problem(error.to_string()))?;
    Ok(Wanted { client: canonical_name(name.trim()), version })
}

/// Brings lockfiles to a client's version.
pub(super) fn relock(global: &Global, relock: &Relock, client: Option<&Wanted>) -> anyhow::Result<Outcome> {
    let command = Command::Relock { writes: relock.write };
    let run = Run { global, commit: &relock.commit, registries: &relock.registries, command };
    in_repository(&run, |repository, config| {
        let name = |refs: &Refs| {
            let current = || refs.current().map(|branch| branch.name.clone());
            relock.branch.clone().or_else(current)
        };
        let observed = observe(global, repository, config, |refs| name(refs).into_iter().collect(), None)?;
        let name = name(&observed.refs);
        let mut parts = Parts::default();
        let release = name.as_ref().and_then(|name| {
            // On a line the last final is what is published; elsewhere the pins have to say.
            let line = observed.config.branch.line(name)?;
            observed.history.last_final(line)
        });
        let aim = Aim::Locks { otherwise: release, client };
        match (&name, relock.write) {
            (_, true) => {
                let name = name.clone().unwrap_or_else(|| "the detached head".to_owned());
                parts.add(part::checkout(&observed, &name, aim)?);
            }
            (Some(name), false) => {
                let goes_to = (!relock.commit.direct).then(|| format!("relock-{}", name.replace('/', "-")));
                parts.add(part::on_branch(&observed, Role::Locks, name, goes_to, aim)?);
            }
            (None, false) => parts.problems.push(Problem::new(
                "the head is detached, so there is no branch whose lockfiles are meant",
                "name one with `--branch NAME`, or edit the checkout's with `--write`",
            )),
        }
        Ok((observed, parts))
    })
}

/// Parts, and what stands in the way of some.
#[derive(Default)]
struct Parts {
    parts: Vec<Part>,
    problems: Vec<Problem>,
    texts: Texts,
}

impl Parts {
    fn add(&mut self, read: Read) {
        match read {
            Ok(part) => self.parts.push(part),
            Err((problems, texts)) => {
                self.problems.extend(problems);
                // Two branches may have the same file with other text; the first one with a problem is shown.
                for (path, text) in texts {
                    self.texts.entry(path).or_insert(text);
                }
            }
        }
    }
}

/// Opens the repository, takes back what an interrupted run left, and goes on from what `read` finds.
fn in_repository(
    run: &Run<'_>,
    read: impl FnOnce(&Repository, Config) -> anyhow::Result<(Observed<'_>, Parts)>,
) -> anyhow::Result<Outcome> {
    let repository = Repository::open(run.global)?;
    let outcome = opened(run, &repository, read);
    if run.global.verbose > 1 {
        output::note(&repository.cost());
    }
    outcome
}

fn opened(
    run: &Run<'_>,
    repository: &Repository,
    read: impl FnOnce(&Repository, Config) -> anyhow::Result<(Observed<'_>, Parts)>,
) -> anyhow::Result<Outcome> {
    let Run { global, .. } = run;
    let writes = (run.commit.commit || run.command.writes()) && !global.dry_run;
    let mut lock = if writes { Some(Lock::take(repository)?) } else { None };
    let unfinished = match run.command.writes() {
        true => write::recover(global, &repository.location.root, &repository.state_dir())?,
        false => None,
    };
    let config = match repository.config(global)? {
        Ok(config) => config,
        Err(unreadable) => {
            output::unreadable(&unreadable);
            return Ok(Outcome::Usage);
        }
    };
    let (observed, Parts { mut parts, mut problems, texts }) = read(repository, config)?;
    problems.splice(0..0, unfinished.into_iter().chain(observed.problems.iter().cloned()));
    let mut report = Report::new(global, repository, run.command, &observed.config, run.commit);
    if problems.is_empty() {
        problems.extend(act::check(run.commit, &observed, &mut parts, run.command)?);
    }
    if !problems.is_empty() {
        return Ok(report.refuse(&problems, &texts));
    }
    report.header(&parts, &observed.remote);
    let interrupt = Interrupt::watch()?;
    let limit = run.registries.wait.unwrap_or(Duration::ZERO);
    match act::solve(run, &observed, &mut parts, &mut lock, &interrupt, limit, &mut report)? {
        act::Solved::Yes => {}
        act::Solved::No(outcome) => return Ok(outcome),
    }
    report.parts(&parts);
    act::carry_out(run, &observed, &mut parts, lock.as_ref(), &interrupt, &mut report)
}
