//! Pasts that are written down.

use super::*;
use crate::version::Line;
use expect_test::expect;
use std::fmt::Write;

/// A past of `DAY NAME [PARENT...]` lines for commits and `DAY tag NAME COMMIT`, `main VERSION at COMMIT`; branches are named
/// by `branch NAME COMMIT`.
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
fn main_is_behind_from_the_final_to_the_commit_that_moves_it() {
    let days = |timeline: &Timeline| -> Vec<String> {
        let day = |time: i64| (time as f64 / 86_400.0).to_string();
        let shown = |(from, to, version, highest): (i64, Option<i64>, String, Release)| {
            format!("{} to {:?}: {version} at {highest}", day(from), to.map(day))
        };
        timeline.main_behind().into_iter().map(shown).collect()
    };
    assert_eq!(days(&past(PAST)), ["2.5 to Some(\"5\"): 0.3.0.dev0 at 0.3.0", "10.25 to None: 0.4.1.dev0 at 0.5.0"]);
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
    let fixes: Vec<&str> = unreleased.fixes(&timeline).map(|commit| commit.subject.as_str()).collect();
    assert_eq!(fixes, ["chore(deps): bump urllib3", "fix: a gate", "feat(api)!: a gate", "A gate", "chore and more"]);
}
