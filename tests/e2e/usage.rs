//! Command lines that make no sense: exit 2, nothing read and nothing written.

use crate::sample::Sample;
use expect_test::{Expect, expect};

/// Runs each of these, which must end with 2, and compares what a person sees.
#[track_caller]
fn check(commands: &[&str], expected: &Expect) {
    let sample = Sample::new();
    let seen: Vec<String> = commands
        .iter()
        .map(|words| {
            let seen = sample.refusal(words);
            assert!(seen.ends_with("(exit 2)\n"), "{seen}");
            seen
        })
        .collect();
    expected.assert_eq(&seen.join("\n"));
}

#[test]
fn a_version_that_is_none_is_told_how_to_be_written() {
    check(
        &["patch 0.4", "patch 0.4.5-rc1", "patch 0.4.05", "patch 0.4.5.dev0", "patch latest"],
        &expect![[r#"
        $ release patch 0.4
        error: `0.4` has 2 of the three numbers of a release: write X.Y.Z, such as `0.4.0`

        (exit 2)

        $ release patch 0.4.5-rc1
        error: `0.4.5-rc1` is not in PEP 440's normal form: write `0.4.5rc1`

        (exit 2)

        $ release patch 0.4.05
        error: `0.4.05` is not in PEP 440's normal form: write `0.4.5`

        (exit 2)

        $ release patch 0.4.5.dev0
        error: `0.4.5.dev0` is not a version that is released here: a release is X.Y.Z, a candidate X.Y.ZrcN

        (exit 2)

        $ release patch latest
        error: `latest` is not a version: write X.Y.Z, such as `0.4.5`, or X.Y.ZrcN for a candidate

        (exit 2)
    "#]],
    );
}

#[test]
fn a_version_of_another_kind_is_told_its_command() {
    check(
        &[
            "patch 0.5.0",
            "minor 0.5.1",
            "minor 1.0.0",
            "major 0.5.0",
            "rc 0.5.0",
            "patch 0.4.5rc1",
            "minor 0.5.0rc1",
            "rc 0.4.5rc1",
            "rc 0.5.0rc1 --patch-candidate",
        ],
        &expect![[r#"
            $ release patch 0.5.0
            error: 0.5.0 is a minor, not a patch
             |
             = help: `cargo xtask release minor 0.5.0`

            (exit 2)

            $ release minor 0.5.1
            error: 0.5.1 is a patch, not a minor
             |
             = help: `cargo xtask release patch 0.5.1`

            (exit 2)

            $ release minor 1.0.0
            error: 1.0.0 is a major, not a minor
             |
             = help: `cargo xtask release major 1.0.0`

            (exit 2)

            $ release major 0.5.0
            error: 0.5.0 is a minor, not a major
             |
             = help: `cargo xtask release minor 0.5.0`

            (exit 2)

            $ release rc 0.5.0
            error: 0.5.0 is no candidate
             |
             = help: `cargo xtask release minor 0.5.0`

            (exit 2)

            $ release patch 0.4.5rc1
            error: 0.4.5rc1 is a candidate
             |
             = help: `cargo xtask release rc 0.4.5rc1 --patch-candidate`

            (exit 2)

            $ release minor 0.5.0rc1
            error: 0.5.0rc1 is a candidate
             |
             = help: `cargo xtask release rc 0.5.0rc1`

            (exit 2)

            $ release rc 0.4.5rc1
            error: 0.4.5rc1 is a candidate of a patch; patches usually have none
             |
             = help: `cargo xtask release rc 0.4.5rc1 --patch-candidate`

            (exit 2)

            $ release rc 0.5.0rc1 --patch-candidate
            error: 0.5.0rc1 is no candidate of a patch
             |
             = help: `cargo xtask release rc 0.5.0rc1`

            (exit 2)
        "#]],
    );
}

#[test]
fn a_command_or_an_option_that_is_mistyped_is_told_the_right_one() {
    check(
        &[
            "pach 0.4.5",
            "patch",
            "patch 0.4.5 --dryrun",
            "patch 0.4.5 --branch",
            "patch 0.4.5 --signoff",
            "patch 0.4.5 --quiet --verbose",
            "patch 0.4.5 --offline --fetch",
            "patch 0.4.5 --keep-sandbox",
            "patch 0.4.5 --sandbox --repo .",
            "patch 0.4.5 --output-format yaml",
        ],
        &expect![[r#"
            $ release pach 0.4.5
            error: unrecognized subcommand 'pach'

              tip: a similar subcommand exists: 'patch'

            Usage: cargo xtask release [OPTIONS] <COMMAND>

            For more information, try '--help'.
            (exit 2)

            $ release patch
            error: the following required arguments were not provided:
              <VERSION>

            Usage: cargo xtask release patch <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --dryrun
            error: unexpected argument '--dryrun' found

              tip: a similar argument exists: '--dry-run'

            Usage: cargo xtask release patch --dry-run <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --branch
            error: the following required arguments were not provided:
              --commit

            Usage: cargo xtask release patch --commit --branch [<NAME>] <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --signoff
            error: the following required arguments were not provided:
              --commit

            Usage: cargo xtask release patch --commit --signoff <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --quiet --verbose
            error: the argument '--quiet' cannot be used with '--verbose...'

            Usage: cargo xtask release patch --quiet <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --offline --fetch
            error: the argument '--offline' cannot be used with '--fetch'

            Usage: cargo xtask release patch --offline <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --keep-sandbox
            error: the following required arguments were not provided:
              --sandbox

            Usage: cargo xtask release patch --sandbox --keep-sandbox <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --sandbox --repo .
            error: the argument '--sandbox' cannot be used with '--repo <DIR>'

            Usage: cargo xtask release patch --sandbox <VERSION>

            For more information, try '--help'.
            (exit 2)

            $ release patch 0.4.5 --output-format yaml
            error: invalid value 'yaml' for '--output-format <FORMAT>'
              [possible values: text, json, concise, github, sarif, junit, html]

            For more information, try '--help'.
            (exit 2)
        "#]],
    );
}

#[test]
fn a_version_with_the_v_of_its_tag_is_accepted_and_said() {
    let sample = Sample::new();
    let run = sample.release("patch v0.4.5 --dry-run").expect(0);
    assert_eq!(run.stderr.lines().next(), Some("reading `v0.4.5` as 0.4.5"));
}

#[test]
fn help_and_version_need_no_repository() {
    let sample = Sample::new();
    for words in ["--help", "patch --help", "rc --help"] {
        let run = crate::support::run(sample.xtask_in(&sample.tmp).arg("release").args(words.split(' ')));
        assert!(run.expect(0).stdout.contains("Usage: cargo xtask release"), "{words}");
    }
}
