//! Places and settings that a run cannot work with: exit 2, and nothing is changed.

use crate::sample::Sample;
use crate::support::git;
use expect_test::{Expect, expect};
use std::fs;
use std::os::unix::fs::symlink;

/// Runs this on a sample, where it must end with 2 and change nothing, and compares what a person sees.
#[track_caller]
fn check(sample: &Sample, words: &str, expected: &Expect) {
    let seen = sample.refusal(words);
    assert!(seen.ends_with("(exit 2)\n"), "{seen}");
    expected.assert_eq(&seen);
}

#[test]
fn a_directory_that_is_no_checkout_is_named() {
    let sample = Sample::new();
    fs::create_dir(sample.checkout.join("empty")).unwrap();
    let at = |directory: &str| format!("patch 0.4.5 --repo {}/{directory}", sample.root);
    check(
        &sample,
        &at("tmp"),
        &expect![[r#"
        $ release patch 0.4.5 --repo [DIR]/tmp
        error: [DIR]/tmp is not in a git work tree: run this in a checkout of the monorepo, or name one with `--repo DIR`
        (exit 2)
    "#]],
    );
    check(
        &sample,
        &at("missing"),
        &expect![[r#"
            $ release patch 0.4.5 --repo [DIR]/missing
            error: [DIR]/missing is not a directory that can be entered: name a checkout of the monorepo with `--repo DIR`
            (exit 2)
        "#]],
    );
    check(
        &sample,
        &at("checkout/README.md"),
        &expect![[r#"
            $ release patch 0.4.5 --repo [DIR]/checkout/README.md
            error: [DIR]/checkout/README.md is not a directory that can be entered: name a checkout of the monorepo with `--repo DIR`
            (exit 2)
        "#]],
    );
    check(
        &sample,
        &at("origin.git"),
        &expect![[r#"
        $ release patch 0.4.5 --repo [DIR]/origin.git
        error: [DIR]/origin.git is not in a git work tree: run this in a checkout of the monorepo, or name one with `--repo DIR`
        (exit 2)
    "#]],
    );
    check(
        &sample,
        &at("checkout/.git"),
        &expect![[r#"
        $ release patch 0.4.5 --repo [DIR]/checkout/.git
        error: [DIR]/checkout/.git is not in a git work tree: run this in a checkout of the monorepo, or name one with `--repo DIR`
        (exit 2)
    "#]],
    );
}

#[test]
fn settings_that_are_not_there_are_named() {
    check(
        &Sample::new(),
        "patch 0.4.5 --config missing.toml",
        &expect![[r#"
        $ release patch 0.4.5 --config missing.toml
        error: could not read missing.toml
          because: No such file or directory (os error 2)
        (exit 2)
    "#]],
    );
}

#[test]
fn every_mistake_in_the_settings_is_shown_with_its_place() {
    let sample = Sample::new();
    sample.write(
        "release.toml",
        "[release]\nmain = 1\nmaintaned-lines = 2\n\n[[client]]\nname = \"meadow-client\"\npin = { release = \"=\" }\n",
    );
    check(
        &sample,
        "patch 0.4.5",
        &expect![[r#"
        $ release patch 0.4.5
        error: [release] has no key `maintaned-lines`
         --> release.toml:3:1
          |
        3 | maintaned-lines = 2
          | ^^^^^^^^^^^^^^^
          |
          = help: did you mean `maintained-lines`?

        error: `main` is integer, not a string
         --> release.toml:2:8
          |
        2 | main = 1
          |        ^
          |
          = help: write a string

        error: `=` is not a way to pin a client
         --> release.toml:7:19
          |
        7 | pin = { release = "=" }
          |                   ^^^
          |
          = help: choose one of `==`, `~=`, `>=`, `>=,<`, `none`, `keep`

        (exit 2)
    "#]],
    );
    sample.write("release.toml", "[release\n");
    check(
        &sample,
        "patch 0.4.5",
        &expect![[r#"
        $ release patch 0.4.5
        error: release.toml is not TOML
         --> release.toml:1:9
          |
        1 | [release
          |         ^ unclosed table, expected `]`
          |
          = help: correct the syntax

        (exit 2)
    "#]],
    );
}

#[test]
fn settings_can_be_another_file_than_that_of_the_repository() {
    let sample = Sample::new();
    sample.write("release.toml", "[release\n");
    let settings = sample.tmp.join("settings.toml");
    fs::write(&settings, "[[client]]\nname = \"meadow-client\"\npin = { release = \">=\" }\n").unwrap();
    let run = sample.release(&format!("patch 0.4.5 --dry-run --config {settings}")).expect(0);
    assert!(run.stdout.contains("meadow-client>=0.4.5"), "{}", run.stdout);
}

#[test]
fn a_manifest_that_git_tracks_and_the_disk_has_not_is_named() {
    let sample = Sample::new();
    fs::remove_file(sample.checkout.join("src/meadow_api/pyproject.toml")).unwrap();
    check(
        &sample,
        "patch 0.4.5",
        &expect![[r#"
        $ release patch 0.4.5
        error: could not read src/meadow_api/pyproject.toml: No such file or directory (os error 2); restore it with `git checkout -- src/meadow_api/pyproject.toml`, or leave it out in release.toml
        (exit 2)
    "#]],
    );
}

#[test]
fn a_manifest_that_became_a_link_is_not_written_through() {
    let sample = Sample::new();
    let manifest = sample.checkout.join("src/meadow_api/pyproject.toml");
    let outside = sample.root.join("outside.toml");
    fs::rename(&manifest, &outside).unwrap();
    symlink(&outside, &manifest).unwrap();
    check(
        &sample,
        "patch 0.4.5",
        &expect![[r#"
        $ release patch 0.4.5
        error: src/meadow_api/pyproject.toml is a symbolic link that leads out of the repository, to [DIR]/outside.toml; put the file itself there
        (exit 2)
    "#]],
    );

    fs::remove_file(&manifest).unwrap();
    fs::rename(&outside, sample.checkout.join("api.toml")).unwrap();
    symlink("../../api.toml", &manifest).unwrap();
    let before = sample.files();
    let run = sample.release("patch 0.4.5 -q");
    expect![[r#"
        $ release patch 0.4.5 -q
        error: uncommitted changes in src/meadow_api/pyproject.toml, and the release edits them
         |
         = help: commit them, or put them away with `git stash`

        (exit 1)
    "#]]
    .assert_eq(&sample.seen("$ release patch 0.4.5 -q", &run));
    sample.assert_unchanged(&before, "patch 0.4.5");
}

#[test]
fn a_manifest_that_git_has_as_a_link_is_left_and_v_says_so() {
    let sample = Sample::new();
    let outside = sample.root.join("outside.toml");
    fs::rename(sample.checkout.join("src/meadow_api/pyproject.toml"), &outside).unwrap();
    symlink(&outside, sample.checkout.join("src/meadow_api/pyproject.toml")).unwrap();
    sample.commit("chore: a link");
    let before = fs::read(&outside).unwrap();
    let run = sample.release("patch 0.4.5 -v").expect(0);
    assert!(run.stderr.contains("left   src/meadow_api/pyproject.toml: a symbolic link"), "{}", run.stderr);
    assert_eq!(fs::read(&outside).unwrap(), before);
}

#[test]
fn a_repository_that_git_does_not_trust_is_for_git_to_explain() {
    let sample = Sample::new();
    let run = crate::support::run(
        sample.xtask().env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1").args(["release", "patch", "0.4.5"]),
    )
    .expect(2);
    assert!(run.stderr.contains("safe.directory"), "{}", run.stderr);
    assert_eq!(git(&sample.checkout, &["status", "--short"]), "");
}
