//! `release version`: what a build of a commit is called, and where it goes.

pub(super) mod build;
mod json;
mod main_history;
mod observe;
mod plan_tags;
mod report;
mod scm;
mod scratch;
mod show;

use crate::Outcome;
use crate::checkout::{Checkout, Intent};
use crate::cli::{Global, Naming};
use crate::commands::version::show::{Answer, refused, show};
use crate::remote;
use crate::stop::Result;
use observe::Scene;
pub(crate) use plan_tags::{BranchRow, Named, TagPlan};
pub(crate) use scm::ScmRow;

/// Answers.
pub(super) fn run(global: &Global, naming: &Naming) -> Result<Outcome> {
    let checkout = Checkout::open(global, Intent::Read)?;
    let remote = if global.fetch { fetched(&checkout)? } else { None };
    let scene = Scene::observe(&checkout)?;
    let (question, answer) = if let Some(package) = &naming.scm {
        ("scm", scm::answer(&scene, package, naming).map(Answer::Scm))
    } else if naming.plan_tags {
        ("plan-tags", plan_tags::answer(&scene, naming, remote.as_deref()).map(Answer::Plan))
    } else if naming.report {
        ("report", report::answer(&scene, naming).map(Answer::Report))
    } else {
        ("build", build::answer(&scene, naming).map(Answer::Build))
    };
    let answer = answer.map_err(|stop| refused(global, question, stop))?;
    show(global, question, &answer);
    if let (Answer::Build(named), true) = (&answer, naming.github_output) {
        build::github_output(global, named)?;
    }
    Ok(if answer.is_whole() { Outcome::Done } else { Outcome::Refused })
}

/// Fetches from the remote that main follows, else the first.
fn fetched(checkout: &Checkout) -> Result<Option<String>> {
    let Checkout { repository, config, .. } = checkout;
    let remote = repository.git.remotes()?.into_iter().next();
    if let Some(remote) = &remote {
        remote::fetch(&repository.git, config, remote)?;
    }
    Ok(remote)
}
