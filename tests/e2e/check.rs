//! `release check`, `rules` and `explain`: what a person, a hook and a workflow see.

use crate::sample::Sample;
use crate::support::run;
use expect_test::expect;
use serde_json::{Value, json};
use std::fs;

/// The sample's release branch, with one pin that floats.
fn floating() -> Sample {
    let sample = Sample::new();
    let path = sample.checkout.join("src/meadow_agents/pyproject.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("meadow-client==0.4.4", "meadow-client>=0.4.4")).unwrap();
    sample
}

#[test]
fn a_finding_shows_its_line_its_level_and_the_way_out() {
    let sample = floating();
    let run = sample.release("check --ignore pin-sibling-unversioned").expect(1);
    expect![[r#"
        error[pin-tables]: two lists disagree about `meadow-client`: `==0.4.4` and `>=0.4.4`
          --> pyproject.toml:20:5
           |
        20 |     "meadow-client==0.4.4", # released together with the server
           |     ^^^^^^^^^^^^^^^^^^^^^^ `==0.4.4` in `project.optional-dependencies.client`
           |
          ::: src/meadow_agents/pyproject.toml:13:31
           |
        13 | dependencies = ["meadow-api", "meadow-client>=0.4.4"]
           |                               ---------------------- `>=0.4.4` in `project.dependencies`
           |
           = note: `pin-tables` is `error` by default
           = help: pin all of them to 0.4.4, the version of this tree

        error[pin-operator]: `meadow-client` is pinned by `>=0.4.4`, and on release-0.4.x it is `==`
          --> src/meadow_agents/pyproject.toml:13:31
           |
        13 | dependencies = ["meadow-api", "meadow-client>=0.4.4"]
           |                               ^^^^^^^^^^^^^^^^^^^^^^ `>=`
           |
           = note: `pin-operator` is `error` by default
           = help: write `meadow-client==` and the version, or say in release.toml how this client is pinned

    "#]]
    .assert_eq(&sample.normal(&run.stdout));
}

#[test]
fn the_first_line_names_the_branch_and_how_it_was_chosen() {
    let sample = Sample::new();
    sample.git(&["switch", "--quiet", "--create", "fix-a-gate"]);
    for (words, variables, line) in [
        ("check", &[][..], "checking the work tree as release-0.4.x, the nearest one"),
        ("check --branch main", &[], "checking the work tree as main, by `--branch`"),
        (
            "check",
            &[("GITHUB_BASE_REF", "release-0.3.x")],
            "checking the work tree as release-0.3.x, by GITHUB_BASE_REF",
        ),
        ("check", &[("GITHUB_REF_NAME", "main")], "checking the work tree as main, by GITHUB_REF_NAME"),
        ("check", &[("GITHUB_REF_NAME", "12/merge")], "checking the work tree as release-0.4.x, the nearest one"),
        ("check --rev v0.4.4^{commit}~1", &[], "checking v0.4.4^{commit}~1 as release-0.4.x, by its tag v0.4.3"),
        ("check --rev v0.3.1", &[("GITHUB_REF_NAME", "main")], "checking v0.3.1 as release-0.3.x, by its tag v0.3.1"),
        (
            "check --branch fix-a-gate",
            &[],
            "checking the work tree; its branch is not known: fix-a-gate is neither main nor the branch of a line",
        ),
    ] {
        let mut command = sample.xtask();
        command.arg("release").args(words.split(' ')).envs(variables.iter().copied());
        let said = run(&mut command).stderr;
        assert_eq!(said.lines().next(), Some(line), "{words} {variables:?}");
    }
}

#[test]
fn exit_codes_tell_findings_from_warnings_and_from_mistakes() {
    let sample = floating();
    for (words, code) in [
        ("check", 1),
        ("check --warn pin-operator --warn pin-tables", 0),
        ("check --warn pin-operator --warn pin-tables --deny-warnings", 1),
        ("check --rev no-such-thing", 2),
        ("check --warn pin-operater", 2),
        ("explain pin-operater", 2),
        ("check --fix --rev v0.4.4", 2),
        ("rules", 0),
        ("explain pin-operator", 0),
    ] {
        sample.release(words).expect(code);
    }
}

#[test]
fn a_list_of_rules_and_a_page_are_text_or_json() {
    let sample = Sample::new();
    let document = |words: &str| serde_json::from_str::<Value>(&sample.release(words).expect(0).stdout).unwrap();
    let explained = document("explain pin-operator --output-format json");
    assert_eq!((&explained["command"], &explained["level"]), (&json!("explain"), &json!("error")), "{explained}");
    assert!(explained["documentation"].as_str().unwrap().contains("## Why is this bad?"), "{explained}");
    let gone = document("explain workflow-script-injection --output-format json");
    assert!(gone["removed"].as_str().unwrap().contains("zizmor"), "{gone}");
    for words in ["explain pin-operator", "rules"] {
        let said = sample.release(&format!("{words} --output-format sarif")).expect(2);
        assert_eq!(
            (said.stdout.as_str(), said.stderr.contains("text or JSON")),
            ("", true),
            "{words}: {}",
            said.stderr
        );
    }
}

#[test]
fn a_rule_that_went_is_explained_by_where_it_went() {
    let sample = Sample::new();
    let said = sample.release("explain workflow-script-injection").expect(0).stdout;
    assert!(said.contains("no longer a rule of this tool: zizmor and actionlint"), "{said}");
    let said = sample.release("check --warn workflow-script-injection").expect(2).stderr;
    assert!(said.contains("no longer a rule of this tool"), "{said}");
}

#[test]
fn formats_are_for_editors_and_workflows() {
    let sample = floating();
    let words = "check --ignore pin-sibling-unversioned --ignore pin-tables --output-format";
    let concise = sample.release(&format!("{words} concise")).expect(1).stdout;
    expect![[r#"
        src/meadow_agents/pyproject.toml:13:31: error[pin-operator] `meadow-client` is pinned by `>=0.4.4`, and on release-0.4.x it is `==`
    "#]].assert_eq(&concise);
    let github = sample.release(&format!("{words} github")).expect(1).stdout;
    expect![[r#"
        ::error title=pin-operator,file=src/meadow_agents/pyproject.toml,line=13,endLine=13,col=31,endColumn=53::`meadow-client` is pinned by `>=0.4.4`, and on release-0.4.x it is `==`%0Ahelp: write `meadow-client==` and the version, or say in release.toml how this client is pinned
    "#]].assert_eq(&github);
}

#[test]
fn in_a_workflow_annotations_and_a_summary_are_written_without_being_asked_for() {
    let sample = floating();
    let summary = sample.tmp.join("summary.md");
    let mut command = sample.xtask();
    command.args(["release", "check"]).env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary);
    let said = run(&mut command).expect(1);
    assert!(said.stdout.lines().all(|line| line.starts_with("::")), "{}", said.stdout);
    let summary = fs::read_to_string(&summary).unwrap();
    assert!(summary.contains("| error | `pin-operator` | ` src/meadow_agents/pyproject.toml:"), "{summary}");
}

#[test]
fn unsafe_fixes_are_made_when_asked_for_and_shown_before() {
    let sample = floating();
    let before = sample.files();
    let siblings = "--ignore pin-sibling-unversioned";
    let shown = sample.release(&format!("check --unsafe-fixes --diff {siblings}")).expect(1);
    assert!(shown.stdout.contains("+dependencies = [\"meadow-api\", \"meadow-client==0.4.4\"]"), "{}", shown.stdout);
    sample.assert_unchanged(&before, "--diff");
    sample.release(&format!("check --fix {siblings}")).expect(1);
    sample.assert_unchanged(&before, "--fix, where no fix is safe");
    sample.release(&format!("check --unsafe-fixes {siblings}")).expect(0);
    assert_eq!(sample.git(&["status", "--porcelain"]), "");
}

#[test]
fn fixes_begin_with_what_an_interrupted_run_left() {
    let sample = Sample::new();
    let state = sample.checkout.join(".git/xtask-release");
    fs::create_dir_all(&state).unwrap();
    fs::write(state.join("journal.json"), "{").unwrap();
    sample.release("check").expect(0);
    let said = sample.release("check --fix").expect(2).stderr;
    assert!(said.contains("journal.json"), "{said}");
}

#[test]
fn levels_and_accepted_findings_come_from_release_toml_and_comments() {
    let sample = floating();
    let path = sample.checkout.join("release.toml");
    let check = || sample.release("check --output-format concise --ignore pin-tables --ignore pin-sibling-unversioned");
    fs::write(&path, "[rules]\npin-operator = \"warn\"\n").unwrap();
    let said = check().expect(0);
    assert!(said.stdout.contains("warn[pin-operator]"), "{}", said.stdout);
    fs::write(&path, "[[ignore]]\nrule = \"pin-operator\"\npath = \"src/meadow_agents\"\nreason = \"a demo\"\n")
        .unwrap();
    assert_eq!(check().expect(0).stdout, "");
    fs::remove_file(&path).unwrap();
    let manifest = sample.checkout.join("src/meadow_agents/pyproject.toml");
    let text = fs::read_to_string(&manifest).unwrap();
    let line = "dependencies = [\"meadow-api\", \"meadow-client>=0.4.4\"]";
    fs::write(&manifest, text.replace(line, &format!("{line} # release: ignore[pin-operator] a demo"))).unwrap();
    assert_eq!(check().expect(0).stdout, "");
}

#[test]
fn a_shallow_clone_is_checked_and_says_what_it_could_not() {
    let sample = Sample::new();
    let shallow = sample.root.join("shallow");
    let origin = format!("file://{}", sample.origin);
    crate::support::git(
        &sample.root,
        &["clone", "--quiet", "--depth=1", "--branch=release-0.4.x", &origin, shallow.as_str()],
    );
    let said = run(sample.xtask_in(&shallow).args(["release", "check"]));
    assert!(said.stderr.contains("skipped"), "{}", said.stderr);
    assert!(said.stderr.contains("fetch-depth: 0"), "{}", said.stderr);
}

#[test]
fn files_that_are_pipes_links_in_a_circle_or_huge_are_named() {
    for (what, message) in [
        ("a pipe", "is not a regular file"),
        ("a circle", "could not read pyproject.toml"),
        ("huge", "bytes, and no more than"),
    ] {
        let sample = Sample::new();
        let path = sample.checkout.join("pyproject.toml");
        fs::remove_file(&path).unwrap();
        match what {
            "a pipe" => drop(run(std::process::Command::new("mkfifo").arg(&path)).expect(0)),
            "a circle" => std::os::unix::fs::symlink("pyproject.toml", &path).unwrap(),
            _ => fs::File::create(&path).unwrap().set_len(1 << 30).unwrap(),
        }
        for words in ["check", "patch 0.4.5"] {
            let said = sample.release(words).expect(2).stderr;
            assert!(said.contains(message), "{what}, {words}: {said}");
        }
    }
}

#[test]
fn a_huge_file_of_a_revision_is_not_read() {
    let sample = Sample::new();
    fs::File::create(sample.checkout.join("uv.lock")).unwrap().set_len(65 << 20).unwrap();
    sample.git(&["commit", "--quiet", "--all", "--message", "huge"]);
    let said = sample.release("check --rev HEAD").expect(2).stderr;
    assert!(said.contains("uv.lock has 68157440 bytes"), "{said}");
}

#[test]
fn hostile_trees_end_in_a_message_and_never_in_a_panic() {
    for (path, content) in [
        ("pyproject.toml", "[".repeat(200_000)),
        ("pyproject.toml", "\u{0}".repeat(100)),
        ("uv.lock", "[[package]]\n".repeat(50_000)),
        ("uv.lock", format!("a = {}", "{ b = ".repeat(50_000))),
        ("src/meadow_ui/package.json", "[".repeat(200_000)),
        ("src/meadow_ui/package-lock.json", "{\"packages\": ".repeat(50_000)),
        ("src/meadow_ui/package-lock.json", String::new()),
    ] {
        let sample = Sample::new();
        fs::write(sample.checkout.join(path), content).unwrap();
        let run = sample.release("check --output-format concise");
        assert!(matches!(run.code, Some(1 | 2)), "{path}: {:?} {}", run.code, run.stderr);
        assert!(!run.stderr.contains("panicked"), "{path}: {}", run.stderr);
    }
}

#[test]
fn the_nearest_tag_that_no_build_can_read_is_named_and_one_further_back_is_not() {
    let sample = Sample::new();
    sample.git(&["tag", "2026-event", "v0.4.4"]);
    assert!(!sample.release("check").stdout.contains("2026-event"), "v0.4.4 is on the same commit and comes first");
    sample.git(&["tag", "2026-fair"]);
    let said = sample.release("check").expect(1).stdout;
    assert!(said.contains("error[tag-unreadable]: 2026-fair is the nearest tag with a digit"), "{said}");
    sample.git(&["tag", "--annotate", "--message", "0.4.5", "v0.4.5"]);
    let said = sample.release("check --output-format concise").stdout;
    assert!(!said.contains("tag-unreadable"), "{said}");
}

#[test]
fn a_manifest_that_cannot_be_read_hides_no_other_finding() {
    let sample = Sample::new();
    sample.write("src/meadow_agents/pyproject.toml", "[project\n");
    sample.write("src/meadow_ui/package-lock.json", "{");
    sample.write(".github/workflows/a.yml", "a: 'b");
    sample.commit("chore: broken");
    for words in ["check --output-format json", "check --rev HEAD --output-format json"] {
        let run = sample.release(words).expect(1);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).expect("one document");
        let found: Vec<_> = document["diagnostics"].as_array().unwrap().iter().map(|found| &found["rule"]).collect();
        for rule in ["npm-syntax", "version-unreadable", "workflow-syntax", "pin-sibling-unversioned"] {
            assert!(found.iter().any(|found| **found == rule), "{words}: {rule}: {found:?}");
        }
    }
    let shown = sample.release("check").expect(1).stdout;
    assert!(shown.contains("src/meadow_agents/pyproject.toml:1:9"), "the place is shown: {shown}");
    // Nothing is mended in a tree that is not understood.
    let refusal = sample.refusal("check --fix");
    assert!(refusal.contains("src/meadow_agents/pyproject.toml is not TOML"), "{refusal}");
}
