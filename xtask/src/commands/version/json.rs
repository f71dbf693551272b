//! The answers of `release version` as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises
//! [`VERSION`].

use super::answer::{Answer, NamedBuild, Reported, ScmRow, TagPlan};
use crate::output;
use release_core::problem::Problem;
use serde::Serialize;

/// The version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    command: &'static str,
    question: &'static str,
    outcome: &'static str,
    build: Option<&'a NamedBuild>,
    packages: Option<&'a [ScmRow]>,
    plan: Option<&'a TagPlan>,
    report: Option<ReportDocument<'a>>,
    problems: &'a [Problem],
}

#[derive(Serialize)]
struct ReportDocument<'a> {
    branch: &'a str,
    commit: &'a str,
    since: String,
    until: String,
    commits: usize,
    disagreeing: usize,
    disagreements: Vec<DisagreementDocument<'a>>,
    days: usize,
    low_days: usize,
    low: Vec<LowDocument<'a>>,
}

#[derive(Serialize)]
struct DisagreementDocument<'a> {
    from: &'a str,
    since: String,
    until: String,
    commits: usize,
    tag: Option<&'a str>,
    by_tags: Option<&'a str>,
    by_manifest: Option<&'a str>,
}

#[derive(Serialize)]
struct LowDocument<'a> {
    from: String,
    to: String,
    version: &'a str,
    released: String,
}

/// Writes the document down.
pub(super) fn document(question: &'static str, answer: Option<&Answer>, problems: &[Problem]) -> output::Document {
    let mut document = Document {
        schema_version: VERSION,
        command: "version",
        question,
        outcome: if answer.is_some_and(Answer::is_whole) { "answered" } else { "refused" },
        build: None,
        packages: None,
        plan: None,
        report: None,
        problems,
    };
    match answer {
        None => {}
        Some(Answer::Build(named)) => document.build = Some(named),
        Some(Answer::Scm(rows)) => document.packages = Some(rows),
        Some(Answer::Plan(answer)) => document.plan = Some(answer),
        Some(Answer::Report(answer)) => document.report = Some(report(answer)),
    }
    output::Document::new(&document)
}

fn report(reported: &Reported) -> ReportDocument<'_> {
    let report = &reported.report;
    let disagreement = |run| {
        let run: &release_core::build_version::Disagreement = run;
        DisagreementDocument {
            from: &run.from,
            since: run.since.to_string(),
            until: run.until.to_string(),
            commits: run.commits,
            tag: run.tag.as_deref(),
            by_tags: run.by_tags.as_ref().and_then(|said| said.as_deref().ok()),
            by_manifest: run.by_manifest.as_deref(),
        }
    };
    let low = report.days.ranges.iter().map(|range| LowDocument {
        from: range.from.to_string(),
        to: range.to.to_string(),
        version: &range.version,
        released: range.released.to_string(),
    });
    ReportDocument {
        branch: &reported.branch,
        commit: &reported.tip,
        since: reported.since.to_string(),
        until: reported.until.to_string(),
        commits: report.commits,
        disagreeing: report.disagreeing,
        disagreements: report.disagreements.iter().map(disagreement).collect(),
        days: report.days.all,
        low_days: report.days.low,
        low: low.collect(),
    }
}
