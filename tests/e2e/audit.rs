//! `release audit`: on a real monorepo's past, held against the table of `check` and one of its own, and on histories that
//! the tests make.

mod baseline;
mod contents;
mod homes;
mod page;
mod past;
mod usage;

use crate::corpus_check::{cloned, findings_at_tags};
use crate::support::release;
use camino::Utf8Path;
use expect_test::expect_file;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The document of an audit that found something.
#[track_caller]
fn audited(checkout: &Utf8Path, arguments: &[&str]) -> Value {
    let run = release(checkout, &[&["audit", "--output-format", "json"], arguments].concat());
    assert!(matches!(run.code, Some(0 | 1)), "{}", run.stderr);
    serde_json::from_str(&run.stdout).expect("one document and nothing else")
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// `level[rule] | place` of a finding, the place without its column.
fn row(finding: &Value) -> String {
    let label = &finding["labels"][0];
    let place = match label["path"].as_str() {
        Some(path) => format!("{path}:{}", label["line"]),
        None => text(&finding["reference"]).to_owned(),
    };
    format!("{}[{}] | {place}", text(&finding["level"]), text(&finding["rule"]))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// Returns the audit of the real past, made once for all tests, or `None` where it is absent.
fn audited_past() -> Option<&'static Value> {
    static DOCUMENT: OnceLock<Option<Value>> = OnceLock::new();
    let document = || cloned().map(|(_kept, clone)| audited(&clone, &[]));
    DOCUMENT.get_or_init(document).as_ref()
}

#[test]
fn every_tag_has_the_findings_that_check_has_there() {
    let Some(document) = audited_past() else { return };
    let found: BTreeMap<String, Vec<String>> = list(&document["tags"])
        .iter()
        .map(|tag| {
            let mut rows: Vec<String> = list(&tag["diagnostics"]).iter().map(row).collect();
            rows.sort();
            (text(&tag["tag"]).to_owned(), rows)
        })
        .collect();
    assert_eq!(found.len(), 52);
    for (tag, wanted) in findings_at_tags() {
        // Releases have `==` since v0.3.5rc2: before it an audit warns, and a check of the tag alone cannot know.
        let mut wanted: Vec<String> =
            wanted.iter().map(|row| row.replace("error[pin-operator]", "warn[pin-operator]")).collect();
        wanted.sort();
        assert_eq!(found.get(&tag).map_or(&[][..], Vec::as_slice), wanted, "{tag}");
    }
}

/// The mistakes in that past that people know, by the beginnings of what is found.
const KNOWN: [&str; 10] = [
    "release-0.3.x (end of life since 0.5.0, 2026-02-05) has 1 fix that 0.3.5 has not",
    "v0.5.0 had no candidate",
    "v0.3.0 was tested for 4.9 days (117.3 hours)",
    "v0.4.0 was tested for 18.2 hours",
    "v0.3.6rc1 has no final 0.3.6",
    "v0.5.0-dev begins a version that is not above v0.5.0",
    "v0.4.5-dev is missing: c1656dfd7",
    "v0.5.1-dev is missing: 7f1c9d65f",
    "v0.5.2-dev is missing: 8a9baf22d",
    "main said 0.4.0.dev0 from 2026-01-06 to 2026-01-30",
];

/// The findings beyond that, and the reason for which each is true.
const BEYOND: [(&str, &str); 5] = [
    (
        "v0.4.4-dev is missing: d23477ff1",
        "main began 0.4.4.dev0 after v0.4.3 as it began 0.4.5.dev0 after v0.4.4, which is in the list",
    ),
    (
        "main said 2 versions, 0.2.23 to 0.3.0, from",
        "v0.3.0 was tagged on 2025-10-21, and main was moved on 2025-11-03",
    ),
    ("main said 0.4.4.dev0 from", "hours went by from the tag v0.4.4 to the commit c1656df, which moved main"),
    ("main said 0.5.0.dev0 from", "most of a day went by from the tag v0.5.0 to the commit 7f1c9d6"),
    ("main said 0.5.1.dev0 from", "four days went by from the tag v0.5.1 to the commit 8a9baf2"),
];

/// The table may have been written again by a run that found less or more.
#[test]
fn whatever_is_found_in_the_past_is_known_or_explained_by_one_sentence() {
    let Some(document) = audited_past() else { return };
    let messages: Vec<&str> = list(&document["past"]).iter().map(|finding| text(&finding["message"])).collect();
    let all: Vec<&str> = KNOWN.into_iter().chain(BEYOND.map(|(beginning, _)| beginning)).collect();
    for message in &messages {
        let entries = all.iter().filter(|beginning| message.starts_with(**beginning)).count();
        assert_eq!(entries, 1, "{message}: say in BEYOND, once, why it is true");
    }
    for beginning in all {
        let found = messages.iter().filter(|message| message.starts_with(beginning)).count();
        assert_eq!(found, 1, "{beginning}");
    }
    assert!(!document.to_string().contains("v0.4.6-dev"), "it must never exist");
}

#[test]
fn the_past_is_as_the_list_of_people_has_it() {
    let Some(document) = audited_past() else { return };
    let mut table = String::from("# what is beyond the list of people\n\n");
    for (beginning, why) in BEYOND {
        table += &format!("{beginning} ...: {why}\n");
    }
    table += "\n# findings of the past\n\n";
    for finding in list(&document["past"]) {
        let message = steady(text(&finding["message"]));
        table += &format!("{}\n    {message}\n", row(finding));
    }
    table += "\n# tags off their branch, and candidates before which one is missing\n\n";
    for tag in list(&document["tags"]) {
        for finding in list(&tag["diagnostics"]) {
            if ["tag-off-branch", "tag-candidate-gap"].contains(&text(&finding["rule"])) {
                table += &format!("{}\n", row(finding));
            }
        }
    }
    table += "\n# lines: opened, ended, by, last final, unreleased fixes\n\n";
    for line in list(&document["lines"]) {
        let shown = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
        let fixes = list(&line["unreleased"]).len();
        let words = ["line", "opened", "ended", "ended_by", "last"].map(shown).join(" | ");
        table += &format!("{words} | {fixes}\n");
    }
    table += "\n# finals: date, candidates, hours from the first and from the last\n\n";
    for last in list(&document["finals"]) {
        let candidates = list(&last["candidates"]).len();
        let hours = |name: &str| last[name].as_f64().map_or_else(|| "-".to_owned(), |hours| format!("{hours:.1}"));
        table += &format!(
            "{} | {} | {candidates} | {} | {}\n",
            text(&last["version"]),
            text(&last["date"]),
            hours("hours_from_first_candidate"),
            hours("hours_from_last_candidate")
        );
    }
    expect_file!["corpus_audit.txt"].assert_eq(&table);
}

/// Returns a report without the ages of what goes on, which grow by a tenth of an hour while a test runs.
pub(crate) fn without_ages(report: &str) -> String {
    let mut parts = report.split(" since ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + " since " + part.split_once(" hours)").map_or(part, |(_, after)| after))
}

/// A message without what grows from day to day.
fn steady(message: &str) -> String {
    match message.split_once(" since ") {
        Some((before, _)) if message.contains(" said ") => format!("{before} since ..."),
        _ => message.to_owned(),
    }
}
