//! Releases that are prepared: in the work tree, as a commit, on a branch of their own, on a line that is cut.

use crate::sample::{MANIFESTS, Sample, put};
use crate::support::{ENVIRONMENT, Run, git, release, run};
use expect_test::expect;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;

const SUBJECT: &str = "chore: prepare release v0.4.5";

/// The manifests as `git status --short` shows them when they are edited.
fn edited() -> Vec<String> {
    MANIFESTS.iter().map(|path| format!(" M {path}")).collect()
}

/// Runs this and then again, which must find nothing to do and change nothing.
#[track_caller]
fn twice(sample: &Sample, words: &str) -> Run {
    let first = sample.release(words).expect(0);
    sample.assert_nothing_left();
    let before = sample.files();
    let again = sample.release(words).expect(0);
    assert!(again.stderr.contains("\nnothing to do: 3 versions and 3 pins are at"), "{}", again.stderr);
    assert_eq!(again.stdout, "");
    sample.assert_unchanged(&before, words);
    first
}

/// The files that a commit changes.
fn changed(sample: &Sample, commit: &str) -> Vec<String> {
    let names = sample.git(&["diff-tree", "--no-commit-id", "--name-only", "-r", commit]);
    names.lines().map(str::to_owned).collect()
}

/// Fails unless the versions and pins of a revision are those of a release.
#[track_caller]
fn assert_released(sample: &Sample, revision: &str, version: &str) {
    let root = sample.git(&["show", &format!("{revision}:pyproject.toml")]);
    assert!(root.contains(&format!("fallback_version = \"{version}\"")), "{root}");
    assert!(root.contains(&format!("\"meadow-client=={version}\"")), "{root}");
    assert_eq!(changed(sample, revision), MANIFESTS);
}

#[test]
fn a_patch_is_edited_in_the_work_tree_shown_and_followed_by_what_comes_next() {
    let sample = Sample::new();
    let run = twice(&sample, "patch 0.4.5");
    assert_eq!(sample.status(), edited());
    expect![[r#"
        $ release patch 0.4.5
        --- a/pyproject.toml
        +++ b/pyproject.toml
        @@ -3,7 +3,7 @@
         build-backend = "setuptools.build_meta"

         [tool.setuptools_scm]
        -fallback_version = "0.4.4"
        +fallback_version = "0.4.5"

         [project]
         name = "meadow"
        @@ -17,13 +17,13 @@

         [project.optional-dependencies]
         client = [
        -    "meadow-client==0.4.4", # released together with the server
        +    "meadow-client==0.4.5", # released together with the server
         ]

         [dependency-groups]
         dev = ["pytest>=8.4"]
         type_checking = [
        -    'meadow-client[cli] ==0.4.4 ; python_version < "4"',
        +    'meadow-client[cli] ==0.4.5 ; python_version < "4"',
         ]

         [tool.uv.sources]
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        @@ -10,8 +10,8 @@
         dynamic = ["version"]
         description = "Agents that run on meadow"
         requires-python = ">=3.12"
        -dependencies = ["meadow-api", "meadow-client==0.4.4"]
        +dependencies = ["meadow-api", "meadow-client==0.4.5"]

         [tool.setuptools_scm]
        -fallback_version = '0.4.4'   # nightly and container builds
        +fallback_version = '0.4.5'   # nightly and container builds
         root = "../.."
        --- a/src/meadow_api/pyproject.toml
        +++ b/src/meadow_api/pyproject.toml
        @@ -11,4 +11,4 @@

         [tool.setuptools_scm]
         root = "../.."
        -fallback_version = "0.4.4"
        +fallback_version = "0.4.5"
        release 0.4.5, a patch after 0.4.4
          where     [DIR]/checkout, on release-0.4.x
          packages  meadow, meadow_agents, meadow-api (setuptools-scm)
          client    meadow-client, pinned ==0.4.5
          remote    origin, not fetched since it was cloned; asked just now for the tag
        changed 3 files: 3 versions, 3 pins

        what comes next
          1. bring this onto release-0.4.x (CI cannot resolve `meadow-client==0.4.5` before the client is published; that is expected)
               git switch --create prepare-v0.4.5
               git commit --message 'chore: prepare release v0.4.5' -- pyproject.toml src/meadow_agents/pyproject.toml src/meadow_api/pyproject.toml
               git push --set-upstream origin prepare-v0.4.5
               gh pr create --base release-0.4.x --head prepare-v0.4.5 --title 'chore: prepare release v0.4.5' --body ''
          2. create the GitHub release v0.4.5 on release-0.4.x
               gh release create v0.4.5 --target release-0.4.x --generate-notes --latest
          3. see that 5 packages are published as 0.4.5: meadow (pypi), meadow-agents (pypi), meadow-api (pypi), meadow-client (pypi), meadow-client (npm)
          4. then make the edits that follow: the lockfiles on release-0.4.x, 0.4.6.dev0 on main
               cargo xtask release post 0.4.5
          5. write the release notes and announce the release
    "#]].assert_eq(&sample.seen("$ release patch 0.4.5", &run));
}

#[test]
fn the_commands_that_come_next_bring_the_edits_to_the_remote() {
    for (branch, words, version, pushed) in [
        ("release-0.4.x", "patch 0.4.5", "0.4.5", &["prepare-v0.4.5"][..]),
        ("release-0.4.x", "patch 0.4.5 --commit", "0.4.5", &["release-0.4.x"]),
        ("main", "minor 0.5.0 --early tested", "0.5.0", &["release-0.5.x", "prepare-v0.5.0"]),
        ("main", "minor 0.5.0 --early tested --commit", "0.5.0", &["release-0.5.x"]),
        ("main", "minor 0.5.0 --early tested --commit --branch it's/mine", "0.5.0", &["release-0.5.x", "it's/mine"]),
    ] {
        let sample = Sample::named("a 'checkout' of måne");
        sample.git(&["switch", "--quiet", branch]);
        let manifest = sample.read("src/meadow_api/pyproject.toml").replace("meadow-api", "meadow-moon");
        sample.write("src/måne's moon/pyproject.toml", &manifest);
        sample.commit("feat: a moon");
        sample.git(&["push", "--quiet"]);
        let said = sample.release(words).expect(0).stderr;
        let commands: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("       git ")).collect();
        for command in &commands {
            let command = format!("git {command}");
            let mut shell = Command::new("sh");
            run(shell.current_dir(&sample.checkout).envs(ENVIRONMENT).args(["-c", &command])).expect(0);
        }
        let last = pushed.last().unwrap();
        assert_eq!(
            git(&sample.origin, &["log", "-1", "--format=%s", last]),
            format!("chore: prepare release v{version}"),
            "{commands:#?}"
        );
        let moon = git(&sample.origin, &["show", &format!("{last}:src/måne's moon/pyproject.toml")]);
        assert!(moon.contains(&format!("fallback_version = \"{version}\"")), "{moon}");
        for branch in pushed {
            git(&sample.origin, &["rev-parse", "--verify", "--quiet", &format!("refs/heads/{branch}")]);
        }
        assert_eq!(sample.status(), [""; 0]);
    }
}

#[test]
fn a_dry_run_writes_nothing_at_all() {
    let sample = Sample::on("main");
    for words in [
        "minor 0.5.0 --early tested",
        "minor 0.5.0 --early tested --commit",
        "minor 0.5.0 --early tested --commit --branch",
        "rc 0.5.0rc1",
        "patch 0.4.5 --commit",
        "patch 0.3.2 --commit --branch my/own",
    ] {
        let before = crate::sample::files(&sample.root);
        let run = sample.release(&format!("{words} --dry-run")).expect(0);
        assert!(run.stdout.starts_with("--- a/pyproject.toml\n"), "{}", run.stdout);
        assert!(run.stderr.contains("dry run, nothing was changed"), "{}", run.stderr);
        let after = crate::sample::files(&sample.root);
        assert!(before == after, "{words}");
    }
}

#[test]
fn the_diff_of_a_dry_run_is_a_patch_that_makes_the_same() {
    let (sample, other) = (Sample::new(), Sample::new());
    let patch = sample.release("patch 0.4.5 --dry-run -q").expect(0).stdout;
    let file = sample.tmp.join("patch");
    fs::write(&file, patch).unwrap();
    sample.git(&["apply", file.as_str()]);
    other.release("patch 0.4.5").expect(0);
    for path in MANIFESTS {
        assert_eq!(sample.read(path), other.read(path), "{path}");
    }
}

#[test]
fn a_commit_on_the_lines_branch_takes_the_plans_files_and_no_others() {
    let sample = Sample::new();
    sample.write("README.md", "# staged\n");
    sample.write("new.txt", "staged\n");
    sample.git(&["add", "README.md", "new.txt"]);
    sample.write("uv.lock", "edited\n");
    let run = sample.release("patch 0.4.5 --commit").expect(0);
    expect![[r#"
        release 0.4.5, a patch after 0.4.4
          where     [DIR]/checkout, on release-0.4.x
          packages  meadow, meadow_agents, meadow-api (setuptools-scm)
          client    meadow-client, pinned ==0.4.5
          remote    origin, not fetched since it was cloned; asked just now for the tag
        committed [ID] to release-0.4.x, on [ID]
        changed 3 files: 3 versions, 3 pins

        what comes next
          1. bring this onto release-0.4.x (CI cannot resolve `meadow-client==0.4.5` before the client is published; that is expected)
               git push origin release-0.4.x
          2. create the GitHub release v0.4.5 on release-0.4.x
               gh release create v0.4.5 --target release-0.4.x --generate-notes --latest
          3. see that 5 packages are published as 0.4.5: meadow (pypi), meadow-agents (pypi), meadow-api (pypi), meadow-client (pypi), meadow-client (npm)
          4. then make the edits that follow: the lockfiles on release-0.4.x, 0.4.6.dev0 on main
               cargo xtask release post 0.4.5
          5. write the release notes and announce the release
    "#]].assert_eq(&sample.normal(&run.stderr));
    assert_eq!(sample.git(&["log", "-1", "--format=%B"]), SUBJECT);
    assert_eq!(sample.status(), ["M  README.md", "A  new.txt", " M uv.lock"]);
    assert_released(&sample, "HEAD", "0.4.5");
    sample.assert_nothing_left();
}

#[test]
fn a_commit_is_signed_off_when_asked() {
    let sample = Sample::new();
    twice(&sample, "patch 0.4.5 --commit --signoff");
    assert_eq!(
        sample.git(&["log", "-1", "--format=%B"]),
        format!("{SUBJECT}\n\nSigned-off-by: Tester <tester@meadow.example>")
    );
}

#[test]
fn a_commit_takes_what_an_earlier_run_edited() {
    let sample = Sample::new();
    sample.release("patch 0.4.5").expect(0);
    // Some of it may be staged, or edited by hand to the very same.
    sample.git(&["add", MANIFESTS[1]]);
    twice(&sample, "patch 0.4.5 --commit");
    assert_released(&sample, "HEAD", "0.4.5");
    assert_eq!(sample.subjects("origin/release-0.4.x", "HEAD"), [SUBJECT]);
    assert_eq!(sample.status(), [""; 0]);
}

#[test]
fn a_commit_from_main_moves_the_lines_branch_and_touches_nothing_else() {
    let sample = Sample::on("main");
    sample.write("pyproject.toml", "half an idea");
    let (main, checkout) = (sample.id("main"), crate::sample::files(&sample.checkout.join("src")));
    let run = twice(&sample, "patch 0.4.5 --commit");
    expect![[r#"
        release 0.4.5, a patch after 0.4.4
          where     release-0.4.x, from [ID], in a temporary work tree
          packages  meadow, meadow_agents, meadow-api (setuptools-scm)
          client    meadow-client, pinned ==0.4.5
          remote    origin, not fetched since it was cloned; asked just now for the tag
        committed [ID] to release-0.4.x, on [ID]
        changed 3 files: 3 versions, 3 pins

        what comes next
          1. bring this onto release-0.4.x (CI cannot resolve `meadow-client==0.4.5` before the client is published; that is expected)
               git push origin release-0.4.x
          2. create the GitHub release v0.4.5 on release-0.4.x
               gh release create v0.4.5 --target release-0.4.x --generate-notes --latest
          3. see that 5 packages are published as 0.4.5: meadow (pypi), meadow-agents (pypi), meadow-api (pypi), meadow-client (pypi), meadow-client (npm)
          4. then make the edits that follow: the lockfiles on release-0.4.x, 0.4.6.dev0 on main
               cargo xtask release post 0.4.5
          5. write the release notes and announce the release
    "#]].assert_eq(&sample.normal(&run.stderr));
    assert_eq!(sample.id("main"), main);
    assert_eq!(sample.status(), [" M pyproject.toml"]);
    assert!(checkout == crate::sample::files(&sample.checkout.join("src")));
    assert_released(&sample, "release-0.4.x", "0.4.5");
    assert_eq!(sample.subjects("origin/release-0.4.x", "release-0.4.x"), [SUBJECT]);
}

#[test]
fn a_commit_on_a_branch_of_its_own_leaves_the_line_where_it_is() {
    for (words, branch) in
        [("patch 0.4.5 --commit --branch", "prepare-v0.4.5"), ("patch 0.4.5 --commit --branch my/own", "my/own")]
    {
        let sample = Sample::new();
        let run = twice(&sample, words);
        assert_eq!(sample.id("release-0.4.x"), sample.id("origin/release-0.4.x"));
        assert_eq!(sample.subjects("release-0.4.x", branch), [SUBJECT]);
        assert_released(&sample, branch, "0.4.5");
        assert!(run.stderr.contains(&format!("git push --set-upstream origin {branch}\n")), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("--base release-0.4.x --head {branch} ")), "{}", run.stderr);
        assert_eq!(sample.status(), [""; 0]);
    }
}

#[test]
fn a_minor_a_major_and_a_candidate_cut_their_line_from_main_in_the_work_tree() {
    for (words, version, line) in [
        ("minor 0.5.0 --early tested", "0.5.0", "release-0.5.x"),
        ("major 1.0.0 --early tested", "1.0.0", "release-1.0.x"),
        ("rc 0.5.0rc1", "0.5.0rc1", "release-0.5.x"),
        ("rc 1.0.0rc1", "1.0.0rc1", "release-1.0.x"),
    ] {
        let sample = Sample::on("main");
        let main = sample.id("main");
        let run = twice(&sample, words);
        assert!(run.stderr.contains(&format!("switched to {line}, new, cut from main")), "{}", run.stderr);
        assert!(run.stderr.contains(&format!("git push --set-upstream origin {line}\n")), "{}", run.stderr);
        assert_eq!(sample.git(&["branch", "--show-current"]), line);
        assert_eq!((sample.id("main"), sample.id(line)), (main.clone(), main));
        assert_eq!(sample.status(), edited());
        assert!(sample.read("pyproject.toml").contains(&format!("meadow-client=={version}")));
        // `git switch -` goes back.
        sample.git(&["stash", "--quiet"]);
        sample.git(&["switch", "--quiet", "-"]);
        assert_eq!(sample.git(&["branch", "--show-current"]), "main");
    }
}

#[test]
fn a_minor_with_commit_cuts_its_line_without_touching_the_checkout() {
    let sample = Sample::on("release-0.4.x");
    let run = twice(&sample, "minor 0.5.0 --early tested --commit");
    expect![[r#"
        release 0.5.0, a minor after 0.4.4
          where     release-0.5.x, cut from main at [ID], in a temporary work tree
          packages  meadow, meadow_agents, meadow-api (setuptools-scm)
          client    meadow-client, pinned ==0.5.0
          remote    origin, not fetched since it was cloned; asked just now for the tag
          early     before its policy lets it: tested
        committed [ID] to release-0.5.x, on [ID]
        changed 3 files: 3 versions, 3 pins

        what comes next
          1. bring this onto release-0.5.x (CI cannot resolve `meadow-client==0.5.0` before the client is published; that is expected)
               git push origin release-0.5.x
          2. create the GitHub release v0.5.0 on release-0.5.x
               gh release create v0.5.0 --target release-0.5.x --generate-notes --latest
          3. see that 5 packages are published as 0.5.0: meadow (pypi), meadow-agents (pypi), meadow-api (pypi), meadow-client (pypi), meadow-client (npm)
          4. then make the edits that follow: the lockfiles on release-0.5.x, 0.5.1.dev0 on main
               cargo xtask release post 0.5.0
          5. write the release notes and announce the release
    "#]].assert_eq(&sample.normal(&run.stderr));
    assert_eq!(sample.subjects("main", "release-0.5.x"), ["chore: prepare release v0.5.0"]);
    assert_released(&sample, "release-0.5.x", "0.5.0");
    assert_eq!(sample.git(&["branch", "--show-current"]), "release-0.4.x");
}

#[test]
fn a_minor_with_a_branch_of_its_own_makes_the_line_at_main_too() {
    let sample = Sample::on("main");
    let run = twice(&sample, "minor 0.5.0 --early tested --commit --branch");
    assert_eq!(sample.id("release-0.5.x"), sample.id("main"));
    assert_eq!(sample.subjects("release-0.5.x", "prepare-v0.5.0"), ["chore: prepare release v0.5.0"]);
    assert!(run.stderr.contains("git push origin release-0.5.x\n"), "{}", run.stderr);
}

#[test]
fn the_next_candidate_and_the_final_go_on_the_line_that_the_first_one_cut() {
    let sample = Sample::on("main");
    for words in ["rc 0.5.0rc1", "rc 0.5.0rc2", "minor 0.5.0 --early tested", "patch 0.5.1"] {
        sample.release(&format!("{words} --commit")).expect(0);
        let version = words.split(' ').nth(1).unwrap();
        assert_released(&sample, "release-0.5.x", version);
        sample.git(&["tag", &format!("v{version}"), "release-0.5.x"]);
    }
    assert_eq!(sample.subjects("main", "release-0.5.x").len(), 4);
}

#[test]
fn a_candidate_of_a_patch_is_prepared_when_asked() {
    let sample = Sample::new();
    let run = twice(&sample, "rc 0.4.5rc1 --patch-candidate --commit");
    assert_released(&sample, "HEAD", "0.4.5rc1");
    assert!(run.stderr.contains("cargo xtask release rc 0.4.5rc2 --patch-candidate\n"), "{}", run.stderr);
}

#[test]
fn a_line_that_only_the_remote_has_is_worked_on_from_there() {
    let sample = Sample::on("main");
    sample.git(&["branch", "--quiet", "--delete", "--force", "release-0.4.x"]);
    twice(&sample, "patch 0.4.5 --commit");
    assert_eq!(sample.subjects("origin/release-0.4.x", "release-0.4.x"), [SUBJECT]);
}

#[test]
fn a_run_from_below_or_from_elsewhere_is_the_same_and_says_where_the_commands_belong() {
    let sample = Sample::new();
    let below = release(&sample.checkout.join("src/meadow_api"), &["patch", "0.4.5"]).expect(0);
    assert_eq!(sample.status(), edited());
    assert!(below.stderr.contains(&format!("what comes next, in {}\n", sample.checkout)), "{}", below.stderr);
    for repo in [sample.checkout.as_str(), "checkout", "./checkout/src"] {
        let run = release(&sample.root, &["patch", "0.4.5", "-C", repo]).expect(0);
        assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
    }
    let here = sample.release("patch 0.4.5").expect(0);
    assert!(here.stderr.contains("what comes next\n"), "{}", here.stderr);
}

#[test]
fn it_runs_as_a_command_of_cargo_and_says_so() {
    let sample = Sample::new();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-xtask"));
    command.current_dir(&sample.checkout).envs(ENVIRONMENT).args(["xtask", "release", "patch", "0.4.5"]);
    run(&mut command).expect(0);
    assert_eq!(sample.status(), edited());
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-xtask"));
    let help = run(command.args(["xtask", "release", "patch", "--help"])).expect(0).stdout;
    assert!(help.contains("Usage: cargo xtask release patch"), "{help}");
}

#[test]
fn the_variables_of_a_git_hook_do_not_lead_it_elsewhere() {
    let (sample, other) = (Sample::new(), Sample::on("main"));
    let before = other.files();
    let mut command = sample.xtask();
    command.env("GIT_DIR", other.checkout.join(".git")).env("GIT_INDEX_FILE", other.checkout.join(".git/index"));
    command.env("GIT_WORK_TREE", &other.checkout).env("GIT_PREFIX", "src/");
    run(command.args(["release", "patch", "0.4.5", "--commit"])).expect(0);
    assert_released(&sample, "HEAD", "0.4.5");
    other.assert_unchanged(&before, "the other repository");
}

#[test]
fn a_commit_is_signed_as_the_user_has_it() {
    let sample = Sample::new();
    let key = sample.root.join("key");
    let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", key.as_str()]).status();
    if !made.is_ok_and(|status| status.success()) {
        eprintln!("skipped: signing needs ssh-keygen");
        return;
    }
    for (name, value) in [("gpg.format", "ssh"), ("user.signingKey", key.as_str()), ("commit.gpgSign", "true")] {
        sample.git(&["config", name, value]);
    }
    let is_signed = |revision: &str| sample.git(&["cat-file", "commit", revision]).contains("BEGIN SSH SIGNATURE");
    sample.release("patch 0.4.5 --commit").expect(0);
    sample.release("minor 0.5.0 --early tested --commit").expect(0);
    assert!(is_signed("release-0.4.x") && is_signed("release-0.5.x"));

    // Git says what is wrong with a key that is not there, and everything stays.
    fs::remove_file(key).unwrap();
    let before = sample.git(&["for-each-ref"]);
    let run = sample.release("major 1.0.0 --early tested --commit -q").expect(1);
    assert!(run.stderr.contains("git refused the commit; nothing was committed"), "{}", run.stderr);
    assert_eq!(sample.git(&["for-each-ref"]), before);
    sample.assert_nothing_left();
}

#[test]
fn line_endings_that_git_converts_are_no_obstacle_to_a_commit() {
    let sample = Sample::new();
    sample.write(".gitattributes", "*.toml text eol=crlf\n");
    sample.commit("chore: attributes");
    sample.git(&["rm", "--quiet", "-r", "--cached", "."]);
    sample.git(&["reset", "--quiet", "--hard"]);
    assert!(sample.read("pyproject.toml").contains("\r\n"));
    sample.git(&["switch", "--quiet", "main"]);
    sample.release("patch 0.4.5 --commit").expect(0);
    assert_released(&sample, "release-0.4.x", "0.4.5");
    assert_eq!(
        sample.git(&["diff", "--shortstat", "release-0.4.x~1", "release-0.4.x"]),
        " 3 files changed, 6 insertions(+), 6 deletions(-)"
    );
}

#[test]
fn an_executable_manifest_stays_executable() {
    let sample = Sample::new();
    fs::set_permissions(sample.checkout.join("pyproject.toml"), fs::Permissions::from_mode(0o755)).unwrap();
    sample.commit("chore: odd");
    sample.git(&["switch", "--quiet", "main"]);
    sample.release("patch 0.4.5 --commit").expect(0);
    assert!(sample.git(&["ls-tree", "release-0.4.x", "pyproject.toml"]).starts_with("100755"));
}

#[test]
fn a_commit_without_an_identity_is_for_git_to_explain() {
    for branch in ["release-0.4.x", "main"] {
        let sample = Sample::on(branch);
        sample.git(&["config", "--remove-section", "user"]);
        sample.git(&["config", "user.useConfigOnly", "true"]);
        let mut command = sample.xtask();
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL", "EMAIL"] {
            command.env_remove(name);
        }
        let refused = run(command.args(["release", "patch", "0.4.5", "--commit"])).expect(1);
        assert!(refused.stderr.contains("Please tell me who you are"), "{}", refused.stderr);
        assert!(refused.stderr.contains("error: git refused the commit; "), "{}", refused.stderr);
        sample.release("patch 0.4.5 --commit").expect(0);
    }
}

#[test]
fn the_users_settings_of_git_do_not_change_what_is_read() {
    let (plain, sample) = (Sample::new(), Sample::new());
    let settings = sample.root.join("gitconfig");
    fs::write(
        &settings,
        "[color]\n ui = always\n[column]\n ui = always\n[core]\n quotePath = true\n abbrev = 4\n pager = false\n\
         [status]\n short = true\n branch = true\n showUntrackedFiles = all\n relativePaths = true\n[diff]\n noprefix = true\n\
         [log]\n showSignature = true\n date = relative\n[tag]\n sort = -version:refname\n[branch]\n sort = -committerdate\n\
         [worktree]\n guessRemote = true\n[commit]\n verbose = true\n status = false\n",
    )
    .unwrap();
    for words in ["patch 0.4.5", "patch 0.4.5 --commit", "minor 0.5.0 --early tested --commit --branch"] {
        let wanted = plain.release(words).expect(0);
        let mut command = sample.xtask();
        command.env("GIT_CONFIG_GLOBAL", &settings).env("LC_ALL", "de_DE.UTF-8").env("LANGUAGE", "de");
        let found = run(command.arg("release").args(words.split(' '))).expect(0);
        assert_eq!(sample.normal(&found.stdout), plain.normal(&wanted.stdout));
        assert_eq!(sample.normal(&found.stderr), plain.normal(&wanted.stderr));
    }
}

#[test]
fn settings_and_another_remote_are_followed() {
    let sample = Sample::new();
    sample.git(&["remote", "rename", "origin", "upstream"]);
    put(
        &sample.checkout.join("release.toml"),
        b"[release]\ntag = \"{version}\"\n\n[[client]]\nname = \"meadow-client\"\npin = { release = \"~=\" }\n",
    );
    sample.git(&["tag", "0.4.4", "v0.4.4"]);
    let run = sample.release("patch 0.4.5 --commit").expect(0);
    assert!(sample.read("pyproject.toml").contains("meadow-client~=0.4.5"));
    assert_eq!(sample.git(&["log", "-1", "--format=%s"]), "chore: prepare release 0.4.5");
    assert!(run.stderr.contains("git push upstream release-0.4.x\n"), "{}", run.stderr);
}
