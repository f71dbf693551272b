//! `release relock`: the lockfiles alone.

use super::{LINE, LOCKED, World};
use crate::sample::MANIFESTS;
use expect_test::expect;

#[test]
fn the_lockfiles_of_the_current_branch_are_brought_to_what_the_pins_name() {
    let world = World::new();
    let run = world.release("relock").expect(0);
    expect![[r#"
        lockfiles
          where     [DIR]/checkout; its files stay as they are
          branch    release-0.4.x, from [ID]: meadow-client 0.4.5
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: managed
          lockfile  src/meadow_ui/package-lock.json: managed
          published meadow-client 0.4.5 on pypi, says http://HOST/simple, named by UV_DEFAULT_INDEX
          published meadow-client 0.4.5 on npm, says http://HOST/npm, named by the environment (npm_config_*)

        release-0.4.x, for relock-release-0.4.x

        would change 3 files on release-0.4.x; nothing was changed

        what comes next
          1. commit this to relock-release-0.4.x
               cargo xtask release relock --commit
    "#]]
    .assert_eq(&world.sample.normal(&run.stderr));
    assert_eq!(run.stdout, world.release("relock meadow-client==0.4.5").expect(0).stdout);
    assert_eq!(run.stdout, world.release("post 0.4.5 --only line").expect(0).stdout);

    let run = world.release("relock --commit").expect(0);
    expect![[r#"
        lockfiles
          where     [DIR]/checkout; its files stay as they are
          branch    release-0.4.x, from [ID]: meadow-client 0.4.5
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: managed
          lockfile  src/meadow_ui/package-lock.json: managed
          published meadow-client 0.4.5 on pypi, says http://HOST/simple, named by UV_DEFAULT_INDEX
          published meadow-client 0.4.5 on npm, says http://HOST/npm, named by the environment (npm_config_*)

        release-0.4.x, for relock-release-0.4.x

        committed [ID] to relock-release-0.4.x, on [ID]

        what comes next
          1. bring this onto release-0.4.x
               git push --set-upstream origin relock-release-0.4.x
               gh pr create --base release-0.4.x --head relock-release-0.4.x --title 'chore: lock meadow-client 0.4.5' --body ''
    "#]].assert_eq(&world.sample.normal(&run.stderr));
    assert_eq!(world.differing(LINE, "relock-release-0.4.x"), LOCKED);
    world.sample.assert_nothing_left();
    world.unchanged("relock --commit", 0);
    // Where one is does not matter.
    let elsewhere = World::detached();
    elsewhere.release("relock --branch release-0.4.x --commit --direct").expect(0);
    assert_eq!(elsewhere.differing(LINE, "v0.4.5"), LOCKED);
    assert_eq!(elsewhere.document("relock --branch release-0.4.x", 0)["outcome"], "nothing-to-do");
}

#[test]
fn the_lockfiles_of_the_checkout_are_written_where_they_are_and_other_edits_in_them_stay() {
    let world = World::new();
    let (theirs, mine) = ("2".repeat(64), "4".repeat(64));
    let edit = |world: &World| world.sample.edit("uv.lock", &theirs, &mine);
    edit(&world);
    let refs = world.refs();
    world.release("relock --write --dry-run").expect(0);
    let run = world.release("relock --write").expect(0);
    expect![[r#"
        lockfiles
          where     [DIR]/checkout
          checkout  release-0.4.x: meadow-client 0.4.5
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: managed
          lockfile  src/meadow_ui/package-lock.json: managed
          published meadow-client 0.4.5 on pypi, says http://HOST/simple, named by UV_DEFAULT_INDEX
          published meadow-client 0.4.5 on npm, says http://HOST/npm, named by the environment (npm_config_*)

        release-0.4.x, in the checkout

        changed 3 files on release-0.4.x

        what comes next
          1. commit the lockfiles
               git commit --message 'chore: lock the clients' -- src/meadow_ui/package-lock.json src/meadow_ui/package.json uv.lock
    "#]].assert_eq(&world.sample.normal(&run.stderr));
    assert_eq!(world.refs(), refs);
    assert_eq!(world.sample.status().len(), 3);
    let lock = world.sample.read("uv.lock");
    assert!(lock.contains(&mine) && lock.contains("meadow_client-0.4.5.tar.gz"), "{lock}");
    world.unchanged("relock --write", 0);
    world.sample.assert_nothing_left();

    let world = World::new();
    assert_eq!(world.document("relock --write", 0)["outcome"], "written");
    world.sample.git(&["switch", "--quiet", "--detach"]);
    world.unchanged("relock --write", 0);
}

#[test]
fn a_release_that_is_taken_back_by_the_index_is_locked_by_nobody() {
    let world = World::new();
    super::publish(&world.server, &["0.4.4"]);
    expect![[r#"
        $ release relock --write -q
        error: meadow-client 0.4.5 is not on pypi (http://HOST/simple)
         |
         = help: see that the release was published; wait for it: `--wait 15m`

        error: meadow-client 0.4.5 is not on npm (http://HOST/npm)
         |
         = help: see that the release was published; wait for it: `--wait 15m`

        (exit 3)
    "#]]
    .assert_eq(&world.unchanged("relock --write -q", 3));
    assert_eq!(world.document("relock", 3)["outcome"], "absent");
}

/// A change to a world.
type Edit<'a> = &'a dyn Fn(&World);

/// The helps of the findings of a rule.
fn helps(world: &World, rule: &str) -> Vec<String> {
    let run = world.release("check --output-format json");
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let findings = document["diagnostics"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    findings.map(|finding| finding["help"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn where_a_finding_names_this_command_it_goes_when_that_was_run() {
    let (ui, npm) = ("src/meadow_ui/package.json", "src/meadow_ui/package-lock.json");
    let floating = |world: &World| {
        for path in MANIFESTS.into_iter().chain(["uv.lock"]) {
            world
                .sample
                .write(path, &world.sample.read(path).replace("==0.4.5", ">=0.3.0").replace("==0.4.4", ">=0.3.0"));
        }
    };
    let of_series = |world: &World| {
        floating(world);
        let lock = world.sample.read("uv.lock");
        let name = "name = \"meadow-client\"\nversion = \"0.4.4\"";
        assert!(lock.contains(name), "{lock}");
        world.sample.write("uv.lock", &lock.replace(name, "name = \"meadow-client\"\nversion = \"0.3.1\""));
    };
    let asked = |world: &World| world.sample.edit(ui, "^0.4.4", "^0.4.5");
    let of_older_series = |world: &World| {
        world.sample.edit(ui, "^0.4.4", "^0.3.1");
        world.sample.edit(npm, "^0.4.4", "^0.3.1");
        world.sample.edit(npm, "\"version\": \"0.4.4\"", "\"version\": \"0.3.1\"");
    };
    let nothing = |_: &World| {};
    let cases: [(&str, Edit<'_>); 6] = [
        ("uv-lock-excluded", &nothing),
        ("uv-lock-stale", &nothing),
        ("uv-lock-series", &of_series),
        ("npm-lock-range", &asked),
        ("npm-lock-excluded", &asked),
        ("npm-client-series", &of_older_series),
    ];
    for (rule, edit) in cases {
        let world = World::new();
        edit(&world);
        world.sample.commit("fix: after the release");
        let before = helps(&world, rule);
        assert!(!before.is_empty(), "{rule}");
        for help in before {
            assert!(help.contains("`cargo xtask release relock --write`"), "{rule}: {help}");
        }
        world.release("relock --write").expect(0);
        assert_eq!(helps(&world, rule), [""; 0], "{rule}");
    }
    // Pins that name no version, where there is no final either: it would ask which one is meant.
    let world = World::new();
    of_series(&world);
    world.sample.commit("fix: after the release");
    world.sample.git(&["tag", "--delete", "v0.4.0", "v0.4.1", "v0.4.2", "v0.4.3", "v0.4.4", "v0.4.5"]);
    let [help] = &helps(&world, "uv-lock-series")[..] else { panic!() };
    assert!(!help.contains("relock"), "{help}");
}
