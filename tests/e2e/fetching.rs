//! The fetch before a command, whatever that is, and printed commands where a tag and a branch share a name.

use crate::sample::Sample;
use crate::support::git;

/// Gives the origin a commit on the line that the checkout does not have, and returns it.
fn ahead(sample: &Sample) -> String {
    let line = "refs/heads/release-0.4.x";
    let words = ["commit-tree", "-p", line, "-m", "fix: a colleague's", "release-0.4.x^{tree}"];
    let commit = git(&sample.origin, &words).trim().to_owned();
    git(&sample.origin, &["update-ref", line, &commit]);
    commit
}

#[test]
fn every_command_that_reads_the_past_fetches_when_it_is_asked_to() {
    for words in [
        "check",
        "check --rev main",
        "audit --tags v0.4.4",
        "pins",
        "version",
        "version --plan-tags",
        "version --report",
        "version --scm .",
        "patch 0.4.5 --dry-run",
        "post 0.4.4 --only main --dry-run",
        "relock --dry-run",
        "init --adopt-scm --dry-run",
    ] {
        let sample = Sample::new();
        let (before, theirs) = (sample.id("origin/release-0.4.x"), ahead(&sample));
        sample.release(words);
        assert_eq!(sample.id("origin/release-0.4.x"), before, "{words}");
        let run = sample.release(&format!("{words} --fetch"));
        assert!(run.stderr.starts_with("fetching origin\n"), "{words}: {}", run.stderr);
        assert_eq!(sample.id("origin/release-0.4.x"), theirs, "{words}");
    }
}

#[test]
fn what_was_fetched_is_what_is_judged() {
    let sample = Sample::new();
    ahead(&sample);
    sample.release("check -q").expect(0);
    let run = sample.release("check -q --fetch").expect(1);
    assert!(run.stdout.contains("release-0.4.x is 1 commit behind origin/release-0.4.x"), "{}", run.stdout);
    assert_eq!(sample.release("check -q").expect(1).stdout, run.stdout);
}

#[test]
fn a_fetch_that_git_refuses_in_whole_or_in_part_shows_its_reason_and_the_way_out() {
    let commands = ["check", "audit", "pins", "version", "patch 0.4.5"];
    let sample = Sample::new();
    sample.git(&["tag", "--force", "v0.4.4", "HEAD~1"]);
    for words in commands {
        let run = sample.release(&format!("{words} -q --fetch")).expect(2);
        let said = "error: not all of origin could be fetched: [rejected] v0.4.4 -> v0.4.4 (would clobber existing tag); \
                    where that is a tag, what others have counts: `git fetch --tags --force origin` takes it\n";
        assert_eq!((run.stderr.as_str(), run.stdout.as_str()), (said, ""), "{words}");
    }
    sample.git(&["fetch", "--quiet", "--tags", "--force", "origin"]);
    sample.release("check -q --fetch").expect(0);

    sample.git(&["remote", "set-url", "origin", "/nowhere/meadow.git"]);
    for words in commands {
        let run = sample.release(&format!("{words} -q --fetch")).expect(2);
        let said = "error: origin could not be fetched: fatal: '/nowhere/meadow.git' does not appear to be a git \
                    repository; see that it can be reached, or go without `--fetch`\n";
        assert_eq!(run.stderr, said, "{words}");
    }
    sample.git(&["remote", "remove", "origin"]);
    for words in commands {
        let run = sample.release(&format!("{words} -q --fetch")).expect(2);
        assert!(run.stderr.starts_with("error: there is nowhere to fetch from"), "{words}: {}", run.stderr);
    }
    let run = sample.release("stamp 0.4.5 --fetch").expect(2);
    assert!(run.stderr.contains("leave `--fetch` out"), "{}", run.stderr);
}

/// Runs the pushes that a run has printed, which must reach the origin.
#[track_caller]
fn pushed(sample: &Sample, said: &str) -> usize {
    let pushes = said.lines().filter_map(|line| line.trim().strip_prefix("git push "));
    let pushes: Vec<Vec<&str>> = pushes.map(|words| words.split(' ').collect()).collect();
    for words in &pushes {
        sample.git(&[&["push", "--quiet"], &words[..]].concat());
    }
    pushes.len()
}

#[test]
fn printed_pushes_work_where_tags_have_the_names_of_branches_and_branches_those_of_tags() {
    for (on, words, branch) in [
        ("release-0.4.x", "patch 0.4.5 --commit", "release-0.4.x"),
        ("release-0.4.x", "patch 0.4.5 --commit --branch", "prepare-v0.4.5"),
        ("main", "minor 0.5.0 --early tested --commit", "release-0.5.x"),
        ("main", "minor 0.5.0 --early tested --commit --branch", "prepare-v0.5.0"),
        ("release-0.4.x", "post 0.4.4 --commit --only main --direct", "main"),
        ("release-0.4.x", "post 0.4.4 --commit --only main", "post-release-v0.4.4-main"),
    ] {
        let sample = Sample::on(on);
        if words.starts_with("post") {
            // So that there is something to do.
            sample.git(&["switch", "--quiet", "main"]);
            sample.edit("pyproject.toml", "0.4.5.dev0", "0.4.4.dev0");
            sample.commit("chore: behind");
            sample.git(&["push", "--quiet", "origin", "main"]);
            sample.git(&["switch", "--quiet", on]);
        }
        for name in ["main", "release-0.4.x", "release-0.5.x", branch] {
            sample.git(&["tag", "--force", name, "v0.4.1"]);
        }
        let run = sample.release(words).expect(0);
        assert!(pushed(&sample, &run.stderr) > 0, "{words}: {}", run.stderr);
        let reference = format!("refs/heads/{branch}");
        assert_eq!(git(&sample.origin, &["rev-parse", &reference]), sample.id(&reference), "{words}");
    }
}
