//! The evidence of the tree, the tags and an earlier run for a release: no version goes down, missing tags and tags of another
//! pattern are named, and what comes next is what remains.

use crate::sample::Sample;
use crate::support::{ENVIRONMENT, run};
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
