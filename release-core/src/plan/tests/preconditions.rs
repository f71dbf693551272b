//! Preconditions as tables: branches, tags and a remote's answer, and the place or the problems that follow.

use crate::history::{Branch, History, Refs, RemoteBranch, Tag, TagPattern};
use crate::monorepo::Config;
use crate::plan::preconditions::{Divergence, RemoteState, Request, Target, against, behind, mixed, place, tagged};
use crate::problem::Problem;
use crate::version::Release;
use expect_test::expect;

const TAGS: &str = "v0.3.0 v0.3.1 v0.4.0 v0.4.2=c2 v0.4.3 v0.4.4=c4";

fn request(release: &str, target: Target) -> Request {
    let release = Release::parse(release).unwrap();
    Request { release, skip: false, unmaintained: false, target, own_branch: "prepare".to_owned() }
}

/// Returns the history of tags, each with the commit that is given after `=`.
fn history(tags: &str) -> History {
    let tag = |word: &str| {
        let (name, commit) = word.split_once('=').unwrap_or((word, "c0"));
        Tag { name: name.to_owned(), commit: commit.to_owned() }
    };
    History::new(&tags.split_whitespace().map(tag).collect::<Vec<_>>(), &TagPattern::default())
}

/// Returns the branches of a text: `main*` is checked out, `main@/other` in another work tree, `origin/main` is a remote's,
/// `?empty` has no commits.
fn refs(text: &str) -> Refs {
    let mut refs = Refs::default();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if let Some(name) = word.strip_prefix("origin/") {
            let (remote, commit) = ("origin".to_owned(), format!("origin's {name}"));
            refs.remote_branches.push(RemoteBranch { remote, name: name.to_owned(), commit });
        } else if let Some(name) = word.strip_prefix('?') {
            refs.unborn = Some(name.to_owned());
        } else {
            let (name, worktree) = word.split_once('@').unwrap_or((word, ""));
            let (name, is_current) = (name.trim_end_matches('*').to_owned(), name.ends_with('*'));
            let worktree = if is_current { "/here" } else { worktree };
            let worktree = Some(worktree.into()).filter(|_| !worktree.is_empty());
            refs.branches.push(Branch { commit: format!("our {name}"), name, upstream: None, worktree, is_current });
        }
    }
    refs
}

fn origin() -> RemoteState {
    RemoteState { name: "origin".to_owned(), ..RemoteState::default() }
}

fn noted(problem: &Problem) -> String {
    format!("{}\n  = {}\n", problem.message, problem.help)
}

#[test]
fn a_release_is_prepared_on_its_line_which_a_first_release_cuts_from_main() {
    let both = "main release-0.4.x";
    let mut text = String::new();
    for (branches, release) in [
        ("main release-0.4.x*", "0.4.5"),
        ("main* release-0.4.x", "0.4.5"),
        ("main* origin/release-0.4.x", "0.4.5"),
        ("main* release-0.4.x@/other", "0.4.5"),
        (both, "0.4.5"),
        ("main release-0.4.x ?empty", "0.4.5"),
        ("main* release-0.4.x", "0.7.1"),
        ("main* release-0.4.x", "0.5.0"),
        ("main release-0.4.x*", "0.5.0"),
        ("main release-0.4.x*", "0.3.0"),
        (both, "0.5.0"),
        ("main release-0.4.x ?empty", "0.5.0"),
        ("release-0.4.x*", "0.5.0"),
        ("", "0.5.0"),
    ] {
        text += &format!("{release} with {branches:?}\n");
        for target in [Target::WorkTree, Target::Line] {
            text += &match place(&request(release, target), &refs(branches), &Config::default(), &origin(), None) {
                Ok(place) => format!("{place:?}\n"),
                Err(problem) => noted(&problem),
            };
        }
    }
    expect![[r#"
        0.4.5 with "main release-0.4.x*"
        WorkTree
        WorkTree
        0.4.5 with "main* release-0.4.x"
        this checkout is on main, and the release is prepared on release-0.4.x
          = `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout
        Temporary { base: "our release-0.4.x", branch: "release-0.4.x", cuts: false }
        0.4.5 with "main* origin/release-0.4.x"
        this checkout is on main, and the release is prepared on release-0.4.x
          = `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout
        Temporary { base: "origin's release-0.4.x", branch: "release-0.4.x", cuts: false }
        0.4.5 with "main* release-0.4.x@/other"
        this checkout is on main, and the release is prepared on release-0.4.x
          = run the command in /other, where release-0.4.x is checked out
        release-0.4.x is checked out in /other, whose files would then differ from its branch
          = run the command in /other
        0.4.5 with "main release-0.4.x"
        the head is detached, and the release is prepared on release-0.4.x
          = `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout
        Temporary { base: "our release-0.4.x", branch: "release-0.4.x", cuts: false }
        0.4.5 with "main release-0.4.x ?empty"
        this checkout is on empty, which has no commits, and the release is prepared on release-0.4.x
          = `git switch release-0.4.x`, or use `--commit` to work on release-0.4.x without touching this checkout
        Temporary { base: "our release-0.4.x", branch: "release-0.4.x", cuts: false }
        0.7.1 with "main* release-0.4.x"
        there is no branch release-0.7.x, here or on origin
          = a patch is prepared on its line's branch: see that 0.7.1 is the version you mean
        there is no branch release-0.7.x, here or on origin
          = a patch is prepared on its line's branch: see that 0.7.1 is the version you mean
        0.5.0 with "main* release-0.4.x"
        CutInWorkTree
        Temporary { base: "our main", branch: "release-0.5.x", cuts: true }
        0.5.0 with "main release-0.4.x*"
        this checkout is on release-0.4.x; release-0.5.x does not exist, here or on origin, and is cut from main
          = `git switch main`, or use `--commit` to cut release-0.5.x without touching this checkout
        Temporary { base: "our main", branch: "release-0.5.x", cuts: true }
        0.3.0 with "main release-0.4.x*"
        this checkout is on release-0.4.x; release-0.3.x does not exist, here or on origin, and is cut from main
          = `git switch main`, or use `--commit` to cut release-0.3.x without touching this checkout
        Temporary { base: "our main", branch: "release-0.3.x", cuts: true }
        0.5.0 with "main release-0.4.x"
        the head is detached; release-0.5.x does not exist, here or on origin, and is cut from main
          = `git switch main`, or use `--commit` to cut release-0.5.x without touching this checkout
        Temporary { base: "our main", branch: "release-0.5.x", cuts: true }
        0.5.0 with "main release-0.4.x ?empty"
        this checkout is on empty, which has no commits; release-0.5.x does not exist, here or on origin, and is cut from main
          = `git switch main`, or use `--commit` to cut release-0.5.x without touching this checkout
        Temporary { base: "our main", branch: "release-0.5.x", cuts: true }
        0.5.0 with "release-0.4.x*"
        this checkout is on release-0.4.x; release-0.5.x does not exist, here or on origin, and is cut from main
          = `git switch main`, or use `--commit` to cut release-0.5.x without touching this checkout
        there is no branch main, here or on origin, to cut release-0.5.x from
          = name the development branch in release.toml: `[release]` with `main = "..."`
        0.5.0 with ""
        this repository has no commits
          = run this in a checkout of the monorepo
        this repository has no commits
          = run this in a checkout of the monorepo
    "#]].assert_eq(&text);
}

#[test]
fn a_branch_for_one_release_is_neither_main_nor_a_line_nor_checked_out_elsewhere() {
    let mut text = String::new();
    for (branches, name) in [
        ("main* release-0.4.x", "prepare"),
        ("main* release-0.4.x prepare", "prepare"),
        ("main* release-0.4.x", "main"),
        ("main* release-0.4.x", "release-0.3.x"),
        ("main* release-0.4.x taken@/other", "taken"),
        ("main release-0.4.x taken*", "taken"),
    ] {
        let request = Request { own_branch: name.to_owned(), ..request("0.4.5", Target::Branch) };
        text += &format!("{name} with {branches:?}\n");
        let own = branches.contains(&format!(" {name}")).then(|| format!("our {name}"));
        text += &match place(&request, &refs(branches), &Config::default(), &origin(), own.as_deref()) {
            Ok(place) => format!("{place:?}\n"),
            Err(problem) => noted(&problem),
        };
    }
    expect![[r#"
        prepare with "main* release-0.4.x"
        Temporary { base: "our release-0.4.x", branch: "prepare", cuts: false }
        prepare with "main* release-0.4.x prepare"
        Temporary { base: "our prepare", branch: "prepare", cuts: false }
        main with "main* release-0.4.x"
        `--branch` names a branch for this release alone, and main is not one
          = leave it out to commit to release-0.4.x, or give another name
        release-0.3.x with "main* release-0.4.x"
        `--branch` names a branch for this release alone, and release-0.3.x is not one
          = leave it out to commit to release-0.4.x, or give another name
        taken with "main* release-0.4.x taken@/other"
        taken is checked out in /other, whose files would then differ from its branch
          = run the command in /other, or name another branch
        taken with "main release-0.4.x taken*"
        WorkTree
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_line_that_the_remote_alone_has_is_fetched_first() {
    let remote = RemoteState { line: Some("theirs".to_owned()), ..origin() };
    let mut text = String::new();
    for target in [Target::WorkTree, Target::Line, Target::Branch] {
        let found = place(&request("0.5.0", target), &refs("main* origin/main"), &Config::default(), &remote, None);
        text += &noted(&found.unwrap_err());
    }
    expect![[r#"
        release-0.5.x is on origin and was not fetched
          = `git fetch origin`, or run this with `--fetch`
        release-0.5.x is on origin and was not fetched
          = `git fetch origin`, or run this with `--fetch`
        release-0.5.x is on origin and was not fetched
          = `git fetch origin`, or run this with `--fetch`
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_release_that_does_not_come_next_is_answered_with_those_that_do() {
    let mut text = String::new();
    for (tags, release) in [
        ("v0.3.0 v0.4.4", "0.4.2"),
        (TAGS, "0.4.7"),
        (TAGS, "0.7.1"),
        (TAGS, "0.6.0"),
        (TAGS, "2.0.0"),
        (TAGS, "0.5.0rc2"),
        (TAGS, "0.4.0rc2"),
        ("v0.5.0rc1 v0.4.4", "0.5.0rc3"),
        ("", "0.4.5"),
    ] {
        for skip in [false, true] {
            let request = Request { skip, ..request(release, Target::WorkTree) };
            let problems = against(&request, &history(tags), &Config::default(), &origin(), false);
            text += &format!("{release}{}\n", if skip { " --skip" } else { "" });
            text += &problems.iter().map(noted).collect::<String>();
        }
    }
    expect![[r#"
        0.4.2
        0.4.2 does not come after 0.4.4, the last release of line 0.4
          = the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`
        0.4.2 --skip
        0.4.2 does not come after 0.4.4, the last release of line 0.4
          = the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`
        0.4.7
        0.4.7 leaves out 0.4.5, which comes after 0.4.4
          = the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`; `--skip` leaves numbers out
        0.4.7 --skip
        0.7.1
        0.7 has no final release yet, so there is nothing to patch
          = the next release can be `minor 0.5.0` or `major 1.0.0`
        0.7.1 --skip
        0.7 has no final release yet, so there is nothing to patch
          = the next release can be `minor 0.5.0` or `major 1.0.0`
        0.6.0
        0.6.0 leaves out 0.5.0, which comes after 0.4.4
          = the next release can be `minor 0.5.0` or `major 1.0.0`; `--skip` leaves numbers out
        0.6.0 --skip
        2.0.0
        2.0.0 leaves out 1.0.0, which comes after 0.4.4
          = the next release can be `minor 0.5.0` or `major 1.0.0`; `--skip` leaves numbers out
        2.0.0 --skip
        0.5.0rc2
        0.5.0rc2 leaves out 0.5.0rc1, which comes after no candidate
          = the next release can be `rc 0.5.0rc1` or `minor 0.5.0` or `major 1.0.0`; `--skip` leaves numbers out
        0.5.0rc2 --skip
        0.4.0rc2
        0.4.0 is released, so it gets no more candidates
          = the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`
        0.4.0rc2 --skip
        0.4.0 is released, so it gets no more candidates
          = the next release can be `patch 0.4.5` or `minor 0.5.0` or `major 1.0.0`
        0.5.0rc3
        0.5.0rc3 leaves out 0.5.0rc2, which comes after 0.5.0rc1
          = the next release can be `rc 0.5.0rc2` or `minor 0.5.0` or `major 1.0.0`; `--skip` leaves numbers out
        0.5.0rc3 --skip
        0.4.5
        0.4 has no final release yet, so there is nothing to patch
          = nothing is released yet: begin with a minor or a major, such as `minor 0.1.0`
        0.4.5 --skip
        0.4 has no final release yet, so there is nothing to patch
          = nothing is released yet: begin with a minor or a major, such as `minor 0.1.0`
    "#]]
    .assert_eq(&text);
}

#[test]
fn all_that_history_and_the_remote_show_is_said_at_once() {
    let answer = |tag: Option<&str>, error: Option<&str>| RemoteState {
        tag: tag.map(str::to_owned),
        error: error.map(str::to_owned),
        ..origin()
    };
    let ended = "v0.4.4 v0.5.0 v0.6.0";
    let mut text = String::new();
    for (what, tags, release, remote, shallow) in [
        ("in a shallow clone", TAGS, "0.4.7", origin(), true),
        ("after two minors", ended, "0.4.5", origin(), false),
        ("tagged there", TAGS, "0.4.5", answer(Some("1234567890abc"), None), false),
        ("tagged otherwise there", TAGS, "0.4.4", answer(Some("1234567890abc"), None), false),
        ("tagged the same there", TAGS, "0.4.4", answer(Some("c4"), None), false),
        ("no answer", TAGS, "0.4.5", answer(None, Some("no route")), false),
        ("all of it", ended, "0.4.7", answer(Some("1234567890abc"), Some("no route")), false),
    ] {
        let request = request(release, Target::WorkTree);
        let problems = against(&request, &history(tags), &Config::default(), &remote, shallow);
        text += &format!("{what}: {release}\n{}", problems.iter().map(noted).collect::<String>());
    }
    let unmaintained = Request { unmaintained: true, ..request("0.4.5", Target::WorkTree) };
    assert_eq!(against(&unmaintained, &history(ended), &Config::default(), &origin(), false), []);
    expect![[r#"
        in a shallow clone: 0.4.7
        this is a shallow clone: it may lack the tags and branches of earlier releases
          = `git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`
        after two minors: 0.4.5
        line 0.4 is end of life since 0.6.0: the last 2 minors are maintained
          = `--unmaintained` prepares it anyway
        tagged there: 0.4.5
        v0.4.5 is tagged on origin already, at 123456789
          = `git fetch --tags origin` and see what is released
        tagged otherwise there: 0.4.4
        v0.4.4 is on c4 here and on 123456789 on origin
          = what others have counts: `git tag --delete v0.4.4`, then `git fetch --tags origin`, and see what is released
        tagged the same there: 0.4.4
        no answer: 0.4.5
        origin could not be asked whether v0.4.5 is free: no route
          = `--offline` does not ask it
        all of it: 0.4.7
        0.4.7 leaves out 0.4.5, which comes after 0.4.4
          = the next release can be `patch 0.4.5` or `minor 0.7.0` or `major 1.0.0`; `--skip` leaves numbers out
        line 0.4 is end of life since 0.6.0: the last 2 minors are maintained
          = `--unmaintained` prepares it anyway
        origin could not be asked whether v0.4.7 is free: no route
          = `--offline` does not ask it
        v0.4.7 is tagged on origin already, at 123456789
          = `git fetch --tags origin` and see what is released
    "#]]
    .assert_eq(&text);
}

#[test]
fn a_tag_that_exists_is_never_moved() {
    let mut text = String::new();
    for (release, tip) in [("0.4.4", "c4"), ("0.4.4", "c5"), ("0.4.2", "c5")] {
        let problem = tagged(Release::parse(release).unwrap(), &history(TAGS), &Config::default(), tip, false);
        text += &noted(&problem.unwrap());
    }
    expect![[r#"
        v0.4.4 exists already, on this very commit, and the tree is not at 0.4.4
          = a tag is never moved: prepare 0.4.5 instead, or delete v0.4.4 if it was never published
        v0.4.4 exists already, on c4, and the tree is not at 0.4.4
          = a tag is never moved: prepare 0.4.5 instead, or delete v0.4.4 if it was never published
        v0.4.2 exists already, on c2, and the tree is not at 0.4.2
          = a tag is never moved: prepare 0.4.5 instead, or delete v0.4.2 if it was never published
    "#]]
    .assert_eq(&text);
    for (release, is_done) in [("0.4.4", true), ("0.4.5", false)] {
        let problem = tagged(Release::parse(release).unwrap(), &history(TAGS), &Config::default(), "c4", is_done);
        assert_eq!(problem, None, "{release}");
    }
}

#[test]
fn a_branch_that_lacks_commits_is_told_how_many() {
    let mut text = String::new();
    for (ahead, behind_by) in [(0, 0), (3, 0), (0, 1), (0, 2), (1, 1), (2, 3)] {
        let (branch, upstream) = ("main".to_owned(), "origin/main".to_owned());
        let problem = behind(&Divergence { branch, upstream, ahead, behind: behind_by });
        text += &format!("{ahead} ahead, {behind_by} behind\n{}", problem.as_ref().map(noted).unwrap_or_default());
    }
    expect![[r#"
        0 ahead, 0 behind
        3 ahead, 0 behind
        0 ahead, 1 behind
        main is 1 commit behind origin/main
          = `git switch main && git pull --ff-only`
        0 ahead, 2 behind
        main is 2 commits behind origin/main
          = `git switch main && git pull --ff-only`
        1 ahead, 1 behind
        main and origin/main have diverged: 1 here, 1 there
          = rebase or merge main onto origin/main first
        2 ahead, 3 behind
        main and origin/main have diverged: 2 here, 3 there
          = rebase or merge main onto origin/main first
    "#]]
    .assert_eq(&text);
}

#[test]
fn changed_files_are_named_up_to_five() {
    let named = |count: usize| {
        let files: Vec<_> = (1..=count).map(|number| format!("{number}.toml").into()).collect();
        mixed(&files, "the release edits them").map(|problem| problem.message)
    };
    assert_eq!(named(0), None);
    assert_eq!(named(2).unwrap(), "uncommitted changes in 1.toml, 2.toml, and the release edits them");
    let many = "uncommitted changes in 1.toml, 2.toml, 3.toml, 4.toml, 5.toml and 2 more, and the release edits them";
    assert_eq!(named(7).unwrap(), many);
}
