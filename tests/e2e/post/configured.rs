//! Additions of release.toml for main: floors, the UI, the development tag.

use super::{FOR_MAIN, LOCKED, World};
use crate::support::git;
use expect_test::expect;
use std::fs;

/// The words for a configuration that lies beside the checkout.
fn configured(world: &World, text: &str) -> String {
    let path = world.sample.root.join("release.toml");
    fs::write(&path, text).unwrap();
    format!("--config {path}")
}

#[test]
fn floors_of_main_and_its_lockfile_follow_where_that_is_configured() {
    let world = World::new();
    let config = configured(&world, "[main]\nfloors = true\n");
    world.release(&format!("post 0.4.5 --only main --commit {config}")).expect(0);
    assert!(world.at(FOR_MAIN, "pyproject.toml").contains("\"meadow-client>=0.4.5\""));
    let lock = world.at(FOR_MAIN, "uv.lock");
    assert_eq!(lock.matches("specifier = \">=0.4.5\"").count(), 2, "{lock}");
    assert!(lock.contains("name = \"meadow-client\"\nversion = \"0.4.5\""), "{lock}");
    let changed = world.differing("main", FOR_MAIN);
    assert_eq!(changed.len(), 4, "{changed:?}");
    world.unchanged(&format!("post 0.4.5 --only main --commit {config}"), 0);
}

#[test]
fn the_ui_of_main_follows_where_that_is_configured() {
    let world = World::new();
    let config = configured(&world, "[main]\nui = true\n");
    world.release(&format!("post 0.4.5 --only main --commit {config}")).expect(0);
    let changed = world.differing("main", FOR_MAIN);
    assert_eq!(changed.len(), 5, "{changed:?}");
    assert!(LOCKED[..2].iter().all(|path| changed.iter().any(|changed| changed == path)), "{changed:?}");
    assert!(world.at(FOR_MAIN, LOCKED[1]).contains("\"meadow-client\": \"^0.4.5\""));
    assert_eq!(world.at(FOR_MAIN, "uv.lock"), world.at("main", "uv.lock"));
}

#[test]
fn a_development_tag_is_made_with_the_commit_that_it_is_for() {
    let world = World::detached();
    let config = configured(&world, "[release]\ndev-tag = true\n");
    let words = format!("post 0.4.5 --only main --commit --direct {config}");
    let run = world.release(&words).expect(0);
    assert_eq!(world.sample.id("v0.4.6-dev"), world.sample.id("main"));
    expect![[r#"
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned

        main

        committed [ID] to main, on [ID]
        tagged [ID] as v0.4.6-dev

        what comes next
          1. bring this to origin
               git push --atomic origin main v0.4.6-dev
          2. write the release notes and announce the release
    "#]]
    .assert_eq(&world.sample.normal(&run.stderr));
    world.unchanged(&words, 0);
    // Later commits of main do not move it.
    let tree = world.sample.id("main^{tree}");
    let later = world.sample.git(&["commit-tree", &tree, "-p", "main", "-m", "later"]);
    world.sample.git(&["update-ref", "refs/heads/main", &later]);
    world.unchanged(&words, 0);
}

#[test]
fn a_development_tag_is_made_once_the_proposal_is_merged() {
    let world = World::new();
    // A repository that uses them needs no configuration.
    world.sample.git(&["tag", "v0.4.5-dev", "main"]);
    let run = world.release("post 0.4.5 --only main --commit").expect(0);
    expect![[r#"
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned

        main, for post-release-v0.4.5-main

        committed [ID] to post-release-v0.4.5-main, on [ID]

        what comes next
          1. bring this onto main
               git push --set-upstream origin post-release-v0.4.5-main
               gh pr create --base main --head post-release-v0.4.5-main --title 'chore: main is 0.4.6.dev0 after the release of 0.4.5' --body ''
          2. once main is at 0.4.6.dev0: tag that commit v0.4.6-dev
               cargo xtask release post 0.4.5 --only main --commit
          3. write the release notes and announce the release
    "#]].assert_eq(&world.sample.normal(&run.stderr));
    assert_eq!(world.sample.git(&["tag", "--list", "v0.4.6-dev"]), "");
    let before = world.refs();
    world.release("post 0.4.5 --only main --commit").expect(0);
    assert_eq!(world.refs(), before);

    world.sample.git(&["switch", "--quiet", "main"]);
    world.sample.git(&["merge", "--quiet", "--squash", FOR_MAIN]);
    world.sample.git(&["commit", "--quiet", "--message", "chore: main is 0.4.6.dev0 (#12)"]);
    let merged = world.sample.id("main");
    world.sample.commit("feat: more");
    expect![[r#"
        $ release post 0.4.5 --only main
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned

        would change the tag v0.4.6-dev on [ID]; nothing was changed

        what comes next
          1. make the tag
               cargo xtask release post 0.4.5 --only main --commit
          2. write the release notes and announce the release
    "#]]
    .assert_eq(&world.unchanged("post 0.4.5 --only main", 0));
    let run = world.release("post 0.4.5 --only main --commit").expect(0);
    assert!(run.stderr.contains("tagged "), "{}", run.stderr);
    assert_eq!(world.sample.id("v0.4.6-dev"), merged);
    world.unchanged("post 0.4.5 --only main --commit", 0);
}

#[test]
fn a_development_tag_on_another_commit_is_left_there_and_stops_nothing() {
    let world = World::detached();
    let config = configured(&world, "[release]\ndev-tag = true\n");
    world.sample.git(&["tag", "v0.4.6-dev", "main~1"]);
    let words = format!("post 0.4.5 --only main --commit --direct {config}");
    let run = world.release(&words).expect(0);
    expect![[r#"
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned

        warning: v0.4.6-dev is on [ID], and the commit of main that sets 0.4.6.dev0 has yet to arrive; the tag is left there
         |
         = help: if no other clone has it yet, `git -C [DIR]/checkout tag --delete v0.4.6-dev` and run this again; else `dev-tag = false` in release.toml leaves development tags to you

        main

        committed [ID] to main, on [ID]

        what comes next
          1. bring this to origin
               git push origin main
          2. write the release notes and announce the release
    "#]].assert_eq(&world.sample.normal(&run.stderr));
    assert!(world.at("main", "pyproject.toml").contains("0.4.6.dev0"));
    assert_eq!(world.sample.id("v0.4.6-dev"), world.sample.id("main~2"));
    world.sample.git(&["push", "--quiet", "origin", "main"]);
    expect![[r#"
        $ release post 0.4.5 --only main --commit --direct --config [DIR]/release.toml
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned

        warning: v0.4.6-dev is on [ID], and the commit of main that sets 0.4.6.dev0 is [ID]; the tag is left there
         |
         = help: if no other clone has it yet, `git -C [DIR]/checkout tag --delete v0.4.6-dev` and run this again; else `dev-tag = false` in release.toml leaves development tags to you

        nothing to do here; the warnings say what is left

        what comes next
          1. write the release notes and announce the release
    "#]].assert_eq(&world.unchanged(&words, 0));
    let document = world.document(&words, 0);
    let main = &document["targets"][0];
    assert_eq!(main["tag"]["state"], "elsewhere");
    assert_eq!(main["tag"]["commit"], world.sample.id("main~2"));
    assert_eq!(main["warnings"].as_array().map(Vec::len), Some(1));
    // A repository that has such tags already may say that they are a person's.
    let none = configured(&world, "[release]\ndev-tag = false\n");
    let without = world.unchanged(&format!("post 0.4.5 --only main --commit --direct {none}"), 0);
    assert!(without.contains("nothing to do: everything is as it must be"), "{without}");
    assert!(!without.contains("-dev"), "{without}");
}

#[test]
fn a_development_tag_that_only_this_clone_has_is_still_to_be_pushed() {
    let world = World::detached();
    let config = configured(&world, "[release]\ndev-tag = true\n");
    let words = format!("post 0.4.5 --only main --commit --direct {config}");
    world.release(&words).expect(0);
    world.sample.git(&["push", "--quiet", "origin", "main"]);
    let push = "git push origin v0.4.6-dev\n";
    assert!(world.unchanged(&words, 0).contains(push));
    assert!(world.unchanged(&format!("{words} --offline"), 0).contains(push), "nobody can say that it is there");
    world.sample.git(&["push", "--quiet", "origin", "v0.4.6-dev"]);
    assert!(!world.unchanged(&words, 0).contains("git push"));
    // Another clone has moved it there.
    git(&world.sample.origin, &["tag", "--force", "v0.4.6-dev", "main~1"]);
    let theirs = world.unchanged(&words, 0);
    assert!(theirs.contains("[ID] here and on [ID] on origin"), "{theirs}");
    world.sample.git(&["tag", "--delete", "v0.4.6-dev"]);
    let theirs = world.unchanged(&words, 0);
    assert!(theirs.contains("warning: v0.4.6-dev is on [ID], and the commit of main that sets"), "{theirs}");
}

#[test]
fn a_development_tag_that_is_there_is_known_wherever_it_is_and_however_it_was_made() {
    let light = ["tag"].as_slice();
    let annotated = ["tag", "--annotate", "--message", "begin"].as_slice();
    for (name, make) in
        [("v0.4.6-dev", light), ("v0.4.6-dev", annotated), ("v0.4.6.dev0", light), ("v0.4.6.dev0", annotated)]
    {
        for (at, is_right) in [("main", true), ("main~1", false)] {
            for place in ["here", "origin", "both"] {
                let world = World::detached();
                let config = configured(&world, "[release]\ndev-tag = true\n");
                world.release("post 0.4.5 --only main --commit --direct").expect(0);
                world.sample.git(&["push", "--quiet", "origin", "main"]);
                world.sample.git(&[make, &[name, at]].concat());
                if place != "here" {
                    world.sample.git(&["push", "--quiet", "origin", name]);
                }
                if place == "origin" {
                    world.sample.git(&["tag", "--delete", name]);
                }
                let case = format!("{name} by {make:?} at {at}, {place}");
                let said = world.unchanged(&format!("post 0.4.5 --only main --commit --direct {config}"), 0);
                assert_eq!(said.contains("the tag is left there"), !is_right, "{case}: {said}");
                let push = format!("git push origin {name}");
                assert_eq!(said.contains(&push), is_right && place == "here", "{case}: {said}");
                let is_done = said.contains("nothing to do: everything is as it must be");
                assert_eq!(is_done, is_right && place != "here", "{case}: {said}");
            }
        }
    }
}

#[test]
fn main_that_is_above_stays_there_and_gets_no_development_tag() {
    let world = World::new();
    let config = configured(&world, "[release]\ndev-tag = true\n");
    world.sample.git(&["switch", "--quiet", "main"]);
    for path in crate::sample::MANIFESTS {
        world.sample.edit(path, "0.4.5.dev0", "0.6.0.dev0");
    }
    world.sample.commit("chore: on to 0.6");
    world.sample.git(&["push", "--quiet", "origin", "main"]);
    expect![[r#"
        $ release post 0.4.5 --only main --commit --config [DIR]/release.toml
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          main      main, from [ID]: 0.6.0.dev0, which is above what follows 0.4.5
          remote    origin, not fetched since it was cloned

        nothing to do: everything is as it must be

        what comes next
          1. write the release notes and announce the release
    "#]]
    .assert_eq(&world.unchanged(&format!("post 0.4.5 --only main --commit {config}"), 0));
}
