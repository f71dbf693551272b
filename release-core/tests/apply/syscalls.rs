//! Runs that are killed at each single system call, and runs in which each one fails in turn, by way of `strace`.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};

use camino::Utf8Path;

use crate::child::{self, Child, Task};
use crate::tree::Tree;

/// Every call by which a write or a recovery changes files, and those by which it opens the files it reads.
const CALLS: &str = "openat,write,rename,renameat,renameat2,unlink,unlinkat,fsync,ftruncate,flock,mkdir,fchmod";

/// Two files are enough for every kind of step.
fn sample() -> Tree {
    Tree::new(&[("a.toml", "old a", "new a"), ("ui/b.json", "old b", "new b, longer")])
}

fn strace_is_missing() -> bool {
    let mut probe = Command::new("strace");
    probe.args(["-f", "-e", "inject=fsync:signal=KILL:when=9", "true"]);
    !child::works(&mut probe, "killing at each system call")
}

/// Runs a child under strace, with one more option: an injection, or `-y` for the paths of open files.
fn trace(tree: &Tree, task: Task, option: &str) -> Output {
    let log = tree.dir.join("strace");
    let filter = format!("trace={CALLS}");
    let by = ["strace", "-f", "-qq", "-o", log.as_str(), "-e", &filter, option];
    Child::new(tree, task).command(&by).output().unwrap()
}

/// Runs a child in which the call of this name and number, and perhaps all later ones, are changed.
fn inject(tree: &Tree, task: Task, (name, number): (&str, usize), what: &str, later_too: &str) -> Output {
    trace(tree, task, &format!("--inject={name}:{what}:when={number}{later_too}"))
}

/// Returns the calls of a task, as strace prints them, with their numbers among the calls of that name since the
/// process started, which are strace's numbers.
fn calls(tree: &Tree, task: Task) -> Vec<(String, usize, String)> {
    assert!(trace(tree, task, "-y").status.success());
    let log = fs::read_to_string(tree.dir.join("strace")).unwrap();
    let marker = log.lines().find(|line| line.contains(child::STARTS)).unwrap();
    let thread = marker.split_whitespace().next().unwrap();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut calls, mut started) = (Vec::new(), false);
    for line in log.lines().filter(|line| line.split_whitespace().next() == Some(thread)) {
        let Some((name, rest)) = line[thread.len()..].trim_start().split_once('(') else { continue };
        let number = seen.entry(name).or_default();
        *number += 1;
        if line.contains(child::ENDS) {
            return calls;
        }
        if started {
            calls.push((name.to_owned(), *number, rest.to_owned()));
        }
        started |= line.contains(child::STARTS);
    }
    panic!("the child did not come to its end: {log}");
}

/// Returns the files that a task makes durable, renames and removes, in order. Paths are relative to the repository.
fn order(tree: &Tree, task: Task) -> Vec<String> {
    calls(tree, task)
        .into_iter()
        .filter(|(name, _, rest)| matches!(name.as_str(), "fsync" | "rename" | "unlink") && rest.ends_with(" = 0"))
        .map(|(name, _, rest)| {
            let path = Utf8Path::new(rest.rsplit(['<', '>', '"']).nth(1).unwrap());
            format!("{name} {}", path.strip_prefix(&tree.root).unwrap())
        })
        .collect()
}

#[test]
fn everything_is_durable_before_the_step_that_relies_on_it() {
    if strace_is_missing() {
        return;
    }
    let tree = sample();
    assert_eq!(
        order(&tree, Task::Write),
        [
            "fsync .git",
            "fsync .git/xtask-release/backup",
            "fsync .git/xtask-release/journal.json.new",
            "rename .git/xtask-release/journal.json",
            "fsync .git/xtask-release",
            "fsync .release-apply-0.tmp",
            "fsync ui/.release-apply-1.tmp",
            "rename a.toml",
            "rename ui/b.json",
            "fsync ",
            "fsync ui",
            "unlink .git/xtask-release/journal.json",
            "fsync .git/xtask-release",
            "unlink .git/xtask-release/backup",
        ]
    );

    tree.reset();
    assert!(!child::run(&tree, Task::KilledWrite(6)).status.success());
    assert_eq!(
        order(&tree, Task::Recover),
        [
            "fsync .git",
            "unlink ui/.release-apply-1.tmp",
            "fsync .release-apply-0.tmp",
            "rename a.toml",
            "fsync ",
            "fsync ui",
            "unlink .git/xtask-release/journal.json",
            "fsync .git/xtask-release",
            "unlink .git/xtask-release/backup",
        ]
    );
}

#[test]
fn after_a_kill_at_any_system_call_everything_is_old_or_everything_is_new() {
    if strace_is_missing() {
        return;
    }
    let tree = sample();
    let mut ends = Vec::new();
    for (name, number, _) in calls(&tree, Task::Write) {
        tree.reset();
        inject(&tree, Task::Write, (&name, number), "signal=KILL", "");
        tree.recover().unwrap();
        ends.push(tree.is_all_new());
        tree.assert_writable();
    }
    assert!(ends.is_sorted() && ends.contains(&true) && ends.contains(&false), "{ends:?}");
    eprintln!("kills of a write survived: {0} of {0}", ends.len());
}

#[test]
fn after_a_kill_at_any_system_call_of_a_recovery_the_next_one_still_works() {
    if strace_is_missing() {
        return;
    }
    let (tree, mut kills) = (sample(), 0);
    // Five steps come before the first rename, six before the last one.
    for steps in [6, 7] {
        let interrupted = || {
            tree.reset();
            assert!(!child::run(&tree, Task::KilledWrite(steps)).status.success());
        };
        interrupted();
        for (name, number, _) in calls(&tree, Task::Recover) {
            interrupted();
            inject(&tree, Task::Recover, (&name, number), "signal=KILL", "");
            tree.recover().unwrap();
            assert_eq!(tree.is_all_new(), steps == 7);
            kills += 1;
        }
    }
    eprintln!("kills of a recovery survived: {kills} of {kills}");
}

#[test]
fn any_system_call_that_fails_once_takes_everything_back_and_is_named() {
    if strace_is_missing() {
        return;
    }
    let (tree, mut faults) = (sample(), 0);
    for (name, number, _) in calls(&tree, Task::Write) {
        let (error, message) = match name.as_str() {
            "openat" => ("EACCES", "let this user write"),
            "write" | "mkdir" => ("ENOSPC", "make room on that disk"),
            "fsync" | "flock" => ("EIO", "Input/output error"),
            "fchmod" => ("EPERM", "let this user write"),
            _ => ("EROFS", "mount that file system writable"),
        };
        tree.reset();
        let output = inject(&tree, Task::Write, (&name, number), &format!("error={error}"), "");
        let printed = String::from_utf8(output.stderr).unwrap();
        if output.status.success() {
            // A failure without an effect: of the holder's number, or of the removal of files after the commit.
            assert_eq!(tree.files(), tree.new_files());
        } else {
            assert!(printed.contains(message), "{name} {number}: {printed}");
            assert_eq!(tree.files(), tree.old_files(), "{name} {number}: {printed}");
            assert!(!tree.state.join("journal.json").exists(), "{name} {number}: {printed}");
        }
        tree.recover().unwrap();
        tree.assert_writable();
        faults += 1;
    }
    eprintln!("single faults of a write survived: {faults} of {faults}");
}

#[test]
fn a_disk_that_fails_from_some_moment_on_leaves_what_the_next_run_takes_back() {
    if strace_is_missing() {
        return;
    }
    let (tree, mut faults) = (sample(), 0);
    for (name, number, _) in calls(&tree, Task::Write) {
        if !matches!(name.as_str(), "write" | "fsync" | "rename" | "unlink") {
            continue;
        }
        tree.reset();
        // The child reports on standard error, so a failing write cannot be asked for its message.
        let output = inject(&tree, Task::Write, (&name, number), "error=EIO", "+");
        let printed = String::from_utf8(output.stderr).unwrap();
        assert!(name == "write" || output.status.success() || printed.contains("Input/output error"), "{printed}");
        tree.recover().unwrap();
        tree.assert_writable();
        faults += 1;
    }
    eprintln!("lasting faults of a write survived: {faults} of {faults}");
}
