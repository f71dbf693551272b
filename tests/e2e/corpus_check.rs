//! `release check` at every tag and branch of a real monorepo's past, held against a committed table. What stands there is
//! known: people listed the defects of that history, and each of them that one tree and its own tag or branch can show must
//! be found where it stands. Whatever else is found has a sentence that says why it is true.
//!
//! The history is looked for beside this repository, as in `corpus`, and the tests are skipped where it is absent.

mod known;

use crate::corpus::unpacked_bundle;
use crate::support::{directory, git, release};
use camino::{Utf8Path, Utf8PathBuf};
use expect_test::expect_file;
use known::{DEFECTS, Defect, ITSELF, MOMENTS_OF_MAIN, Moment, WHY, Why};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use tempfile::TempDir;

/// The refs that are judged as they stand today. All tags are judged as of their own date.
const BRANCHES: [&str; 4] = ["main", "release-0.3.x", "release-0.4.x", "release-0.5.x"];

const TAGS: usize = 52;

/// A finding of one ref.
#[derive(Debug)]
struct Row {
    reference: String,
    level: String,
    rule: String,
    /// `path:line`, or a ref.
    place: String,
}

#[test]
fn every_tag_and_branch_has_the_findings_of_the_table() {
    let Some(checked) = checked() else { return };
    expect_file!["corpus_check/expected.txt"].assert_eq(&table(&checked));
}

/// The table may have been written again by a run that found less.
#[test]
fn every_known_defect_is_in_the_table_where_it_stands() {
    let found: BTreeSet<_> = committed().iter().map(key).collect();
    let missing: Vec<_> = known().into_iter().filter(|defect| !found.contains(defect)).collect();
    assert!(missing.is_empty(), "not in the table: {missing:#?}");
}

#[test]
fn every_row_beyond_the_list_is_explained_by_one_sentence() {
    let (known, mut rows) = (known(), committed());
    rows.retain(|row| !known.contains(&key(row)));
    for row in &rows {
        let explained = WHY.iter().filter(|why| why.explains(row)).count();
        assert_eq!(explained, 1, "{row:?} is not in the list of defects; say in WHY, once, why it is true");
    }
    for why in WHY {
        assert!(rows.iter().any(|row| why.explains(row)), "explains nothing: {} in {}", why.rule, why.place);
    }
}

/// The rules of a family are named by its first word, and what one of them says of a place is enough for it.
#[test]
fn at_most_one_rule_of_a_family_speaks_about_one_place_in_a_file() {
    let mut rules: BTreeMap<(String, String, String), BTreeSet<String>> = BTreeMap::new();
    for row in committed().into_iter().filter(|row| row.place.contains(':')) {
        let family = row.rule.split('-').next().unwrap_or_default().to_owned();
        rules.entry((row.reference, row.place, family)).or_default().insert(row.rule);
    }
    rules.retain(|_, rules| rules.len() > 1);
    assert!(rules.is_empty(), "{rules:#?}");
}

/// The rows of the committed table.
fn committed() -> Vec<Row> {
    let text = include_str!("corpus_check/expected.txt");
    let (_, findings) = text.split_once("\n# findings\n").expect("the findings");
    let row = |line: &str| {
        let [reference, finding, place] = line.split(" | ").collect::<Vec<_>>()[..] else { return None };
        let (level, rule) = finding.split_once('[')?;
        let (rule, place) = (rule.trim_end_matches(']'), place.trim_end_matches(" *"));
        Some(Row { reference: reference.into(), level: level.into(), rule: rule.into(), place: place.into() })
    };
    findings.lines().filter_map(row).collect()
}

/// The findings of each tag in the committed table, as `level[rule] | place`, sorted.
pub(crate) fn findings_at_tags() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in committed().into_iter().filter(|row| !BRANCHES.contains(&row.reference.as_str())) {
        found.entry(row.reference).or_default().push(format!("{}[{}] | {}", row.level, row.rule, row.place));
    }
    found.values_mut().for_each(|rows| rows.sort());
    found
}

#[test]
fn defects_of_main_begin_and_end_where_the_list_says() {
    let Some((_temporary, clone)) = cloned() else { return };
    for Moment(revision, rule, wanted) in MOMENTS_OF_MAIN {
        let mut found = check(&clone, revision);
        found.retain(|row| row.rule == *rule);
        let places: Vec<&str> = found.iter().map(|row| row.place.as_str()).collect();
        assert_eq!(places, *wanted, "{rule} at {revision}");
    }
}

/// The list, with a row for every ref.
fn known() -> BTreeSet<(String, String, String)> {
    let rows = DEFECTS.iter().flat_map(|Defect(rule, place, refs)| {
        refs.split_whitespace().map(move |reference| {
            let place = if *place == ITSELF { reference } else { place };
            (reference.to_owned(), (*rule).to_owned(), place.to_owned())
        })
    });
    rows.collect()
}

fn key(row: &Row) -> (String, String, String) {
    (row.reference.clone(), row.rule.clone(), row.place.clone())
}

impl Why {
    fn explains(&self, row: &Row) -> bool {
        let matches = |pattern: &&str| match pattern.strip_suffix('*') {
            Some(start) => row.reference.starts_with(start),
            None => row.reference == *pattern,
        };
        row.rule == self.rule && row.place.starts_with(self.place) && self.refs.iter().any(matches)
    }
}

/// Returns the table: the findings at every ref, and above them why those are true that were not listed.
fn table(checked: &[(String, Vec<Row>)]) -> String {
    let known = known();
    let mut table = "# why\n\nRows marked with `*` are not in the list of known defects. They are true:\n".to_owned();
    for why in WHY {
        let place = if why.place.is_empty() { String::new() } else { format!(" in {}", why.place) };
        table += &format!("\n{}{place} at {}:\n{}\n", why.rule, why.refs.join(" "), wrapped(why.sentence));
    }
    table += "\n# findings\n";
    for (reference, rows) in checked {
        table.push('\n');
        if rows.is_empty() {
            table += &format!("{reference} | (nothing)\n");
        }
        for row in rows {
            let mark = if known.contains(&key(row)) { "" } else { " *" };
            table += &format!("{reference} | {}[{}] | {}{mark}\n", row.level, row.rule, row.place);
        }
    }
    table
}

/// A sentence in lines of a readable length, indented.
fn wrapped(sentence: &str) -> String {
    let mut lines = vec![String::from("   ")];
    for word in sentence.split(' ') {
        if lines.last().is_some_and(|line| line.len() + word.len() > 110) {
            lines.push(String::from("   "));
        }
        if let Some(line) = lines.last_mut() {
            *line += &format!(" {word}");
        }
    }
    lines.join("\n")
}

/// The findings of every ref, in the order of the tags' dates, then of the branches, or `None` where there is no corpus.
fn checked() -> Option<Vec<(String, Vec<Row>)>> {
    let (_temporary, clone) = cloned()?;
    let tags = git(&clone, &["for-each-ref", "--sort=creatordate", "--format=%(refname:short)", "refs/tags"]);
    let refs: Vec<&str> = tags.lines().chain(BRANCHES).collect();
    assert_eq!(refs.len(), TAGS + BRANCHES.len());
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            let sender = sender.clone();
            let (refs, next, clone) = (&refs, &next, &clone);
            scope.spawn(move || {
                while let Some(reference) = refs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let rows = check(clone, reference);
                    sender.send((*reference, rows)).expect("somebody listens");
                }
            });
        }
    });
    drop(sender);
    let mut checked: Vec<_> = receiver.into_iter().collect();
    checked.sort_by_key(|(reference, _)| refs.iter().position(|other| other == reference));
    Some(checked.into_iter().map(|(reference, rows)| (reference.to_owned(), rows)).collect())
}

/// Makes a clone that has every branch, or `None` where there is no corpus.
pub(crate) fn cloned() -> Option<(TempDir, Utf8PathBuf)> {
    let bundle = unpacked_bundle()?;
    let (temporary, tmp) = directory();
    let clone = tmp.join("clone");
    git(&tmp, &["clone", "--quiet", bundle.as_str(), clone.as_str()]);
    git(&clone, &["fetch", "--quiet", "--update-head-ok", "origin", "refs/heads/*:refs/heads/*"]);
    Some((temporary, clone))
}

/// Returns the findings of `release check` for one revision.
fn check(clone: &Utf8Path, reference: &str) -> Vec<Row> {
    let run = release(clone, &["check", "--rev", reference, "--output-format", "concise"]);
    assert!(matches!(run.code, Some(0 | 1)), "{reference}: {}", run.stderr);
    let rows: Vec<Row> = run.stdout.lines().map(|line| row(reference, line)).collect();
    assert_eq!(run.code == Some(1), rows.iter().any(|row| row.level == "error"), "{reference}: {}", run.stdout);
    rows
}

/// `path:line:column: level[rule] message`, or a ref for the path; without the column and the message.
#[track_caller]
fn row(reference: &str, line: &str) -> Row {
    let parts = || {
        let (place, rest) = line.split_once(": ")?;
        let (level, rest) = rest.split_once('[')?;
        let (rule, _) = rest.split_once("] ")?;
        let place = place.rsplit_once(':').map_or(place, |(place, _column)| place);
        Some(Row { reference: reference.into(), level: level.into(), rule: rule.into(), place: place.into() })
    };
    parts().unwrap_or_else(|| panic!("{reference}: no finding in concise form: {line}"))
}
