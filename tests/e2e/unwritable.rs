//! Streams that cannot be written: nothing panics, no work is undone, and a lost stdout is never a success.

use crate::sample::Sample;
use crate::support::{ENVIRONMENT, Run, run};
use camino::Utf8Path;
use std::process::Command;

/// Commands that change nothing, with the code that they end with. What a sandbox adds is the last one's.
const COMMANDS: [(&str, i32); 17] = [
    ("--help", 0),
    ("--version", 0),
    ("release --help", 0),
    ("release rules", 0),
    ("release rules --output-format json", 0),
    ("release explain pin-operator", 0),
    ("release check", 0),
    ("release check --output-format json", 0),
    ("release check --output-format sarif", 0),
    ("release check --output-format junit", 0),
    ("release audit --output-format html", 1),
    ("release audit", 1),
    ("release version --mode nightly --rev main", 0),
    ("release pins", 0),
    ("release patch 0.4.5 --dry-run", 0),
    ("release patch 0.4.5 --dry-run --output-format json", 0),
    ("release patch 0.4.5 --sandbox", 0),
];

/// Runs the binary with its streams redirected as a shell does it.
fn redirected(directory: &Utf8Path, words: &str, redirection: &str) -> Run {
    let script = format!("exec {} {words} {redirection}", env!("CARGO_BIN_EXE_xtask"));
    let mut command = Command::new("sh");
    command.current_dir(directory).envs(ENVIRONMENT).env("RUST_BACKTRACE", "0").args(["-c", &script]);
    run(&mut command)
}

#[test]
fn a_full_stdout_is_said_and_ends_with_2_everywhere() {
    let sample = Sample::on("release-0.4.x");
    for (words, code) in COMMANDS {
        let plain = redirected(&sample.checkout, words, "").expect(code);
        let run = redirected(&sample.checkout, words, ">/dev/full");
        // A command that has nothing for stdout loses nothing.
        let wanted = if plain.stdout.is_empty() { plain.code } else { Some(2) };
        assert_eq!(run.code, wanted, "{words}: {}", run.stderr);
        assert_eq!(run.stderr.contains("could not write to stdout"), wanted == Some(2), "{words}: {}", run.stderr);
        assert!(!run.stderr.contains("panicked"), "{words}: {}", run.stderr);
    }
}

#[test]
fn work_that_was_done_is_said_to_be_done_when_its_output_is_lost() {
    let sample = Sample::on("release-0.4.x");
    let run = redirected(&sample.checkout, "release patch 0.4.5 --commit --offline", ">/dev/full").expect(2);
    assert!(run.stderr.contains("the command itself is done and would have ended with exit 0"), "{}", run.stderr);
    assert_eq!(sample.git(&["log", "-1", "--format=%s"]), sample.git(&["log", "-1", "--format=%s", "release-0.4.x"]));
    assert!(sample.git(&["show", "HEAD:pyproject.toml"]).contains("0.4.5"));
}

#[test]
fn a_reader_that_has_gone_away_is_no_success_and_hides_no_verdict() {
    let sample = Sample::on("release-0.4.x");
    for (words, code) in [("release rules", 2), ("release audit", 1), ("--help", 2)] {
        // The reader is gone before the first word is written.
        let script = format!(
            "{{ sleep 0.2; {} {words} 2>err; echo $? >code; }} | true; while ! [ -s code ]; do sleep 0.1; done; cat code err; rm code err",
            env!("CARGO_BIN_EXE_xtask")
        );
        let mut command = Command::new("sh");
        let seen = run(command.current_dir(&sample.checkout).envs(ENVIRONMENT).args(["-c", &script])).stdout;
        assert!(seen.starts_with(&format!("{code}\n")) && !seen.contains("panicked"), "{words}: {seen}");
        assert!(!seen.contains("could not write"), "{words}: {seen}");
    }
}

#[test]
fn a_stderr_that_cannot_be_written_changes_nothing() {
    let sample = Sample::on("release-0.4.x");
    let more = [("release check --branch nonsense", 0), ("release nonsense", 2), ("release patch 0.4.4 -vv", 0)];
    for (words, code) in COMMANDS.into_iter().chain(more) {
        for redirection in ["2>/dev/full", "2>&-", ">&- 2>&-"] {
            let run = redirected(&sample.checkout, words, redirection);
            assert_eq!(run.code, Some(code), "{words} {redirection}: {}", run.stdout);
        }
    }
    redirected(&sample.checkout, "release patch 0.4.5 --commit --offline", "2>/dev/full").expect(0);
    assert!(sample.git(&["show", "HEAD:pyproject.toml"]).contains("0.4.5"));
}

#[test]
fn files_for_a_workflow_that_cannot_be_written_end_with_2() {
    let sample = Sample::on("release-0.4.x");
    for (words, variable) in [
        ("release check --output-format github", "GITHUB_STEP_SUMMARY"),
        ("release version --mode test --version 0.4.5rc1 --github-output", "GITHUB_OUTPUT"),
    ] {
        let mut command = sample.xtask();
        let run = run(command.args(words.split(' ')).env(variable, "/dev/full")).expect(2);
        assert!(run.stderr.contains("/dev/full"), "{words}: {}", run.stderr);
    }
}
