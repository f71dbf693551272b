//! Tables: lines, finals, tags.

use super::super::observed::Audited;
use super::super::report::{Counts, hours};
use super::escape::{escaped, id};
use super::layout::cut;
use super::page::Page;
use super::picture;
use release_checks::past::{day, policies};
use release_core::history::{LineHistory, Window};
use release_core::plan::preconditions::short;
use release_core::text::count;
use std::collections::BTreeMap;

/// A number of a table.
fn cell(number: usize, class: &str) -> String {
    let (class, shown) = if number == 0 { ("zero", "–".to_owned()) } else { (class, number.to_string()) };
    format!("<td class=\"number {class}\">{shown}</td>")
}

fn section(id: &str, heading: &str, caption: &str, head: &[(&str, &str)], rows: &str) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let head: String = head
        .iter()
        .map(|(name, class)| match *class {
            "" => format!("<th scope=\"col\">{name}</th>"),
            class => format!("<th scope=\"col\" class=\"{class}\">{name}</th>"),
        })
        .collect();
    format!(
        "<section aria-labelledby=\"{id}\">\n<h2 id=\"{id}\">{heading}</h2>\n<table class=\"{id}\">\n<caption>{caption}</caption>\n\
         <thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
    )
}

/// A tag's name, which leads to its findings where it was audited.
fn linked(page: &Page<'_>, tag: &str, shown: &str) -> String {
    match page.audited(tag) {
        Some(_) => format!("<a href=\"#{}\">{}</a>", id(tag), escaped(shown)),
        None => escaped(shown),
    }
}

/// The tags, the newest first.
pub(super) fn tags(page: &Page<'_>) -> String {
    let row = |(place, audited): (usize, &Audited)| {
        let name = format!("<th scope=\"row\">{}</th>", linked(page, &audited.tag.name, &audited.tag.name));
        let date = format!("<td class=\"date\">{}</td>", day(audited.tag.time));
        if audited.checked.is_err() {
            return format!(
                "<tr>{name}{date}<td class=\"error\" colspan=\"3\">cannot be checked</td><td class=\"wide\"></td></tr>\n"
            );
        }
        let counts = Counts::of(page.diagnostics(place));
        // A rule whose findings here are all known is marked as they are.
        let mut rules: BTreeMap<&str, bool> = BTreeMap::new();
        for diagnostic in page.diagnostics(place) {
            *rules.entry(diagnostic.rule).or_insert(true) &= diagnostic.finding.in_flight;
        }
        let rule = |(rule, is_known): (&str, bool)| match is_known {
            true => format!("<code class=\"known\">{rule} (known)</code>"),
            false => format!("<code>{rule}</code>"),
        };
        format!(
            "<tr>{name}{date}{}{}{}<td class=\"wide\">{}</td></tr>\n",
            cell(counts.errors, "error"),
            cell(counts.warnings, "warn"),
            cell(counts.known, "known"),
            rules.into_iter().map(rule).collect::<Vec<_>>().join(", ")
        )
    };
    let rows: String = page.report.audited.iter().enumerate().rev().map(row).collect();
    section(
        "tags",
        "Tags",
        "What was found at each tag, the newest first, with what the rules over the past say of it",
        &[
            ("tag", ""),
            ("date", ""),
            ("<abbr title=\"errors\">err.</abbr>", "number"),
            ("<abbr title=\"warnings\">warn.</abbr>", "number"),
            ("known", "number"),
            ("rules", "wide"),
        ],
        &rows,
    )
}

/// The state of each line, the highest first.
pub(super) fn lines(page: &Page<'_>) -> String {
    let observed = page.report.observed;
    let timeline = &observed.timeline;
    let row = |line: &LineHistory| {
        let fixes = line.unreleased.as_ref().map_or(0, |unreleased| unreleased.fixes(timeline).count());
        let class = if line.ended.is_some() { "warn" } else { "error" };
        let state = match line.ended {
            Some((time, by)) => format!("{}, {} ({by})", picture::state(line), day(time)),
            None => picture::state(line).to_owned(),
        };
        let last = line.releases.iter().rfind(|tagged| !tagged.release.is_candidate());
        let branch = match timeline.tip(&line.branch) {
            Some(tip) => format!("<bdi>{}</bdi> at <code>{}</code>", escaped(&cut(&line.branch, 300.0)), short(tip)),
            None => "no branch".to_owned(),
        };
        format!(
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{state}</td><td>{}</td>{}<td class=\"wide\">{branch}</td></tr>\n",
            line.line,
            line.opened.map_or_else(|| "–".to_owned(), day),
            last.map_or_else(|| "–".to_owned(), |tagged| linked(page, &tagged.tag.name, &tagged.release.to_string())),
            cell(fixes, class)
        )
    };
    let rows: String = timeline.lines().iter().rev().map(row).collect();
    let kept = count(observed.config.maintained_lines, "minor");
    section(
        "lines",
        "Lines",
        &format!(
            "When each was opened and ended, and the fixes that no release of it has; the last {kept} with a final {} maintained",
            if observed.config.maintained_lines == 1 { "is" } else { "are" }
        ),
        &[("line", ""), ("since", ""), ("state", ""), ("last final", ""), ("fixes", "number"), ("branch", "wide")],
        &rows,
    )
}

/// A length of time as it is read at a glance.
fn long(seconds: i64) -> String {
    if seconds.abs() < 48 * 3_600 {
        format!("{:.1} h", hours(seconds))
    } else {
        format!("{:.1} days", seconds as f64 / 86_400.0)
    }
}

/// The testing windows of the finals, the newest version first.
pub(super) fn finals(page: &Page<'_>) -> String {
    let observed = page.report.observed;
    let policy = policies(&observed.timeline, observed.config);
    let row = |window: &Window| {
        let policy = policy(window.release.kind());
        let days = policy.testing_days.0;
        let is_short = window.from_first.is_some_and(|time| time < i64::from(days) * 86_400);
        let time = |seconds: Option<i64>, is_short: bool| match seconds {
            Some(seconds) if is_short => {
                format!(
                    "<td class=\"number error\">{} <small>of {}</small></td>",
                    long(seconds),
                    count(days as usize, "day")
                )
            }
            Some(seconds) => format!("<td class=\"number\">{}</td>", long(seconds)),
            None => "<td class=\"number zero\">–</td>".to_owned(),
        };
        let there = window.candidates.len();
        let candidates = match there < policy.candidates as usize {
            true => format!("<td class=\"number error\">{there} <small>of {}</small></td>", policy.candidates),
            false => cell(there, ""),
        };
        let tag = observed.config.tag.tag(window.release);
        let name = linked(page, &tag, &window.release.to_string());
        let date = observed.timeline.tags.iter().find(|known| known.name == tag).map(|tag| day(tag.time));
        format!(
            "<tr><th scope=\"row\">{name}</th><td class=\"date\">{}</td><td class=\"wide\">{}</td>{candidates}{}{}</tr>\n",
            date.unwrap_or_default(),
            window.release.kind(),
            time(window.from_first, is_short),
            time(window.from_last, false)
        )
    };
    let rows: String = observed.timeline.windows().iter().rev().map(row).collect();
    section(
        "finals",
        "Finals and their testing windows",
        "Candidates of each final, and the time from its first and its last candidate; what is less than policy asks for is red, with what it asks for",
        &[
            ("final", ""),
            ("date", ""),
            ("kind", "wide"),
            ("<abbr title=\"candidates\">cand.</abbr>", "number"),
            ("since first", "number"),
            ("since last", "number"),
        ],
        &rows,
    )
}
