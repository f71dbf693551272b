//! The output for a person or a script of `release post`.

use super::{DOCUMENT, FOR_LINE, FOR_MAIN, LINE, LOCKED, METADATA, OLD_METADATA, PAGE, World};
use crate::loopback::{INSTALL_JSON, SIMPLE_JSON};
use crate::sample::MANIFESTS;
use expect_test::expect;
use serde_json::Value;

#[test]
fn without_a_word_more_it_shows_what_it_would_do_and_does_nothing() {
    let world = World::new();
    expect![[r#"
        $ release post 0.4.5
        --- a/src/meadow_ui/package-lock.json
        +++ b/src/meadow_ui/package-lock.json
        @@ -8,13 +8,13 @@
               "name": "meadow-ui",
               "version": "0.1.0",
               "dependencies": {
        -        "meadow-client": "^0.4.4",
        +        "meadow-client": "^0.4.5",
                 "react": "^19.2.0"
               }
             },
             "node_modules/meadow-client": {
        -      "version": "0.4.4",
        -      "resolved": "https://npm.example/meadow-client/-/meadow-client-0.4.4.tgz",
        +      "version": "0.4.5",
        +      "resolved": "https://npm.example/meadow-client/-/meadow-client-0.4.5.tgz",
               "integrity": "sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
               "license": "MIT"
             },
        --- a/src/meadow_ui/package.json
        +++ b/src/meadow_ui/package.json
        @@ -3,7 +3,7 @@
           "version": "0.1.0",
           "private": true,
           "dependencies": {
        -    "meadow-client": "^0.4.4",
        +    "meadow-client": "^0.4.5",
             "react": "^19.2.0"
           }
         }
        --- a/uv.lock
        +++ b/uv.lock
        @@ -35,13 +35,13 @@
         requires-dist = [
             { name = "httpx", specifier = ">=0.27" },
             { name = "meadow-api", editable = "src/meadow_api" },
        -    { name = "meadow-client", marker = "extra == 'client'", specifier = "==0.4.4" },
        +    { name = "meadow-client", marker = "extra == 'client'", specifier = "==0.4.5" },
         ]
         provides-extras = ["client"]

         [package.metadata.requires-dev]
         dev = [{ name = "pytest", specifier = ">=8.4" }]
        -type-checking = [{ name = "meadow-client", extras = ["cli"], marker = "python_full_version < '4'", specifier = "==0.4.4" }]
        +type-checking = [{ name = "meadow-client", extras = ["cli"], marker = "python_full_version < '4'", specifier = "==0.4.5" }]

         [[package]]
         name = "meadow-api"
        @@ -55,11 +55,11 @@

         [[package]]
         name = "meadow-client"
        -version = "0.4.4"
        +version = "0.4.5"
         source = { registry = "https://python.example/simple" }
        -sdist = { url = "https://files.example/meadow_client-0.4.4.tar.gz", hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000", size = 1000, upload-time = "2026-03-01T12:00:00Z" }
        +sdist = { url = "https://files.example/meadow_client-0.4.5.tar.gz", hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000", size = 1000, upload-time = "2026-01-02T03:04:05.678Z" }
         wheels = [
        -    { url = "https://files.example/meadow_client-0.4.4-py3-none-any.whl", hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000", size = 1000, upload-time = "2026-03-01T12:00:00Z" },
        +    { url = "https://files.example/meadow_client-0.4.5-py3-none-any.whl", hash = "sha256:0000000000000000000000000000000000000000000000000000000000000000", size = 1000, upload-time = "2026-01-02T03:04:05.678Z" },
         ]

         [[package]]
        --- a/pyproject.toml
        +++ b/pyproject.toml
        @@ -3,7 +3,7 @@
         build-backend = "setuptools.build_meta"

         [tool.setuptools_scm]
        -fallback_version = "0.4.5.dev0"
        +fallback_version = "0.4.6.dev0"

         [project]
         name = "meadow"
        --- a/src/meadow_agents/pyproject.toml
        +++ b/src/meadow_agents/pyproject.toml
        @@ -13,5 +13,5 @@
         dependencies = ["meadow-api", "meadow-client>=0.4.0"]

         [tool.setuptools_scm]
        -fallback_version = '0.4.5.dev0'   # nightly and container builds
        +fallback_version = '0.4.6.dev0'   # nightly and container builds
         root = "../.."
        --- a/src/meadow_api/pyproject.toml
        +++ b/src/meadow_api/pyproject.toml
        @@ -11,4 +11,4 @@

         [tool.setuptools_scm]
         root = "../.."
        -fallback_version = "0.4.5.dev0"
        +fallback_version = "0.4.6.dev0"
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          line      release-0.4.x, from [ID]: meadow-client 0.4.5
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: managed
          lockfile  src/meadow_ui/package-lock.json: managed
          published meadow-client 0.4.5 on pypi, says http://HOST/simple, named by UV_DEFAULT_INDEX
          published meadow-client 0.4.5 on npm, says http://HOST/npm, named by the environment (npm_config_*)

        release-0.4.x, for post-release-v0.4.5-release-0.4.x

        main, for post-release-v0.4.5-main

        would change 3 files on release-0.4.x, 3 files on main; nothing was changed

        what comes next
          1. commit this to post-release-v0.4.5-release-0.4.x and post-release-v0.4.5-main
               cargo xtask release post 0.4.5 --commit
          2. write the release notes and announce the release
    "#]].assert_eq(&world.unchanged("post 0.4.5", 0));
    let quiet = world.unchanged("post 0.4.5 -q", 0);
    expect![[r#"
        $ release post 0.4.5 -q
    "#]]
    .assert_eq(&quiet);
    let verbose = world.release("post 0.4.5 -v --only main").expect(0);
    expect![[r#"
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned

        main, for post-release-v0.4.5-main

        would change 3 files on main; nothing was changed

        what comes next
          1. commit this to post-release-v0.4.5-main
               cargo xtask release post 0.4.5 -v --only main --commit
          2. write the release notes and announce the release
    "#]]
    .assert_eq(&world.sample.normal(&verbose.stderr));
}

#[test]
fn the_commits_are_made_once_and_wait_until_they_are_merged() {
    let world = World::new();
    let status = world.sample.status();
    let run = world.release("post 0.4.5 --commit -s").expect(0);
    expect![[r#"
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          line      release-0.4.x, from [ID]: meadow-client 0.4.5
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: managed
          lockfile  src/meadow_ui/package-lock.json: managed
          published meadow-client 0.4.5 on pypi, says http://HOST/simple, named by UV_DEFAULT_INDEX
          published meadow-client 0.4.5 on npm, says http://HOST/npm, named by the environment (npm_config_*)

        release-0.4.x, for post-release-v0.4.5-release-0.4.x

        main, for post-release-v0.4.5-main

        committed [ID] to post-release-v0.4.5-release-0.4.x, on [ID]
        committed [ID] to post-release-v0.4.5-main, on [ID]

        what comes next
          1. bring this onto release-0.4.x
               git push --set-upstream origin post-release-v0.4.5-release-0.4.x
               gh pr create --base release-0.4.x --head post-release-v0.4.5-release-0.4.x --title 'chore: lock meadow-client 0.4.5' --body ''
          2. bring this onto main
               git push --set-upstream origin post-release-v0.4.5-main
               gh pr create --base main --head post-release-v0.4.5-main --title 'chore: main is 0.4.6.dev0 after the release of 0.4.5' --body ''
          3. write the release notes and announce the release
    "#]].assert_eq(&world.sample.normal(&run.stderr));
    world.sample.assert_nothing_left();
    assert_eq!(world.sample.status(), status);
    assert_eq!(world.proposed().map(|(_, commits)| commits), [1, 1]);
    assert_eq!(world.differing(LINE, FOR_LINE), LOCKED);
    assert_eq!(world.differing("main", FOR_MAIN), MANIFESTS);
    assert!(world.sample.git(&["log", "-1", "--format=%B", FOR_LINE]).contains("Signed-off-by: Tester"));

    world.server.asked();
    expect![[r#"
        $ release post 0.4.5 --commit
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          line      release-0.4.x, from [ID]: meadow-client 0.4.5
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: right already
          lockfile  src/meadow_ui/package-lock.json: right already

        nothing to do: it is committed on post-release-v0.4.5-release-0.4.x and post-release-v0.4.5-main, and waits to be merged

        what comes next
          1. bring this onto release-0.4.x
               git push --set-upstream origin post-release-v0.4.5-release-0.4.x
               gh pr create --base release-0.4.x --head post-release-v0.4.5-release-0.4.x --title 'chore: lock meadow-client 0.4.5' --body ''
          2. bring this onto main
               git push --set-upstream origin post-release-v0.4.5-main
               gh pr create --base main --head post-release-v0.4.5-main --title 'chore: main is 0.4.6.dev0 after the release of 0.4.5' --body ''
          3. write the release notes and announce the release
    "#]].assert_eq(&world.unchanged("post 0.4.5 --commit", 0));
    assert!(world.server.asked().is_empty(), "what is right is not asked for");

    for (branch, proposal) in [(LINE, FOR_LINE), ("main", FOR_MAIN)] {
        world.sample.git(&["switch", "--quiet", branch]);
        world.sample.git(&["merge", "--quiet", "--squash", proposal]);
        world.sample.git(&["commit", "--quiet", "--message", "squashed"]);
        world.sample.git(&["branch", "--delete", "--force", "--quiet", proposal]);
    }
    world.sample.git(&["push", "--quiet", "origin", LINE, "main"]);
    expect![[r#"
        $ release post 0.4.5 --commit
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          line      release-0.4.x, from [ID]: meadow-client 0.4.5
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: right already
          lockfile  src/meadow_ui/package-lock.json: right already

        nothing to do: everything is as it must be

        what comes next
          1. write the release notes and announce the release
    "#]]
    .assert_eq(&world.unchanged("post 0.4.5 --commit", 0));
}

#[test]
fn the_branches_themselves_move_where_that_is_asked_for() {
    let world = World::detached();
    expect![[r#"
        $ release post 0.4.5 --commit --direct -q
    "#]]
    .assert_eq(&world.shown("post 0.4.5 --commit --direct -q", 0));
    assert_eq!(
        (world.differing("v0.4.5", LINE), world.differing("origin/main", "main").len()),
        (LOCKED.map(str::to_owned).to_vec(), 3)
    );
    expect![[r#"
        $ release post 0.4.5 --commit --direct
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          line      release-0.4.x, from [ID]: meadow-client 0.4.5
          main      main, from [ID]: 0.4.6.dev0
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: right already
          lockfile  src/meadow_ui/package-lock.json: right already

        nothing to edit: what is left comes next

        what comes next
          1. bring this to origin
               git push --atomic origin release-0.4.x main
          2. write the release notes and announce the release
    "#]]
    .assert_eq(&world.unchanged("post 0.4.5 --commit --direct", 0));
}

#[test]
fn a_patch_of_an_older_line_leaves_main_alone() {
    let world = World::new();
    world.sample.release("patch 0.3.2 --commit").expect(0);
    world.sample.git(&["tag", "v0.3.2", "release-0.3.x"]);
    world.sample.git(&["push", "--quiet", "origin", "v0.3.2"]);
    super::publish(&world.server, &["0.3.1", "0.3.2"]);
    expect![[r#"
        $ release post 0.3.2 --commit -q
    "#]]
    .assert_eq(&world.shown("post 0.3.2 --commit -q", 0));
    let shown = world.shown("post 0.3.2 --commit", 0);
    expect![[r#"
        $ release post 0.3.2 --commit
        after release 0.3.2, a patch of line 0.3
          where     [DIR]/checkout; its files stay as they are
          line      release-0.3.x, from [ID]: meadow-client 0.3.2
          main      main stays as it is: line 0.4 leads with 0.4.5, and 0.3.2 would take main back
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: right already
          lockfile  src/meadow_ui/package-lock.json: right already

        nothing to do: it is committed on post-release-v0.3.2-release-0.3.x, and waits to be merged

        what comes next
          1. bring this onto release-0.3.x
               git push --set-upstream origin post-release-v0.3.2-release-0.3.x
               gh pr create --base release-0.3.x --head post-release-v0.3.2-release-0.3.x --title 'chore: lock meadow-client 0.3.2' --body ''
          2. write the release notes and announce the release
    "#]].assert_eq(&shown);
    expect![[r#"
        $ release post 0.3.2 --only main
        after release 0.3.2, a patch of line 0.3
          where     [DIR]/checkout; its files stay as they are
          main      main stays as it is: line 0.4 leads with 0.4.5, and 0.3.2 would take main back
          remote    origin, not fetched since it was cloned

        nothing to do: everything is as it must be

        what comes next
          1. write the release notes and announce the release
    "#]]
    .assert_eq(&world.unchanged("post 0.3.2 --only main", 0));
}

#[test]
fn one_part_alone_is_done_without_the_other() {
    let world = World::new();
    world.release("post 0.4.5 --only main --commit --offline").expect(0);
    assert!(world.server.asked().is_empty(), "main needs nobody");
    world.sample.git(&["rev-parse", "--verify", FOR_MAIN]);
    assert_eq!(world.sample.git(&["branch", "--list", FOR_LINE]), "");
    world.release("post 0.4.5 --only line --commit").expect(0);
    assert_eq!(world.proposed().map(|(_, commits)| commits), [1, 1]);
}

#[test]
fn registries_are_asked_as_installers_ask_them() {
    let world = World::new();
    world.release("post 0.4.5").expect(0);
    let requests = world.server.requests();
    let mut targets: Vec<&str> = requests.iter().map(|request| request.target.as_str()).collect();
    targets.sort_unstable();
    targets.dedup();
    let known = [METADATA, OLD_METADATA, DOCUMENT, PAGE];
    assert!(targets.iter().all(|target| known.contains(target)) && targets.len() >= 3, "{targets:?}");
    for request in &requests {
        let accept = request.header("accept").unwrap_or_default();
        match request.target.as_str() {
            PAGE => assert_eq!(accept, SIMPLE_JSON),
            DOCUMENT => assert!(accept.starts_with(INSTALL_JSON), "{accept}"),
            _ => {}
        }
        assert_eq!(request.method, "GET");
        assert!(request.header("user-agent").is_some() && request.header("authorization").is_none());
    }
}

#[test]
fn a_script_reads_what_happened() {
    let world = World::new();
    let planned = world.document("post 0.4.5", 0);
    assert_eq!(planned["outcome"], "planned");
    let branches = |document: &Value, field: &str| -> Vec<Value> {
        document["targets"].as_array().unwrap().iter().map(|target| target[field].clone()).collect()
    };
    assert_eq!(branches(&planned, "branch"), [LINE, "main"]);
    assert_eq!(branches(&planned, "commit"), [Value::Null, Value::Null]);
    let committed = world.document("post 0.4.5 --commit", 0);
    assert_eq!(committed["outcome"], "committed");
    let ids = [FOR_LINE, FOR_MAIN].map(|branch| world.sample.id(branch));
    assert_eq!(branches(&committed, "commit"), ids);
    assert_eq!(world.document("post 0.4.5 --commit", 0)["outcome"], "nothing-to-do");
    assert_eq!(world.document("post 0.4.6", 1)["outcome"], "refused");
}
