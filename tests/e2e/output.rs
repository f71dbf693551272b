//! The streams of a run: text, JSON, quiet, verbose, colour.

use crate::sample::Sample;
use crate::support::{Run, directory, release, run};
use expect_test::expect;
use serde_json::Value;
use std::process::Command;

/// The JSON of a run: the only thing on stdout.
#[track_caller]
fn document(run: &Run) -> Value {
    let document: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout));
    let keys: Vec<&str> = document.as_object().unwrap().keys().map(String::as_str).collect();
    let mut wanted = [
        "schema_version",
        "command",
        "outcome",
        "dry_run",
        "release",
        "early",
        "refs",
        "files",
        "problems",
        "warnings",
        "next",
    ];
    wanted.sort_unstable();
    let mut sorted = keys.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, wanted);
    assert_eq!((&document["schema_version"], &document["command"]), (&Value::from(1), &Value::from("prepare")));
    document
}

/// The outcome and the references of a document, a line each.
fn refs(sample: &Sample, document: &Value) -> String {
    let mut text = format!("{}\n", document["outcome"].as_str().unwrap());
    for reference in document["refs"].as_array().unwrap() {
        let text_of = |key: &str| reference[key].as_str().unwrap_or("-").to_owned();
        text += &format!("{} {} {}\n", text_of("role"), text_of("name"), text_of("commit"));
    }
    sample.normal(&text)
}

#[test]
fn every_outcome_is_a_document_with_its_references() {
    let mut seen = Vec::new();
    for (branch, words) in [
        ("release-0.4.x", "patch 0.4.5 --dry-run"),
        ("release-0.4.x", "patch 0.4.5"),
        ("release-0.4.x", "patch 0.4.4"),
        ("release-0.4.x", "patch 0.4.6"),
        ("release-0.4.x", "patch 0.4.5 --commit"),
        ("release-0.4.x", "patch 0.4.5 --commit --branch"),
        ("main", "patch 0.4.5"),
        ("main", "minor 0.5.0 --early tested"),
        ("main", "minor 0.5.0 --early tested --commit"),
        ("main", "minor 0.5.0 --early tested --commit --branch"),
    ] {
        let sample = Sample::on(branch);
        let run = sample.release(&format!("{words} --output-format json"));
        seen.push(format!("{branch}: {words}\n{}", refs(&sample, &document(&run))));
        if words == "patch 0.4.5" && branch != "main" {
            let again = document(&sample.release("patch 0.4.5 --output-format json").expect(0));
            assert_eq!(again["outcome"], "nothing-to-do");
            assert!(again["files"].as_array().unwrap().iter().all(|file| file["changed"] == false));
        }
    }
    expect![[r#"
        release-0.4.x: patch 0.4.5 --dry-run
        planned
        work-tree refs/heads/release-0.4.x [ID]
        tag refs/tags/v0.4.5 -

        release-0.4.x: patch 0.4.5
        written
        work-tree refs/heads/release-0.4.x [ID]
        tag refs/tags/v0.4.5 -

        release-0.4.x: patch 0.4.4
        nothing-to-do
        work-tree refs/heads/release-0.4.x [ID]
        tag refs/tags/v0.4.4 [ID]

        release-0.4.x: patch 0.4.6
        refused
        work-tree refs/heads/release-0.4.x [ID]
        tag refs/tags/v0.4.6 -

        release-0.4.x: patch 0.4.5 --commit
        committed
        commit refs/heads/release-0.4.x [ID]
        tag refs/tags/v0.4.5 -

        release-0.4.x: patch 0.4.5 --commit --branch
        committed
        base refs/heads/release-0.4.x [ID]
        commit refs/heads/prepare-v0.4.5 [ID]
        tag refs/tags/v0.4.5 -

        main: patch 0.4.5
        refused

        main: minor 0.5.0 --early tested
        written
        cut-from refs/heads/main [ID]
        work-tree refs/heads/release-0.5.x [ID]
        tag refs/tags/v0.5.0 -

        main: minor 0.5.0 --early tested --commit
        committed
        cut-from refs/heads/main [ID]
        commit refs/heads/release-0.5.x [ID]
        tag refs/tags/v0.5.0 -

        main: minor 0.5.0 --early tested --commit --branch
        committed
        cut-from refs/heads/main [ID]
        create refs/heads/release-0.5.x [ID]
        commit refs/heads/prepare-v0.5.0 [ID]
        tag refs/tags/v0.5.0 -
    "#]]
    .assert_eq(&seen.join("\n"));
}

#[test]
fn the_commits_of_a_document_are_those_of_the_repository() {
    let sample = Sample::on("main");
    let found =
        document(&sample.release("minor 0.5.0 --early tested --commit --branch --output-format json").expect(0));
    for reference in found["refs"].as_array().unwrap() {
        let name = reference["name"].as_str().unwrap();
        if reference["role"] == "tag" {
            assert_eq!(reference["commit"], Value::Null);
        } else {
            assert_eq!(reference["commit"], sample.id(name), "{name}");
        }
    }
}

#[test]
fn the_sites_of_a_document_are_where_it_says() {
    let sample = Sample::new();
    let found = document(&sample.release("patch 0.4.5 --dry-run --output-format json").expect(0));
    assert_eq!(found["release"]["tag"], "v0.4.5");
    let mut seen = 0;
    for file in found["files"].as_array().unwrap() {
        let text = sample.read(file["path"].as_str().unwrap());
        for site in file["sites"].as_array().unwrap() {
            let at = |index: usize| usize::try_from(site["span"][index].as_u64().unwrap()).unwrap();
            let old = site["old"].as_str().unwrap();
            assert!(text[at(0)..at(1)].contains(old), "{site} is {}", &text[at(0)..at(1)]);
            assert_eq!(
                text[..at(0)].matches('\n').count() + 1,
                usize::try_from(site["line"].as_u64().unwrap()).unwrap()
            );
            seen += 1;
        }
    }
    assert_eq!(seen, 8);
    assert!(
        found["next"].as_array().unwrap().iter().all(|step| step["title"].is_string() && step["commands"].is_array())
    );
}

#[test]
fn the_problems_of_a_document_have_their_places() {
    let sample = Sample::new();
    sample.edit("pyproject.toml", "dev = [", "dev = [[");
    let found = document(&sample.release("patch 0.4.6 --output-format json").expect(1));
    assert_eq!(found["outcome"], "refused");
    let problems = found["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 2, "{problems:#?}");
    assert!(problems.iter().all(|problem| problem["message"].is_string() && problem["help"].is_string()));
    assert_eq!(problems[1]["labels"][0]["path"], "pyproject.toml");
}

#[test]
fn a_commit_that_a_hook_refuses_is_a_document_too() {
    for branch in ["release-0.4.x", "main"] {
        let sample = Sample::on(branch);
        sample.hook("pre-commit", "echo on stdout; echo on stderr >&2; exit 1");
        let found = document(&sample.release("patch 0.4.5 --commit --output-format json").expect(1));
        assert_eq!(found["outcome"], "refused");
        assert!(found["problems"][0]["message"].as_str().unwrap().contains("the pre-commit hook refused"));
    }
}

#[test]
fn what_ends_with_2_has_no_document() {
    let sample = Sample::new();
    for words in ["patch 0.4", "patch 0.5.0", "patch 0.4.5 --repo /missing", "patch 0.4.5 --config missing.toml"] {
        let run = sample.release(&format!("{words} --output-format json")).expect(2);
        assert!(run.stdout.is_empty() && run.stderr.starts_with("error: "), "{}", run.stderr);
    }
}

#[test]
fn quiet_says_nothing_when_all_is_well() {
    for words in ["patch 0.4.5 -q", "patch v0.4.5 --commit --quiet", "minor 0.5.0 --early tested --commit --branch -q"]
    {
        let sample = Sample::new();
        let run = sample.release(words).expect(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{words}");
        let run = sample.release(words).expect(0);
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""), "{words}");
    }
    let run = Sample::new().release("patch 0.4.5 -q --dry-run").expect(0);
    assert!(run.stdout.starts_with("--- a/") && run.stderr.is_empty(), "{}", run.stderr);
}

#[test]
fn verbose_says_what_was_taken_and_left_and_why() {
    let sample = Sample::new();
    sample.write("examples/pyproject.toml", "[project]\nname = \"mine\"\nversion = \"1\"\n");
    let run = sample.release("patch 0.4.5 --dry-run -v").expect(0);
    let found: String =
        run.stderr.split("\n\n").nth(1).unwrap().lines().take(20).map(|line| format!("{line}\n")).collect();
    expect![[r#"
          taken  pyproject.toml: meadow, its version comes from setuptools-scm
          taken  src/meadow_agents/pyproject.toml: meadow_agents, its version comes from setuptools-scm
          taken  src/meadow_api/pyproject.toml: meadow-api, its version comes from setuptools-scm
          client meadow-client: it is named after a package
          ui     src/meadow_ui asks for meadow-client
          left   tests/external/meadow-weather/pyproject.toml: a test fixture, below `tests`
          left   examples/pyproject.toml: git does not track it
          site   pyproject.toml:6:20 [tool.setuptools_scm] 0.4.4: changes
          site   pyproject.toml:15:5 [project.dependencies] meadow-api: kept
          site   pyproject.toml:20:5 [project.optional-dependencies.client] meadow-client==0.4.4: changes
          site   pyproject.toml:26:5 [dependency-groups.type_checking] meadow-client[cli] ==0.4.4 ; python_version < "4": changes
          site   src/meadow_agents/pyproject.toml:13:17 [project.dependencies] meadow-api: kept
          site   src/meadow_agents/pyproject.toml:13:31 [project.dependencies] meadow-client==0.4.4: changes
          site   src/meadow_agents/pyproject.toml:16:20 [tool.setuptools_scm] 0.4.4: changes
          site   src/meadow_api/pyproject.toml:14:20 [tool.setuptools_scm] 0.4.4: changes
        would change 3 files: 3 versions, 3 pins; dry run, nothing was changed
    "#]].assert_eq(&found);
}

#[test]
fn very_verbose_shows_at_most_ten_git_commands_of_a_dry_run() {
    let sample = Sample::new();
    let run = sample.release("patch 0.4.5 --dry-run -vv").expect(0);
    let commands: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("+ git ")).collect();
    assert!((1..=10).contains(&commands.len()), "{commands:#?}");
    assert!(commands.iter().any(|command| command.contains(" ls-remote -- origin")), "{commands:#?}");
}

#[test]
fn colour_is_there_when_asked_for_and_never_in_a_file() {
    let sample = Sample::new();
    let escapes = |words: &str| {
        let run = sample.release(words);
        (run.stdout.contains('\u{1b}'), run.stderr.contains('\u{1b}'))
    };
    assert_eq!(escapes("patch 0.4.5 --dry-run --color always"), (true, true));
    assert_eq!(escapes("patch 0.4.5 --dry-run --color never"), (false, false));
    assert_eq!(escapes("patch 0.4.5 --dry-run"), (false, false));
    assert_eq!(escapes("patch 0.4.6 --color always"), (false, true));
    assert_eq!(escapes("patch 0.4.6 --color never"), (false, false));
    assert_eq!(escapes("patch 0.4.5 --dry-run --color always --output-format json"), (false, true));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let sample = Sample::new();
    let binary = env!("CARGO_BIN_EXE_xtask");
    let script = format!("'{binary}' release patch 0.4.5 --dry-run -q | true");
    let run = run(std::process::Command::new("sh").current_dir(&sample.checkout).args(["-c", &script]));
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
}

#[test]
fn the_script_of_each_shell_has_every_word_and_that_of_bash_completes_them() {
    let (_temporary, folder) = directory();
    let script = |shell: &str| release(&folder, &["completions", shell]).expect(0).stdout;
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = script(shell);
        for word in ["cargo-xtask", "relock", "adopt-scm"] {
            assert!(script.contains(word), "{shell} has no {word}: {script}");
        }
    }
    let ask = r#"
        eval "$SCRIPT"; COMP_WORDS=(cargo-xtask "$@"); COMP_CWORD=$#
        completes=$(complete -p cargo-xtask); completes=${completes#*-F }
        ${completes%% *} cargo-xtask "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; echo "${COMPREPLY[@]}""#;
    for (words, completed) in [
        (&["rel"][..], "release"),
        (&["release", "rel"], "relock"),
        (&["release", "rc", "--patch"], "--patch-candidate"),
        (&["release", "completions", "z"], "zsh"),
        (&["release", "no-such-word"], ""),
    ] {
        let answer = run(Command::new("bash").args(["-c", ask, "bash"]).args(words).env("SCRIPT", script("bash")));
        assert_eq!(answer.expect(0).stdout.trim_end(), completed, "{words:?}");
    }
    let refused = release(&folder, &["completions", "tcsh"]).expect(2);
    assert!(refused.stderr.contains("possible values: bash, elvish, fish, powershell, zsh"), "{}", refused.stderr);
}
