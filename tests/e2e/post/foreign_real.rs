//! npm and uv themselves on a tree that is someone else's. Where one of them is not there, a test says so and is skipped.

use super::real::uv;
use super::tools::on_path;
use super::{DOCUMENT, World};
use crate::loopback::{self, Answer, Server};
use crate::support::{Run, executable, works};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::json;
use std::process::Command;

/// Runs `relock` with the tools of a folder before all others.
fn relock(world: &World, programs: &Utf8Path, words: &str) -> Run {
    let mut command = world.command(&format!("relock --with-tools {words}"));
    on_path(&mut command, programs);
    world.run(&mut command)
}

/// Has the index of the world serve all packages of the lockfile, which is for any Python.
fn all_served(world: &World) {
    let manifests = ["pyproject.toml", "src/meadow_api/pyproject.toml"];
    for path in manifests {
        world.sample.edit(path, "requires-python = \">=3.12\"", "requires-python = \">=3.9\"");
    }
    let lock = world.sample.read("uv.lock").replace("https://python.example/simple", &world.server.url("/simple"));
    let lock = lock.replace("requires-python = \">=3.12\"", "requires-python = \">=3.9\"");
    world.sample.write("uv.lock", &lock);
    for (name, versions) in [
        ("httpx", &["0.28.1", "0.28.2"][..]),
        ("pydantic", &["2.12.5"]),
        ("pytest", &["8.4.2"]),
        ("meadow_client", &["0.4.4", "0.4.5"]),
        ("rake", &["2.0"]),
    ] {
        let package = name.replace('_', "-");
        let mut files = loopback::files(name, versions);
        for file in &mut files {
            file["core-metadata"] = json!(true);
            // What has one hash is one file to uv, and has one metadata.
            file["hashes"]["sha256"] = json!(format!("{:0>64x}", hash(file["filename"].as_str().unwrap())));
        }
        world.server.put(&format!("/simple/{package}/"), loopback::page(&package, &files));
        for version in versions {
            let more = if *version == "0.4.5" { "Requires-Dist: rake>=2\nProvides-Extra: cli\n" } else { "" };
            let text = format!("Metadata-Version: 2.4\nName: {package}\nVersion: {version}\n{more}\n");
            let path = format!("/files/{name}-{version}-py3-none-any.whl.metadata");
            world.server.put(&path, Answer::new("text/plain", text));
        }
    }
}

fn hash(name: &str) -> u64 {
    name.bytes().fold(7, |hash, byte| hash.wrapping_mul(31).wrapping_add(u64::from(byte)))
}

/// Gives a package a build backend of the tree's own, which would leave a trace.
fn with_own_backend(world: &World, path: &str) -> Utf8PathBuf {
    let trace = world.sample.root.join("backend-ran");
    world.sample.edit(path, "requires = [\"setuptools>=61.0\", \"setuptools-scm>=8.0\"]", "requires = []");
    let own = "build-backend = \"back\"\nbackend-path = [\".\"]";
    world.sample.edit(path, "build-backend = \"setuptools.build_meta\"", own);
    let script = format!("open({:?}, 'a').write('here')\n", trace.as_str());
    world.sample.write(&path.replace("pyproject.toml", "back.py"), &script);
    trace
}

#[test]
fn uv_locks_packages_with_dynamic_versions_and_runs_no_build_backend() {
    let Some(uv) = uv() else { return };
    let world = World::new();
    all_served(&world);
    let trace = with_own_backend(&world, "pyproject.toml");
    with_own_backend(&world, "src/meadow_api/pyproject.toml");
    world.sample.commit("a backend of the tree's own");
    let npm = world.sample.root.join("bin/npm");
    executable(&npm, b"#!/bin/sh\nfor f in package.json package-lock.json; do sed 's/0\\.4\\.4/0.4.5/g' $f > new && mv new $f; done\n");
    let programs = format!("{}:{}", world.sample.root.join("bin"), uv.parent().unwrap());
    let run = relock(&world, Utf8Path::new(&programs), "--write").expect(0);
    assert!(!trace.exists(), "the build backend ran");
    let lock = world.sample.read("uv.lock");
    let blocks: Vec<&str> = lock.split("[[package]]\n").collect();
    let block = |name: &str| *blocks.iter().find(|block| block.starts_with(&format!("name = \"{name}\"\n"))).unwrap();
    assert!(block("meadow-client").contains("version = \"0.4.5\"\n") && block("rake").contains("version = \"2.0\"\n"));
    assert!(block("httpx").contains("version = \"0.28.1\"\n"), "others stay");
    // The index of this machine stands for a mirror.
    assert!(!lock.contains("/files/") && lock.contains("\"https://files.example/rake-2.0.tar.gz\""), "{lock}");
    assert!(
        run.stderr.contains("of uv.lock from a mirror, and their addresses are spelled as before"),
        "{}",
        run.stderr
    );
    for local in ["meadow", "meadow-api"] {
        assert!(block(local).contains("source = { editable = ") && !block(local).contains("\nversion = "), "{lock}");
    }
    world.sample.assert_nothing_left();
    // uv itself finds nothing to change: this is what it would have written, had it run the backends.
    world.sample.write("back.py", BACKEND);
    world.sample.write("src/meadow_api/back.py", BACKEND);
    let mut check = Command::new(uv);
    check.current_dir(&world.sample.checkout).args(["lock", "--check", "--no-progress"]);
    check.env("UV_CACHE_DIR", world.sample.root.join("cache")).env("UV_PYTHON_DOWNLOADS", "never");
    on_path(&mut check, uv.parent().unwrap());
    crate::support::run(&mut check).expect(0);
}

/// A build backend that knows the metadata of both packages.
const BACKEND: &str = r#"
import os
from importlib import metadata
def prepare_metadata_for_build_editable(folder, config_settings=None):
    api = os.path.basename(os.getcwd()) == "meadow_api"
    name = "meadow_api" if api else "meadow"
    needs = ["pydantic>=2.11"] if api else ["httpx>=0.27", "meadow-api", "meadow-client==0.4.5; extra == 'client'"]
    lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 0.4.6", "Requires-Python: >=3.9"]
    lines += [f"Requires-Dist: {need}" for need in needs] + ([] if api else ["Provides-Extra: client"])
    os.makedirs(f"{folder}/{name}-0.4.6.dist-info")
    with open(f"{folder}/{name}-0.4.6.dist-info/METADATA", "w") as file:
        file.write("\n".join(lines) + "\n")
    return f"{name}-0.4.6.dist-info"
"#;

#[test]
fn a_member_that_the_lockfile_does_not_know_is_not_built_either() {
    let Some(uv) = uv() else { return };
    let world = World::new();
    all_served(&world);
    let manifest = "[build-system]\nrequires = [\"setuptools>=61.0\", \"setuptools-scm>=8.0\"]\n\
                    build-backend = \"setuptools.build_meta\"\n\n[project]\nname = \"extra\"\nversion = \"1\"\n\
                    dynamic = [\"dependencies\"]\nrequires-python = \">=3.9\"\n";
    world.sample.write("extra/pyproject.toml", manifest);
    let trace = with_own_backend(&world, "extra/pyproject.toml");
    world.sample.edit(
        "pyproject.toml",
        "[tool.uv.sources]",
        "[tool.uv.workspace]\nmembers = [\"extra\"]\n\n[tool.uv.sources]",
    );
    world.sample.commit("a new member");
    let before = world.sample.files();
    let run = relock(&world, uv.parent().unwrap(), "--write").expect(2);
    world.sample.assert_unchanged(&before, "a new member");
    assert!(run.stderr.contains("this manifest would make uv build it"), "{}", run.stderr);
    assert!(!trace.exists(), "the build backend ran");
}

#[test]
fn npm_does_not_ask_the_registry_of_the_trees_npmrc() {
    if !works(Command::new("npm").arg("--version"), "whom npm asks") {
        return;
    }
    let (world, other) = (World::new(), Server::new());
    let react = json!({"license": "MIT"});
    world.server.put("/npm/react", loopback::packument("react", &[("19.2.0", react.clone())]));
    let client = [("0.4.4", json!({"license": "MIT"})), ("0.4.5", json!({"license": "MIT"}))];
    for (path, package, versions) in
        [("/react", "react", &[("19.2.0", react)][..]), ("/meadow-client", "meadow-client", &client)]
    {
        other.put(path, loopback::packument(package, versions));
    }
    let preload = world.sample.root.join("preloaded");
    world.sample.write("x.js", &format!("require('fs').writeFileSync({:?}, '')\n", preload.as_str()));
    let script = world.sample.checkout.join("x.js");
    let npmrc =
        format!("registry={}\nnode-options=--require {script}\nprefix=./prefix\ncache=./cache\n", other.url("/"));
    world.sample.write(".npmrc", &npmrc);
    world.sample.write("src/meadow_ui/.npmrc", &npmrc);
    world.sample.commit("settings");
    let uv = world.sample.root.join("bin/uv");
    executable(&uv, b"#!/bin/sh\nsed 's/0\\.4\\.4/0.4.5/g' uv.lock > new && mv new uv.lock\n");
    world.server.asked();
    relock(&world, &world.sample.root.join("bin"), "--write").expect(0);
    assert!(other.requests().is_empty(), "{:?}", other.requests());
    let asked_by_npm = |request: &loopback::Request| {
        request.target == DOCUMENT && request.header("user-agent").is_some_and(|agent| agent.contains("npm/"))
    };
    assert!(world.server.requests().iter().any(asked_by_npm), "npm asks the registry that was chosen");
    assert!(world.sample.read("src/meadow_ui/package-lock.json").contains("meadow-client-0.4.5.tgz"));
    assert!(!preload.exists(), "a script of the tree ran");
    assert_eq!(world.sample.status().len(), 3, "{:?}", world.sample.status());
    world.sample.assert_nothing_left();
}

#[test]
fn what_npm_gets_from_a_mirror_is_spelled_as_the_lockfile_spells_it_or_refused() {
    if !works(Command::new("npm").arg("--version"), "what npm writes of a mirror") {
        return;
    }
    for (knows_the_old_one, code) in [(true, 0), (false, 2)] {
        let world = World::new();
        let manifest = |name: &str, version: &str, needs: &serde_json::Value| {
            let tarball = world.server.url(&format!("/npm/{name}/-/{name}-{version}.tgz"));
            let integrity = format!("sha512-{:A<86}==", format!("{name}{version}").replace(['.', '-'], ""));
            json!({"dependencies": needs, "dist": {"tarball": tarball, "integrity": integrity}})
        };
        let mut client = vec![("0.4.5", manifest("meadow-client", "0.4.5", &json!({"rake": "^2"})))];
        if knows_the_old_one {
            client.push(("0.4.4", manifest("meadow-client", "0.4.4", &json!({}))));
        }
        let other = |name: &str, version: &str| (version.to_owned(), manifest(name, version, &json!({})));
        for (name, version) in [("react", "19.2.0"), ("rake", "2.0.0")] {
            let (version, manifest) = other(name, version);
            world.server.put(&format!("/npm/{name}"), loopback::packument(name, &[(&version, manifest)]));
        }
        world.server.put(DOCUMENT, loopback::packument("meadow-client", &client));
        let overrides = "\"overrides\": {\n    \"meadow-client\": \"^0.4.4\"\n  },\n  \"dependencies\": {";
        world.sample.edit("src/meadow_ui/package.json", "\"dependencies\": {", overrides);
        world.sample.commit("an override of the client");
        let uv = world.sample.root.join("bin/uv");
        executable(&uv, b"#!/bin/sh\nsed 's/0\\.4\\.4/0.4.5/g' uv.lock > new && mv new uv.lock\n");
        let before = world.sample.files();
        let run = relock(&world, &world.sample.root.join("bin"), "--write").expect(code);
        if code == 0 {
            let lock = world.sample.read("src/meadow_ui/package-lock.json");
            assert!(!lock.contains(&world.server.host()), "{lock}");
            for archive in ["meadow-client/-/meadow-client-0.4.5.tgz", "rake/-/rake-2.0.0.tgz"] {
                assert!(lock.contains(&format!("\"https://npm.example/{archive}\"")), "{lock}");
            }
            assert!(run.stderr.contains("package-lock.json from a mirror"), "{}", run.stderr);
            // npm refuses to move an override that is no reference; it is written back as a range.
            let package = world.sample.read("src/meadow_ui/package.json");
            assert_eq!(package.matches("\"meadow-client\": \"^0.4.5\"").count(), 2, "{package}");
        } else {
            world.sample.assert_unchanged(&before, "a mirror whose spelling is not known");
            assert!(run.stderr.contains("where the lockfile has addresses of npm.example, into"), "{}", run.stderr);
        }
    }
}

#[test]
fn npm_starts_no_git() {
    if !works(Command::new("npm").arg("--version"), "what npm starts") {
        return;
    }
    let world = World::new();
    world.server.put("/npm/react", loopback::packument("react", &[("19.2.0", json!({"license": "MIT"}))]));
    let trace = world.sample.root.join("ran");
    world.sample.edit(
        "src/meadow_ui/package.json",
        "\"react\": \"^19.2.0\"",
        "\"react\": \"^19.2.0\", \"other\": \"git+https://git.example/other\"",
    );
    world.sample.commit("a dependency from git");
    let git = crate::support::run(Command::new("sh").args(["-c", "command -v git"])).expect(0).stdout;
    let bin = world.sample.root.join("bin");
    executable(&bin.join("uv"), b"#!/bin/sh\nsed 's/0\\.4\\.4/0.4.5/g' uv.lock > new && mv new uv.lock\n");
    let script = format!(
        "#!/bin/sh\ncase \"$*\" in *git.example*) echo \"$@\" >> '{trace}'; exit 1;; esac\nexec '{}' \"$@\"\n",
        git.trim_end()
    );
    executable(&bin.join("git"), script.as_bytes());
    let before = world.sample.files();
    relock(&world, &bin, "--write --allow-host git.example").expect(2);
    world.sample.assert_unchanged(&before, "a dependency from git");
    assert!(!trace.exists(), "npm started git");
}
