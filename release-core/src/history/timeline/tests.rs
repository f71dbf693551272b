//! Pasts, written as text.

use super::super::{Behind, Commit, MainVersion, Unreleased};
use super::*;
use crate::version::Line;
use expect_test::expect;
use std::fmt::Write;

/// Reads a past from lines: `DAY NAME [PARENT...]` for commits, `DAY tag NAME COMMIT`, `main VERSION at COMMIT`, and
/// `branch NAME COMMIT`.
fn past(text: &str) -> Timeline {
    let mut timeline = Timeline {
        graph: Graph::default(),
        tags: Vec::new(),
        branches: Vec::new(),
        main: "main".to_owned(),
        main_versions: Vec::new(),
        tag_pattern: TagPattern::default(),
        branch_pattern: BranchPattern::default(),
        maintained: 2,
        now: 100 * 86_400,
        marks: BTreeMap::new(),
        settled: BTreeSet::new(),
    };
    let mut commits = Vec::new();
    let day = |text: &str| (text.parse::<f64>().unwrap() * 86_400.0) as i64;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["branch", name, commit] => timeline.branches.push((name.to_owned(), commit.to_owned())),
            [time, "tag", name, commit] => {
                timeline.tags.push(DatedTag { name: name.to_owned(), commit: commit.to_owned(), time: day(time) });
            }
            [time, "main", version] => timeline.main_versions.push(MainVersion {
                commit: version.to_owned(),
                time: day(time),
                version: Some(version.to_owned()),
            }),
            [time, id, ref rest @ ..] => {
                let parents = rest.iter().take_while(|word| word.len() == 1).count();
                commits.push(Commit {
                    id: id.to_owned(),
                    parents: rest[..parents].iter().map(|parent| (*parent).to_owned()).collect(),
                    time: day(time),
                    subject: rest[parents..].join(" "),
                });
            }
            _ => panic!("{line}"),
        }
    }
    timeline.graph = Graph::new(commits);
    timeline.tags.sort_by_key(|tag| tag.time);
    timeline
}

const PAST: &str = "
    1 a
    2 b a chore: prepare release v0.3.0
    3 c a
    4 d c chore: prepare release v0.4.0
    5 e b fix: a gate
    6 f e chore: lockfiles for 0.3.0
    7 g f Merge
    8 h d fix: a fence
    branch main c
    branch release-0.3.x g
    branch release-0.4.x h
    branch release-0.5.x c
    2 tag v0.3.0rc1 b
    2.5 tag v0.3.0 b
    4 tag v0.4.0 d
    6 tag v0.3.1rc1 f
    9 tag v0.5.0rc1 c
    9.25 tag v0.5.0rc2 c
    10.25 tag v0.5.0 c
    0 main 0.3.0.dev0
    5 main 0.4.1.dev0
";

#[test]
fn a_line_is_open_from_its_first_final_until_the_second_line_above_it() {
    let mut shown = String::new();
    let timeline = past(PAST);
    for line in timeline.lines() {
        let ended = line.ended.map(|(time, by)| format!("{} by {by}", time as f64 / 86_400.0));
        let unreleased = line.unreleased.map(|unreleased| {
            let subjects: Vec<&str> = unreleased.fixes(&timeline).map(|commit| commit.subject.as_str()).collect();
            format!("behind {}: {}", unreleased.last, subjects.join(", "))
        });
        let opened = line.opened.map(|time| time as f64 / 86_400.0);
        let _ = writeln!(shown, "{} {opened:?} {ended:?} {unreleased:?}", line.line);
    }
    expect![[r#"
        0.3 Some(2.5) Some("10.25 by 0.5.0") Some("behind 0.3.0: Merge, fix: a gate")
        0.4 Some(4.0) None Some("behind 0.4.0: fix: a fence")
        0.5 Some(10.25) None Some("behind 0.5.0: ")
    "#]]
    .assert_eq(&shown);
}

#[test]
fn windows_are_measured_from_tag_to_tag() {
    let windows: Vec<(String, usize, Option<i64>, Option<i64>)> = past(PAST)
        .windows()
        .into_iter()
        .map(|window| (window.release.to_string(), window.candidates.len(), window.from_first, window.from_last))
        .collect();
    let hours = |hours: i64| Some(hours * 3600);
    assert_eq!(
        windows,
        [
            ("0.3.0".to_owned(), 1, hours(12), hours(12)),
            ("0.4.0".to_owned(), 0, None, None),
            ("0.5.0".to_owned(), 2, hours(30), hours(24)),
        ]
    );
}

#[test]
fn a_candidate_dangles_when_its_final_cannot_come_any_more() {
    let dangling =
        |text: &str| -> Vec<String> { past(text).dangling().into_iter().map(|tagged| tagged.tag.name).collect() };
    assert_eq!(dangling(PAST), ["v0.3.1rc1"], "the line has ended");
    assert_eq!(dangling(&PAST.replace("10.25 tag v0.5.0 c", "")), [""; 0], "it may still come");
    let passed = PAST.to_owned() + "\n11 tag v0.4.1rc1 h\n12 tag v0.4.2 h";
    assert_eq!(dangling(&passed), ["v0.3.1rc1", "v0.4.1rc1"]);
}

#[test]
fn a_candidate_counts_when_it_was_there_before_its_final() {
    // Days from first and last candidate, the candidates before the final, and those after it.
    for (tags, wanted) in [
        ("2 tag v0.4.0rc1 b\n3 tag v0.4.0rc2 b\n5 tag v0.4.0 b", "Some(3) Some(2) rc1 rc2 |"),
        ("2 tag v0.4.0rc1 b\n6 tag v0.4.0rc2 b\n5 tag v0.4.0 b", "Some(3) Some(3) rc1 | rc2"),
        ("6 tag v0.4.0rc1 b\n5 tag v0.4.0 b", "None None | rc1"),
        ("5 tag v0.4.0rc1 b\n5 tag v0.4.0 b", "Some(0) Some(0) rc1 |"),
        // The final has its commit's date, on which no candidate was tagged yet.
        ("3 tag v0.4.0rc1 b\n2 tag v0.4.0 b", "None None rc1 |"),
        ("1.5 tag v0.4.0rc1 a\n3 tag v0.4.0rc2 b\n2 tag v0.4.0 b", "Some(0) None rc1 rc2 |"),
        ("3 tag v0.4.0rc1 c\n2 tag v0.4.0 b", "None None | rc1"),
        // Tags whose numbers and dates disagree.
        ("4 tag v0.4.0rc1 b\n3 tag v0.4.0rc2 b\n5 tag v0.4.0 b", "Some(2) Some(1) rc1 rc2 |"),
    ] {
        let windows = past(&format!("1 a\n2 b a\n3 c b\nbranch main c\n{tags}")).windows();
        let days = |seconds: Option<i64>| format!("{:?}", seconds.map(|seconds| seconds / 86_400));
        let names = |tagged: &[Tagged]| -> String {
            tagged.iter().map(|tagged| format!(" {}", tagged.tag.name.trim_start_matches("v0.4.0"))).collect()
        };
        let [window] = &windows[..] else { panic!("{windows:?}") };
        let (first, last) = (days(window.from_first), days(window.from_last));
        assert_eq!(format!("{first} {last}{} |{}", names(&window.candidates), names(&window.late)), wanted, "{tags}");
    }
}

#[test]
fn lines_end_by_how_many_are_maintained_and_pass_those_without_a_final() {
    let text = "
        1 a
        branch main a
        branch release-0.3.x a
        branch release-0.8.x a
        1 tag v0.2.0rc1 a
        1 tag v0.4.1 a
        2 tag v0.4.0 a
        3 tag v0.5.0 a
        4 tag v0.6.3 a
        5 tag v1.0.0 a
        6 tag v1.1.0rc1 a";
    for (maintained, wanted) in [
        (0, "0.2 at 1, 0.3 at 1, 0.4 at 3, 0.5 at 4, 0.6 at 5, 0.8 at 5"),
        (1, "0.2 at 1, 0.3 at 1, 0.4 at 3, 0.5 at 4, 0.6 at 5, 0.8 at 5"),
        (2, "0.2 at 1, 0.3 at 1, 0.4 at 4, 0.5 at 5, 0.8 at 5"),
        (3, "0.2 at 1, 0.3 at 1, 0.4 at 5, 0.8 at 5"),
    ] {
        let timeline = Timeline { maintained, ..past(text) };
        let ended = timeline.lines().into_iter().filter_map(|line| Some((line.line, line.ended?.0 / 86_400)));
        let ended: Vec<String> = ended.map(|(line, day)| format!("{line} at {day}")).collect();
        assert_eq!(ended.join(", "), wanted, "{maintained}");
        let dangling: Vec<String> = timeline.dangling().into_iter().map(|tagged| tagged.tag.name).collect();
        assert_eq!(dangling, ["v0.2.0rc1"]);
    }
}

#[test]
fn development_tags_have_two_spellings_and_nightlies_are_none() {
    let timeline = past("1 a\n1 tag v0.4.0-dev a\n2 tag v0.5.0.dev0 a\n3 tag v0.5.0-dev.20250101 a\n4 tag v0.5.0 a");
    let names: Vec<&str> = timeline.development_tags().iter().map(|(_, tag)| tag.name.as_str()).collect();
    assert_eq!(names, ["v0.4.0-dev", "v0.5.0.dev0"]);
}

#[test]
fn main_is_behind_from_the_final_to_the_commit_that_moves_it_whatever_it_says_meanwhile() {
    let shown = |behind: Behind| {
        let day = |time: i64| time as f64 / 86_400.0;
        let missed: Vec<String> = behind.missed.iter().map(Release::to_string).collect();
        let (from, to) = (day(behind.from), behind.to.map(day));
        format!("{from} to {to:?}: {} at {}", behind.versions.join(" "), missed.join(" "))
    };
    let shown = |text: &str| -> Vec<String> { past(text).main_behind().into_iter().map(shown).collect() };
    assert_eq!(shown(PAST), ["2.5 to Some(5.0): 0.3.0.dev0 at 0.3.0 0.4.0", "10.25 to None: 0.4.1.dev0 at 0.5.0"]);
    let trailing = "
        1 a
        branch main a
        1 main 0.2.1
        2 tag v0.2.1 a
        3 main 0.2.2
        3 tag v0.2.2 a
        4 tag v0.2.3 a
        4 tag v0.1.9 a
        5 main 0.2.3
        6 main 0.2.4.dev0";
    assert_eq!(shown(trailing), ["2 to Some(6.0): 0.2.1 0.2.2 0.2.3 at 0.2.1 0.2.2 0.2.3"]);
    let at_once = "
        1 a
        branch main a
        1 main 0.2.1.dev0
        2 tag v0.2.1 a
        3 main 0.2.2.dev0
        3 tag v0.2.2 a";
    assert_eq!(shown(at_once), ["2 to Some(3.0): 0.2.1.dev0 at 0.2.1", "3 to None: 0.2.2.dev0 at 0.2.2"]);
}

#[test]
fn what_a_branch_reaches_is_found_without_git() {
    let graph = past(PAST).graph;
    assert!(["a", "b", "e", "f", "g"].iter().all(|id| graph.is_ancestor(id, "g")));
    assert!(["c", "d", "h", "nobody"].iter().all(|id| !graph.is_ancestor(id, "g")));
    let ids: Vec<&str> = graph.beyond("b", "g").into_iter().map(|commit| commit.id.as_str()).collect();
    assert_eq!(ids, ["g", "f", "e"]);
    assert!(past(PAST).lines().iter().any(|line| line.line == Line { major: 0, minor: 5 }));
}

#[test]
fn fixes_are_what_is_no_chore_and_whatever_names_a_vulnerability_comes_first() {
    let subjects = [
        "fix: a gate",
        "chore: lock meadow-client 0.4.5",
        "feat(api)!: a gate",
        "build: bump fallback_version to 0.4.5",
        "Release candidate 0.3.6rc1",
        "docs: a gate",
        "chore(deps): bump urllib3",
        "A gate",
        "chore and more",
    ];
    let mut timeline = past(PAST);
    let commit = |subject: &&str| Commit {
        id: (*subject).to_owned(),
        parents: Vec::new(),
        time: 0,
        subject: (*subject).to_owned(),
    };
    let unreleased = Unreleased { last: Release::new(0, 4, 4), commits: subjects.iter().map(commit).collect() };
    timeline.marks.insert("chore(deps): bump urllib3".to_owned(), vec!["CVE-2026-1234".to_owned()]);
    timeline.settled.insert("Release candidate 0.3.6rc1".to_owned());
    let fixes: Vec<&str> = unreleased.fixes(&timeline).map(|commit| commit.subject.as_str()).collect();
    assert_eq!(fixes, ["chore(deps): bump urllib3", "fix: a gate", "feat(api)!: a gate", "A gate", "chore and more"]);
}
