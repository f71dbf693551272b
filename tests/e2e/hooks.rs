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
         = help: `SKIP=uv-lock cargo xtask release patch 0.4.5 --commit --signoff -q` runs without uv-lock, for what cannot be right yet, such as a lockfile before the client is published

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
    let run = sample.release("minor 0.5.0 --early tested --commit --branch -q").expect(1);
    expect![[r#"
        ruff.....................Passed
        uv-lock..................Failed
        - hook id: uv-lock
        - exit code: 1
        error: the pre-commit hook refused the commit: uv-lock failed; nothing was committed, and this checkout was not touched
         |
         = help: `SKIP=uv-lock cargo xtask release minor 0.5.0 --early tested --commit --branch -q` runs without uv-lock, for what cannot be right yet, such as a lockfile before the client is published

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
    let run = sample.release("minor 0.5.0 --early tested --commit -vv").expect(0);
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
    for words in ["minor 0.5.0 --early tested", "major 1.0.0 --early tested --commit"] {
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

/// `git` in the checkout as a person runs it, with hooks that can find the binary.
fn by_hand(sample: &Sample, words: &[&str]) -> crate::support::Run {
    let mut command = Command::new("git");
    command.current_dir(&sample.checkout).envs(ENVIRONMENT).env("TMPDIR", &sample.tmp).env("RUST_BACKTRACE", "0");
    run(command.args(words))
}

#[test]
fn from_inside_a_hook_of_gits_the_commands_do_what_they_do_outside() {
    let xtask = env!("CARGO_BIN_EXE_xtask");
    for options in [&[][..], &["--literal-pathspecs"], &["--icase-pathspecs"], &["-c", "core.quotePath=false"]] {
        let sample = Sample::on("main");
        sample.hook(
            "pre-commit",
            &format!(
                "test -n \"$AGAIN\" && exit; AGAIN=1; export AGAIN; \
                 '{xtask}' release check --offline && '{xtask}' release minor 0.5.0 --early tested --commit --offline"
            ),
        );
        sample.hook(
            "post-commit",
            &format!(
                "test -n \"$AGAIN\" && exit; AGAIN=1; export AGAIN; rm .git/hooks/pre-commit; \
                 '{xtask}' release patch 0.4.5 --commit --offline || touch '{}/failed'",
                sample.root
            ),
        );
        sample.edit("README.md", "\n", "\nmore\n");
        let commit = [options, &["commit", "--quiet", "--all", "--message", "docs: more"]].concat();
        by_hand(&sample, &commit).expect(0);
        assert!(!sample.root.join("failed").exists(), "{options:?}");
        assert_eq!(sample.subjects("origin/main", "main"), ["docs: more"], "{options:?}");
        assert_eq!(sample.subjects("main", "release-0.5.x"), ["chore: prepare release v0.5.0"].map(str::to_owned));
        assert_eq!(sample.subjects("origin/release-0.4.x", "release-0.4.x").len(), 1, "{options:?}");
        sample.assert_nothing_left();
    }
}

#[test]
fn a_hook_that_rewrites_a_manifest_and_stages_it_is_noticed() {
    let rewrite = "sed -i 's/meadow-client==0.4.5/meadow-client==0.4.4/' pyproject.toml; git add pyproject.toml";
    let sample = Sample::new();
    sample.hook("pre-commit", rewrite);
    let run = sample.release("patch 0.4.5 --commit -q").expect(1);
    expect![[r#"
        note: from what was planned to what was committed:
        --- a/pyproject.toml
        +++ b/pyproject.toml
        @@ -17,7 +17,7 @@

         [project.optional-dependencies]
         client = [
        -    "meadow-client==0.4.5", # released together with the server
        +    "meadow-client==0.4.4", # released together with the server
         ]

         [dependency-groups]

        error: [ID] is not what was planned: pyproject.toml has another text; a hook that stages files does that
         |
         = help: `git reset --soft [ID]` takes the commit back and leaves the files as they are; or look at it with `git show` and keep it

    "#]].assert_eq(&sample.normal(&run.stderr));
    // The command that takes it back is the one that is printed.
    fs::remove_file(sample.checkout.join(".git/hooks/pre-commit")).unwrap();
    run_what_is_printed(&sample, &run.stderr);
    assert_eq!(sample.id("HEAD"), sample.id("origin/release-0.4.x"));

    let sample = Sample::on("main");
    sample.hook("pre-commit", rewrite);
    let before = sample.git(&["for-each-ref"]);
    for words in ["patch 0.4.5 --commit -q", "minor 0.5.0 --early tested --commit --branch -q"] {
        let rewrite = rewrite.replace("0.4.5", if words.contains("0.4.5") { "0.4.5" } else { "0.5.0" });
        sample.hook("pre-commit", &rewrite);
        let run = sample.release(words).expect(1);
        assert!(run.stderr.contains("-    \"meadow-client==0."), "{}", run.stderr);
        assert!(run.stderr.contains("is not what was planned: pyproject.toml has another text"), "{}", run.stderr);
        assert!(run.stderr.contains("nothing was committed, and this checkout was not touched"), "{}", run.stderr);
        assert_eq!((sample.git(&["for-each-ref"]), sample.status()), (before.clone(), vec![]));
        sample.assert_nothing_left();
    }
}

#[test]
fn a_hook_that_switches_branches_is_noticed_and_no_advice_moves_another_branch() {
    for (name, hook, head) in [
        ("post-commit", "git checkout --quiet main", "main"),
        ("post-commit", "git checkout --quiet --detach", "no branch"),
        ("pre-commit", "git symbolic-ref HEAD refs/heads/main", "main"),
    ] {
        let sample = Sample::new();
        sample.hook(name, hook);
        let run = sample.release("patch 0.4.5 --commit -q").expect(1);
        let said = format!("error: this checkout is on {head} at ");
        assert!(run.stderr.contains(&said), "{hook}: {}", run.stderr);
        assert!(run.stderr.contains("and no longer on release-0.4.x"), "{hook}: {}", run.stderr);
        assert!(!run.stderr.contains("git reset"), "{hook}: {}", run.stderr);
    }
    let sample = Sample::new();
    sample.hook("post-commit", "git checkout --quiet main");
    let run = sample.release("patch 0.4.5 --commit -q").expect(1);
    run_what_is_printed(&sample, &run.stderr);
    assert_eq!(sample.git(&["rev-parse", "--abbrev-ref", "HEAD"]).trim(), "release-0.4.x");
}

#[test]
fn a_hook_that_stages_another_file_makes_another_mode_or_takes_one_out_is_noticed() {
    for (hook, said) in [
        ("echo '# more' >> uv.lock; git add uv.lock", "uv.lock is in it, which was not to change"),
        ("echo new > new.txt; git add new.txt", "new.txt is in it, which was not to change"),
        ("chmod +x pyproject.toml; git add pyproject.toml", "pyproject.toml has another mode"),
        ("git rm --quiet --cached --force pyproject.toml", "pyproject.toml is gone"),
        ("git reset --quiet HEAD -- pyproject.toml", "pyproject.toml is as before"),
    ] {
        for branch in ["release-0.4.x", "main"] {
            let sample = Sample::on(branch);
            sample.hook("pre-commit", hook);
            let before = sample.git(&["for-each-ref"]);
            let run = sample.release("patch 0.4.5 --commit -q").expect(1);
            assert!(run.stderr.contains(" is not what was planned: ") && run.stderr.contains(said), "{}", run.stderr);
            // The index is that of the commit.
            assert_eq!(sample.git(&["diff", "--cached", "--name-only"]), "", "{hook}");
            if branch == "main" {
                assert_eq!(sample.git(&["for-each-ref"]), before, "{hook}");
                sample.assert_nothing_left();
            }
        }
    }
}

#[test]
fn what_a_hook_added_is_kept_or_taken_back_by_the_printed_commands() {
    let lock = "echo '# more' >> uv.lock; git add uv.lock";
    let sample = Sample::new();
    sample.hook("pre-commit", lock);
    let run = sample.release("patch 0.4.5 --commit -q").expect(1);
    assert_eq!(sample.status(), [""; 0]);
    run_what_is_printed(&sample, &run.stderr);
    assert_eq!(sample.id("HEAD"), sample.id("origin/release-0.4.x"));
    // What the person had staged stays, and is said.
    for keeps in [true, false] {
        let sample = Sample::new();
        sample.write("uv.lock", &(sample.read("uv.lock") + "# mine\n"));
        sample.git(&["add", "uv.lock"]);
        sample.hook("pre-commit", lock);
        let run = sample.release("patch 0.4.5 --commit -q").expect(1);
        let printed: Vec<&str> = run.stderr.split('`').skip(1).step_by(2).collect();
        let [back, _, keep] = printed[..] else { panic!("{}", run.stderr) };
        let words: Vec<&str> = if keeps { keep } else { back }.split(' ').skip(1).collect();
        sample.git(&words);
        match keeps {
            true => assert_eq!(sample.status(), [""; 0]),
            false => assert_eq!(sample.id("HEAD"), sample.id("origin/release-0.4.x")),
        }
    }
}

#[test]
fn files_that_git_is_told_not_to_look_at_are_not_released() {
    let sample = Sample::new();
    sample.git(&["update-index", "--skip-worktree", "src/meadow_api/pyproject.toml"]);
    let words = "patch 0.4.5 --commit -q";
    expect![[r#"
        $ release patch 0.4.5 --commit -q
        error: git is told not to look at src/meadow_api/pyproject.toml (skip-worktree), so that a commit would not hold what is planned
         |
         = help: `git update-index --no-skip-worktree -- src/meadow_api/pyproject.toml`, then see `git diff`

        (exit 1)
    "#]].assert_eq(&sample.refusal(words));
    sample.git(&["update-index", "--skip-worktree", "pyproject.toml"]);
    for words in ["patch 0.4.5", "patch 0.4.5 --dry-run", "pins --policy bounded"] {
        let seen = sample.refusal(words);
        assert!(seen.contains("git is told not to look at"), "{seen}");
    }
    // Also when its edit is there already, and nothing else is left to do.
    sample.git(&["update-index", "--no-skip-worktree", "src/meadow_api/pyproject.toml", "pyproject.toml"]);
    sample.release("patch 0.4.5").expect(0);
    for flag in ["skip-worktree", "assume-unchanged"] {
        sample.git(&["update-index", &format!("--{flag}"), "src/meadow_api/pyproject.toml"]);
        for words in ["patch 0.4.5 --commit -q", "patch 0.4.5"] {
            let seen = sample.refusal(words);
            assert!(seen.contains(&format!("src/meadow_api/pyproject.toml ({flag})")), "{seen}");
        }
        let seen = sample.refusal(words);
        let command = seen.split('`').nth(1).unwrap();
        sample.git(&command.split(' ').skip(1).collect::<Vec<_>>());
    }
    sample.release(words).expect(0);
    assert_eq!(sample.status(), [""; 0]);
    // A sparse checkout marks what it leaves out; a hook sees all of the temporary work tree all the same.
    let sample = Sample::on("main");
    sample.git(&["sparse-checkout", "set", "src/meadow_ui"]);
    sample.hook("pre-commit", "test -f README.md && test -f src/meadow_api/pyproject.toml");
    sample.release("patch 0.4.5 --commit --offline").expect(0);
    fs::remove_file(sample.checkout.join(".git/hooks/pre-commit")).unwrap();
    sample.release("minor 0.5.0 --early tested --commit --offline").expect(0);
    sample.assert_nothing_left();
    // Elsewhere the flags of this checkout do not count: the temporary work tree has an index of its own.
    let sample = Sample::on("main");
    sample.git(&["update-index", "--skip-worktree", "pyproject.toml"]);
    sample.release("patch 0.4.5 --commit").expect(0);
}

#[test]
fn an_edit_that_git_does_not_see_is_not_committed_with_the_release() {
    // Of the same length, at the same time, where git is told to look at these alone.
    let sample = Sample::new();
    sample.git(&["config", "core.checkStat", "minimal"]);
    sample.git(&["config", "core.trustctime", "false"]);
    let long_ago = || {
        let path = sample.checkout.join("pyproject.toml");
        run(Command::new("touch").args(["-d", "2020-01-01T00:00:00Z", path.as_str()])).expect(0);
    };
    long_ago();
    sample.git(&["status", "--short"]);
    sample.edit("pyproject.toml", "# released together", "# RELEASED TOGETHER");
    long_ago();
    assert_eq!(sample.git(&["diff", "--name-only"]), "");
    let seen = sample.refusal("patch 0.4.5 --commit -q");
    assert!(seen.contains("uncommitted changes in pyproject.toml, and the release edits them"), "{seen}");
}

#[test]
fn filters_of_the_users_and_line_endings_are_what_a_commit_is_compared_by() {
    for branch in ["release-0.4.x", "main"] {
        // A filter of the user's, which stores something else than stands in the files.
        let sample = Sample::on(branch);
        for branch in ["main", "release-0.4.x"] {
            sample.git(&["switch", "--quiet", branch]);
            sample.git(&["config", "filter.mark.clean", "sed 's/^# stored$/# here/; s/^# here$/# stored/'"]);
            sample.git(&["config", "filter.mark.smudge", "sed 's/^# stored$/# here/'"]);
            sample.write(".gitattributes", "*.toml filter=mark\n");
            sample.edit("pyproject.toml", "\n[", "\n# here\n[");
            sample.commit("chore: filter");
            assert!(sample.git(&["show", "HEAD:pyproject.toml"]).contains("# stored"));
        }
        sample.git(&["switch", "--quiet", branch]);
        sample.release("patch 0.4.5 --commit").expect(0);
        assert!(sample.git(&["show", "release-0.4.x:pyproject.toml"]).contains("meadow-client==0.4.5"));
        assert_eq!(sample.status(), [""; 0]);

        // Line endings that are stored as they are, and that the settings would change if they were new.
        let sample = Sample::on(branch);
        for branch in ["main", "release-0.4.x"] {
            sample.git(&["switch", "--quiet", branch]);
            let text = sample.read("pyproject.toml").replace('\n', "\r\n");
            sample.write("pyproject.toml", &text);
            sample.commit("chore: line endings");
        }
        sample.git(&["switch", "--quiet", branch]);
        sample.git(&["config", "core.autocrlf", "input"]);
        sample.release("patch 0.4.5 --commit").expect(0);
        assert!(sample.git(&["show", "release-0.4.x:pyproject.toml"]).contains("fallback_version = \"0.4.5\"\r\n"));
        assert_eq!(sample.status(), [""; 0]);
    }
}
