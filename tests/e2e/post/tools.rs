//! Lockfiles that npm and uv have to write: which program runs, where, with which words, and what comes of what it writes.

use super::{DOCUMENT, FOR_LINE, LINE, LOCKED, World, needs};
use crate::loopback;
use crate::support::{Run, executable};
use camino::Utf8Path;
use expect_test::expect;
use serde_json::json;
use std::fs;
use std::process::Command;

/// The scripts in the place of uv and npm, which lock 0.4.5 and change something else too.
const UV: &str = "sed 's/0\\.4\\.4/0.4.5/g; s/0\\.28\\.1/0.28.2/g' uv.lock > new && mv new uv.lock";
const NPM: &str = "for f in package.json package-lock.json; do sed 's/0\\.4\\.4/0.4.5/g; s/19\\.2\\.0/19.2.1/g' $f > new && mv new $f; done";

/// The programs of a directory come first.
pub(super) fn on_path(command: &mut Command, programs: &Utf8Path) {
    command.env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()));
}

/// A world whose client has other requirements than before, on both registries.
pub(super) fn changed() -> World {
    let world = World::new();
    needs(&world.server, "0.4.5", "Requires-Dist: rake>=2\n");
    let versions = [("0.4.4", json!({"license": "MIT"})), ("0.4.5", json!({"dependencies": {"rake": "^2"}}))];
    world.server.put(DOCUMENT, loopback::packument("meadow-client", &versions));
    world
}

/// Runs it with these for npm and uv; both write down how they were called.
pub(super) fn with(world: &World, npm: &str, uv: &str, words: &str) -> Run {
    let (programs, log) = (world.sample.root.join("bin"), world.sample.root.join("calls"));
    for (name, script) in [("npm", npm), ("uv", uv)] {
        let call = format!("{{ echo \"${{PWD##*/}}: {name}\"; printf '  %s\\n' \"$@\"; }} >> '{log}'");
        executable(&programs.join(name), format!("#!/bin/sh\n{call}\n{script}\n").as_bytes());
    }
    let mut command = world.command(words);
    on_path(&mut command, &programs);
    world.run(&mut command)
}

fn calls(world: &World) -> String {
    let log = fs::read_to_string(world.sample.root.join("calls")).unwrap_or_default();
    log.lines().map(|line| line.to_owned() + "\n").collect()
}

#[test]
fn other_requirements_are_left_to_npm_and_uv_and_what_they_change_beyond_is_said() {
    let world = changed();
    let run = with(&world, NPM, UV, "post 0.4.5 --only line --commit --with-tools").expect(0);
    expect![[r#"
        after release 0.4.5, a patch of line 0.4
          where     [DIR]/checkout; its files stay as they are
          line      release-0.4.x, from [ID]: meadow-client 0.4.5
          remote    origin, not fetched since it was cloned
          lockfile  uv.lock: managed
          lockfile  src/meadow_ui/package-lock.json: managed
          published meadow-client 0.4.5 on pypi, says http://HOST/simple, named by UV_DEFAULT_INDEX
          published meadow-client 0.4.5 on npm, says http://HOST/npm, named by the environment (npm_config_*)
        uv has to write uv.lock: asked for with `--with-tools`
        running uv lock --no-build --upgrade-package meadow-client==0.4.5
        npm has to write src/meadow_ui/package-lock.json: asked for with `--with-tools`
        running (cd src/meadow_ui && npm install meadow-client@0.4.5 --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=false --save-prefix=^)
        note: uv.lock changes beyond the client: httpx
        note: src/meadow_ui/package-lock.json changes beyond the client: node_modules/react

        release-0.4.x, for post-release-v0.4.5-release-0.4.x

        committed [ID] to post-release-v0.4.5-release-0.4.x, on [ID]

        what comes next
          1. bring this onto release-0.4.x
               git push --set-upstream origin post-release-v0.4.5-release-0.4.x
               gh pr create --base release-0.4.x --head post-release-v0.4.5-release-0.4.x --title 'chore: lock meadow-client 0.4.5' --body ''
          2. write the release notes and announce the release
    "#]].assert_eq(&world.sample.normal(&run.stderr));
    expect![[r#"
        tree: uv
          lock
          --no-build
          --upgrade-package
          meadow-client==0.4.5
        meadow_ui: npm
          install
          meadow-client@0.4.5
          --package-lock-only
          --ignore-scripts
          --no-audit
          --no-fund
          --omit-lockfile-registry-resolved=false
          --save-prefix=^
    "#]]
    .assert_eq(&calls(&world));
    assert_eq!(world.differing(LINE, FOR_LINE), LOCKED);
    assert!(world.at(FOR_LINE, "uv.lock").contains("0.28.2"));
    world.sample.assert_nothing_left();
    let document = {
        world.sample.git(&["branch", "--delete", "--force", "--quiet", FOR_LINE]);
        let run = with(&world, NPM, UV, "post 0.4.5 --only line --with-tools --output-format json").expect(0);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        crate::schema::check(&document, &crate::schema::schema("follow-up.schema.json"), "follow-up");
        document
    };
    assert_eq!(document["targets"][0]["by_tool"].as_array().unwrap().len(), 2);
}

#[test]
fn a_tool_runs_where_it_is_asked_for_though_the_edits_are_known() {
    let world = World::new();
    let only_client =
        |script: &str| script.replace("; s/0\\.28\\.1/0.28.2/g", "").replace("; s/19\\.2\\.0/19.2.1/g", "");
    let run =
        with(&world, &only_client(NPM), &only_client(UV), "post 0.4.5 --only line --commit --with-tools").expect(0);
    assert!(!run.stderr.contains("beyond"), "{}", run.stderr);
    assert_eq!(calls(&world).matches(": ").count(), 2);
    assert_eq!(world.differing(LINE, FOR_LINE), LOCKED);
    // `--write` works in a tree of its own too.
    let world = World::new();
    with(&world, &only_client(NPM), &only_client(UV), "relock --write --with-tools -q").expect(0);
    assert_eq!(world.sample.status().len(), 3);
    world.sample.assert_nothing_left();
}

#[test]
fn a_tool_that_does_not_do_its_work_changes_nothing() {
    let world = changed();
    let mut text = String::new();
    let other_npm = NPM.replace("/0.4.5/", "/0.4.6/");
    let other_uv = UV.replace("/0.4.5/", "/0.4.6/");
    for (what, npm, uv) in [
        ("uv fails", NPM, "echo 'no solution found' >&2; echo 'because of rake' >&2; exit 3"),
        ("npm fails", "echo 'npm error ETARGET' >&2; exit 1", UV),
        ("uv locks another version", NPM, &other_uv),
        ("npm locks another version", &other_npm, UV),
        ("uv does nothing", NPM, "exit 0"),
        ("npm does nothing", "exit 0", UV),
        ("uv writes what is no TOML", NPM, "echo '[[package' > uv.lock"),
        ("npm writes what is no JSON", "echo '{' > package-lock.json", UV),
        ("uv writes bytes", NPM, "printf '\\377' > uv.lock"),
        ("uv removes its file", NPM, "rm uv.lock"),
    ] {
        let (refs, status) = (world.refs(), world.sample.status());
        let run = with(&world, npm, uv, "post 0.4.5 --only line --commit --with-tools -q");
        assert_eq!((world.refs(), world.sample.status()), (refs, status), "{what}: {}", run.stderr);
        world.sample.assert_nothing_left();
        let said = world.sample.normal(&run.stderr);
        let said: Vec<&str> = said.lines().filter(|line| !line.contains("changes beyond")).collect();
        let said = said.join("\n  ");
        let tree = said.find("xtask-release-").map(|at| said[at..at + 20].to_owned());
        let said = tree.map_or(said.clone(), |tree| said.replace(&tree, "TREE"));
        text += &format!("{what}: exit {}\n  {said}\n", run.code.unwrap_or_default());
    }
    expect![[r#"
        uv fails: exit 2
          error: `uv lock --no-build --upgrade-package meadow-client==0.4.5` failed; nothing was changed
            no solution found
            because of rake
            uv asks https://python.example/simple, as uv.lock has it, and not http://HOST/simple, named by UV_DEFAULT_INDEX
        npm fails: exit 2
          error: `(cd src/meadow_ui && npm install meadow-client@0.4.5 --package-lock-only --ignore-scripts --no-audit --no-fund --omit-lockfile-registry-resolved=false --save-prefix=^)` failed; nothing was changed
            npm error ETARGET
        uv locks another version: exit 2
          error: uv did not lock meadow-client 0.4.5 in uv.lock; nothing was changed
        npm locks another version: exit 2
          error: npm did not lock meadow-client 0.4.5 in src/meadow_ui/package-lock.json; nothing was changed
        uv does nothing: exit 2
          error: uv did not lock meadow-client 0.4.5 in uv.lock; nothing was changed
        npm does nothing: exit 2
          error: npm did not lock meadow-client 0.4.5 in src/meadow_ui/package-lock.json; nothing was changed
        uv writes what is no TOML: exit 2
          error: uv wrote uv.lock, which is not TOML: unclosed array table, expected `]]`; nothing was changed
        npm writes what is no JSON: exit 2
          error: npm wrote src/meadow_ui/package-lock.json, which cannot be read: unterminated object; nothing was changed
        uv writes bytes: exit 2
          error: uv left a uv.lock that is not UTF-8 at byte 0; nothing was changed
        uv removes its file: exit 2
          error: could not read uv.lock as uv left it; nothing was changed
            because: No such file or directory (os error 2)
    "#]].assert_eq(&text);
}

#[test]
fn a_tool_that_is_not_there_is_said() {
    let world = changed();
    let programs = world.sample.root.join("bin");
    let git = crate::support::run(Command::new("sh").args(["-c", "command -v git"])).expect(0).stdout;
    fs::create_dir(&programs).unwrap();
    std::os::unix::fs::symlink(git.trim_end(), programs.join("git")).unwrap();
    let before = world.sample.files();
    let run = world.run(world.command("post 0.4.5 --only line --commit --with-tools").env("PATH", &programs)).expect(2);
    world.sample.assert_unchanged(&before, "no uv");
    // Made normal first: the name of a temporary folder may have a "uv" in it.
    let said = world.sample.normal(&run.stderr);
    let said: String = said.lines().filter(|line| line.contains("uv")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
          lockfile  uv.lock: managed
        uv has to write uv.lock: asked for with `--with-tools`
        error: uv is not there, and `uv lock --no-build --upgrade-package meadow-client==0.4.5` needs it: install the uv that wrote uv.lock, and see that it is on the PATH
    "#]].assert_eq(&said);
}
