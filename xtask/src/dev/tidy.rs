//! The invariants of `docs/architecture.md` that a reader could break without noticing, as tests over the sources.

mod imports;
mod shapes;
mod tour;

use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use walkdir::WalkDir;

/// A source file, without its unit tests.
#[derive(Clone)]
struct Source {
    path: String,
    code: String,
    lines: usize,
}

/// The Rust sources below a folder of the workspace, tests left out.
fn sources(folder: &str) -> Vec<Source> {
    let root = super::workspace();
    files(&root.join(folder))
        .into_iter()
        .filter(|path| path.extension() == Some("rs") && !is_test(path.strip_prefix(&root).unwrap()))
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            let is_comment = |line: &&str| line.trim_start().starts_with("//");
            Source {
                path: path.strip_prefix(&root).unwrap().to_string(),
                code: code.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n"),
                lines: code.lines().count(),
            }
        })
        .collect()
}

fn is_test(path: &Utf8Path) -> bool {
    path.file_stem() == Some("tests") || path.components().any(|component| component.as_str() == "tests")
}

/// Every file below a folder, but for what was built.
pub(super) fn files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let is_built = |name: &str| matches!(name, "target" | ".git" | "corpus" | "artifacts" | "coverage");
    WalkDir::new(folder)
        .into_iter()
        .filter_entry(|entry| entry.depth() == 0 || !is_built(&entry.file_name().to_string_lossy()))
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| Utf8PathBuf::try_from(entry.into_path()).unwrap())
        .collect()
}

/// Fails with every place at which one of the words stands.
#[track_caller]
fn assert_without(sources: &[Source], words: &[&str], why: &str) {
    let found: Vec<String> = sources
        .iter()
        .flat_map(|source| {
            words.iter().filter(|word| source.code.contains(**word)).map(|word| format!("{}: {word}", source.path))
        })
        .collect();
    assert!(found.is_empty(), "{why}: {found:#?}");
}

#[test]
fn arrows_only_run_down() {
    let manifest = |member: &str| fs::read_to_string(super::workspace().join(member).join("Cargo.toml")).unwrap();
    for (member, above) in [("release-core", &["release-checks", "xtask"][..]), ("release-checks", &["xtask"])] {
        for name in above {
            let depends = manifest(member).lines().any(|line| line.starts_with(name));
            assert!(!depends, "{member} must not know {name}");
        }
    }
}

#[test]
fn the_core_and_the_checks_do_not_print_read_the_environment_open_sockets_or_ask_for_the_time() {
    let sources = [sources("release-core/src"), sources("release-checks/src")].concat();
    assert!(sources.len() > 30, "the sources were found");
    let words = ["print!(", "println!(", "std::env", "env::var", "std::net", "SystemTime", "Instant"];
    assert_without(&sources, &words, "this belongs to the shell");
}

#[test]
fn only_git_starts_processes_in_the_core_and_only_apply_writes() {
    let core = sources("release-core/src");
    let but = |prefix: &'static str| {
        core.iter().filter(move |source| !source.path.starts_with(prefix)).cloned().collect::<Vec<_>>()
    };
    assert_without(&but("release-core/src/git"), &["process::Command", "xshell"], "only git.rs starts processes");
    assert_without(
        &but("release-core/src/apply"),
        &["fs::write", "File::create", "fs::rename", "OpenOptions"],
        "only apply writes",
    );
    assert_without(&sources("release-checks/src"), &["std::fs", "std::process"], "the checks do no I/O");
}

#[test]
fn only_tools_and_the_tasks_of_this_workspace_start_processes_in_the_shell() {
    let mut others = sources("xtask/src");
    others.retain(|source| {
        !["xtask/src/effects/tools", "xtask/src/dev/"].iter().any(|known| source.path.starts_with(known))
    });
    assert_without(
        &others,
        &["process::Command", "process::{Child, Command", "xshell", "Command::new"],
        "effects/tools starts tools",
    );
}

#[test]
fn files_are_read_in_one_way() {
    // The lock of a run, what was written a moment ago and is synced or moved, and git's trace of a commit are this tool's own.
    let own = [
        "release-core/src/reading.rs",
        "release-core/src/apply/disk.rs: File::open",
        "release-core/src/apply/journal.rs: File::open",
        "release-core/src/git/commit.rs: ",
        "xtask/src/commands/baseline.rs: File::open",
        "xtask/src/effects/lock.rs: ",
        "xtask/src/dev/",
        "xtask/src/sandbox/",
    ];
    let words = ["fs::read(", "fs::read_to_string", "File::open", "read_to_string("];
    let all = [sources("release-core/src"), sources("release-checks/src"), sources("xtask/src")].concat();
    let read = |source: &Source| -> Vec<String> {
        let found = words.iter().filter(|word| source.code.contains(**word));
        found.map(|word| format!("{}: {word}", source.path)).collect()
    };
    let is_own = |found: &String| own.iter().any(|own| found.starts_with(own));
    let found: Vec<String> = all.iter().flat_map(read).filter(|found| !is_own(found)).collect();
    assert!(found.is_empty(), "`release_core::reading` reads files, with its guards: {found:#?}");
}

#[test]
fn only_the_registry_opens_sockets() {
    // This file names the words.
    let known =
        ["xtask/src/sandbox/registry.rs", "xtask/src/registry.rs", "xtask/src/registry/", "xtask/src/dev/tidy.rs"];
    let mut others = sources("xtask/src");
    others.retain(|source| !known.iter().any(|known| source.path.starts_with(known)));
    assert_without(&others, &["ureq::", "std::net"], "the registry asks the network");
}

#[test]
fn there_is_one_edit_type() {
    let all = [sources("release-core/src"), sources("release-checks/src"), sources("xtask/src")].concat();
    let edits: Vec<&str> = all
        .iter()
        .flat_map(|source| source.code.lines())
        .filter_map(|line| line.split_once("struct ")?.1.split([' ', '<', '(']).next())
        .filter(|name| name.ends_with("Edit"))
        .collect();
    assert_eq!(edits, ["TextEdit"]);
}

#[test]
fn modules_say_what_they_are_and_none_outgrows_four_hundred_lines() {
    let all = [sources("release-core/src"), sources("release-checks/src"), sources("xtask/src")].concat();
    for source in &all {
        let stem = Utf8Path::new(&source.path).file_stem().unwrap();
        assert!(!["utils", "util", "helpers", "common", "misc"].contains(&stem), "{} says nothing", source.path);
        assert!(source.lines <= 400, "{} has {} lines", source.path, source.lines);
    }
}

#[test]
fn no_host_of_a_registry_stands_in_the_repository() {
    // In two parts, so that this file is not the first to break the rule.
    let hosts = [("pypi", ".org"), ("pythonhosted", ".org"), ("npmjs", ".org"), ("npmjs", ".com"), ("crates", ".io")];
    let lockfiles = ["Cargo.lock"];
    for path in files(&super::workspace()).iter().filter(|path| !lockfiles.contains(&path.file_name().unwrap())) {
        let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        for (name, domain) in hosts {
            assert!(!text.contains(&format!("{name}{domain}")), "{path} names {name}{domain}");
        }
    }
}
