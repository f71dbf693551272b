//! The answers of `release version` as text: the version or the table on stdout, what explains it on stderr.

use super::answer::{Answer, BranchRow, Named, NamedBuild, Reported, ScmRow, TagPlan};
use crate::cli::Global;
use crate::output::{complain, data, lines, say};
use release_core::plan::preconditions::short;
use std::fmt::Write as _;

/// Shows an answer as text.
pub(super) fn show(global: &Global, answer: &Answer) {
    match answer {
        Answer::Build(named) => build(global, named),
        Answer::Scm(rows) => scm(global, rows),
        Answer::Plan(plan) => lines(&plan_text(plan)),
        Answer::Report(reported) => lines(&report_text(reported)),
    }
}

/// The version alone on stdout, so that `$(cargo xtask release version)` is one.
fn build(global: &Global, named: &NamedBuild) {
    data(&format!("{}\n", named.version));
    let or_none = |text: &str| if text.is_empty() { "none".to_owned() } else { text.to_owned() };
    let lines = [
        ("mode", Some(format!("{} ({})", named.mode, named.chosen))),
        ("forced", named.forced.clone()),
        ("commit", Some(short(&named.commit).to_owned())),
        ("day", named.date.clone()),
        ("npm", Some(named.npm_version.clone())),
        ("index", Some(or_none(named.index.unwrap_or_default()))),
        ("npm tag", Some(or_none(named.npm_tag.as_deref().unwrap_or_default()))),
        ("container tags", Some(or_none(&named.container_tags.join(", ")))),
        ("publish", Some(if named.publish { "yes" } else { "no" }.to_owned())),
    ];
    for (name, value) in lines.into_iter().filter_map(|(name, value)| Some((name, value?))) {
        say(global, &format!("  {name:<15} {value}"));
    }
}

/// One package: its version alone; several: a line each.
fn scm(global: &Global, rows: &[ScmRow]) {
    let width = rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
    for ScmRow { name, path, version, origin, error, notes, .. } in rows {
        for note in notes {
            complain(&format!("{path}: {note}"));
        }
        if let Some(error) = error {
            complain(&format!("{path}: {error}"));
        }
        let Some(version) = version else { continue };
        match rows.len() {
            1 => data(&format!("{version}\n")),
            _ => data(&format!("{name:<width$}  {version}\n")),
        }
        let why = match origin.as_deref().unwrap_or_default() {
            "static" => "a static version: setuptools-scm is not asked",
            origin => origin,
        };
        say(global, &format!("  {path}: {why}"));
    }
}

/// One of the ways in which a branch is called.
type Way = fn(&BranchRow) -> &Named;

fn plan_text(plan: &TagPlan) -> String {
    let mut text = format!("tags that begin a development on {}\n", plan.main);
    // Writing to a string cannot fail.
    for tag in &plan.tags {
        let state = match (tag.state, &tag.is_on) {
            ("missing", _) if tag.decides => "missing: it decides what today's builds are called".to_owned(),
            ("missing", _) => "missing: only builds of older commits would use it".to_owned(),
            ("misplaced", Some(other)) => format!("on {} instead", short(other)),
            (state, _) => state.to_owned(),
        };
        let _ = writeln!(text, "  {:<14} {}  {state}", tag.name, short(&tag.commit));
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
    let width = plan.branches.iter().map(|row| row.name.len()).max().unwrap_or_default();
    for (way, of) in ways {
        let _ = writeln!(text, "  {way}");
        for row in &plan.branches {
            let named = of(row);
            let version = named.version.as_deref().map_or("-", |version| version.split('+').next().unwrap_or(version));
            let tag = named.tag.as_ref().map_or(String::new(), |tag| format!(" (from {tag})"));
            let _ = writeln!(text, "    {:<width$}  {version:<14} {}{tag}", row.name, named.verdict);
        }
    }
    let TagPlan { main, unseen_tags: unseen, release_tags: all, .. } = plan;
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
        let from = short(&run.from);
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
