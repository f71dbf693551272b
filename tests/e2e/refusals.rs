//! Preconditions that do not hold: exit 1, all of them said at once, and nothing is changed. Each kind is seen once, in the
//! state of a repository that has it; what follows from which branches and tags is a table of the core's tests of preconditions.

use crate::sample::{MANIFESTS, Sample};
use crate::support::{ENVIRONMENT, directory, git, run};
use expect_test::{Expect, expect};
use std::fs;
use std::process::Command;

/// Runs these on a sample, where each must be refused with 1, and returns the problems and their ways out, once for commands
/// in a row to which the same is said.
#[track_caller]
fn refused(sample: &Sample, commands: &[&str]) -> String {
    let mut text = String::new();
    let mut last = String::new();
    for words in commands {
        let seen = shown(sample, words);
        let (command, said) = seen.split_once('\n').unwrap();
        let said = said.lines().filter(|line| !matches!(line.trim(), "" | "|" | "(exit 1)"));
        let said: String = said.map(|line| line.to_owned() + "\n").collect();
        if said == last {
            text.truncate(text.len() - last.len());
        } else if !text.is_empty() {
            text.push('\n');
        }
        text += &format!("{command}\n{said}");
        last = said;
    }
    text
}

/// Returns all that a person sees of a command that must be refused with 1.
#[track_caller]
fn shown(sample: &Sample, words: &str) -> String {
    let seen = sample.refusal(&format!("{words} -q"));
    assert!(seen.ends_with("(exit 1)\n"), "{seen}");
    seen
}

/// Compares the problems of commands that must be refused.
#[track_caller]
fn check(sample: &Sample, commands: &[&str], expected: &Expect) {
    expected.assert_eq(&refused(sample, commands));
}

#[test]
fn a_version_that_does_not_come_next_is_told_what_does() {
    let sample = Sample::new();
    let commands = ["patch 0.4.7", "minor 0.3.0", "minor 0.6.0", "rc 0.4.0rc2", "patch 0.7.1", "patch 0.7.1 --commit"];
    check(
        &sample,
        &commands,
        &expect![[r#"
            $ release patch 0.4.7 -q
            error: 0.4.7 leaves out 0.4.5, which comes after 0.4.4
             = help: the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`; `--skip` leaves numbers out

            $ release minor 0.3.0 -q
            error: this checkout is on release-0.4.x, and the release is prepared on release-0.3.x
             = help: `git switch release-0.3.x`, or use `--commit` to work on release-0.3.x without touching this checkout

            $ release minor 0.6.0 -q
            error: 0.6.0 leaves out 0.5.0, which comes after 0.4.4
             = help: the next release can be `minor 0.5.0` or `major 1.0.0`; `--skip` leaves numbers out
            error: this checkout is on release-0.4.x; release-0.6.x does not exist, here or on origin, and is cut from main
             = help: `git switch main`, or use `--commit` to cut release-0.6.x without touching this checkout

            $ release rc 0.4.0rc2 -q
            error: 0.4.0 is released, so it gets no more candidates
             = help: the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`
            error: pyproject.toml: meadow is at 0.4.4, and a version never goes down to 0.4.0rc2
              --> pyproject.toml:6:20
             6 | fallback_version = "0.4.4"
               |                    ^^^^^^^ higher than the release
              ::: src/meadow_agents/pyproject.toml:16:20
            16 | fallback_version = '0.4.4'   # nightly and container builds
               |                    ------- and this
              ::: src/meadow_api/pyproject.toml:14:20
            14 | fallback_version = "0.4.4"
               |                    ------- and this
               = help: prepare a release after 0.4.4; if tags are missing here, `git fetch --tags` brings them; if 0.4.4 is a mistake, correct it in a commit of its own first

            $ release patch 0.7.1 -q
            $ release patch 0.7.1 --commit -q
            error: 0.7 has no final release yet, so there is nothing to patch
             = help: the next release can be `minor 0.5.0` or `major 1.0.0`
            error: there is no branch release-0.7.x, here or on origin
             = help: a patch is prepared on its line's branch: see that 0.7.1 is the version you mean
        "#]],
    );
    sample.git(&["tag", "--delete", "v0.4.2"]);
    check(
        &sample,
        &["patch 0.4.2 --offline"],
        &expect![[r#"
            $ release patch 0.4.2 --offline -q
            error: 0.4.2 does not come after 0.4.4, the last release of line 0.4
             = help: the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`
            error: pyproject.toml: meadow is at 0.4.4, and a version never goes down to 0.4.2
              --> pyproject.toml:6:20
             6 | fallback_version = "0.4.4"
               |                    ^^^^^^^ higher than the release
              ::: src/meadow_agents/pyproject.toml:16:20
            16 | fallback_version = '0.4.4'   # nightly and container builds
               |                    ------- and this
              ::: src/meadow_api/pyproject.toml:14:20
            14 | fallback_version = "0.4.4"
               |                    ------- and this
               = help: prepare a release after 0.4.4; if tags are missing here, `git fetch --tags` brings them; if 0.4.4 is a mistake, correct it in a commit of its own first
        "#]],
    );
}

#[test]
fn a_gap_is_allowed_with_skip_and_a_step_back_never() {
    let sample = Sample::new();
    sample.release("patch 0.4.7 --skip --dry-run").expect(0);
    sample.release("minor 0.6.0 --skip --commit --dry-run --early tested").expect(0);
    check(
        &sample,
        &["patch 0.4.2 --skip", "minor 0.3.0 --skip --commit"],
        &expect![[r#"
            $ release patch 0.4.2 --skip -q
            error: pyproject.toml: meadow is at 0.4.4, and a version never goes down to 0.4.2
              --> pyproject.toml:6:20
             6 | fallback_version = "0.4.4"
               |                    ^^^^^^^ higher than the release
              ::: src/meadow_agents/pyproject.toml:16:20
            16 | fallback_version = '0.4.4'   # nightly and container builds
               |                    ------- and this
              ::: src/meadow_api/pyproject.toml:14:20
            14 | fallback_version = "0.4.4"
               |                    ------- and this
               = help: prepare a release after 0.4.4; if tags are missing here, `git fetch --tags` brings them; if 0.4.4 is a mistake, correct it in a commit of its own first

            $ release minor 0.3.0 --skip --commit -q
            error: pyproject.toml: meadow is at 0.3.1, and a version never goes down to 0.3.0
              --> pyproject.toml:6:20
             6 | fallback_version = "0.3.1"
               |                    ^^^^^^^ higher than the release
              ::: src/meadow_agents/pyproject.toml:16:20
            16 | fallback_version = '0.3.1'   # nightly and container builds
               |                    ------- and this
              ::: src/meadow_api/pyproject.toml:14:20
            14 | fallback_version = "0.3.1"
               |                    ------- and this
               = help: prepare a release after 0.3.1; if tags are missing here, `git fetch --tags` brings them; if 0.3.1 is a mistake, correct it in a commit of its own first
        "#]],
    );
}

#[test]
fn a_checkout_that_is_elsewhere_is_told_where_to_go() {
    let sample = Sample::on("main");
    let mut seen = refused(&sample, &["patch 0.4.5"]);
    for words in [["--create", "feature"], ["--detach", "release-0.4.x"], ["--orphan", "empty"]] {
        sample.git(&[&["switch", "--quiet"], &words[..]].concat());
        seen += &format!("\n{}", refused(&sample, &["patch 0.4.5", "minor 0.5.0 --early tested"]));
    }
    expect![[r#"
        $ release patch 0.4.5 -q
        error: this checkout is on main, and the release is prepared on release-0.4.x
         = help: `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout

        $ release patch 0.4.5 -q
        error: this checkout is on feature, and the release is prepared on release-0.4.x
         = help: `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout

        $ release minor 0.5.0 --early tested -q
        error: this checkout is on feature; release-0.5.x does not exist, here or on origin, and is cut from main
         = help: `git switch main`, or use `--commit` to cut release-0.5.x without touching this checkout

        $ release patch 0.4.5 -q
        error: the head is detached, and the release is prepared on release-0.4.x
         = help: `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout

        $ release minor 0.5.0 --early tested -q
        error: the head is detached; release-0.5.x does not exist, here or on origin, and is cut from main
         = help: `git switch main`, or use `--commit` to cut release-0.5.x without touching this checkout

        $ release patch 0.4.5 -q
        error: this checkout is on empty, which has no commits, and the release is prepared on release-0.4.x
         = help: `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout

        $ release minor 0.5.0 --early tested -q
        error: this checkout is on empty, which has no commits; release-0.5.x does not exist, here or on origin, and is cut from main
         = help: `git switch main`, or use `--commit` to cut release-0.5.x without touching this checkout
    "#]].assert_eq(&seen);
}

#[test]
fn a_branch_that_is_checked_out_in_another_work_tree_is_named_with_it() {
    let sample = Sample::on("main");
    let other = sample.root.join("other");
    sample.git(&["worktree", "add", "--quiet", other.as_str(), "release-0.4.x"]);
    check(
        &sample,
        &["patch 0.4.5", "patch 0.4.5 --commit"],
        &expect![[r#"
            $ release patch 0.4.5 -q
            error: this checkout is on main, and the release is prepared on release-0.4.x
             = help: run the command in [DIR]/other, where release-0.4.x is checked out

            $ release patch 0.4.5 --commit -q
            error: release-0.4.x is checked out in [DIR]/other, whose files would then differ from its branch
             = help: run the command in [DIR]/other
        "#]],
    );
    // The way out that was named works.
    run(sample.xtask_in(&other).args(["release", "patch", "0.4.5", "--commit"])).expect(0);
    assert_eq!(sample.subjects("main", "release-0.4.x")[0], "chore: prepare release v0.4.5");
}

#[test]
fn a_branch_to_commit_on_must_be_one_of_its_own() {
    let sample = Sample::on("release-0.3.x");
    sample.git(&["branch", "stale", "release-0.4.x~2"]);
    sample.git(&["branch", "taken", "release-0.4.x"]);
    sample.git(&["worktree", "add", "--quiet", sample.root.join("other").as_str(), "taken"]);
    let commands = ["main", "stale", "taken", "a..b"].map(|name| format!("patch 0.4.5 --commit --branch {name}"));
    check(
        &sample,
        &commands.each_ref().map(String::as_str),
        &expect![[r#"
            $ release patch 0.4.5 --commit --branch main -q
            error: `--branch` names a branch for this release alone, and main is not one
             = help: leave it out to commit to release-0.4.x, or give another name

            $ release patch 0.4.5 --commit --branch stale -q
            error: stale exists already, and lacks commits of release-0.4.x
             = help: rebase it, name another branch, or delete it: `git branch --delete --force stale`

            $ release patch 0.4.5 --commit --branch taken -q
            error: taken is checked out in [DIR]/other, whose files would then differ from its branch
             = help: run the command in [DIR]/other, or name another branch

            $ release patch 0.4.5 --commit --branch a..b -q
            error: git allows no branch of the name `a..b`
             = help: give another name
        "#]],
    );
}

#[test]
fn a_line_that_is_end_of_life_needs_to_be_asked_for() {
    let sample = Sample::on("release-0.3.x");
    for tag in ["v0.5.0", "v0.6.0"] {
        sample.git(&["tag", tag, "main"]);
    }
    check(
        &sample,
        &["patch 0.3.2"],
        &expect![[r#"
            $ release patch 0.3.2 -q
            error: line 0.3 is end of life since 0.5.0: the last 2 minors are maintained
             = help: `--unmaintained` prepares it anyway
        "#]],
    );
    sample.release("patch 0.3.2 --unmaintained --dry-run").expect(0);
}

#[test]
fn a_tag_that_exists_is_never_moved() {
    let sample = Sample::new();
    sample.git(&["tag", "v0.4.5"]);
    let mut seen = refused(&sample, &["patch 0.4.5"]);
    sample.git(&["push", "--quiet", "origin", "release-0.4.x~1:refs/tags/v0.4.5"]);
    seen += &format!("\n{}", refused(&sample, &["patch 0.4.5"]));
    sample.git(&["tag", "--delete", "v0.4.5"]);
    seen += &format!("\n{}", refused(&sample, &["patch 0.4.5"]));
    expect![[r#"
        $ release patch 0.4.5 -q
        error: v0.4.5 exists already, on this very commit, and the tree is not at 0.4.5
         = help: a tag is never moved: prepare 0.4.6 instead, or delete v0.4.5 if it was never published

        $ release patch 0.4.5 -q
        error: v0.4.5 is on [ID] here and on [ID] on origin
         = help: what others have counts: `git tag --delete v0.4.5`, then `git fetch --tags origin`, and see what is released
        error: v0.4.5 exists already, on this very commit, and the tree is not at 0.4.5
         = help: a tag is never moved: prepare 0.4.6 instead, or delete v0.4.5 if it was never published

        $ release patch 0.4.5 -q
        error: v0.4.5 is tagged on origin already, at [ID]
         = help: `git fetch --tags origin` and see what is released
    "#]].assert_eq(&seen);
    // Offline, the tag of the remote is not seen.
    sample.release("patch 0.4.5 --offline --dry-run").expect(0);
}

#[test]
fn a_release_that_is_out_is_nothing_to_do() {
    let sample = Sample::new();
    let before = sample.files();
    let run = sample.release("patch 0.4.4").expect(0);
    assert!(run.stderr.contains("nothing to do: v0.4.4 is tagged"), "{}", run.stderr);
    sample.assert_unchanged(&before, "patch 0.4.4");
}

#[test]
fn a_branch_that_is_behind_or_has_diverged_is_told_by_how_much_and_one_that_is_ahead_is_no_problem() {
    let sample = Sample::new();
    sample.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    let mut seen = refused(&sample, &["patch 0.4.5", "patch 0.4.5 --commit"]);
    sample.commit("fix: another");
    seen += &format!("\n{}", refused(&sample, &["patch 0.4.5"]));
    sample.git(&["switch", "--quiet", "main"]);
    sample.git(&["reset", "--quiet", "--hard", "HEAD~1"]);
    seen += &format!("\n{}", refused(&sample, &["minor 0.5.0 --early tested", "minor 0.5.0 --early tested --commit"]));
    expect![[r#"
        $ release patch 0.4.5 -q
        $ release patch 0.4.5 --commit -q
        error: release-0.4.x is 1 commit behind origin/release-0.4.x
         = help: `git switch release-0.4.x && git pull --ff-only`

        $ release patch 0.4.5 -q
        error: release-0.4.x and origin/release-0.4.x have diverged: 1 here, 1 there
         = help: rebase or merge release-0.4.x onto origin/release-0.4.x first

        $ release minor 0.5.0 --early tested -q
        $ release minor 0.5.0 --early tested --commit -q
        error: main is 1 commit behind origin/main
         = help: `git switch main && git pull --ff-only`
    "#]]
    .assert_eq(&seen);
    sample.git(&["switch", "--quiet", "--force-create", "release-0.4.x", "origin/release-0.4.x"]);
    sample.commit("fix: one that is not pushed");
    sample.release("patch 0.4.5 --dry-run").expect(0);
}

#[test]
fn a_commit_of_the_remote_that_was_not_fetched_is_seen() {
    let sample = Sample::new();
    let (_temporary, other) = directory();
    git(&other, &["clone", "--quiet", "--branch", "release-0.4.x", sample.origin.as_str(), "clone"]);
    git(&other.join("clone"), &["commit", "--quiet", "--allow-empty", "--message", "fix: a colleague's"]);
    git(&other.join("clone"), &["push", "--quiet"]);
    let mut seen = refused(&sample, &["patch 0.4.5", "patch 0.4.5 --commit"]);
    // The way out that was named shows what to do then.
    let words = "$ release patch 0.4.5 --fetch -q";
    seen += &format!("\n{}", sample.seen(words, &sample.release("patch 0.4.5 --fetch -q").expect(1)));
    expect![[r#"
        $ release patch 0.4.5 -q
        $ release patch 0.4.5 --commit -q
        error: release-0.4.x on origin is at [ID], which this clone does not have
         = help: `--fetch` fetches first; if your branch is behind then, pull

        $ release patch 0.4.5 --fetch -q
        error: release-0.4.x is 1 commit behind origin/release-0.4.x
         |
         = help: `git switch release-0.4.x && git pull --ff-only`

        (exit 1)
    "#]]
    .assert_eq(&seen);
    sample.git(&["pull", "--quiet", "--ff-only"]);
    sample.release("patch 0.4.5 --dry-run").expect(0);
}

#[test]
fn a_line_that_a_colleague_has_cut_already_is_not_cut_again() {
    let sample = Sample::on("main");
    git(&sample.origin, &["branch", "release-0.5.x", "main"]);
    check(
        &sample,
        &["minor 0.5.0 --early tested", "minor 0.5.0 --early tested --commit"],
        &expect![[r#"
            $ release minor 0.5.0 --early tested -q
            $ release minor 0.5.0 --early tested --commit -q
            error: release-0.5.x is on origin and was not fetched
             = help: `git fetch origin`, or run this with `--fetch`
        "#]],
    );
}

#[test]
fn a_remote_that_cannot_be_reached_is_said_and_offline_goes_without() {
    let sample = Sample::new();
    sample.git(&["remote", "set-url", "origin", "/nowhere/meadow.git"]);
    check(
        &sample,
        &["patch 0.4.5"],
        &expect![[r#"
            $ release patch 0.4.5 -q
            error: origin could not be asked whether v0.4.5 is free: fatal: '/nowhere/meadow.git' does not appear to be a git repository
             = help: `--offline` does not ask it
        "#]],
    );
    sample.release("patch 0.4.5 --offline --dry-run").expect(0);
    sample.git(&["remote", "remove", "origin"]);
    sample.release("patch 0.4.5 --dry-run").expect(0);
}

#[test]
fn uncommitted_changes_are_in_the_way_where_the_release_edits_or_switches() {
    let sample = Sample::new();
    sample.edit("src/meadow_api/pyproject.toml", "Types and protocols", "Types");
    sample.write("README.md", "# mine\n");
    let mut seen = refused(&sample, &["patch 0.4.5", "patch 0.4.5 --commit"]);
    sample.git(&["add", "src"]);
    seen += &format!("\n{}", refused(&sample, &["patch 0.4.5"]));
    sample.git(&["checkout", "--quiet", "HEAD", "--", "src"]);
    // A file that the release leaves alone is not in the way.
    sample.release("patch 0.4.5 --dry-run").expect(0);

    sample.git(&["switch", "--quiet", "main"]);
    seen += &format!("\n{}", refused(&sample, &["minor 0.5.0 --early tested"]));
    expect![[r#"
        $ release patch 0.4.5 -q
        $ release patch 0.4.5 --commit -q
        error: uncommitted changes in src/meadow_api/pyproject.toml, and the release edits them
         = help: commit them, or put them away with `git stash`

        $ release patch 0.4.5 -q
        error: uncommitted changes in src/meadow_api/pyproject.toml, and the release edits them
         = help: commit them, or put them away with `git stash`

        $ release minor 0.5.0 --early tested -q
        error: uncommitted changes in README.md, and the checkout is switched to the new branch
         = help: commit them, or put them away with `git stash`
    "#]]
    .assert_eq(&seen);
    // In a temporary work tree it is not in the way.
    sample.release("minor 0.5.0 --early tested --commit --dry-run").expect(0);
}

#[test]
fn edits_of_an_earlier_run_that_were_edited_since_are_not_committed() {
    let sample = Sample::new();
    sample.release("patch 0.4.5").expect(0);
    sample.edit("pyproject.toml", "A sample server", "Another server");
    check(
        &sample,
        &["patch 0.4.5 --commit"],
        &expect![[r#"
            $ release patch 0.4.5 --commit -q
            error: uncommitted changes in pyproject.toml, and the release edits them
             = help: commit them, or put them away with `git stash`
        "#]],
    );
}

#[test]
fn an_index_that_a_killed_git_left_behind_its_commit_is_told_how_to_follow() {
    let sample = Sample::new();
    let index = sample.checkout.join(".git/index");
    let before = fs::read(&index).unwrap();
    sample.release("patch 0.4.5 --commit").expect(0);
    fs::write(index, before).unwrap();
    // Also where the last commit is all that was asked for.
    check(
        &sample,
        &["patch 0.4.5 --commit", "patch 0.4.5"],
        &expect![[r#"
            $ release patch 0.4.5 --commit -q
            $ release patch 0.4.5 -q
            error: pyproject.toml, src/meadow_agents/pyproject.toml, src/meadow_api/pyproject.toml are at the release in the last commit, but other changes to them are staged
             = help: `git reset --quiet -- pyproject.toml src/meadow_agents/pyproject.toml src/meadow_api/pyproject.toml` removes those changes from the index
        "#]],
    );
    sample.git(&[&["reset", "--quiet", "--"], &MANIFESTS[..]].concat());
    assert!(sample.release("patch 0.4.5 --commit").expect(0).stderr.contains("nothing to do"));
}

#[test]
fn a_merge_a_rebase_or_a_cherry_pick_under_way_has_to_end_first() {
    let sample = Sample::new();
    for (branch, from, text) in [("other", "HEAD~1", "# other\n"), ("this", "release-0.4.x", "# this\n")] {
        sample.git(&["switch", "--quiet", "--create", branch, from]);
        sample.write("README.md", text);
        sample.commit("docs: what differs");
    }
    sample.git(&["switch", "--quiet", "release-0.4.x"]);
    sample.git(&["merge", "--quiet", "--ff-only", "this"]);
    let mut seen = Vec::new();
    for under_way in ["merge", "rebase", "cherry-pick"] {
        let begun = run(Command::new("git").current_dir(&sample.checkout).envs(ENVIRONMENT).args([under_way, "other"]));
        assert_ne!(begun.code, Some(0), "{under_way}: {}", begun.stdout);
        seen.push(refused(&sample, &["patch 0.4.5"]));
        sample.git(&[under_way, "--abort"]);
    }
    expect![[r#"
        $ release patch 0.4.5 -q
        error: a merge is under way in this checkout
         = help: finish it with `git merge --continue`, or leave it with `git merge --abort`

        $ release patch 0.4.5 -q
        error: a rebase is under way in this checkout
         = help: finish it with `git rebase --continue`, or leave it with `git rebase --abort`
        error: the head is detached, and the release is prepared on release-0.4.x
         = help: `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout

        $ release patch 0.4.5 -q
        error: a cherry-pick is under way in this checkout
         = help: finish it with `git cherry-pick --continue`, or leave it with `git cherry-pick --abort`
    "#]]
    .assert_eq(&seen.join("\n"));
}

#[test]
fn a_repository_without_commits_is_named_as_such() {
    let sample = Sample::new();
    fs::remove_dir_all(&sample.checkout).unwrap();
    git(&sample.root, &["init", "--quiet", "--initial-branch", "main", "checkout"]);
    check(
        &sample,
        &["patch 0.4.5", "minor 0.1.0", "minor 0.1.0 --commit"],
        &expect![[r#"
            $ release patch 0.4.5 -q
            error: 0.4 has no final release yet, so there is nothing to patch
             = help: nothing is released yet: begin with a minor or a major, such as `minor 0.1.0`
            error: this repository has no commits
             = help: run this in a checkout of the monorepo

            $ release minor 0.1.0 -q
            $ release minor 0.1.0 --commit -q
            error: this repository has no commits
             = help: run this in a checkout of the monorepo
        "#]],
    );
}

#[test]
fn a_tree_without_manifests_has_nothing_to_release() {
    let sample = Sample::new();
    sample.git(&["rm", "--quiet", "-r", "."]);
    sample.commit("chore: all gone");
    check(
        &sample,
        &["patch 0.4.5"],
        &expect![[r#"
            $ release patch 0.4.5 -q
            error: there is no tracked pyproject.toml in this repository
             = help: name the packages in release.toml: `[[package]]` with `path = "pyproject.toml"`
        "#]],
    );
}

#[test]
fn a_shallow_clone_is_told_how_to_become_whole() {
    let sample = Sample::new();
    fs::remove_dir_all(&sample.checkout).unwrap();
    let url = format!("file://{}", sample.origin);
    git(&sample.root, &["clone", "--quiet", "--depth", "1", "--branch", "release-0.4.x", &url, "checkout"]);
    check(
        &sample,
        &["patch 0.4.5"],
        &expect![[r#"
            $ release patch 0.4.5 -q
            error: this is a shallow clone: it may lack the tags and branches of earlier releases
             = help: `git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`
        "#]],
    );
}

#[test]
fn manifests_that_cannot_be_read_are_shown_with_their_places() {
    let sample = Sample::new();
    sample.edit("src/meadow_api/pyproject.toml", "name = \"meadow-api\"", "name = \"meadow-api");
    sample.edit("pyproject.toml", "dev = [", "dev = [[");
    expect![[r#"
        $ release patch 0.4.5 -q
        error: pyproject.toml is not TOML
          --> pyproject.toml:25:1
           |
        25 | type_checking = [
           | ^ missing comma between array elements, expected `,`
           |
           = help: correct the syntax and run the command again

        error: src/meadow_api/pyproject.toml is not TOML
         --> src/meadow_api/pyproject.toml:6:19
          |
        6 | name = "meadow-api
          |                   ^ invalid basic string, expected `"`
          |
          = help: correct the syntax and run the command again

        (exit 1)
    "#]]
    .assert_eq(&shown(&sample, "patch 0.4.5"));
    sample.git(&["checkout", "--quiet", "."]);
    let path = sample.checkout.join(MANIFESTS[1]);
    let mut bytes = fs::read(&path).unwrap();
    bytes.extend(b"# caf\xe9\n");
    fs::write(path, bytes).unwrap();
    expect![[r#"
        $ release patch 0.4.5 -q
        error: src/meadow_agents/pyproject.toml is not UTF-8: byte 403 is invalid
         |
         = help: save src/meadow_agents/pyproject.toml as UTF-8

        (exit 1)
    "#]]
    .assert_eq(&shown(&sample, "patch 0.4.5"));
}

#[test]
fn a_version_that_a_file_of_setuptools_scm_replaces_is_moved_to_the_manifest_first() {
    let sample = Sample::new();
    sample.git(&["switch", "--quiet", "release-0.4.x"]);
    sample.write(".config/python-vcs-versioning.toml", "[\".\"]\nfallback_version = \"0.4.4\"\n");
    sample.commit("chore: settings of setuptools-scm");
    check(
        &sample,
        &["patch 0.4.5"],
        &expect![[r#"
        $ release patch 0.4.5 -q
        error: .config/python-vcs-versioning.toml gives pyproject.toml its `fallback_version`, and no release edits that file
         --> .config/python-vcs-versioning.toml:2:20
        2 | fallback_version = "0.4.4"
          |                    ^^^^^^^ the build takes it
          = help: move it to `[tool.setuptools_scm]` of pyproject.toml
    "#]],
    );
}

#[test]
fn several_problems_are_said_at_once() {
    let sample = Sample::new();
    sample.edit("pyproject.toml", "A sample server", "Another server");
    sample.git(&["push", "--quiet", "origin", "HEAD~1:refs/tags/v0.4.7"]);
    sample.git(&["reset", "--quiet", "--soft", "HEAD~1"]);
    for tag in ["v0.5.0", "v0.6.0"] {
        sample.git(&["tag", tag, "main"]);
    }
    expect![[r#"
        $ release patch 0.4.7 -q
        error: 0.4.7 leaves out 0.4.5, which comes after 0.4.4
         |
         = help: the next release can be `patch 0.4.5` or `minor 0.7.0` or `major 1.0.0`; `--skip` leaves numbers out

        error: line 0.4 is end of life since 0.6.0: the last 2 minors are maintained
         |
         = help: `--unmaintained` prepares it anyway

        error: v0.4.7 is tagged on origin already, at [ID]
         |
         = help: `git fetch --tags origin` and see what is released

        error: release-0.4.x is 1 commit behind origin/release-0.4.x
         |
         = help: `git switch release-0.4.x && git pull --ff-only`

        error: uncommitted changes in pyproject.toml, and the release edits them
         |
         = help: commit them, or put them away with `git stash`

        (exit 1)
    "#]]
    .assert_eq(&shown(&sample, "patch 0.4.7"));
}
