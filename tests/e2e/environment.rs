//! Places and settings that a run cannot work with: exit 2, and nothing is changed.

use crate::sample::Sample;
use crate::support::{executable, git, run};
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

/// Variables of git's, with values that lead elsewhere or mean something else.
const ODD: [(&str, &str); 38] = [
    ("GIT_DIR", "/nowhere"),
    ("GIT_WORK_TREE", "/nowhere"),
    ("GIT_IMPLICIT_WORK_TREE", "0"),
    ("GIT_INDEX_FILE", "/nowhere/index"),
    ("GIT_PREFIX", "src/"),
    ("GIT_INTERNAL_SUPER_PREFIX", "src/"),
    ("GIT_COMMON_DIR", "/nowhere"),
    ("GIT_OBJECT_DIRECTORY", "/nowhere"),
    ("GIT_ALTERNATE_OBJECT_DIRECTORIES", "/nowhere"),
    ("GIT_NAMESPACE", "other"),
    ("GIT_CONFIG", "/nowhere"),
    ("GIT_GRAFT_FILE", "/nowhere"),
    ("GIT_SHALLOW_FILE", "/nowhere"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_REPLACE_REF_BASE", "refs/heads/"),
    ("GIT_REF_PARANOIA", "0"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_GLOB_PATHSPECS", "1"),
    ("GIT_NOGLOB_PATHSPECS", "1"),
    ("GIT_ICASE_PATHSPECS", "1"),
    ("GIT_ATTR_SOURCE", "nothing"),
    ("GIT_EXTERNAL_DIFF", "false"),
    ("GIT_EXTERNAL_DIFF_TRUST_EXIT_CODE", "1"),
    ("GIT_DIFF_OPTS", "--unified=0"),
    ("GIT_DEFAULT_HASH", "sha256"),
    ("GIT_DEFAULT_REF_FORMAT", "reftable"),
    ("GIT_REFERENCE_BACKEND", "reftable"),
    ("GIT_TEMPLATE_DIR", "/nowhere"),
    ("GIT_PAGER_IN_USE", "true"),
    // These are left to the user, and change no answer.
    ("GIT_TRACE", "1"),
    ("GIT_TRACE_SETUP", "2"),
    ("GIT_TRACE2", "1"),
    ("GIT_CEILING_DIRECTORIES", "/"),
    ("GIT_DISCOVERY_ACROSS_FILESYSTEM", "0"),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_INDEX_VERSION", "4"),
    ("GIT_EDITOR", "false"),
    ("GIT_PAGER", "false"),
];

#[test]
fn no_variable_of_gits_changes_what_is_read_or_made() {
    let made = |variables: &[(&str, &str)]| {
        let sample = Sample::on("main");
        let run = |words: &str, code: i32| {
            let mut command = sample.xtask();
            command.arg("release").args(words.split(' ')).envs(variables.iter().copied());
            run(&mut command).expect(code).stdout
        };
        let read = run("check --offline --output-format json", 0);
        let planned = run("version --plan-tags --output-format json", 0);
        run("patch 0.4.5 --commit --offline", 0);
        sample.git(&["switch", "--quiet", "release-0.4.x"]);
        let here = sample.git(&["for-each-ref", "--format=%(refname) %(tree)"]);
        (sample.normal(&read), planned.matches("\"right\"").count(), here, sample.status())
    };
    let without = made(&[]);
    // All of them together; each alone where one has to be named, or time does not matter.
    let with_all = made(&ODD);
    if crate::support::is_thorough() || with_all != without {
        for variable in ODD {
            assert_eq!(made(&[variable]), without, "{variable:?}");
        }
    }
    assert_eq!(with_all, without, "all together");
}

#[test]
fn every_variable_by_which_git_names_a_repository_is_decided_on() {
    // How `git -c` and workflows say settings of the user's.
    const LEFT: [&str; 2] = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];
    let (_directory, root) = crate::support::directory();
    for name in git(&root, &["rev-parse", "--local-env-vars"]).lines() {
        assert!(LEFT.contains(&name) || ODD.iter().any(|(odd, _)| *odd == name), "{name}");
    }
}

#[test]
fn neither_git_nor_a_filter_is_taken_from_the_tree() {
    let sample = Sample::new();
    let record = sample.root.join("record");
    for (path, word) in [("git", "git"), ("bin/git", "git"), ("filter", "filter"), ("bin/filter", "filter")] {
        let script = format!("#!/bin/sh\necho {word} >> '{record}'\ncat\n");
        executable(&sample.checkout.join(path), script.as_bytes());
    }
    sample.write(".gitattributes", "*.toml filter=tree\n");
    sample.commit("chore: programs");
    // The user names a filter, and means one of their own.
    sample.git(&["config", "filter.tree.clean", "filter"]);
    let path = std::env::var("PATH").unwrap();
    for relative in [".:", ":", "bin:", "./bin:", "../checkout/bin:.:"] {
        for words in ["check --offline", "patch 0.4.5 --offline --dry-run", "patch 0.4.5 --offline --commit"] {
            let mut command = sample.xtask();
            command.arg("release").args(words.split(' ')).env("PATH", format!("{relative}{path}"));
            run(&mut command);
            assert!(!record.exists(), "{relative} {words}");
        }
    }
    let mut command = sample.xtask();
    let run = run(command.args(["release", "patch", "0.4.5", "--offline"]).env("PATH", ".:bin")).expect(2);
    expect![[r#"
        error: git is not there: install git 2.31 or later, and see that its directory is on the PATH by an absolute path; relative ones are not searched, for they would be the repository's
    "#]].assert_eq(&sample.normal(&run.stderr));
    assert!(!record.exists());
}
