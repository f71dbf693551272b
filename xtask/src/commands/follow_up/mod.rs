//! `release post` and `release relock`: what follows a published release.

mod act;
pub(crate) mod branch;
mod by_tool;
mod json;
mod native;
pub(crate) mod observe;
pub(crate) mod part;
pub(crate) mod publish;
pub(crate) mod run;
mod show;
pub(crate) mod tag;

use crate::Outcome;
use crate::checkout::{Checkout, Intent};
use crate::cli::{self, Global, Post, Relock};
use crate::effects::interrupt::Interrupt;
use crate::stop::{Refusal, Result, Stop, Texts};
use branch::Aim;
use observe::{Observed, observe};
use part::{Part, Role};
use release_core::history::Refs;
use release_core::plan::relock::Wanted;
use release_core::problem::Problem;
use release_core::version::Release;
use run::{Command, Run};
use show::Report;

/// Makes the edits that follow a release.
pub(super) fn post(global: &Global, post: &Post, release: Release) -> Result<Outcome> {
    let run = Run { global, commit: &post.commit, registries: &post.registries, command: Command::Post(release) };
    followed(&run, |checkout| {
        let config = &checkout.config;
        let (line, main) = (config.branch.branch(release.line()), config.main.clone());
        let wants = |part| post.only.is_none_or(|only| only == part);
        let branches = [(cli::Part::Line, line), (cli::Part::Main, main)].into_iter();
        let branches = branches.filter(|(part, _)| wants(*part)).map(|(_, branch)| branch).collect();
        let observed = observe(global, checkout, |_| branches, Some(release))?;
        let mut parts = Parts::default();
        // Without its tag nothing is known of a release.
        if observed.problems.is_empty() {
            if wants(cli::Part::Line) {
                parts.add(part::line(&observed, release, post.commit.direct))?;
            }
            if wants(cli::Part::Main) {
                parts.add(part::main(&observed, release, post.commit.direct))?;
            }
        }
        Ok((observed, parts))
    })
}

/// Brings lockfiles to a client's version.
pub(super) fn relock(global: &Global, relock: &Relock, client: Option<&Wanted>) -> Result<Outcome> {
    let command = Command::Relock { writes: relock.write };
    let run = Run { global, commit: &relock.commit, registries: &relock.registries, command };
    followed(&run, |checkout| {
        let name = |refs: &Refs| {
            let current = || refs.current().map(|branch| branch.name.clone());
            relock.branch.clone().or_else(current)
        };
        let observed = observe(global, checkout, |refs| name(refs).into_iter().collect(), None)?;
        let name = name(&observed.refs);
        let mut parts = Parts::default();
        let release = name.as_ref().and_then(|name| {
            // On a line the last final is what is published; elsewhere the pins have to say.
            let line = observed.config.branch.line(name)?;
            observed.history.last_final(line)
        });
        let aim = Aim::Locks { fallback: release, client };
        match (&name, relock.write) {
            (_, true) => {
                let name = name.clone().unwrap_or_else(|| "the detached head".to_owned());
                parts.add(part::checkout(&observed, &name, aim))?;
            }
            (Some(name), false) => {
                let goes_to = (!relock.commit.direct).then(|| format!("relock-{}", name.replace('/', "-")));
                parts.add(part::on_branch(&observed, Role::Locks, name, goes_to, aim))?;
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
    fn add(&mut self, read: Result<Part>) -> Result<()> {
        match read {
            Ok(part) => self.parts.push(part),
            Err(stop) => {
                let Refusal { problems, texts, .. } = stop.refusal()?;
                self.problems.extend(problems);
                // Two branches may have the same file with other text; the first one with a problem is shown.
                for (path, text) in texts {
                    self.texts.entry(path).or_insert(text);
                }
            }
        }
        Ok(())
    }
}

/// Opens the repository, and goes on from what `read` finds in it.
fn followed(run: &Run<'_>, read: impl FnOnce(&Checkout) -> Result<(Observed<'_>, Parts)>) -> Result<Outcome> {
    let intent = match (run.writes(), run.commit.commit) {
        (true, _) => Intent::Write,
        (false, true) => Intent::Commit,
        (false, false) => Intent::Read,
    };
    let mut checkout = Checkout::open(run.global, intent)?;
    let mut lock = checkout.lock.take();
    let (observed, Parts { mut parts, mut problems, texts }) = read(&checkout)?;
    problems.splice(0..0, checkout.unfinished.iter().chain(&observed.problems).cloned());
    let report = Report::new(run, &observed);
    if problems.is_empty() {
        problems.extend(act::check(run, &observed, &mut parts)?);
    }
    if !problems.is_empty() {
        return Err(report.stop(Stop::refused(problems, texts)));
    }
    report.header(&parts);
    let interrupt = Interrupt::watch()?;
    act::solve(&report, &interrupt, &mut parts, &mut lock)?;
    report.parts(&parts);
    act::carry_out(&report, &interrupt, &mut parts, lock.as_ref())
}
