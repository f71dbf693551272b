//! Known answers of what follows a release: main's next version and the lockfiles of the line, byte for byte what people (and
//! npm and uv) committed then. A loopback registry serves the facts of those versions, which the history's own lockfiles have.

use crate::corpus::World;
use crate::loopback::{self, Answer, Server};
use crate::support::{Run, git, run, xtask};
use release_core::lockfile::package_lock::PackageLock;
use release_core::lockfile::uv_lock::{FileKind, LockedPackage, UvLock};
use release_core::text::SourceText;
use serde_json::{Value, json};
use std::fmt::Write as _;

const CLIENT: &str = "llama-stack-client";
const API: &str = "src/llama_stack_api/pyproject.toml";
const MANIFESTS: &[&str] = &["pyproject.toml", API];
const UI: [&str; 2] = ["src/llama_stack_ui/package.json", "src/llama_stack_ui/package-lock.json"];

#[test]
fn main_follows_a_release_as_people_moved_it() {
    for (commit, release, next) in
        [("c1656df", "0.4.4", "0.4.5.dev0"), ("7f1c9d6", "0.5.0", "0.5.1.dev0"), ("8a9baf2", "0.5.1", "0.5.2.dev0")]
    {
        let Some(world) = World::at(commit, "main", "none", false) else { return };
        let shown = post(&world, None, release, "--only main");
        assert!(shown.stderr.contains(next), "{}", shown.stderr);
        assert!(shown.stderr.contains("nothing was changed"), "{}", shown.stderr);

        post(&world, None, release, "--only main --commit");

        let branch = format!("post-release-v{release}-main");
        assert_eq!(differing(&world, "main", &branch), MANIFESTS, "{release}");
        for path in MANIFESTS {
            assert_eq!(world.committed(&branch, path), world.committed(commit, path), "{release}: {path}");
        }
        let again = post(&world, None, release, "--only main --commit");
        assert!(again.stderr.contains(&format!("it is committed on {branch}")), "{}", again.stderr);
        assert_eq!(git(&world.checkout, &["rev-list", "--count", &format!("main..{branch}")]), "1");
    }
}

#[test]
fn the_ui_on_main_follows_where_that_is_configured() {
    let Some(world) = World::at("7f1c9d6", "main", "none", false) else { return };
    std::fs::write(world.directory.join("release.toml"), "[main]\nui = true\n").expect("written");
    let server = registries(&world, &["7f1c9d6^", "7f1c9d6", "c9c849c"]);
    let config = format!("--config {}", world.directory.join("release.toml"));
    post(&world, Some(&server), "0.5.0", &format!("--only main --commit --direct {config}")).expect_refused_checkout();
    git(&world.checkout, &["switch", "--quiet", "--detach"]);
    post(&world, Some(&server), "0.5.0", &format!("--only main --commit --direct {config}"));

    let changed: Vec<&str> = [MANIFESTS[0], MANIFESTS[1], UI[1], UI[0]].to_vec();
    assert_eq!(differing(&world, "7f1c9d6^", "main"), changed);
    for path in changed {
        assert_eq!(world.committed("main", path), world.committed("7f1c9d6", path), "{path}");
    }
    // What is refused has asked nobody.
    assert_eq!(server.asked(), ["/npm/llama-stack-client"]);
}

#[test]
fn the_lockfiles_of_a_line_follow_a_release_as_npm_and_uv_wrote_them() {
    for (commit, line, release, files) in [
        ("e1a98c3", "release-0.4.x", "0.4.4", &[UI[1], "uv.lock"][..]),
        ("c9c849c", "release-0.4.x", "0.4.5", &[UI[1], UI[0], "uv.lock"]),
        ("3839f33", "release-0.5.x", "0.5.1", &[UI[1], UI[0], "uv.lock"]),
    ] {
        let Some(world) = World::at(commit, line, "none", false) else { return };
        let server = registries(&world, &[&format!("{commit}^"), commit]);
        let shown = post(&world, Some(&server), release, "--only line");
        assert!(shown.stderr.contains("nothing was changed"), "{}", shown.stderr);

        post(&world, Some(&server), release, "--only line --commit");

        let branch = format!("post-release-v{release}-{line}");
        assert_eq!(differing(&world, line, &branch), files, "{release}");
        for path in files {
            assert!(
                world.committed(&branch, path) == world.committed(commit, path),
                "{release}: {path} is not the same"
            );
        }
        let asked = server.asked();
        assert_eq!(asked.len(), 6, "{asked:?}");
        assert!(asked.contains(&"/simple/llama-stack-client/".to_owned()), "{asked:?}");
        assert!(asked.contains(&"/npm/llama-stack-client".to_owned()), "{asked:?}");
        assert!(asked.iter().any(|path| path.ends_with(&format!("{release}-py3-none-any.whl.metadata"))), "{asked:?}");
        let again = post(&world, Some(&server), release, "--only line --commit");
        assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
        assert!(server.asked().is_empty(), "what is right is not asked for");
    }
}

#[test]
fn a_patch_of_an_older_line_leaves_main_alone_and_two_releases_move_it_once() {
    // 0.4.5 and 0.5.1 were released on one day.
    for order in [["0.4.5", "0.5.1"], ["0.5.1", "0.4.5"]] {
        let Some(world) = World::at("8a9baf2", "main", "none", false) else { return };
        git(&world.checkout, &["switch", "--quiet", "--detach"]);
        for release in order {
            let run = post(&world, None, release, "--only main --commit --direct");
            let stays = "main stays as it is: line 0.5 leads with 0.5.1, and 0.4.5 would take main back";
            assert_eq!(run.stderr.contains(stays), release == "0.4.5", "{}", run.stderr);
        }
        assert_eq!(git(&world.checkout, &["rev-list", "--count", "8a9baf2^..main"]), "1");
        for path in MANIFESTS {
            assert_eq!(world.committed("main", path), world.committed("8a9baf2", path), "{path}");
        }
    }
}

trait Refused {
    fn expect_refused_checkout(self);
}

impl Refused for Run {
    /// A branch that is checked out does not move under the checkout.
    #[track_caller]
    fn expect_refused_checkout(self) {
        assert_eq!(self.code, Some(1), "{}", self.stderr);
        assert!(self.stderr.contains("main is checked out in"), "{}", self.stderr);
    }
}

/// Runs `release post` in a world, with its registries on the loopback interface.
pub(crate) fn post(world: &World, server: Option<&Server>, release: &str, words: &str) -> Run {
    let mut command = xtask(&world.checkout);
    command.args(["release", "post", release]).args(words.split_whitespace());
    let nobody = "http://127.0.0.1:9".to_owned();
    let address = |path: &str| server.map_or_else(|| nobody.clone(), |server| server.url(path));
    command.env("UV_DEFAULT_INDEX", address("/simple")).env("npm_config_registry", address("/npm"));
    command.env("NPM_CONFIG_USERCONFIG", "/dev/null").env("NETRC", "/dev/null");
    let run = run(&mut command);
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    if words.contains("--direct") && run.code == Some(1) { run } else { run.expect(0) }
}

/// The files that differ between two commits.
fn differing(world: &World, one: &str, other: &str) -> Vec<String> {
    git(&world.checkout, &["diff", "--name-only", one, other]).lines().map(str::to_owned).collect()
}

/// Registries that have what the lockfiles of these commits have of the client.
pub(crate) fn registries(world: &World, commits: &[&str]) -> Server {
    let server = Server::new();
    let (mut files, mut versions): (Vec<Value>, Vec<(String, Value)>) = (Vec::new(), Vec::new());
    for commit in commits {
        let lock = UvLock::parse(&SourceText::new(world.committed(commit, "uv.lock"))).expect("a uv.lock");
        let entry = lock.packages.iter().find(|package| package.name.value == CLIENT).expect("the client");
        for file in &entry.files {
            let name = &file.name;
            // The registry's own address; what lies below is the same everywhere.
            let locked = file.url.as_ref().expect("a URL");
            let path = locked.splitn(4, '/').nth(3).expect("a path");
            let mut served = loopback::file(name, &server.url(&format!("/{path}")));
            served["hashes"] = json!({"sha256": file.hash.as_ref().expect("a hash").trim_start_matches("sha256:")});
            served["size"] = json!(file.size);
            // The index has microseconds.
            let time = file.upload_time.as_ref().expect("a time").trim_end_matches('Z').to_owned();
            served["upload-time"] = json!(format!("{time}001Z"));
            served["core-metadata"] = json!(true);
            if file.kind == FileKind::Wheel {
                server.put(&format!("/{path}.metadata"), Answer::new("application/octet-stream", metadata(entry)));
            }
            files.retain(|known| known["filename"] != served["filename"]);
            files.push(served);
        }
        let text = world.committed(commit, UI[1]);
        let lock = PackageLock::parse(&SourceText::new(text.clone())).expect("a package-lock.json");
        let path = format!("node_modules/{CLIENT}");
        let entry = lock.packages.iter().find(|entry| entry.path.value == path).expect("the client");
        let version = entry.version.as_ref().expect("a version").value.clone();
        let resolved = &entry.resolved.as_ref().expect("an address").value;
        let mut manifest = serde_json::from_str::<Value>(&text).expect("JSON")["packages"][path.as_str()].clone();
        let tarball = server.url(&format!("/npm/{}", resolved.splitn(4, '/').nth(3).expect("a path")));
        manifest["dist"] = json!({"tarball": tarball, "integrity": manifest["integrity"].clone()});
        manifest["name"] = json!(CLIENT);
        for key in ["resolved", "integrity"] {
            manifest.as_object_mut().expect("an object").remove(key);
        }
        versions.retain(|(known, _)| *known != version);
        versions.push((version, manifest));
    }
    server.put(&format!("/simple/{CLIENT}/"), loopback::page(CLIENT, &files));
    let versions: Vec<(&str, Value)> =
        versions.iter().map(|(version, manifest)| (version.as_str(), manifest.clone())).collect();
    server.put(&format!("/npm/{CLIENT}"), loopback::packument(CLIENT, &versions));
    server
}

/// Core metadata with the requirements that the lockfile has of a package.
fn metadata(entry: &LockedPackage) -> String {
    let version = &entry.version.as_ref().expect("a version").value;
    let mut text = format!("Metadata-Version: 2.4\nName: {CLIENT}\nVersion: {version}\nRequires-Python: >=3.12\n");
    for dependency in &entry.dependencies {
        let _ = writeln!(text, "Requires-Dist: {}", dependency.name.value);
    }
    text + "\nThe client.\n"
}
