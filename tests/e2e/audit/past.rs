//! The rules over the past, on histories made for them.

use super::{audited, list, steady, text};
use crate::support::{ENVIRONMENT, directory, git};
use camino::{Utf8Path, Utf8PathBuf};
use expect_test::{Expect, expect};
use std::collections::BTreeSet;
use std::io::Write;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A line whose first final was tested for a day.
pub(super) const TESTED: &str = "
    0 commit main 0.4.0.dev0 feat: begin
    1 branch release-0.4.x main
    1 commit release-0.4.x 0.4.0 chore: 0.4.0
    2 tag v0.4.0rc1 release-0.4.x
    3 tag v0.4.0 release-0.4.x
";

/// A repository that is made commit by commit; each line is a commit or a tag at a day of 2025 and its hours:
/// `DAY commit BRANCH VERSION SUBJECT`, `DAY source BRANCH SUBJECT`, `DAY file BRANCH PATH=CONTENT SUBJECT`, `DAY tag NAME BRANCH`,
/// `DAY light NAME BRANCH` for a tag without a date of its own, `DAY branch NAME FROM`.
pub(super) struct Made {
    _kept: TempDir,
    pub(super) root: Utf8PathBuf,
}

pub(super) fn made(history: &str) -> Made {
    made_with(history, "sha1", "pyproject.toml")
}

/// The same with other ids, or with the manifest elsewhere.
pub(super) fn made_with(history: &str, ids: &str, manifest: &str) -> Made {
    let (kept, root) = directory();
    let format = format!("--object-format={ids}");
    git(&root, &["init", "--quiet", "--initial-branch=main", "--template=", &format]);
    let mut command = Command::new("git");
    command.current_dir(&root).envs(ENVIRONMENT).args(["fast-import", "--quiet", "--date-format=raw"]);
    let mut child = command.stdin(Stdio::piped()).spawn().expect("git starts");
    child.stdin.take().expect("its input").write_all(stream(history, manifest).as_bytes()).expect("it reads");
    assert!(child.wait().expect("it ends").success(), "{history}");
    git(&root, &["reset", "--quiet", "--hard"]);
    Made { _kept: kept, root }
}

fn stream(history: &str, path: &str) -> String {
    let mut stream = String::new();
    let mut known = BTreeSet::new();
    for (number, line) in history.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        let words: Vec<&str> = line.split(' ').collect();
        let time = 1_735_689_600 + (words[0].parse::<f64>().unwrap() * 86_400.0) as i64;
        let by = |who: &str| format!("{who} Tester <tester@meadow.example> {time} +0000\n");
        let data = |text: &str| format!("data {}\n{text}\n", text.len());
        match words[1] {
            "branch" => stream += &format!("reset refs/heads/{}\nfrom refs/heads/{}\n\n", words[2], words[3]),
            "tag" => {
                let tagger = by("tagger");
                stream += &format!("tag {}\nfrom refs/heads/{}\n{tagger}{}", words[2], words[3], data(""));
            }
            "light" => stream += &format!("reset refs/tags/{}\nfrom refs/heads/{}\n\n", words[2], words[3]),
            kind => {
                let is_source = kind == "source";
                let subject = words[if is_source { 3 } else { 4 }..].join(" ").replace("\\n", "\n");
                stream += &format!("commit refs/heads/{}\n{}{}", words[2], by("committer"), data(&subject));
                let manifest =
                    |version: &str| data(&format!("[project]\nname = \"meadow\"\nversion = \"{version}\"\n"));
                stream += &match (kind, words[3].split_once('=')) {
                    ("file", Some((path, content))) => format!("M 100644 inline {path}\n{}", data(content)),
                    ("source", _) => format!("M 100644 inline src/meadow/server.py\n{}", data(&number.to_string())),
                    _ => format!("M 100644 inline {path}\n{}", manifest(words[3])),
                };
                known.insert(words[2].to_owned());
            }
        }
    }
    stream
}

/// Compares the findings of a rule.
#[track_caller]
pub(super) fn found(rule: &str, history: &str, wanted: &Expect) {
    found_in(rule, &made(history).root, wanted);
}

/// The same in a repository that more was done to.
#[track_caller]
pub(super) fn found_in(rule: &str, root: &Utf8Path, wanted: &Expect) {
    let document = audited(root, &[]);
    let rows = list(&document["past"]).iter().filter(|finding| finding["rule"] == rule);
    let shown = rows.map(|finding| {
        let message = without_ids(&steady(text(&finding["message"])));
        format!("{} {}: {message}\n", text(&finding["level"]), text(&finding["reference"]))
    });
    wanted.assert_eq(&shown.collect::<String>());
}

/// A message without the ids of commits.
pub(super) fn without_ids(message: &str) -> String {
    let is_id = |word: &str| word.len() >= 7 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let words = message.split(' ').map(|word| {
        let bare = word.trim_end_matches([',', ';', ':']);
        if is_id(bare) { word.replace(bare, "ID") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// A line with its first final, seven days after its candidate.
pub(super) const BASE: &str = "
    0 commit main 0.4.0.dev0 feat: begin
    1 branch release-0.4.x main
    1 commit release-0.4.x 0.4.0 chore: 0.4.0
    2 tag v0.4.0rc1 release-0.4.x
    9 tag v0.4.0 release-0.4.x
";

pub(super) fn after(base: &str, more: &str) -> String {
    format!("{base}\n{more}")
}

#[test]
fn a_number_that_is_left_out_is_found_and_so_is_a_slip() {
    let more = "
        10 commit release-0.4.x 0.4.1 chore: 0.4.1
        10 tag v0.4.1 release-0.4.x
        11 commit release-0.4.x 0.4.12 chore: 0.4.12
        11 tag v0.4.12 release-0.4.x
        12 commit main 0.6.0 chore: 0.6.0
        12 tag v0.6.0 main";
    found(
        "tag-gap",
        &after(BASE, more),
        &expect![[r#"
            warn v0.4.12: v0.4.12 follows 0.4.1, and leaves out 0.4.2 to 0.4.11: it is likely a slip for 0.4.2
            warn v0.6.0: v0.6.0 follows 0.4.12, and leaves out 0.5.0
        "#]],
    );
    found("tag-gap", BASE, &expect![[""]]);
}

#[test]
fn a_candidate_whose_final_will_not_come_dangles() {
    let more = "
        10 commit release-0.4.x 0.4.1rc1 chore: 0.4.1rc1
        10 tag v0.4.1rc1 release-0.4.x";
    found("tag-candidate-dangling", &after(BASE, more), &expect![[""]]);
    let passed = "
        11 commit release-0.4.x 0.4.2 chore: 0.4.2
        11 tag v0.4.2 release-0.4.x";
    found(
        "tag-candidate-dangling",
        &after(&after(BASE, more), passed),
        &expect![[r#"
        warn v0.4.1rc1: v0.4.1rc1 has no final 0.4.1, and none will come: a later final of line 0.4 is out
    "#]],
    );
}

#[test]
fn a_final_with_other_sources_than_its_candidate_is_found() {
    let differing = BASE.replace("    9 tag", "    8 source release-0.4.x fix: a gate\n    9 tag");
    found(
        "tag-final-differs",
        &differing,
        &expect![[r#"
        error v0.4.0: v0.4.0 differs from v0.4.0rc1 in more than release files: src/meadow/server.py
    "#]],
    );
    let manifest = BASE.replace("    9 tag", "    8 commit release-0.4.x 0.4.0.post0 chore: a number\n    9 tag");
    found("tag-final-differs", &manifest, &expect![[""]]);
}

#[test]
fn windows_and_candidates_are_held_against_policy() {
    found("policy-testing-window", BASE, &expect![[""]]);
    let short = BASE.replace("2 tag v0.4.0rc1", "8.25 tag v0.4.0rc1");
    found(
        "policy-testing-window",
        &short,
        &expect![[r#"
        error v0.4.0: v0.4.0 was tested for 18.0 hours, where a minor asks for 7 days; its last candidate was 18.0 hours old
    "#]],
    );
    found(
        "policy-candidates",
        &BASE.replace("2 tag v0.4.0rc1", "2 tag v0.3.9rc1"),
        &expect![[r#"
        error v0.4.0: v0.4.0 had no candidate, where a minor asks for 1 candidate
    "#]],
    );
    // What never had a candidate and asks for none is not held to the default.
    found("policy-candidates", &BASE.replace("2 tag v0.4.0rc1", "2 tag other"), &expect![[""]]);
    // A window belongs to the candidate it began with.
    let second = BASE.replace("9 tag v0.4.0 ", "8.9 tag v0.4.0rc2 release-0.4.x\n    9 tag v0.4.0 ");
    found("policy-testing-window", &second, &expect![[""]]);
}

#[test]
fn unreleased_fixes_are_errors_on_a_maintained_line_and_vulnerabilities_come_first() {
    let fixes = "
        10 source release-0.4.x chore: bump a fence\\n\\nfor GHSA-abcd-ef12-3456
        11 source release-0.4.x fix: a gate
        12 source release-0.4.x ci: nothing
        13 source release-0.4.x fix: a fence (CVE-2026-12345)";
    found(
        "branch-unreleased",
        &after(BASE, fixes),
        &expect![[r#"
        error release-0.4.x: release-0.4.x (maintained) has 3 fixes that 0.4.0 has not: ID fix: a fence (CVE-2026-12345) [CVE-2026-12345]; ID chore: bump a fence [GHSA-ABCD-EF12-3456]; ID fix: a gate
    "#]],
    );
    let ended = "
        20 commit main 0.5.0 chore: 0.5.0
        20 branch release-0.5.x main
        20 tag v0.5.0 main
        21 commit main 0.6.0 chore: 0.6.0
        21 branch release-0.6.x main
        21 tag v0.6.0 main";
    found(
        "branch-unreleased",
        &after(&after(BASE, fixes), ended),
        &expect![[r#"
        warn release-0.4.x: release-0.4.x (end of life since 0.6.0, 2025-01-22) has 3 fixes that 0.4.0 has not: ID fix: a fence (CVE-2026-12345) [CVE-2026-12345]; ID chore: bump a fence [GHSA-ABCD-EF12-3456]; ID fix: a gate
    "#]],
    );
}

#[test]
fn development_tags_are_missing_misplaced_or_lower_main() {
    let begun = "
        10 commit main 0.4.1.dev0 chore: begin 0.4.1";
    found("tag-dev-history", &after(BASE, begun), &expect![[""]]);
    let lowering = after(BASE, &format!("{begun}\n 10 tag v0.4.0-dev main"));
    found(
        "tag-dev-history",
        &lowering,
        &expect![[r#"
        warn v0.4.0-dev: v0.4.0-dev begins a version that is not above v0.4.0, which was released before, on the commit that sets 0.4.1.dev0: it lowers what builds of main are called
        warn v0.4.1-dev: v0.4.1-dev is missing: ID begins 0.4.1.dev0, on 2025-01-11
    "#]],
    );
    let misplaced = after(BASE, &format!("{begun}\n 11 source main feat: a gate\n 11 tag v0.4.1-dev main"));
    found(
        "tag-dev-history",
        &misplaced,
        &expect![[r#"
        warn v0.4.1-dev: v0.4.1-dev is on ID, and ID is the commit that begins 0.4.1.dev0
    "#]],
    );
    let right = after(BASE, &format!("{begun}\n 10 tag v0.4.1-dev main"));
    found("tag-dev-history", &right, &expect![[""]]);
    let spelled = after(BASE, &format!("{begun}\n 10 tag v0.4.1.dev0 main"));
    found("tag-dev-history", &spelled, &expect![[""]]);
    // Those that a person leaves out are not missed, and one that lowers main still is found.
    for (config, expected) in [("true", 2), ("false", 1)] {
        let made = made(&lowering);
        let path = made.root.join("release.toml");
        std::fs::write(&path, format!("[release]\ndev-tag = {config}\n")).unwrap();
        let document = audited(&made.root, &["--config", path.as_str()]);
        let rows = list(&document["past"]).iter().filter(|finding| finding["rule"] == "tag-dev-history");
        assert_eq!(rows.count(), expected, "dev-tag = {config}");
    }
}

#[test]
fn main_is_behind_for_a_time_or_until_today() {
    found(
        "version-main-history",
        BASE,
        &expect![[r#"
        warn main: main said 0.4.0.dev0 since ...
    "#]],
    );
    let moved = after(BASE, "12 commit main 0.4.1.dev0 chore: begin 0.4.1");
    found(
        "version-main-history",
        &moved,
        &expect![[r#"
        warn main: main said 0.4.0.dev0 from 2025-01-10 to 2025-01-13, 3.0 days (72.0 hours), which is not above 0.4.0; 1 final was released meanwhile
    "#]],
    );
}

#[test]
fn a_tag_that_cannot_be_read_hides_no_other() {
    let made =
        made(&BASE.replace("0.4.0.dev0 feat", "0.4.0\"dev0 feat").replace("1 branch", "0 tag v0.3.0 main\n 1 branch"));
    let document = audited(&made.root, &[]);
    let unfit = |tag: &str| -> usize {
        let tags = list(&document["tags"]).iter().filter(|known| known["tag"] == tag);
        tags.map(|known| list(&known["unfit"]).len()).sum()
    };
    assert_eq!((unfit("v0.3.0"), unfit("v0.4.0rc1"), unfit("v0.4.0")), (1, 0, 0));
}

#[test]
fn tags_of_trees_and_blobs_and_an_unborn_branch_are_no_obstacle() {
    let made = made(BASE);
    git(&made.root, &["tag", "v9.0.0", "HEAD^{tree}"]);
    git(&made.root, &["tag", "v9.0.1", "HEAD:pyproject.toml"]);
    git(&made.root, &["tag", "-a", "-m", "x", "v9.0.2", "HEAD^{tree}"]);
    git(&made.root, &["symbolic-ref", "HEAD", "refs/heads/unborn"]);
    let document = audited(&made.root, &[]);
    let tags: Vec<&str> = list(&document["tags"]).iter().map(|tag| text(&tag["tag"])).collect();
    assert_eq!(tags, ["v0.4.0rc1", "v0.4.0"]);
}
