//! The answers of `release version` as JSON. The format is documented in `docs/json.md`; a change that breaks a reader raises
//! [`VERSION`].

use super::show::{Answer, NamedBuild, Reported, origin, verdict};
use crate::commands::version::{Named, ScmRow, TagPlan};
use crate::output;
use release_core::build_version::{Index, Standing};
use release_core::problem::Problem;
use release_core::train::Step;
use serde::Serialize;

/// The version of the format.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    command: &'static str,
    question: &'static str,
    outcome: &'static str,
    build: Option<BuildDocument<'a>>,
    packages: Option<Vec<PackageDocument<'a>>>,
    plan: Option<PlanDocument<'a>>,
    report: Option<ReportDocument<'a>>,
    problems: &'a [Problem],
}

#[derive(Serialize)]
struct BuildDocument<'a> {
    mode: &'static str,
    chosen: &'a str,
    commit: &'a str,
    date: Option<String>,
    version: String,
    npm_version: String,
    index: Option<&'static str>,
    npm_tag: Option<&'a str>,
    container_tags: &'a [String],
    publish: bool,
}

#[derive(Serialize)]
struct PackageDocument<'a> {
    name: &'a str,
    path: &'a str,
    version: Option<&'a str>,
    origin: Option<String>,
    base: Option<&'a str>,
    distance: Option<u64>,
    node: Option<&'a str>,
    dirty: Option<bool>,
    error: Option<&'a str>,
}

#[derive(Serialize)]
struct PlanDocument<'a> {
    main: &'a str,
    tags: Vec<TagDocument<'a>>,
    obstacle: Option<&'a str>,
    note: Option<&'a str>,
    branches: Vec<BranchDocument<'a>>,
    unseen_tags: usize,
    release_tags: usize,
    next: &'a [Step],
}

#[derive(Serialize)]
struct TagDocument<'a> {
    name: &'a str,
    commit: &'a str,
    state: &'static str,
    is_on: Option<&'a str>,
    decides: bool,
}

#[derive(Serialize)]
struct BranchDocument<'a> {
    name: &'a str,
    now: NameDocument<'a>,
    merged: NameDocument<'a>,
    planned: NameDocument<'a>,
}

#[derive(Serialize)]
struct NameDocument<'a> {
    tag: Option<&'a str>,
    version: Option<&'a str>,
    verdict: String,
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
        Some(Answer::Build(named)) => document.build = Some(build(named)),
        Some(Answer::Scm(rows)) => document.packages = Some(rows.iter().map(package).collect()),
        Some(Answer::Plan(answer)) => document.plan = Some(plan(answer)),
        Some(Answer::Report(answer)) => document.report = Some(report(answer)),
    }
    output::Document::new(&document)
}

fn build(named: &NamedBuild) -> BuildDocument<'_> {
    BuildDocument {
        mode: named.build.mode.name(),
        chosen: &named.why,
        commit: &named.commit,
        date: named.day.map(|day| day.to_string()),
        version: named.build.version.to_string(),
        npm_version: named.build.version.npm(),
        index: named.build.index.map(Index::name),
        npm_tag: named.build.npm_tag.as_deref(),
        container_tags: &named.build.container_tags,
        publish: named.build.publishes(),
    }
}

fn package(row: &ScmRow) -> PackageDocument<'_> {
    let said = row.said.as_ref().ok();
    let parts = said.and_then(|said| said.parts.as_ref());
    PackageDocument {
        name: &row.package,
        path: &row.path,
        version: row.fixed.as_deref().or_else(|| said.map(|said| said.text.as_str())),
        origin: row.fixed.as_ref().map(|_| "static".to_owned()).or_else(|| said.map(origin)),
        base: parts.map(|parts| parts.base.as_str()),
        distance: parts.map(|parts| parts.distance),
        node: parts.and_then(|parts| parts.node.as_deref()),
        dirty: parts.map(|parts| parts.dirty),
        error: row.said.as_ref().err().filter(|_| row.fixed.is_none()).map(String::as_str),
    }
}

fn plan(plan: &TagPlan) -> PlanDocument<'_> {
    let tags = plan.beginnings.iter().map(|beginning| {
        let (state, is_on) = match &beginning.standing {
            Standing::There => ("there", Some(beginning.commit.as_str())),
            Standing::Missing => ("missing", None),
            Standing::Misplaced(other) => ("misplaced", Some(other.as_str())),
        };
        TagDocument { name: &beginning.tag, commit: &beginning.commit, state, is_on, decides: beginning.decides }
    });
    let branches = plan.branches.iter().map(|row| BranchDocument {
        name: &row.branch,
        now: name(&row.now),
        merged: name(&row.merged),
        planned: name(&row.planned),
    });
    PlanDocument {
        main: &plan.main,
        tags: tags.collect(),
        obstacle: plan.obstacle.as_deref(),
        note: plan.note.as_deref(),
        branches: branches.collect(),
        unseen_tags: plan.unseen.0,
        release_tags: plan.unseen.1,
        next: &plan.next,
    }
}

fn name(named: &Named) -> NameDocument<'_> {
    let version = named.version.as_ref().and_then(|version| version.as_deref().ok());
    NameDocument { tag: named.tag.as_deref(), version, verdict: verdict(named) }
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
