//! The rules over the past where it is what commits and tags hold that counts, and when they were made.

use super::past::{BASE, after, found, found_in, made};
use crate::support::git;
use expect_test::expect;

#[test]
fn candidates_after_their_final_test_nothing() {
    let late = BASE.replace("2 tag v0.4.0rc1", "10 tag v0.4.0rc1");
    found(
        "policy-candidates",
        &late,
        &expect![[r#"
            error v0.4.0: v0.4.0 had no candidate, where a minor asks for 1 candidate
        "#]],
    );
    found("policy-testing-window", &late, &expect![[""]]);
    found(
        "tag-candidate-dangling",
        &late,
        &expect![[r#"
            warn v0.4.0rc1: v0.4.0rc1 was tagged on 2025-01-11, when its final 0.4.0 was out: no release follows from it
        "#]],
    );
    // It is not what the final is compared with either.
    let more = "10 source release-0.4.x fix: a gate\n 11 tag v0.4.0rc2 release-0.4.x";
    found("tag-final-differs", &after(BASE, more), &expect![[""]]);
}

#[test]
fn what_a_tag_without_a_date_cannot_tell_is_said_as_a_warning() {
    found(
        "policy-testing-window",
        &BASE.replace("9 tag v0.4.0 ", "9 light v0.4.0 "),
        &expect![[r#"
            warn v0.4.0: v0.4.0 is a tag without a date of its own, and its commit is older than the tag of its candidate v0.4.0rc1: how long it was tested is not known
        "#]],
    );
    let committed = BASE.replace("9 tag v0.4.0 ", "9 commit release-0.4.x 0.4.0.post0 chore: more\n 9 light v0.4.0 ");
    found("policy-testing-window", &committed, &expect![[""]]);
    found("policy-candidates", &BASE.replace("9 tag v0.4.0 ", "9 light v0.4.0 "), &expect![[""]]);
}

#[test]
fn a_final_may_differ_in_documentation_and_in_constants_of_its_version() {
    let with = |files: &str| BASE.replace("    9 tag", &format!("{files}\n    9 tag"));
    let constant =
        |day: &str, content: &str| format!("{day} file release-0.4.x src/meadow/_version.py={content} chore: x\n");
    let candidate = BASE.replace("    2 tag", &format!("{}    2 tag", constant("1", "v=\"0.4.0rc1\"")));
    let fits = candidate.replace("    9 tag", &format!("{}    9 tag", constant("8", "v=\"0.4.0\"")));
    found("tag-final-differs", &fits, &expect![[""]]);
    let differs = candidate.replace("    9 tag", &format!("{}    9 tag", constant("8", "v=\"0.4.1\"")));
    found(
        "tag-final-differs",
        &differs,
        &expect![[r#"
            error v0.4.0: v0.4.0 differs from v0.4.0rc1 in more than release files: src/meadow/_version.py
        "#]],
    );
    found(
        "tag-final-differs",
        &with("8 file release-0.4.x CHANGELOG.md=x docs: a\n 8 file release-0.4.x docs/conf.py=x docs: b"),
        &expect![[""]],
    );
    let shipped = with("8 file release-0.4.x src/meadow/prompt.md=x docs: a");
    found(
        "tag-final-differs",
        &shipped,
        &expect![[r#"
            error v0.4.0: v0.4.0 differs from v0.4.0rc1 in more than release files: src/meadow/prompt.md
        "#]],
    );
    // On a line that has ended nobody can make it right any more.
    found(
        "tag-final-differs",
        &after(&shipped, "20 tag v0.5.0 main\n 21 tag v0.6.0 main"),
        &expect![[r#"
            warn v0.4.0: v0.4.0 differs from v0.4.0rc1 in more than release files: src/meadow/prompt.md
        "#]],
    );
}

#[test]
fn unreleased_commits_are_told_by_their_content() {
    let more = "
        10 source release-0.4.x Release the lock when a gate closes
        11 commit release-0.4.x 0.4.1rc1 Prepare 0.4.1rc1
        12 file release-0.4.x CHANGELOG.md=x Tell of 0.4.1
        13 file release-0.4.x uv.lock=version=1 fix: lock another urllib3
        14 file release-0.4.x uv.lock=version=2 Lock another urllib3\\n\\nfor CVE-2026-12345
        15 source release-0.4.x docs(readme): nothing
        16 source release-0.4.x Chore: nothing";
    found(
        "branch-unreleased",
        &after(BASE, more),
        &expect![[r#"
            error release-0.4.x: release-0.4.x (maintained) has 3 fixes that 0.4.0 has not: ID Lock another urllib3 [CVE-2026-12345]; ID fix: lock another urllib3; ID Release the lock when a gate closes
        "#]],
    );
}

#[test]
fn what_was_taken_back_is_not_waited_for() {
    let made = made(&after(BASE, "10 source release-0.4.x fix: a gate for CVE-2026-12345"));
    git(&made.root, &["checkout", "--quiet", "release-0.4.x"]);
    git(&made.root, &["revert", "--no-edit", "HEAD"]);
    found_in("branch-unreleased", &made.root, &expect![[""]]);
    // Back again: one of the three counts.
    git(&made.root, &["revert", "--no-edit", "HEAD"]);
    found_in(
        "branch-unreleased",
        &made.root,
        &expect![[r#"
            error release-0.4.x: release-0.4.x (maintained) has 1 fix that 0.4.0 has not: ID fix: a gate for CVE-2026-12345 [CVE-2026-12345]
        "#]],
    );
}

#[test]
fn what_a_final_beside_the_branch_has_under_another_id_is_released() {
    let fix = "10 source release-0.4.x fix: a gate\n 11 file release-0.4.x src/meadow/fence.py=1 fix: a fence";
    let made = made(&after(BASE, &format!("{fix}\n 12 branch beside main")));
    let fixes = |name: &str| git(&made.root, &["rev-parse", name]).trim().to_owned();
    let (gate, fence) = (fixes("release-0.4.x~1"), fixes("release-0.4.x"));
    git(&made.root, &["checkout", "--quiet", "-b", "hotfix", "v0.4.0"]);
    // Of the same patch, and of another one that says where it is from.
    git(&made.root, &["cherry-pick", &gate]);
    git(&made.root, &["tag", "--annotate", "--message", "x", "v0.4.1"]);
    found_in(
        "branch-unreleased",
        &made.root,
        &expect![[r#"
            error release-0.4.x: release-0.4.x (maintained) has 1 fix that 0.4.1 has not: ID fix: a fence
        "#]],
    );
    std::fs::write(made.root.join("other.py"), "1").unwrap();
    git(&made.root, &["add", "other.py"]);
    git(&made.root, &["commit", "--quiet", "--message", "fix: another fence"]);
    let other = fixes("HEAD");
    git(&made.root, &["tag", "--annotate", "--message", "x", "v0.4.2"]);
    git(&made.root, &["checkout", "--quiet", "release-0.4.x"]);
    let message = format!("fix: a fence\n\n(cherry picked from commit {other})");
    git(&made.root, &["commit", "--quiet", "--amend", "--message", &message]);
    assert_ne!(fixes("HEAD"), fence);
    found_in("branch-unreleased", &made.root, &expect![[""]]);
}

#[test]
fn a_branch_that_only_a_remote_has_counts_too() {
    let made = made(&after(BASE, "10 source release-0.4.x fix: a gate"));
    git(&made.root, &["update-ref", "refs/remotes/origin/release-0.4.x", "release-0.4.x"]);
    git(&made.root, &["branch", "--quiet", "-D", "release-0.4.x"]);
    found_in(
        "branch-unreleased",
        &made.root,
        &expect![[r#"
            error release-0.4.x: release-0.4.x (maintained) has 1 fix that 0.4.0 has not: ID fix: a gate
        "#]],
    );
}

#[test]
fn lines_without_finals_are_being_opened_or_were_passed() {
    let more = "
        0 branch release-0.3.x main
        3 tag v0.3.0rc1 main
        10 branch release-0.5.x main
        11 tag v0.5.0rc1 main
        12 source release-0.5.x fix: a gate";
    found(
        "tag-candidate-dangling",
        &after(BASE, more),
        &expect![[r#"
            warn v0.3.0rc1: v0.3.0rc1 has no final 0.3.0, and none will come: 0.4.0 is out (2025-01-10), and line 0.3 never had a final
        "#]],
    );
    found("branch-unreleased", &after(BASE, more), &expect![[""]]);
}

#[test]
fn tags_without_a_tagger_and_tags_of_patterns_are_read() {
    let made = made(&BASE.replace("    9 tag v0.4.0 release-0.4.x\n", ""));
    let commit = git(&made.root, &["rev-parse", "release-0.4.x"]);
    let object = format!("object {}\ntype commit\ntag v0.4.7\n\nof nobody\n", commit.trim());
    std::fs::write(made.root.join("tag"), object).unwrap();
    let id = git(&made.root, &["hash-object", "--literally", "-t", "tag", "-w", "tag"]);
    git(&made.root, &["update-ref", "refs/tags/v0.4.7", id.trim()]);
    git(&made.root, &["tag", "v0.4.5", "release-0.4.x"]);
    found_in(
        "tag-gap",
        &made.root,
        &expect![[r#"
            warn v0.4.7: v0.4.7 follows 0.4.5, and leaves out 0.4.6
        "#]],
    );
    git(&made.root, &["tag", "rel/0.4.2", "release-0.4.x"]);
    git(&made.root, &["tag", "rel/0.4.9", "release-0.4.x"]);
    std::fs::write(made.root.join("release.toml"), "[release]\ntag = \"rel/{version}\"\n").unwrap();
    found_in(
        "tag-gap",
        &made.root,
        &expect![[r#"
            warn rel/0.4.9: rel/0.4.9 follows 0.4.2, and leaves out 0.4.3 to 0.4.8
        "#]],
    );
}
