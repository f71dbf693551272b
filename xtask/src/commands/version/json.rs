//! The answers of `release version` as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises
//! [`VERSION`].

use super::answer::{Answer, Reported};
use crate::output::{Document, object};
use release_core::build_version::{Disagreement, LowDays};
use release_core::problem::Problem;
use serde::Serialize;

/// The version of the format.
const VERSION: u32 = 1;

/// Writes the document down.
pub(super) fn document(question: &'static str, answer: Option<&Answer>, problems: &[Problem]) -> Document {
    let (mut build, mut packages, mut plan, mut reported) = (None, None, None, None);
    match answer {
        None => {}
        Some(Answer::Build(named)) => build = Some(named),
        Some(Answer::Scm(rows)) => packages = Some(rows),
        Some(Answer::Plan(answer)) => plan = Some(answer),
        Some(Answer::Report(answer)) => reported = Some(report(answer)),
    }
    Document::new(&object! {
        schema_version: VERSION,
        command: "version",
        question: question,
        outcome: if answer.is_some_and(Answer::is_whole) { "answered" } else { "refused" },
        build: build,
        packages: packages,
        plan: plan,
        report: reported,
        problems: problems,
    })
}

fn report(reported: &Reported) -> impl Serialize {
    let report = &reported.report;
    let disagreement = |run: &Disagreement| {
        object! {
            from: run.from.clone(),
            since: run.since.to_string(),
            until: run.until.to_string(),
            commits: run.commits,
            tag: run.tag.clone(),
            by_tags: run.by_tags.clone().and_then(Result::ok),
            by_manifest: run.by_manifest.clone(),
        }
    };
    let low = |range: &LowDays| {
        object! {
            from: range.from.to_string(),
            to: range.to.to_string(),
            version: range.version.clone(),
            released: range.released.to_string(),
        }
    };
    object! {
        branch: &reported.branch,
        commit: &reported.tip,
        since: reported.since.to_string(),
        until: reported.until.to_string(),
        commits: report.commits,
        disagreeing: report.disagreeing,
        disagreements: report.disagreements.iter().map(disagreement).collect::<Vec<_>>(),
        days: report.days.all,
        low_days: report.days.low,
        low: report.days.ranges.iter().map(low).collect::<Vec<_>>(),
    }
}
