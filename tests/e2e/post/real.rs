//! npm, uv and the registries themselves have the last word on what was edited. Where one of them is not there, a test says so
//! and is skipped.

use super::World;
use crate::corpus;
use crate::corpus_post::{post, registries};
use crate::support::{git, run, works, xtask};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

#[test]
fn npm_agrees_with_the_edits() {
    if !works(Command::new("npm").arg("--version"), "what npm says of the edits") {
        return;
    }
    let world = World::new();
    world.release("relock --write -q").expect(0);
    let folder = world.sample.checkout.join("src/meadow_ui");
    let held = || ["package.json", "package-lock.json"].map(|name| fs::read_to_string(folder.join(name)).unwrap());
    let edited = held();
    assert!(edited[1].contains("meadow-client-0.4.5.tgz"), "{}", edited[1]);
    let npm = |words: &str| {
        let mut command = Command::new("npm");
        command.current_dir(&folder).args(words.split(' ')).env("NPM_CONFIG_USERCONFIG", "/dev/null");
        command.env("npm_config_registry", world.server.url("/npm")).env("npm_config_update_notifier", "false");
        command.env("npm_config_cache", world.sample.root.join("npm-cache"));
        run(&mut command).expect(0);
    };
    npm("ci --dry-run --ignore-scripts --no-audit --no-fund");
    npm("install --package-lock-only --ignore-scripts --no-audit --no-fund");
    assert_eq!(held(), edited, "npm has nothing to add");
}

#[test]
fn uv_agrees_with_the_edits_of_a_real_lockfile() {
    let (Some(uv), Some(python)) = (uv(), python()) else { return };
    for (commit, line, release) in [("c9c849c", "release-0.4.x", "0.4.5"), ("3839f33", "release-0.5.x", "0.5.1")] {
        let Some(world) = corpus::World::at(commit, line, "none", false) else { return };
        let server = registries(&world, &[&format!("{commit}^"), commit]);
        post(&world, Some(&server), release, "--only line --commit -q");
        git(&world.checkout, &["switch", "--quiet", &format!("post-release-v{release}-{line}")]);
        let mut check = Command::new(uv);
        check.current_dir(&world.checkout).args(["lock", "--check", "--offline"]);
        check.envs([("UV_NO_CONFIG", "1"), ("UV_PYTHON", python.as_str()), ("UV_PYTHON_DOWNLOADS", "never")]);
        check.env("UV_CACHE_DIR", world.directory.join("cache"));
        run(&mut check).expect(0);
    }
}

/// A Python that the history's monorepo runs on; uv is to fetch none.
fn python() -> Option<String> {
    let mut known: Vec<String> = ["python3", "python3.14", "python3.13", "python3.12"].map(str::to_owned).to_vec();
    let home = std::env::var("HOME").unwrap_or_default();
    let versions = Utf8Path::new(&home).join(".pyenv/versions").read_dir_utf8().into_iter().flatten().flatten();
    known.extend(versions.map(|version| version.path().join("bin/python3").into_string()));
    let words = ["-c", "import sys; sys.exit(sys.version_info < (3, 12))"];
    let is_new = |python: &String| Command::new(python).args(words).output().is_ok_and(|run| run.status.success());
    let found = known.into_iter().find(is_new);
    if found.is_none() {
        eprintln!("skipped: there is no Python 3.12 or later, and what uv says of the edits needs it");
    }
    found
}

/// uv: that of the environment or the path, else one that is installed below the target folder.
pub(super) fn uv() -> Option<&'static Utf8Path> {
    static FOUND: OnceLock<Option<Utf8PathBuf>> = OnceLock::new();
    let find = || {
        let is_there = |program: &Utf8PathBuf| {
            Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success())
        };
        let folder = Utf8Path::new(env!("CARGO_TARGET_TMPDIR")).join("uv-0.13");
        let own = folder.join("bin/uv");
        let named = std::env::var("UV").ok().map(Utf8PathBuf::from);
        let known = named.into_iter().chain([Utf8PathBuf::from("uv"), own.clone()]).find(is_there);
        known.or_else(|| {
            let (python, needed_for) = (folder.join("bin/python"), "what uv says of the edits");
            (works(Command::new("python3").args(["-m", "venv"]).arg(&folder), needed_for)
                && works(Command::new(python).args(["-m", "pip", "install", "--quiet", "uv==0.13.*"]), needed_for))
            .then_some(own)
        })
    };
    FOUND.get_or_init(find).as_deref()
}

#[test]
fn the_registries_of_the_world_have_what_was_released() {
    let Some(world) = corpus::World::at("c9c849c", "release-0.4.x", "none", false) else { return };
    // The environment is that of whoever runs the tests, so that their mirrors are asked.
    let release = |words: &str| run(xtask(&world.checkout).arg("release").args(words.split(' ')));
    let seen = release("post 0.4.5 --only line --output-format json");
    let document: serde_json::Value = serde_json::from_str(&seen.stdout).unwrap_or_default();
    let state = |registry: &str| {
        let told = document["published"].as_array().into_iter().flatten();
        told.filter(|told| told["registry"] == registry).map(|told| told["state"].clone()).next().unwrap_or_default()
    };
    if seen.code == Some(2) {
        eprintln!("skipped: the registries cannot be asked from here: {}", seen.stderr);
        return;
    }
    match seen.code {
        Some(0) => assert_eq!((state("pypi"), state("npm")), ("published".into(), "published".into())),
        // A mirror may have one of them alone.
        Some(4) => assert!(seen.stderr.contains("llama-stack-client 0.4.5 is not on "), "{}", seen.stderr),
        code => panic!("{code:?}: {}", seen.stderr),
    }
    if state("pypi") != "published" {
        eprintln!("skipped: the index has no llama-stack-client 0.4.5: {}", seen.stderr);
        return;
    }
    // Without the UI, the index alone is asked.
    git(&world.checkout, &["rm", "-r", "--quiet", "src/llama_stack_ui"]);
    release("relock --write -q").expect(0);
    let written = fs::read_to_string(world.checkout.join("uv.lock")).unwrap();
    assert!(written == world.committed("c9c849c", "uv.lock"), "uv.lock is not what uv wrote then");
}
