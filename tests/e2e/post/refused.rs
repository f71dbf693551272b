//! Refusals of `release post` and `release relock`, which change nothing.

use super::{FOR_LINE, FOR_MAIN, LINE, World};
use crate::support::git;
use expect_test::expect;

#[test]
fn what_is_not_a_release_that_is_out() {
    let world = World::new();
    let mut shown: String = [
        "post 0.4.6",
        "post 0.5.0rc1",
        "post v0.4",
        "post 0.4.5 --only ui",
        "post 0.4.5 --wait soon",
        "post 0.4.5 --direct",
        "post 0.6.0 --offline",
    ]
    .map(|words| world.unchanged(words, if words.contains("0.4.6") || words.contains("0.6.0") { 1 } else { 2 }))
    .concat();
    world.sample.git(&["tag", "--delete", "v0.4.5"]);
    shown += &world.unchanged("post 0.4.5", 1);
    world.sample.git(&["tag", "v0.4.5", "main"]);
    shown += &world.unchanged("post 0.4.5", 1);
    expect![[r#"
        $ release post 0.4.6
        error: 0.4.6 is not released: there is no tag v0.4.6 here or on origin
         |
         = help: what follows a release comes after `gh release create v0.4.6 --target release-0.4.x`

        1 problem, nothing was changed
        (exit 1)
        $ release post 0.5.0rc1
        error: 0.5.0rc1 is a candidate, which nothing follows: main and the lockfiles stay as they are
         |
         = help: `cargo xtask release post 0.5.0`, once that is published

        (exit 2)
        $ release post v0.4
        error: `v0.4` has 2 of the three numbers of a release: write X.Y.Z, such as `0.4.0`

        (exit 2)
        $ release post 0.4.5 --only ui
        error: invalid value 'ui' for '--only <PART>'
          [possible values: main, line]

        For more information, try '--help'.
        (exit 2)
        $ release post 0.4.5 --wait soon
        error: invalid value 'soon' for '--wait <TIME>': `soon` is no duration; write it as `90s`, `15m` or `1h30m`, or `0` for not at all

        For more information, try '--help'.
        (exit 2)
        $ release post 0.4.5 --direct
        error: the following required arguments were not provided:
          --commit

        Usage: cargo xtask release post --commit --direct <VERSION>

        For more information, try '--help'.
        (exit 2)
        $ release post 0.6.0 --offline
        error: 0.6.0 is not released: there is no tag v0.6.0 here
         |
         = help: what follows a release comes after `gh release create v0.6.0 --target release-0.6.x`

        1 problem, nothing was changed
        (exit 1)
        $ release post 0.4.5
        error: v0.4.5 is tagged on origin, at [ID], and was not fetched
         |
         = help: `git fetch --tags origin`, or run this with `--fetch`

        1 problem, nothing was changed
        (exit 1)
        $ release post 0.4.5
        error: v0.4.5 is on [ID] here and on [ID] on origin
         |
         = help: what others have counts: `git tag --delete v0.4.5`, then `git fetch --tags origin`, and see what is released

        1 problem, nothing was changed
        (exit 1)
    "#]].assert_eq(&shown);
    assert!(world.server.asked().is_empty());
    world.sample.git(&["tag", "--delete", "v0.4.5"]);
    world.release("post 0.4.5 --fetch").expect(0);
}

#[test]
fn what_cannot_be_locked() {
    let world = World::new();
    let shown = [
        ("relock meadow==0.4.5", 1),
        ("relock meadow-client==0.4.4", 1),
        ("relock meadow-client", 2),
        ("relock meadow-client==", 2),
        ("relock ==0.4.5", 2),
        ("relock --branch release-9.9.x", 1),
        ("relock --write --commit", 2),
        ("relock --write --branch main", 2),
    ]
    .map(|(words, code)| world.unchanged(words, code))
    .concat();
    world.sample.git(&["switch", "--quiet", "--detach"]);
    expect![[r#"
        $ release relock meadow==0.4.5
        error: `meadow` is no client of this monorepo
         |
         = help: there is `meadow-client`; name others in release.toml: `[[client]]` with `name = "..."`

        1 problem, nothing was changed
        (exit 1)
        $ release relock meadow-client==0.4.4
        error: pyproject.toml: `meadow-client==0.4.5` excludes 0.4.4
          --> pyproject.toml:20:5
           |
        20 |     "meadow-client==0.4.5", # released together with the server
           |     ^^^^^^^^^^^^^^^^^^^^^^ asks for another version
        ...
        26 |     'meadow-client[cli] ==0.4.5 ; python_version < "4"',
           |     --------------------------------------------------- asks for another version
           |
          ::: src/meadow_agents/pyproject.toml:13:31
           |
        13 | dependencies = ["meadow-api", "meadow-client==0.4.5"]
           |                               ---------------------- asks for another version
           |
           = help: prepare 0.4.4 on this branch first, or check which version its lockfiles should have

        1 problem, nothing was changed
        (exit 1)
        $ release relock meadow-client
        error: `meadow-client` names no version of a client
         |
         = help: write `CLIENT==X.Y.Z`, such as `meadow-client==0.4.5`

        (exit 2)
        $ release relock meadow-client==
        error: `` is not a PEP 440 version: expected a number at byte 0
         |
         = help: write `CLIENT==X.Y.Z`, such as `meadow-client==0.4.5`

        (exit 2)
        $ release relock ==0.4.5
        error: `` is not the name of a package
         |
         = help: write `CLIENT==X.Y.Z`, such as `meadow-client==0.4.5`

        (exit 2)
        $ release relock --branch release-9.9.x
        error: there is no branch release-9.9.x, here or on origin
         |
         = help: check its spelling in release.toml, or fetch it: `--fetch`

        1 problem, nothing was changed
        (exit 1)
        $ release relock --write --commit
        error: the argument '--write' cannot be used with '--commit'

        Usage: cargo xtask release relock --write [CLIENT==X.Y.Z]

        For more information, try '--help'.
        (exit 2)
        $ release relock --write --branch main
        error: the argument '--write' cannot be used with '--branch <NAME>'

        Usage: cargo xtask release relock --write [CLIENT==X.Y.Z]

        For more information, try '--help'.
        (exit 2)
        $ release relock
        error: the head is detached, so there is no branch whose lockfiles are meant
         |
         = help: name one with `--branch NAME`, or edit the checkout's with `--write`

        1 problem, nothing was changed
        (exit 1)
    "#]]
    .assert_eq(&(shown + &world.unchanged("relock", 1)));
    assert!(world.server.asked().is_empty());
}

#[test]
fn branches_that_are_not_where_they_must_be() {
    let world = World::new();
    let mut shown = String::new();
    // Checked out here, and in another work tree.
    shown += &world.unchanged("post 0.4.5 --commit --direct --only line", 1);
    let other = world.sample.root.join("other");
    world.sample.git(&["worktree", "add", "--quiet", other.as_str(), "main"]);
    let before = world.sample.files();
    let run = world.release("post 0.4.5 --commit --direct --only main").expect(1);
    shown += &world.sample.normal(&run.stderr);
    world.sample.assert_unchanged(&before, "a branch that is checked out elsewhere");
    world.sample.git(&["worktree", "remove", other.as_str()]);
    // Behind its remote branch: what the remote has counts, but a branch itself would have to be pulled.
    world.sample.git(&["switch", "--quiet", "--detach"]);
    world.sample.git(&["update-ref", "refs/heads/main", "main~1"]);
    shown += &world.unchanged("post 0.4.5 --commit --direct --only main", 1);
    // Diverged.
    let tree = world.sample.id("main^{tree}");
    let commit = world.sample.git(&["commit-tree", &tree, "-p", "main", "-m", "another"]);
    world.sample.git(&["update-ref", "refs/heads/main", &commit]);
    shown += &world.unchanged("post 0.4.5 --commit --only main", 1);
    // Moved on the remote, and not fetched.
    world.sample.git(&["update-ref", "refs/heads/main", "origin/main"]);
    let theirs = git(&world.sample.origin, &["commit-tree", &tree, "-p", "main", "-m", "theirs"]);
    git(&world.sample.origin, &["update-ref", "refs/heads/main", &theirs]);
    shown += &world.unchanged("post 0.4.5 --commit --only main", 1);
    expect![[r#"
        $ release post 0.4.5 --commit --direct --only line
        error: release-0.4.x is checked out in [DIR]/checkout, whose files would then differ from its branch
         |
         = help: leave out `--direct`, or leave the branch there: `git -C [DIR]/checkout switch --detach`

        1 problem, nothing was changed
        (exit 1)
        error: main is checked out in [DIR]/other, whose files would then differ from its branch
         |
         = help: leave out `--direct`, or leave the branch there: `git -C [DIR]/other switch --detach`

        1 problem, nothing was changed
        $ release post 0.4.5 --commit --direct --only main
        error: main is 1 commit behind origin/main
         |
         = help: `git switch main && git pull --ff-only`

        1 problem, nothing was changed
        (exit 1)
        $ release post 0.4.5 --commit --only main
        error: main and origin/main have diverged: 1 here, 1 there
         |
         = help: rebase or merge main onto origin/main first

        1 problem, nothing was changed
        (exit 1)
        $ release post 0.4.5 --commit --only main
        error: main on origin is at [ID], which this clone does not have
         |
         = help: `--fetch` fetches first

        1 problem, nothing was changed
        (exit 1)
    "#]]
    .assert_eq(&shown);
    world.release("post 0.4.5 --commit --only main --fetch").expect(0);
    assert_eq!(world.sample.id(&format!("{FOR_MAIN}^")), theirs);
}

#[test]
fn a_proposal_that_lacks_commits_of_its_branch_is_outdated() {
    let world = World::new();
    world.release("post 0.4.5 --commit").expect(0);
    world.sample.write("README.md", "# a line\n");
    world.sample.commit("docs: a line");
    expect![[r#"
        $ release post 0.4.5 --commit
        error: post-release-v0.4.5-release-0.4.x exists already, and lacks commits of release-0.4.x
         |
         = help: delete it: `git branch --delete --force post-release-v0.4.5-release-0.4.x`, and run this again

        1 problem, nothing was changed
        (exit 1)
    "#]]
    .assert_eq(&world.unchanged("post 0.4.5 --commit", 1));
    world.sample.git(&["branch", "--delete", "--force", "--quiet", FOR_LINE]);
    world.release("post 0.4.5 --commit").expect(0);
    assert_eq!(world.sample.subjects(LINE, FOR_LINE).len(), 1);
    // Who stands on it is asked to leave.
    world.sample.git(&["branch", "--force", FOR_LINE, LINE]);
    world.sample.git(&["switch", "--quiet", FOR_LINE]);
    expect![[r#"
        $ release post 0.4.5 --commit
        error: post-release-v0.4.5-release-0.4.x is checked out in [DIR]/checkout, whose files would then differ from its branch
         |
         = help: `git -C [DIR]/checkout switch release-0.4.x` first

        1 problem, nothing was changed
        (exit 1)
    "#]].assert_eq(&world.unchanged("post 0.4.5 --commit", 1));
}

#[test]
fn a_branch_that_is_only_behind_is_proposed_for_from_what_the_remote_has() {
    let world = World::detached();
    let newest = world.sample.id("origin/main");
    world.sample.git(&["update-ref", "refs/heads/main", "main~1"]);
    world.release("post 0.4.5 --commit --only main").expect(0);
    assert_eq!(world.sample.id(&format!("{FOR_MAIN}^")), newest);
}

#[test]
fn a_shallow_clone_says_nothing_of_releases() {
    let world = World::new();
    let shallow = world.sample.root.join("shallow");
    let origin = format!("file://{}", world.sample.origin);
    git(&world.sample.root, &["clone", "--quiet", "--depth", "1", "--branch", LINE, &origin, shallow.as_str()]);
    let run = world.run(world.command("post 0.4.5").current_dir(&shallow)).expect(1);
    expect![[r#"
        error: this is a shallow clone: it may lack the tags and branches of earlier releases
         |
         = help: `git fetch --unshallow --tags`; in a workflow, check out with `fetch-depth: 0`

        1 problem, nothing was changed
    "#]]
    .assert_eq(&world.sample.normal(&run.stderr));
}

#[test]
fn without_asking_anybody_only_what_needs_nobody_is_done() {
    let world = World::new();
    expect![[r#"
        $ release post 0.4.5 --offline
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          line      release-0.4.x, from [ID]: meadow-client 0.4.5
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: managed
          lockfile  src/meadow_ui/package-lock.json: managed
        error: the lockfiles need what registries say of meadow-client, and with `--offline` no registry is asked
         |
         = help: leave it out; `release post` does main's part alone with `--only main`

        (exit 2)
    "#]]
    .assert_eq(&world.unchanged("post 0.4.5 --offline", 2));
    let refused = world.document("post 0.4.5 --offline", 2);
    assert_eq!(refused["outcome"], "unknown");
    assert!(world.server.asked().is_empty());
}

#[test]
fn a_hook_that_refuses_leaves_nothing_and_the_next_command_is_printed() {
    let world = World::new();
    world.sample.hook(
        "pre-commit",
        "case \",$SKIP,\" in *,uv-lock,*) exit 0;; esac\nprintf 'uv-lock....Failed\\n- hook id: uv-lock\\n- exit code: 1\\n'; exit 1",
    );
    let (refs, status) = (world.refs(), world.sample.status());
    let refused = |words: &str| {
        let shown = world.shown(words, 1);
        // Objects that nothing refers to are git's to remove.
        assert_eq!((world.refs(), world.sample.status()), (refs.clone(), status.clone()));
        shown
    };
    expect![[r#"
        $ release post 0.4.5 --commit -q
        uv-lock....Failed
        - hook id: uv-lock
        - exit code: 1
        error: the pre-commit hook refused a commit: uv-lock failed; nothing was committed, and this checkout was not touched
         |
         = help: mend what it names and run `cargo xtask release post 0.4.5 --commit -q` again, or `SKIP=uv-lock cargo xtask release post 0.4.5 --commit -q`

        (exit 1)
    "#]].assert_eq(&refused("post 0.4.5 --commit -q"));
    assert_eq!(world.document("post 0.4.5 --commit", 1)["outcome"], "refused");
    // One that refuses a single commit takes the other with it.
    for path in ["uv.lock", "pyproject.toml"] {
        world.sample.hook("pre-commit", &format!("test -n \"$SKIP\" || git diff --cached --quiet -- {path}"));
        refused("post 0.4.5 --commit -q");
    }
    world.run(world.command("post 0.4.5 --commit -q").env("SKIP", "uv-lock")).expect(0);
    assert_eq!(world.proposed().map(|(_, commits)| commits), [1, 1]);
}

#[test]
fn a_dirty_checkout_is_nobodys_business_but_its_owners() {
    let world = World::new();
    world.sample.write("uv.lock", "broken");
    world.sample.edit("pyproject.toml", "0.4.5", "9.9.9");
    world.sample.git(&["add", "pyproject.toml"]);
    let status = world.sample.status();
    world.release("post 0.4.5 --commit").expect(0);
    assert_eq!((world.sample.status(), world.sample.read("uv.lock")), (status, "broken".to_owned()));
    let clean = World::new();
    clean.release("post 0.4.5 --commit").expect(0);
    assert_eq!(world.proposed(), clean.proposed());
}
