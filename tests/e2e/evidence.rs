//! The evidence of the tree, the tags and an earlier run for a release: no version goes down, missing tags and tags of another
//! pattern are named, and what comes next is what remains.

use crate::sample::Sample;
use crate::support::{ENVIRONMENT, git, run};
use std::process::Command;

/// Returns the commands that a run leaves to a person.
fn commands(stderr: &str) -> Vec<String> {
    stderr.lines().filter_map(|line| line.strip_prefix("       ")).map(str::to_owned).collect()
}

#[test]
fn a_version_never_goes_down_in_a_clone_that_lacks_tags() {
    let sample = Sample::new();
    for tag in ["v0.4.3", "v0.4.4"] {
        sample.git(&["tag", "--delete", tag]);
    }
    let said = sample.refusal("patch 0.4.3 --dry-run --offline");
    assert!(said.contains("is at 0.4.4, and a version never goes down to 0.4.3"), "{said}");
    assert!(said.contains("pyproject.toml:6:"), "the place is shown: {said}");
    let said = sample.refusal("patch 0.4.5 --offline");
    assert!(said.contains("is at 0.4.4 already, and the last tag of its line here is that of 0.4.2"), "{said}");
    assert!(!said.contains("patch 0.4.3"), "{said}");
    let said = sample.release("patch 0.4.4 --offline").expect(0).stderr;
    assert!(said.contains("nothing to do: 3 versions and 3 pins are at 0.4.4 already"), "{said}");
    for tag in sample.git(&["tag"]).lines() {
        sample.git(&["tag", "--delete", tag]);
    }
    let said = sample.refusal("rc 0.4.0rc1 --offline");
    assert!(said.contains("never goes down to 0.4.0rc1"), "{said}");
    let said = sample.refusal("patch 0.4.5 --offline");
    assert!(said.contains("tags are missing") && said.contains("fetch-depth: 0"), "{said}");
}

#[test]
fn tags_that_follow_another_pattern_are_shown_with_it() {
    let sample = Sample::new();
    for tag in sample.git(&["tag"]).lines() {
        sample.git(&["tag", tag.trim_start_matches('v'), tag]);
        sample.git(&["tag", "--delete", tag]);
    }
    for words in ["patch 0.4.5 --offline", "minor 0.5.0 --commit --offline", "version --mode nightly"] {
        let said = sample.refusal(words);
        assert!(said.contains("`tag = \"{version}\"`") && !said.contains("fetch-depth"), "{words}: {said}");
    }
    sample.write("release.toml", "[release]\ntag = \"{version}\"\n");
    sample.release("patch 0.4.5 --offline").expect(0);
}

#[test]
fn a_tag_of_another_pattern_above_those_that_follow_it_is_shown_and_refused() {
    let sample = Sample::new();
    sample.git(&["tag", "0.4.5", "HEAD"]);
    for words in ["patch 0.4.5 --offline", "patch 0.4.6 --offline", "version --mode nightly"] {
        let said = sample.refusal(words);
        assert!(said.contains("the tag 0.4.5 names 0.4.5, which is above all"), "{words}: {said}");
    }
    sample.release("patch 0.4.4 --offline").expect(0);
    sample.release("patch 0.4.5 --offline --skip --dry-run").expect(0);
    sample.git(&["tag", "v0.4.5", "HEAD"]);
    let said = sample.release("version --mode nightly").expect(1).stderr;
    assert!(!said.contains("names 0.4.5"), "{said}");
    // Another line's tag matters to a minor alone.
    sample.git(&["tag", "--delete", "0.4.5", "v0.4.5"]);
    sample.git(&["tag", "release-0.6.0", "HEAD"]);
    sample.release("patch 0.4.5 --offline --dry-run").expect(0);
    let said = sample.refusal("rc 0.5.0rc1 --offline --commit");
    assert!(said.contains("the tag release-0.6.0 names 0.6.0"), "{said}");
}

#[test]
fn a_dry_run_leaves_the_same_to_a_person_as_the_run_itself() {
    for (branch, words) in [
        ("release-0.4.x", "patch 0.4.5"),
        ("main", "patch 0.4.5 --commit"),
        ("main", "patch 0.4.5 --commit --branch"),
        ("main", "rc 0.5.0rc1"),
        ("main", "rc 0.5.0rc1 --commit"),
        ("main", "rc 0.5.0rc1 --commit --branch"),
    ] {
        let sample = Sample::on(branch);
        let dry = sample.release(&format!("{words} --dry-run")).expect(0).stderr;
        let wet = sample.release(words).expect(0).stderr;
        assert_eq!(commands(&dry), commands(&wet), "{words}");
        let again = sample.release(words).expect(0).stderr;
        assert_eq!(commands(&again), commands(&wet), "{words} again");
    }
}

#[test]
fn of_a_proposal_that_is_pushed_or_merged_what_remains_is_left() {
    let sample = Sample::on("main");
    let words = "patch 0.4.5 --commit --branch";
    sample.release(words).expect(0);
    sample.git(&["push", "--quiet", "--set-upstream", "origin", "prepare-v0.4.5"]);
    let pushed = commands(&sample.release(words).expect(0).stderr);
    assert!(pushed[0].starts_with("gh pr create --base release-0.4.x --head prepare-v0.4.5"), "{pushed:?}");
    // Merged as one commit of its own, as forges do it; the branch stays.
    sample.git(&["switch", "--quiet", "release-0.4.x"]);
    sample.git(&["commit", "--quiet", "--allow-empty", "--message", "fix: another"]);
    sample.git(&["merge", "--quiet", "--squash", "prepare-v0.4.5"]);
    sample.commit("chore: prepare release v0.4.5 (#1)");
    let merged = commands(&sample.release(words).expect(0).stderr);
    assert_eq!(merged[0], "git push origin release-0.4.x");
    sample.git(&["push", "--quiet"]);
    for words in [words, "patch 0.4.5", "patch 0.4.5 --commit"] {
        let merged = commands(&sample.release(words).expect(0).stderr);
        assert!(merged[0].starts_with("gh release create v0.4.5"), "{words}: {merged:?}");
    }
    sample.git(&["branch", "--quiet", "--delete", "--force", "prepare-v0.4.5"]);
    let gone = commands(&sample.release(words).expect(0).stderr);
    assert!(gone[0].starts_with("gh release create v0.4.5"), "{gone:?}");
}

#[test]
fn a_proposal_of_an_earlier_run_is_known_to_a_run_with_other_flags() {
    let sample = Sample::on("main");
    let made = commands(&sample.release("patch 0.4.5 --commit --branch").expect(0).stderr);
    let again = |branch: &str, expected: &[String]| {
        sample.git(&["switch", "--quiet", branch]);
        for words in ["patch 0.4.5 --commit --branch", "patch 0.4.5 --commit", "patch 0.4.5"] {
            for dry in ["", " --dry-run"] {
                let before = sample.files();
                let said = sample.release(&format!("{words}{dry}")).expect(0).stderr;
                assert_eq!(commands(&said), expected, "{words}{dry} on {branch}: {said}");
                assert!(said.contains("on prepare-v0.4.5, which waits to be merged into release-0.4.x"), "{said}");
                sample.assert_unchanged(&before, words);
            }
        }
    };
    again("release-0.4.x", &made);
    again("prepare-v0.4.5", &made);
    sample.git(&["push", "--quiet", "origin", "prepare-v0.4.5"]);
    again("prepare-v0.4.5", &made[1..]);
    sample.git(&["switch", "--quiet", "release-0.4.x"]);
    sample.git(&["branch", "--quiet", "--delete", "--force", "prepare-v0.4.5"]);
    again("main", &made[1..]);
    // What the remote has now counts, and not what was fetched.
    git(&sample.origin, &["branch", "--delete", "--force", "prepare-v0.4.5"]);
    let said = sample.release("patch 0.4.5 --commit --branch --dry-run").expect(0).stderr;
    assert!(said.contains("would change 3 files"), "{said}");
    let elsewhere = git(&sample.origin, &["commit-tree", "-p", "main", "-m", "a colleague's", "main^{tree}"]);
    git(&sample.origin, &["branch", "prepare-v0.4.5", &elsewhere]);
    let said = sample.refusal("patch 0.4.5 --commit --branch");
    assert!(said.contains("prepare-v0.4.5 on origin is at ") && said.contains("does not have"), "{said}");
}

#[test]
fn commands_that_were_run_by_hand_are_left_out_of_what_comes_next() {
    for (branch, words, steps) in
        [("release-0.4.x", "patch 0.4.5", 4), ("main", "minor 0.5.0 --early tested", 5), ("main", "rc 0.5.0rc1", 5)]
    {
        let sample = Sample::on(branch);
        let mut left = commands(&sample.release(words).expect(0).stderr);
        for _ in 1..steps {
            let command = left.remove(0);
            run(Command::new("sh").current_dir(&sample.checkout).envs(ENVIRONMENT).args(["-c", &command])).expect(0);
            for dry in ["", " --dry-run"] {
                let said = sample.release(&format!("{words}{dry}")).expect(0).stderr;
                assert_eq!(commands(&said), left, "{words}{dry} after {command}: {said}");
            }
        }
        assert!(left[0].starts_with("gh pr create "), "{left:?}");
    }
}

#[test]
fn a_branch_of_the_releases_own_goes_on_where_it_stands() {
    let sample = Sample::new();
    sample.git(&["switch", "--quiet", "--create", "prepare-v0.4.5"]);
    sample.write("notes.md", "of the release\n");
    sample.commit("docs: notes");
    let said = sample.release("patch 0.4.5 --commit --branch").expect(0).stderr;
    assert!(said.contains("/checkout, on prepare-v0.4.5"), "{said}");
    assert_eq!(sample.subjects("release-0.4.x", "HEAD"), ["chore: prepare release v0.4.5", "docs: notes"]);
    assert_eq!(sample.status(), [""; 0]);
    // The line went on, and the branch with the edits lacks that.
    sample.git(&["switch", "--quiet", "release-0.4.x"]);
    sample.commit("fix: late");
    for words in ["patch 0.4.5 --commit --branch", "patch 0.4.5 --commit"] {
        let run = sample.release(&format!("{words} --dry-run"));
        let said = sample.seen(words, &run);
        let is_stale = said.contains("prepare-v0.4.5 exists already, and lacks commits of release-0.4.x");
        assert_eq!(is_stale, words.ends_with("--branch"), "{said}");
    }
}

#[test]
fn a_tag_that_was_made_and_not_pushed_is_still_to_push() {
    let sample = Sample::new();
    sample.release("patch 0.4.5 --commit").expect(0);
    sample.git(&["tag", "v0.4.5"]);
    let tail = ["git push origin refs/tags/v0.4.5", "gh release create v0.4.5 --verify-tag --generate-notes --latest"];
    for (flags, expected) in [
        ("", [&["git push origin release-0.4.x"][..], &tail].concat()),
        (" --dry-run", [&["git push origin release-0.4.x"][..], &tail].concat()),
        (" --offline", vec!["git push origin release-0.4.x", tail[0]]),
    ] {
        let said = sample.release(&format!("patch 0.4.5{flags}")).expect(0).stderr;
        assert_eq!(commands(&said)[..expected.len()], expected, "{flags}: {said}");
        assert_eq!(said.contains("and origin does not have it"), flags != " --offline", "{said}");
    }
    sample.git(&["push", "--quiet"]);
    let said = sample.release("patch 0.4.5").expect(0).stderr;
    assert_eq!(commands(&said)[..2], tail);
    let said = sample.release("post 0.4.5 --only main").expect(0).stderr;
    assert_eq!(commands(&said)[..2], tail, "{said}");
    sample.git(&["push", "--quiet", "origin", "v0.4.5"]);
    let said = sample.release("patch 0.4.5").expect(0).stderr;
    assert_eq!(commands(&said), ["cargo xtask release post 0.4.5"], "{said}");
    let said = sample.release("post 0.4.5 --only main").expect(0).stderr;
    assert!(!said.contains("refs/tags"), "{said}");
}

#[test]
fn a_tag_on_a_commit_before_the_edits_is_said_and_never_done() {
    for kind in [&["tag", "v0.4.5"][..], &["tag", "--annotate", "--message", "early", "v0.4.5"]] {
        let sample = Sample::new();
        sample.git(kind);
        sample.write("other.md", "later\n");
        sample.commit("docs: other");
        sample.release("patch 0.4.5 --commit --dry-run").expect(1);
        for path in crate::sample::MANIFESTS {
            let text = sample.read(path).replace("0.4.4", "0.4.5");
            sample.write(path, &text);
        }
        sample.commit("chore: by hand");
        let said = sample.refusal("patch 0.4.5");
        assert!(said.contains("whose tree is not at 0.4.5") && said.contains("prepare 0.4.6 instead"), "{said}");
    }
}

#[test]
fn a_final_before_its_policy_lets_it_is_refused_with_the_earliest_date_and_prepared_with_a_reason() {
    let sample = Sample::on("main");
    let said = sample.refusal("minor 0.5.0 --commit");
    assert!(said.contains("a minor follows 1 candidate and 7 days of testing, and 0 of 0.5.0 are tagged"), "{said}");
    assert!(said.contains("prepare 0.5.0rc1 first") && said.contains("`--early \"reason\"` prepares it now"), "{said}");
    sample.release("rc 0.5.0rc1 --commit").expect(0);
    let tag = |date: &str| {
        let mut command = Command::new("git");
        command.current_dir(&sample.checkout).envs(ENVIRONMENT).env("GIT_COMMITTER_DATE", date);
        run(command.args(["tag", "--force", "--annotate", "--message", "rc", "v0.5.0rc1", "release-0.5.x"])).expect(0);
    };
    tag("2099-01-01T10:30:00Z");
    let said = sample.refusal("minor 0.5.0 --commit");
    assert!(said.contains("0.5.0 can follow on 2099-01-08 10:30 UTC at the earliest"), "{said}");
    tag("2020-01-01T10:30:00Z");
    sample.release("minor 0.5.0 --commit --dry-run").expect(0);
    tag("2099-01-01T10:30:00Z");
    let words = ["minor", "0.5.0", "--commit", "--early", "a fix  that cannot wait", "--output-format", "json"];
    let run = run(sample.xtask().arg("release").args(words)).expect(0);
    assert!(run.stdout.contains("\"early\": \"a fix that cannot wait\""), "{}", run.stdout);
    let message = sample.git(&["log", "-1", "--format=%B", "release-0.5.x"]);
    assert_eq!(message, "chore: prepare release v0.5.0\n\nEarly: a fix that cannot wait");
    sample.release("minor 0.5.0 --commit").expect(0);
}
