//! What `release version` answers: the version or the table on stdout, what explains it on stderr.

use super::json;
use crate::cli::{Format, Global};
use crate::commands::version::{BranchRow, Named, ScmRow, TagPlan};
use crate::output::{data, lines, say};
use crate::stop::Stop;
use release_core::build_version::{Build, Index, Report, Standing, Verdict};
use release_core::calendar::Day;
use release_core::scm::{Origin, ScmVersion};
use std::fmt::Write as _;

/// A build, and how its name came about.
pub(crate) struct NamedBuild {
    pub(crate) build: Build,
    pub(crate) commit: String,
    /// The day that a nightly is named after.
    pub(crate) day: Option<Day>,
    /// How the mode was chosen.
    pub(crate) why: String,
}

/// A report, and what it is about.
pub(crate) struct Reported {
    pub(crate) branch: String,
    pub(crate) tip: String,
    pub(crate) since: Day,
    pub(crate) until: Day,
    pub(crate) report: Report,
}

/// An answer.
pub(crate) enum Answer {
    Build(NamedBuild),
    Scm(Vec<ScmRow>),
    Plan(TagPlan),
    Report(Reported),
}

impl Answer {
    /// Whether everything that was asked has an answer.
    pub(crate) fn is_whole(&self) -> bool {
        match self {
            Self::Scm(rows) => rows.iter().all(|row| row.fixed.is_some() || row.said.is_ok()),
            Self::Plan(plan) => plan.obstacle.is_none(),
            Self::Build(_) | Self::Report(_) => true,
        }
    }
}

/// Shows an answer.
pub(crate) fn show(global: &Global, question: &'static str, answer: &Answer) {
    if global.output_format == Some(Format::Json) {
        return json::document(question, Some(answer), &[]).print();
    }
    match answer {
        Answer::Build(named) => build(global, named),
        Answer::Scm(rows) => scm(global, rows),
        Answer::Plan(plan) => lines(&plan_text(plan)),
        Answer::Report(reported) => lines(&report_text(reported)),
    }
}

/// Tells a script that there is no answer, unless the command line makes no sense.
pub(crate) fn refused(global: &Global, question: &'static str, stop: Stop) -> Stop {
    let is_told = global.output_format == Some(Format::Json) && !stop.is_usage();
    stop.told(|problems| (None, is_told.then(|| json::document(question, None, problems))))
}

/// The outputs of a workflow, by name; lists have a line for each.
pub(crate) fn outputs(named: &NamedBuild) -> Vec<(&'static str, String)> {
    let build = &named.build;
    vec![
        ("version", build.version.to_string()),
        ("npm-version", build.version.npm()),
        ("mode", build.mode.name().to_owned()),
        ("commit", named.commit.clone()),
        ("index", build.index.map_or("none", Index::name).to_owned()),
        ("npm-tag", build.npm_tag.clone().unwrap_or_default()),
        ("container-tags", build.container_tags.join("\n")),
        ("publish", build.publishes().to_string()),
    ]
}

/// The version alone on stdout, so that `$(cargo xtask release version)` is one.
fn build(global: &Global, named: &NamedBuild) {
    let NamedBuild { build, commit, day, why } = named;
    data(&format!("{}\n", build.version));
    let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    let mut lines = vec![
        ("mode", format!("{} ({why})", build.mode.name())),
        ("commit", commit.get(..9).unwrap_or(commit).to_owned()),
        ("npm", build.version.npm()),
        ("index", build.index.map_or("none", Index::name).to_owned()),
        ("npm tag", or_none(build.npm_tag.as_deref().unwrap_or_default())),
        ("container tags", or_none(&build.container_tags.join(", "))),
        ("publish", if build.publishes() { "yes" } else { "no" }.to_owned()),
    ];
    if let Some(day) = day {
        lines.insert(2, ("day", day.to_string()));
    }
    lines.into_iter().for_each(|(name, value)| say(global, &format!("  {name:<15} {value}")));
}

/// Where a version comes from, in words.
pub(crate) fn origin(said: &ScmVersion) -> String {
    let of = match &said.origin {
        Origin::Pretended { variable } => format!("given by {variable}"),
        Origin::Tag { tag } => format!("tag {tag}"),
        Origin::NoTag => "no tag is reachable, so `fallback_version` (else 0.0) stands for one".to_owned(),
        Origin::Archival => "from .git_archival.txt".to_owned(),
        Origin::PackageInfo => "from PKG-INFO".to_owned(),
        Origin::Fallback => "`fallback_version`, as there is no repository".to_owned(),
    };
    let Some(parts) = &said.parts else { return of };
    let dirty = if parts.dirty { ", tracked files are changed" } else { "" };
    format!("{of}, distance {}{dirty}", parts.distance)
}

/// One package: its version alone; several: a line each.
fn scm(global: &Global, rows: &[ScmRow]) {
    let width = rows.iter().map(|row| row.package.len()).max().unwrap_or_default();
    for row in rows {
        let (version, why) = match (&row.fixed, &row.said) {
            (Some(fixed), _) => (fixed.clone(), "a static version: setuptools-scm is not asked".to_owned()),
            (None, Ok(said)) => (said.text.clone(), origin(said)),
            (None, Err(error)) => {
                crate::output::complain(&format!("{}: {error}", row.path));
                continue;
            }
        };
        match rows.len() {
            1 => data(&format!("{version}\n")),
            _ => data(&format!("{:<width$}  {version}\n", row.package)),
        }
        say(global, &format!("  {}: {why}", row.path));
    }
}

/// What is to be thought of a name, in words.
pub(crate) fn verdict(named: &Named) -> String {
    match (&named.version, &named.verdict) {
        (None, _) => "no tag is reachable".to_owned(),
        (Some(Err(error)), _) => error.clone(),
        (_, Some(Verdict::Right)) => "right".to_owned(),
        (_, Some(Verdict::Below(release))) => format!("below {release}, which is released"),
        (_, Some(Verdict::OtherLine)) => "of another line".to_owned(),
        (_, Some(Verdict::Unreadable) | None) => "not X.Y.Z".to_owned(),
    }
}

/// One of the ways in which a branch is called.
type Way = fn(&BranchRow) -> &Named;

fn plan_text(plan: &TagPlan) -> String {
    let mut text = format!("tags that begin a development on {}\n", plan.main);
    // Writing to a string cannot fail.
    for beginning in &plan.beginnings {
        let state = match &beginning.standing {
            Standing::There => "there".to_owned(),
            Standing::Missing if beginning.decides => "missing: it decides what today's builds are called".to_owned(),
            Standing::Missing => "missing: only builds of older commits would use it".to_owned(),
            Standing::Misplaced(other) => format!("on {} instead", other.get(..9).unwrap_or(other)),
        };
        let commit = beginning.commit.get(..9).unwrap_or(&beginning.commit);
        let _ = writeln!(text, "  {:<14} {commit}  {state}", beginning.tag);
    }
    for remark in plan.note.iter().chain(&plan.obstacle) {
        let _ = writeln!(text, "  {remark}");
    }
    let _ = writeln!(text, "\nwhat setuptools-scm calls each open branch without `fallback_version`");
    let ways: [(&str, Way); 3] = [
        ("now, and with all tags of all branches fetched", |row| &row.now),
        ("with the release branches merged into main", |row| &row.merged),
        ("with the tag of this plan", |row| &row.planned),
    ];
    let width = plan.branches.iter().map(|row| row.branch.len()).max().unwrap_or_default();
    for (way, of) in ways {
        let _ = writeln!(text, "  {way}");
        for row in &plan.branches {
            let named = of(row);
            let version = named.version.as_ref().and_then(|version| version.as_ref().ok());
            let version = version.map_or("-", |version| version.split('+').next().unwrap_or(version));
            let tag = named.tag.as_ref().map_or(String::new(), |tag| format!(" (from {tag})"));
            let _ = writeln!(text, "    {:<width$}  {version:<14} {}{tag}", row.branch, verdict(named));
        }
    }
    let (unseen, all) = plan.unseen;
    let main = &plan.main;
    let _ = write!(
        text,
        "\nfetching tags changes nothing: {unseen} of {all} tags of releases are not reachable from {main}, and `git describe` sees only those that are.\n\
         merging lasts until the next release of any line, and `git describe` takes the tag with the fewest commits in between, not the highest.\n"
    );
    for step in &plan.next {
        let _ = writeln!(text, "\n{}", step.title);
        for command in &step.commands {
            let _ = writeln!(text, "  {command}");
        }
    }
    if !plan.next.is_empty() {
        text += "\nthen `fallback_version` can go; with `dev-tag = true` in [release] of release.toml, `release post` sets the next tag.\n";
    }
    text
}

fn report_text(reported: &Reported) -> String {
    let Reported { branch, tip, since, until, report } = reported;
    let mut text = format!("{branch} at {tip}, {since} to {until}\n\n");
    // Writing to a string cannot fail.
    let _ = writeln!(
        text,
        "on {} of {} commits the tags say something else than the manifest",
        report.disagreeing, report.commits
    );
    for run in &report.disagreements {
        let by_tags = match (&run.tag, &run.by_tags) {
            (Some(tag), Some(Ok(version))) => format!("{} (from {tag})", version.split('+').next().unwrap_or(version)),
            (Some(_), Some(Err(error))) => error.clone(),
            _ => "no tag".to_owned(),
        };
        let manifest = run.by_manifest.as_deref().unwrap_or("no version");
        let from = run.from.get(..9).unwrap_or(&run.from);
        let _ = writeln!(
            text,
            "  {} to {}  {:>4} from {from}  {manifest:<12} {by_tags}",
            run.since, run.until, run.commits
        );
    }
    let days = &report.days;
    let _ = writeln!(
        text,
        "\non {} of {} days the base of a nightly was at or below a released final, as each day ended (UTC)",
        days.low, days.all
    );
    for range in &days.ranges {
        let _ =
            writeln!(text, "  {} to {}  {:<12} {} is released", range.from, range.to, range.version, range.released);
    }
    text
}
