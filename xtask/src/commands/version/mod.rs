//! `release version`: what a build of a commit is called, and where it goes.

mod answer;
mod build;
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
use crate::cli::{Format, Global, Naming};
use crate::stop::Result;
use answer::Answer;
use observe::Scene;

/// Answers.
pub(super) fn run(global: &Global, naming: &Naming) -> Result<Outcome> {
    let is_json = global.output_format == Some(Format::Json);
    if let Some(package) = &naming.scm
        && let Some(rows) = scm::unpacked(global, package, naming)?
    {
        return Ok(told(global, "scm", &Answer::Scm(rows)));
    }
    let checkout = Checkout::open(global, Intent::Read)?;
    let scene = Scene::observe(&checkout)?;
    let (question, answer) = if let Some(package) = &naming.scm {
        ("scm", scm::answer(&scene, package, naming).map(Answer::Scm))
    } else if naming.plan_tags {
        ("plan-tags", plan_tags::answer(&scene, naming).map(Answer::Plan))
    } else if naming.report {
        ("report", report::answer(&scene, naming).map(Answer::Report))
    } else {
        ("build", build::answer(&scene, naming).map(Answer::Build))
    };
    let answer = answer.map_err(|stop| {
        // A command line that makes no sense has no document.
        let has_document = is_json && !stop.is_usage();
        stop.told(|problems| (None, has_document.then(|| json::document(question, None, problems))))
    })?;
    let outcome = told(global, question, &answer);
    if let (Answer::Build(named), true) = (&answer, naming.github_output) {
        build::github_output(global, named)?;
    }
    Ok(outcome)
}

/// Prints an answer, and tells whether it is whole.
fn told(global: &Global, question: &'static str, answer: &Answer) -> Outcome {
    match global.output_format == Some(Format::Json) {
        true => json::document(question, Some(answer), &[]).print(),
        false => show::show(global, answer),
    }
    if answer.is_whole() { Outcome::Done } else { Outcome::Refused }
}
