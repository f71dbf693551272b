//! The user's own git hooks: they run, they see what they expect, and one that refuses loses nothing.

use crate::sample::{MANIFESTS, Sample};
use crate::support::{ENVIRONMENT, run};
use expect_test::expect;
use std::fs;
use std::process::Command;

/// Looks like the pre-commit framework on a lockfile that cannot be right yet, and honours its `SKIP`.
const FRAMEWORK: &str = "case \",$SKIP,\" in *,uv-lock,*) exit 0;; esac
printf 'ruff.....................Passed\\nuv-lock..................Failed\\n- hook id: uv-lock\\n- exit code: 1\\n'
exit 1";

/// The command between the backquotes of the help, run in the checkout.
#[track_caller]
fn run_what_is_printed(sample: &Sample, said: &str) {
    let help = said.lines().find(|line| line.contains("= help: ")).expect(said);
    let command = help.split('`').nth(1).expect(help);
    let command = command.replace("cargo xtask ", &format!("'{}' ", env!("CARGO_BIN_EXE_xtask")));
    let mut shell = Command::new("sh");
    shell.current_dir(&sample.checkout).envs(ENVIRONMENT).env("TMPDIR", &sample.tmp).args(["-c", &command]);
    run(&mut shell).expect(0);
}

#[test]
fn a_hook_of_the_pre_commit_framework_that_refuses_is_named_and_the_next_command_works() {
    let sample = Sample::new();
    sample.hook("pre-commit", FRAMEWORK);
    let run = sample.release("patch 0.4.5 --commit --signoff -q").expect(1);
    expect![[r#"
        ruff.....................Passed
        uv-lock..................Failed
        - hook id: uv-lock
        - exit code: 1
        error: the pre-commit hook refused the commit: uv-lock failed; the edits are in the work tree, uncommitted
         |
         = help: `SKIP=uv-lock cargo xtask release patch 0.4.5 --commit --signoff -q` goes on without, for what cannot be right yet, as a lockfile before the client is published

    "#]].assert_eq(&sample.normal(&run.stderr));
    // Nothing is lost: the edits are there, uncommitted.
    assert_eq!(sample.status().len(), MANIFESTS.len());
    assert!(sample.read("pyproject.toml").contains("meadow-client==0.4.5"));
    run_what_is_printed(&sample, &run.stderr);
    assert_eq!(sample.subjects("origin/release-0.4.x", "HEAD"), ["chore: prepare release v0.4.5"]);
    assert!(sample.git(&["log", "-1", "--format=%B"]).contains("Signed-off-by"));
    assert_eq!(sample.status(), [""; 0]);
}

#[test]
fn a_hook_that_refuses_in_the_temporary_work_tree_leaves_everything_and_the_next_command_works() {
    let sample = Sample::on("main");
    sample.hook("pre-commit", FRAMEWORK);
    let before = sample.git(&["for-each-ref"]);
    let run = sample.release("minor 0.5.0 --commit --branch -q").expect(1);
    expect![[r#"
        ruff.....................Passed
        uv-lock..................Failed
        - hook id: uv-lock
        - exit code: 1
        error: the pre-commit hook refused the commit: uv-lock failed; nothing was committed, and this checkout was not touched
         |
         = help: `SKIP=uv-lock cargo xtask release minor 0.5.0 --commit --branch -q` goes on without, for what cannot be right yet, as a lockfile before the client is published

    "#]].assert_eq(&sample.normal(&run.stderr));
    assert_eq!((sample.git(&["for-each-ref"]), sample.status()), (before, vec![]));
    sample.assert_nothing_left();
    run_what_is_printed(&sample, &run.stderr);
    assert_eq!(sample.subjects("main", "prepare-v0.5.0"), ["chore: prepare release v0.5.0"]);
    sample.assert_nothing_left();
}

#[test]
fn a_hook_that_says_nothing_of_its_parts_is_named_and_the_next_command_is_the_same_again() {
    let sample = Sample::new();
    let gate = sample.root.join("gate");
    fs::write(&gate, "").unwrap();
    sample.hook("commit-msg", &format!("test ! -e '{gate}' || {{ echo 'no ticket in the message' >&2; exit 1; }}"));
    let run = sample.release("patch 0.4.5 --commit -q").expect(1);
    expect![[r#"
        no ticket in the message
        error: the commit-msg hook refused the commit; the edits are in the work tree, uncommitted
         |
         = help: mend what it names and run `cargo xtask release patch 0.4.5 --commit -q` again

    "#]]
    .assert_eq(&sample.normal(&run.stderr));
    fs::remove_file(gate).unwrap();
    run_what_is_printed(&sample, &run.stderr);
    assert_eq!(sample.subjects("origin/release-0.4.x", "HEAD").len(), 1);
}

#[test]
fn skip_passes_through() {
    for branch in ["release-0.4.x", "main"] {
        let sample = Sample::on(branch);
        sample.hook("pre-commit", FRAMEWORK);
        run(sample.xtask().env("SKIP", "uv-lock").args(["release", "patch", "0.4.5", "--commit"])).expect(0);
        assert_eq!(sample.subjects("origin/release-0.4.x", "release-0.4.x").len(), 1);
    }
}

#[test]
fn a_hook_sees_every_file_in_the_temporary_work_tree_and_only_the_plans_files_staged() {
    let sample = Sample::on("main");
    let seen = sample.root.join("seen");
    sample.hook(
        "pre-commit",
        &format!("test -f README.md && test -f uv.lock && test -f src/meadow_ui/package.json && git diff --cached --name-only > '{seen}'"),
    );
    sample.release("patch 0.4.5 --commit").expect(0);
    assert_eq!(fs::read_to_string(seen).unwrap().lines().collect::<Vec<_>>(), MANIFESTS);
}

#[test]
fn without_hooks_the_temporary_work_tree_holds_the_plans_files_alone() {
    let sample = Sample::on("main");
    let run = sample.release("patch 0.4.5 --commit -vv").expect(0);
    assert!(run.stderr.contains("worktree add --quiet --detach --no-checkout"), "{}", run.stderr);
    // A hook that git does not run is none.
    sample.hook("pre-commit.sample", "exit 1");
    let run = sample.release("minor 0.5.0 --commit -vv").expect(0);
    assert!(run.stderr.contains("--no-checkout"), "{}", run.stderr);
}

#[test]
fn hooks_are_found_where_the_user_has_them() {
    // Elsewhere, by an absolute path.
    let sample = Sample::on("main");
    sample.hook("pre-commit", "test -f README.md && echo from elsewhere >&2; exit 1");
    let hooks = sample.root.join("hooks");
    fs::rename(sample.checkout.join(".git/hooks"), &hooks).unwrap();
    sample.git(&["config", "core.hooksPath", hooks.as_str()]);
    let run = sample.release("patch 0.4.5 --commit").expect(1);
    assert!(run.stderr.contains("from elsewhere"), "{}", run.stderr);

    // In the repository, and only on the branch that is committed to.
    let sample = Sample::new();
    sample.hook("pre-commit", "test -f README.md && echo from the branch >&2; exit 1");
    fs::rename(sample.checkout.join(".git/hooks"), sample.checkout.join(".githooks")).unwrap();
    sample.commit("chore: hooks");
    sample.git(&["config", "core.hooksPath", ".githooks"]);
    sample.git(&["switch", "--quiet", "main"]);
    let run = sample.release("patch 0.4.5 --commit").expect(1);
    assert!(run.stderr.contains("from the branch"), "{}", run.stderr);
}

#[test]
fn a_hook_that_runs_after_a_checkout_is_not_run() {
    let sample = Sample::on("main");
    sample.hook("post-checkout", "echo after a checkout >&2; exit 1");
    for words in ["minor 0.5.0", "major 1.0.0 --commit"] {
        let run = sample.release(words).expect(0);
        assert!(!run.stderr.contains("after a checkout"), "{}", run.stderr);
        sample.git(&["reset", "--quiet", "--hard"]);
    }
}

#[test]
fn a_branch_that_moves_while_a_hook_runs_is_not_overwritten() {
    let sample = Sample::on("main");
    sample.hook("pre-commit", "unset GIT_DIR GIT_INDEX_FILE; git update-ref refs/heads/release-0.4.x release-0.4.x~1");
    let run = sample.release("patch 0.4.5 --commit -q").expect(2);
    expect![[r#"
        error: release-0.4.x could not be moved to [ID]: fatal: commit: cannot lock ref 'refs/heads/release-0.4.x': is at [ID] but expected [ID]; run the command again
    "#]].assert_eq(&sample.normal(&run.stderr));
    assert_eq!(sample.id("release-0.4.x"), sample.id("origin/release-0.4.x~1"));
    sample.assert_nothing_left();
}
