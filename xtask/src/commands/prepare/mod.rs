//! `release patch|minor|major|rc`: every edit that a release needs before it is tagged.

mod act;
mod observe;
mod planned;
mod show;

pub(super) use observe::under_way;
pub(super) use planned::{Aim, edited, locks, looked_at, plan_tree, texts};

use act::Act;
use observe::{Observed, against_own_branch, against_upstream, early, observe, tip};
use planned::{Planned, arrived, expect, files, planned};

use crate::Outcome;
use crate::checkout::{Checkout, Intent};
use crate::cli::{Global, Prepare};
use crate::commands::prepare::show::Report;
use crate::effects::commit;
use crate::stop::{Result, Stop, Texts};
use release_core::monorepo::Config;
use release_core::plan::preconditions::{self, Place, Request, Target};
use release_core::plan::standing::ahead_of_tags;
use release_core::plan::{misnamed, own_branch};
use release_core::problem::Problem;
use release_core::version::Release;
use std::mem::take;

/// Prepares a release.
pub(super) fn run(global: &Global, prepare: &Prepare, release: Release) -> Result<Outcome> {
    let mut checkout = Checkout::open(global, Intent::Write)?;
    let lock = checkout.lock.take();
    let request = request(prepare, release, &checkout.config);
    if request.target == Target::WorkTree {
        expect(&checkout.repository)?;
    }
    let observed = observe(global, &checkout, request)?;
    let mut report = Report::new(global, &observed);
    let mut problems = against(&checkout, &observed);
    let (place, arrived) = match arrived(&observed)? {
        Some((place, planned)) => (place, Some(planned)),
        None => (place(&observed).map_err(|stop| report.stop(stop.after(take(&mut problems))))?, None),
    };
    problems.extend(against_upstream(&observed, &place)?);
    problems.extend(against_own_branch(&observed, &place)?);
    let planned = match arrived.map_or_else(|| planned(&observed, &place), Ok) {
        Ok(planned) => planned,
        Err(stop) => return Err(report.stop(stop.after(problems))),
    };
    by_tree(&mut problems, &observed, &planned, &place);
    let tip = tip(&observed, &place);
    let files = files(&observed, prepare, &place, &planned, &tip)?;
    problems.extend(files.problems);
    let is_done = planned.plan.is_done() && !place.cuts() && files.to_commit.is_empty();
    let too_early = early(&observed)?;
    let reason = prepare.early.as_deref().filter(|_| too_early.is_some());
    problems.extend(too_early.filter(|_| !is_done && reason.is_none()));
    report.early = reason;
    report.refs(&place, &tip);
    report.plan(&planned, &place);
    if !problems.is_empty() {
        return Err(report.stop(Stop::refused(problems, texts(&planned.monorepo))));
    }
    report.diff();
    let (dirty, to_commit) = (&files.dirty, &files.to_commit);
    let act =
        Act { observed: &observed, prepare, place: &place, planned: &planned, tip: &tip, reason, dirty, to_commit };
    match &lock {
        Some(lock) if !is_done => act.carry_out(lock, &mut report),
        // A dry run says what comes next as if it had committed.
        _ => Ok(report.finish(&place, is_done, &act.steps(prepare.commit && !is_done))),
    }
}

/// The request, with the branch that it goes to.
fn request(prepare: &Prepare, release: Release, config: &Config) -> Request {
    let target = match &prepare.branch {
        None if prepare.commit => Target::Line,
        None => Target::WorkTree,
        Some(_) => Target::Branch,
    };
    let named = prepare.branch.clone().filter(|name| !name.is_empty());
    let own_branch = named.unwrap_or_else(|| own_branch::name(config, release));
    Request { release, skip: prepare.skip, unmaintained: prepare.unmaintained, target, own_branch }
}

/// Corrects the answer of the tags by what the tree says: a tree at the release is done, and one that is ahead of its tags
/// shows that they are missing.
fn by_tree(problems: &mut Vec<Problem>, observed: &Observed<'_>, planned: &Planned, place: &Place) {
    let Observed { history, request, remote, .. } = observed;
    // The tags that are there say more than the tree.
    let is_read = history.others().is_none() && misnamed(request.release, history).is_none();
    let Some(by_tags) = preconditions::succession(request, history).filter(|_| is_read) else { return };
    let Some(at) = problems.iter().position(|problem| *problem == by_tags) else { return };
    if planned.plan.is_done() && !place.cuts() {
        problems.remove(at);
    } else if let Some(missing) = ahead_of_tags(&planned.monorepo, request.release, history, &remote.name) {
        problems[at] = missing;
    }
}

/// The problems that stand against the release whatever its tree holds.
fn against(checkout: &Checkout, observed: &Observed<'_>) -> Vec<Problem> {
    let Observed { repository, config, history, remote, request, .. } = observed;
    let mut problems: Vec<Problem> = checkout.unfinished.iter().cloned().collect();
    problems.extend(under_way(repository));
    problems.extend(preconditions::against(request, history, config, remote, repository.location.shallow));
    problems
}

/// The place of the edits.
fn place(observed: &Observed<'_>) -> Result<Place> {
    let Observed { repository, config, refs, remote, request, .. } = observed;
    preconditions::place(request, refs, config, remote, observed.own_tip.as_deref()).map_err(|problem| {
        // The way out is a git command, which a lock would stop.
        let locked = commit::locked(repository, true, []);
        Stop::refused(locked.into_iter().chain([problem]).collect(), Texts::new())
    })
}
