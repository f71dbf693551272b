//! UIs of other shapes: clients that are no plain ranges, lockfiles of other tools and of workspaces.

use super::tools::with;
use super::{FOR_LINE, LINE, LOCKED, World};
use crate::loopback;
use crate::sample::put;
use serde_json::json;
use std::fs;

const PACKAGE: &str = LOCKED[1];
const LOCK: &str = LOCKED[0];

/// A world whose line has other files than the sample's; the release's tag is where it was.
fn reshaped(change: impl FnOnce(&World)) -> World {
    let world = World::new();
    change(&world);
    world.sample.git(&["add", "--all"]);
    world.sample.git(&["commit", "--quiet", "--message", "chore: another shape"]);
    world.sample.git(&["push", "--quiet", "origin", LINE]);
    world
}

fn replace(world: &World, path: &str, pairs: &[(&str, &str)]) {
    let path = world.sample.checkout.join(path);
    let mut text = fs::read_to_string(&path).unwrap();
    for (old, new) in pairs {
        assert!(text.contains(old), "{path} has no {old}");
        text = text.replace(old, new);
    }
    fs::write(&path, text).unwrap();
}

#[test]
fn an_alias_keeps_its_package_and_moves_its_version_under_either_name() {
    for (key, package) in [("meadow-client", "@meadow/meadow-client"), ("api", "meadow-client")] {
        let old = format!("\"{key}\": \"npm:{package}@^0.4.4\"");
        let entry = format!("\"node_modules/{key}\": {{\n      \"name\": \"{package}\",");
        let address = format!("/npm/{package}/-/");
        let world = reshaped(|world| {
            replace(world, PACKAGE, &[("\"meadow-client\": \"^0.4.4\"", &old)]);
            let pairs = [
                ("\"meadow-client\": \"^0.4.4\"", old.as_str()),
                ("\"node_modules/meadow-client\": {", &entry),
                ("/npm/meadow-client/-/", &address),
            ];
            let here = fs::read_to_string(world.sample.checkout.join(LOCK)).unwrap();
            let pairs: Vec<_> = pairs.into_iter().filter(|(old, _)| here.contains(old)).collect();
            replace(world, LOCK, &pairs);
            let versions = ["0.4.4", "0.4.5"].map(|version| (version, json!({"license": "MIT"})));
            world.server.put(&format!("/npm/{}", package.replace('/', "%2f")), loopback::packument(package, &versions));
        });
        let run = with(&world, "false", "false", "post 0.4.5 --only line --commit -q");
        assert_eq!(run.code, Some(0), "{key}: {}", run.stderr);
        let wanted = old.replace("0.4.4", "0.4.5");
        for path in [PACKAGE, LOCK] {
            let text = world.at(super::FOR_LINE, path);
            assert!(text.contains(&wanted) && !text.contains("\"^0.4.5\""), "{text}");
        }
    }
}

#[test]
fn a_client_of_a_scope_is_not_passed_over_and_moves_once_it_is_named() {
    let package = "@meadow/client";
    let world = reshaped(|world| {
        replace(world, PACKAGE, &[("\"meadow-client\": ", "\"@meadow/client\": ")]);
        replace(world, LOCK, &[("meadow-client-0.4.4.tgz", "client-0.4.4.tgz"), ("meadow-client", package)]);
        let versions = ["0.4.4", "0.4.5"].map(|version| (version, json!({"license": "MIT"})));
        world.server.put("/npm/@meadow%2fclient", loopback::packument(package, &versions));
    });
    let said = world.unchanged("post 0.4.5 --only line --commit", 1);
    assert!(said.contains("`@meadow/client` carries a version of this monorepo"), "{said}");
    let config = "[[ui]]\npath = \"src/meadow_ui\"\nclient = \"meadow-client\"\n";
    fs::write(world.sample.checkout.join("release.toml"), config).unwrap();
    let run = with(&world, "false", "false", "post 0.4.5 --only line --commit -q");
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    for path in [PACKAGE, LOCK] {
        assert!(world.at(super::FOR_LINE, path).contains("\"@meadow/client\": \"^0.4.5\""), "{path}");
    }
}

#[test]
fn a_ui_that_release_toml_names_and_that_asks_for_no_client_is_not_called_right() {
    for (path, client, said) in [
        ("src/nowhere", "meadow-client", "names the UI src/nowhere, and git tracks no file src/nowhere/package.json"),
        ("src/meadow_ui", "react-client", "package.json does not ask for `react-client`"),
    ] {
        let world = World::new();
        let named = format!("[[ui]]\npath = \"{path}\"\nclient = \"{client}\"\n");
        let clients =
            ["meadow-client", client].map(|name| format!("[[client]]\nname = \"{name}\"\nregistry = [\"npm\"]\n"));
        let clients = if client == "meadow-client" { String::new() } else { clients.concat() };
        world.sample.write("release.toml", &(clients + &named));
        let refusal = world.unchanged("post 0.4.5 --only line --commit", 1);
        assert!(refusal.contains(said), "{refusal}");
    }
}

#[cfg(unix)]
#[test]
fn a_lockfile_that_is_a_link_is_not_passed_over() {
    let world = reshaped(|world| {
        let at = |path: &str| world.sample.checkout.join(path);
        fs::rename(at(LOCK), at("lock.json")).unwrap();
        std::os::unix::fs::symlink("../../lock.json", at(LOCK)).unwrap();
    });
    let said = world.unchanged("post 0.4.5 --only line --commit", 1);
    assert!(said.contains("src/meadow_ui/package-lock.json is a symbolic link"), "{said}");
}

#[test]
fn what_is_no_range_is_refused_with_its_place_and_the_file_that_holds_the_version() {
    for (spec, way_out) in [
        ("git+https://git.example/client.git", "write a range such as `^0.4.5` by hand"),
        ("file:../client", "write a range"),
        ("https://npm.example/client.tgz", "write a range"),
        ("latest", "write a range"),
        ("npm:@meadow/client@next", "write a range"),
        ("workspace:*", "the `version` in src/client/package.json, `0.4.4` is what is built"),
        ("workspace:other@*", "no package.json of this tree is called `other`"),
        ("catalog:", "pnpm-workspace.yaml holds the range, `^0.4.4`: set it to `^0.4.5` there"),
        ("catalog:next", "has `meadow-client` in a catalog `next`"),
    ] {
        let world = reshaped(|world| {
            let new = format!("\"meadow-client\": \"{spec}\"");
            replace(world, PACKAGE, &[("\"meadow-client\": \"^0.4.4\"", &new)]);
            let shared = "packages: []\ncatalog:\n  meadow-client: ^0.4.4\n";
            fs::write(world.sample.checkout.join("pnpm-workspace.yaml"), shared).unwrap();
            let member = r#"{"name": "meadow-client", "version": "0.4.4"}"#;
            put(&world.sample.checkout.join("src/client/package.json"), member.as_bytes());
        });
        let said = world.unchanged("post 0.4.5 --only line --commit", 1);
        assert!(said.contains(&format!("`{spec}`, which is not a range")), "{said}");
        assert!(said.contains("src/meadow_ui/package.json:") && said.contains(way_out), "{said}");
    }
}

#[test]
fn a_catalog_that_has_the_version_is_right_once_the_lockfile_has_it_too() {
    for (locked, code) in [("^0.4.4", 1), ("^0.4.5", 0)] {
        let world = reshaped(|world| {
            world.sample.git(&["rm", "--quiet", LOCK]);
            replace(world, PACKAGE, &[("\"meadow-client\": \"^0.4.4\"", "\"meadow-client\": \"catalog:\"")]);
            let lock = format!(
                "catalogs:\n  default:\n    meadow-client:\n      specifier: {locked}\n\nimporters:\n\n  src/meadow_ui:\n    dependencies:\n      meadow-client:\n        specifier: 'catalog:'\n"
            );
            for (path, text) in [
                ("pnpm-workspace.yaml", "packages: [src/meadow_ui]\ncatalog:\n  meadow-client: ^0.4.5\n"),
                ("pnpm-lock.yaml", &lock),
            ] {
                fs::write(world.sample.checkout.join(path), text).unwrap();
            }
        });
        let run = world.release("post 0.4.5 --only line --commit").expect(code);
        let said = "pnpm-lock.yaml does not record `^0.4.5` for meadow-client";
        assert_eq!(run.stderr.contains(said), code == 1, "{}", run.stderr);
        assert_eq!(world.differing(LINE, super::FOR_LINE), ["uv.lock"]);
    }
}

#[test]
fn without_a_lockfile_of_npm_the_range_moves_and_the_lockfile_of_another_tool_is_left_by_name() {
    let pnpm = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      meadow-client:\n        specifier: ^0.4.4\n        version: 0.4.4\n";
    for (name, text, command, code) in [
        ("pnpm-lock.yaml", pnpm, "pnpm install --lockfile-only", 1),
        ("yarn.lock", "meadow-client@^0.4.4:\n  version \"0.4.4\"\n", "yarn install", 1),
        ("bun.lock", "{ \"meadow-client\": \"^0.4.4\" }\n", "bun install --lockfile-only", 1),
        ("bun.lockb", "\u{0}", "bun install", 1),
        ("README", "", "", 0),
    ] {
        let world = reshaped(|world| {
            world.sample.git(&["rm", "--quiet", LOCK]);
            let folder = world.sample.checkout.join("src/meadow_ui");
            fs::write(folder.join(name), text).unwrap();
        });
        let document = world.document("post 0.4.5 --only line --commit", code);
        assert_eq!(document["outcome"], if code == 0 { "committed" } else { "incomplete" }, "{name}");
        assert!(document["targets"][0]["commit"].is_string(), "{document}");
        crate::schema::check(&document, &crate::schema::schema("follow-up.schema.json"), "follow-up");
        assert_eq!(document["problems"].as_array().unwrap().len(), usize::try_from(code).unwrap(), "{document}");
        assert!(world.at(super::FOR_LINE, PACKAGE).contains("\"meadow-client\": \"^0.4.5\""), "{name}");
        // A second run does not call it done either.
        let again = world.unchanged("post 0.4.5 --only line --commit", code);
        assert_eq!(again.contains("nothing to do"), code == 0, "{again}");
        assert!(again.contains(command) && again.contains(name) == (code == 1), "{again}");
    }
}

#[test]
fn a_lockfile_of_a_workspace_is_written_at_the_root_by_npm_or_refused() {
    let world = reshaped(|world| {
        world.sample.git(&["rm", "--quiet", LOCK]);
        let at = |path: &str| world.sample.checkout.join(path);
        let root = json!({"name": "meadow-root", "private": true, "workspaces": ["src/meadow_ui"]});
        fs::write(at("package.json"), root.to_string()).unwrap();
        let lock = json!({"name": "meadow-root", "lockfileVersion": 3, "requires": true, "packages": {
            "": root, "node_modules/meadow-ui": {"resolved": "src/meadow_ui", "link": true},
            "node_modules/meadow-client": {"version": "0.4.4", "resolved": world.server.url("/npm/meadow-client/-/meadow-client-0.4.4.tgz")},
            "src/meadow_ui": {"name": "meadow-ui", "dependencies": {"meadow-client": "^0.4.4"}},
        }});
        fs::write(at("package-lock.json"), lock.to_string()).unwrap();
    });
    let said = world.unchanged("post 0.4.5 --only line --commit", 1);
    assert!(said.contains("package-lock.json on release-0.4.x needs npm"), "{said}");
    // So it is where the lockfile was written before the UI was one of the workspace.
    let older = r#"{"name": "meadow-root", "lockfileVersion": 3, "packages": {"": {"name": "meadow-root"}}}"#;
    let known = fs::read_to_string(world.sample.checkout.join("package-lock.json")).unwrap();
    world.sample.write("package-lock.json", older);
    let run = world.release("relock --write").expect(1);
    assert!(run.stderr.contains("package-lock.json on release-0.4.x needs npm"), "{}", run.stderr);
    world.sample.write("package-lock.json", &known);
    assert!(said.contains("--workspace=src/meadow_ui"), "{said}");
    let script = "sed -i 's/0\\.4\\.4/0.4.5/g' package-lock.json src/meadow_ui/package.json";
    with(&world, script, "sed -i 's/0\\.4\\.4/0.4.5/g' uv.lock", "post 0.4.5 --only line --commit --with-tools")
        .expect(0);
    let changed = world.differing(LINE, super::FOR_LINE);
    assert_eq!(changed, ["package-lock.json", PACKAGE, "uv.lock"]);
    world.unchanged("post 0.4.5 --only line --commit", 0);
}

#[test]
fn an_override_that_npm_alone_can_move_is_named() {
    let new = "\"overrides\": { \"meadow-client\": \"^0.4.4\" },\n  \"dependencies\": {";
    let world = reshaped(|world| replace(world, PACKAGE, &[("\"dependencies\": {", new)]));
    let said = world.unchanged("post 0.4.5 --only line --commit", 1);
    let named =
        "not laid out as npm would write it; the override of meadow-client in src/meadow_ui/package.json moves with it";
    assert!(said.contains(named), "{said}");
}

#[test]
fn an_override_that_says_what_the_dependency_says_moves_with_it() {
    for (table, moved) in [
        (
            r#""overrides": {
    "meadow-client": "^0.4.4"
  }"#,
            "\"meadow-client\": \"^0.4.5\"",
        ),
        (
            r#""overrides": {
    "meadow-client": "$meadow-client"
  }"#,
            "\"meadow-client\": \"$meadow-client\"",
        ),
        (
            r#""pnpm": {
    "overrides": {
      "meadow-client": "0.4.4"
    }
  }"#,
            "\"meadow-client\": \"0.4.5\"",
        ),
        (
            r#""resolutions": {
    "meadow-client": "^0.4.4"
  }"#,
            "\"meadow-client\": \"^0.4.5\"",
        ),
    ] {
        let new = format!("{table},\n  \"dependencies\": {{");
        let world = reshaped(|world| replace(world, PACKAGE, &[("\"dependencies\": {", &new)]));
        let run = with(&world, "false", "false", "post 0.4.5 --only line --commit -q");
        assert_eq!(run.code, Some(0), "{table}: {}", run.stderr);
        let package = world.at(super::FOR_LINE, PACKAGE);
        assert!(package.contains(moved) && !package.contains("0.4.4"), "{package}");
        assert!(world.at(super::FOR_LINE, LOCK).contains("\"meadow-client\": \"^0.4.5\""));
        world.unchanged("post 0.4.5 --only line --commit", 0);
    }
}

#[test]
fn an_override_that_keeps_the_client_where_it_is_is_refused_with_its_place() {
    for (table, way_out) in [
        (r#""overrides": { "meadow-client": "^0.4.3" }"#, "\"$meadow-client\""),
        (r#""pnpm": { "overrides": { "meadow-client": "0.4.9" } }"#, "set it to `^0.4.5`"),
        (r#""overrides": { "react": { "meadow-client": "^0.4.4" } }"#, "\"$meadow-client\""),
        (r#""resolutions": { "**/meadow-client": "0.4.4" }"#, "set it to `^0.4.5`"),
    ] {
        let new = format!("{table},\n  \"dependencies\": {{");
        let world = reshaped(|world| replace(world, PACKAGE, &[("\"dependencies\": {", &new)]));
        let said = world.unchanged("post 0.4.5 --only line --commit", 1);
        assert!(said.contains("for meadow-client, where its dependency is to be `^0.4.5`"), "{said}");
        assert!(said.contains(way_out), "{said}");
    }
}

#[test]
fn a_lockfile_of_poetry_is_left_with_its_command_until_it_has_the_client() {
    let world = World::new();
    world.sample.git(&["switch", "--quiet", LINE]);
    let lock = |version: &str| {
        let text = format!(
            "[[package]]\nname = \"x\"\nversion = \"1\"\n\n[[package]]\nname = \"meadow-client\"\nversion = \"{version}\"\n"
        );
        world.sample.write("poetry.lock", &text);
        world.sample.commit("build: poetry's lockfile");
        world.sample.git(&["push", "--quiet", "origin", LINE]);
    };
    lock("0.4.4");
    let left = world.release("post 0.4.5 --only line --commit").expect(1).stderr;
    assert!(left.contains("poetry.lock locks meadow-client==0.4.4 and not 0.4.5"), "{left}");
    assert!(left.contains("poetry.lock:7:1") && left.contains("poetry update --lock meadow-client"), "{left}");
    assert!(left.contains("committed"), "what can be edited is: {left}");
    world.sample.git(&["branch", "--quiet", "--delete", "--force", FOR_LINE]);
    lock("0.4.5");
    let done = world.release("post 0.4.5 --only line --commit").expect(0).stderr;
    assert!(!done.contains("poetry"), "{done}");
}
