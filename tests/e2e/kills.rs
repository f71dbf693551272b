//! Runs that are killed, interrupted, or not alone: the next run ends where an undisturbed one does.

use crate::sample::{Files, MANIFESTS, Sample};
use crate::support::{Run, is_thorough, run, works};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

mod group;

/// The calls by which a write changes something.
const CALLS: &str = "write,rename,renameat2,unlink,unlinkat,fsync,mkdir,fchmod,ftruncate,flock";

/// The manifests of the work tree.
fn manifests(sample: &Sample) -> Vec<String> {
    MANIFESTS.iter().map(|path| sample.read(path)).collect()
}

/// `patch 0.4.5` under strace, with one more option of strace's.
fn traced(sample: &Sample, option: &str) -> Run {
    let log = sample.root.join("strace");
    let filter = format!("trace={CALLS}");
    // Without `-f`: what git does is git's.
    let strace = ["strace", "-qq", "-o", log.as_str(), "-e", &filter, "-e", option];
    run(&mut sample.release_by(&strace, "patch 0.4.5 --offline"))
}

fn strace_is_missing() -> bool {
    !works(Command::new("strace").args(["-e", "inject=fsync:signal=KILL:when=9", "true"]), "a signal at each call")
}

#[test]
fn after_a_kill_at_any_system_call_of_a_patch_the_next_run_ends_as_an_undisturbed_one() {
    if strace_is_missing() {
        return;
    }
    let undisturbed = Sample::new();
    let old = manifests(&undisturbed);
    traced(&undisturbed, "signal=none").expect(0);
    let new = manifests(&undisturbed);
    let log = fs::read_to_string(undisturbed.root.join("strace")).unwrap();
    let mut calls: BTreeMap<&str, usize> = BTreeMap::new();
    for name in log.lines().filter_map(|line| line.split_once('(')).map(|(name, _)| name) {
        *calls.entry(name).or_default() += 1;
    }
    assert!(calls["fsync"] > 5 && calls["write"] > 10, "{calls:?}");

    let sample = Sample::new();
    let mut survived = 0;
    for (name, count) in calls {
        // The core's own tests kill every write at each of its calls.
        for number in (1..=count).step_by(if is_thorough() { 1 } else { 3 }) {
            let killed = traced(&sample, &format!("inject={name}:signal=KILL:when={number}"));
            assert_eq!(killed.code, None, "{name} {number}: {}", killed.stderr);
            let held = manifests(&sample);
            assert!(held.iter().zip(&old).zip(&new).all(|((held, old), new)| held == old || held == new));

            sample.release("patch 0.4.5 --offline").expect(0);
            assert_eq!(manifests(&sample), new, "{name} {number}");
            sample.assert_nothing_left();
            for (path, old) in MANIFESTS.iter().zip(&old) {
                sample.write(path, old);
            }
            survived += 1;
        }
    }
    eprintln!("kills of the tool alone survived: {survived} of {survived}, patch 0.4.5 --offline");
}

#[test]
fn a_dry_run_after_a_kill_says_so_and_writes_nothing() {
    if strace_is_missing() {
        return;
    }
    let sample = Sample::new();
    traced(&sample, "inject=rename:signal=KILL:when=3");
    let before = sample.files();
    let run = sample.release("patch 0.4.5 --dry-run").expect(1);
    assert!(run.stderr.contains("an earlier run was interrupted while it wrote the files of release 0.4.5"));
    sample.assert_unchanged(&before, "a dry run");
    let run = sample.release("patch 0.4.5").expect(0);
    assert!(run.stderr.contains("took back release 0.4.5, which was interrupted"), "{}", run.stderr);
}

#[test]
fn an_interrupt_in_the_middle_of_the_write_takes_everything_back() {
    if strace_is_missing() {
        return;
    }
    let sample = Sample::new();
    let before = sample.files();
    let run = traced(&sample, "inject=rename:signal=INT:when=3").expect(2);
    assert!(
        run.stderr.ends_with("error: interrupted before all files were written; nothing was changed\n"),
        "{}",
        run.stderr
    );
    fs::remove_file(sample.root.join("strace")).unwrap();
    sample.assert_unchanged(&before, "an interrupted run");
}

/// A run that goes on beside the test.
struct Started(Child);

impl Started {
    fn new(sample: &Sample, words: &str) -> Self {
        // Every process that it starts has this pipe too, so that its end is the end of all of them.
        let mut command = sample.release_by(&["sh", "-c", "exec \"$0\" \"$@\" 9>&1"], words);
        // A group of its own, as a shell gives each command, so that a signal can go to all of it.
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
        Self(command.spawn().unwrap())
    }

    fn signal(&self, signal: &str, whole_group: bool) {
        let target = format!("{}{}", if whole_group { "-" } else { "" }, self.0.id());
        assert!(Command::new("kill").args(["-s", signal, "--", &target]).status().unwrap().success());
    }

    fn end(mut self) -> Run {
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        self.0.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        Run { code: self.0.wait().unwrap().code(), stdout, stderr }
    }
}

#[test]
fn after_a_kill_at_any_time_of_a_commit_elsewhere_the_next_run_makes_exactly_one() {
    let cases = [
        ("release-0.4.x", "patch 0.4.5 --commit", "release-0.4.x", "origin/release-0.4.x"),
        ("main", "patch 0.4.5 --commit", "release-0.4.x", "origin/release-0.4.x"),
        ("main", "minor 0.5.0 --early tested --commit --branch", "prepare-v0.5.0", "main"),
        ("main", "minor 0.5.0 --early tested", "release-0.5.x", "main"),
    ];
    // At each call of git, `group` kills these commands too.
    let kills = if is_thorough() { 9 } else { 4 };
    for (branch, words, moved, base) in cases {
        let commits = usize::from(words.contains("--commit"));
        let undisturbed = Sample::on(branch);
        let begun = Instant::now();
        undisturbed.release(words).expect(0);
        let whole = begun.elapsed();
        let end = |sample: &Sample| {
            let tree = sample.id(&format!("{moved}^{{tree}}"));
            (tree, sample.subjects(base, moved).len(), sample.status(), manifests(sample))
        };
        assert_eq!(end(&undisturbed).1, commits);
        for kill in 0..kills {
            let sample = Sample::on(branch);
            let started = Started::new(&sample, words);
            thread::sleep(whole * kill / kills);
            let git_too = kill % 3 == 0;
            started.signal("KILL", git_too);
            let killed = started.end();
            if git_too {
                remove_locks_of_git(&sample);
            }
            let mut again = sample.release(words);
            if git_too && again.stderr.contains("other changes to them are staged") {
                sample.git(&["reset", "--quiet"]);
                again = sample.release(words);
            }
            assert_eq!(again.code, Some(0), "{words}, kill {kill}: {}\nthen {}", killed.stderr, again.stderr);
            assert_eq!(end(&sample), end(&undisturbed), "{words}, kill {kill}: {}", again.stderr);
            sample.release(words).expect(0);
            sample.assert_nothing_left();
        }
    }
}

/// A git that was killed leaves its locks, and the next one says so and how to go on.
fn remove_locks_of_git(sample: &Sample) {
    for path in
        sample.files().into_keys().filter(|path| path.as_str().contains("/.git/") && path.extension() == Some("lock"))
    {
        fs::remove_file(sample.root.join(path)).unwrap();
    }
}

/// A pre-commit hook that says that it is there and waits until it may go on.
struct Gate {
    reached: Utf8PathBuf,
    open: Utf8PathBuf,
}

impl Gate {
    fn at(sample: &Sample) -> Self {
        let gate = Self { reached: sample.root.join("reached"), open: sample.root.join("open") };
        for fifo in [&gate.reached, &gate.open] {
            run(Command::new("mkfifo").arg(fifo)).expect(0);
        }
        sample.hook("pre-commit", &format!("echo here > '{}'; cat '{}' > /dev/null", gate.reached, gate.open));
        gate
    }

    fn wait(&self) {
        assert_eq!(meet("cat", &self.reached), "here\n");
    }

    fn open(&self) {
        meet("echo go on >", &self.open);
    }
}

/// Opens a pipe when another process does, which it does soon or never.
#[track_caller]
pub(crate) fn meet(what: &str, pipe: &Utf8Path) -> String {
    run(Command::new("timeout").args(["60", "sh", "-c", &format!("{what} '{pipe}'")])).expect(0).stdout
}

#[test]
fn two_runs_at_once_are_one_run_and_a_refusal() {
    for (branch, words) in [("release-0.4.x", "patch 0.4.5 --commit"), ("main", "patch 0.4.5 --commit")] {
        let sample = Sample::on(branch);
        let gate = Gate::at(&sample);
        let started = Started::new(&sample, words);
        gate.wait();
        let holder = started.0.id();
        let work_tree = || sample.files().into_iter().filter(|(path, _)| !path.as_str().contains(".git/"));
        let before: Files = work_tree().collect();
        for other in [words, "patch 0.4.5", "minor 0.5.0 --early tested --commit", "minor 0.5.0 --early tested"] {
            let refused = sample.release(other).expect(2);
            let wanted = format!(
                "error: another run is working in this repository (process {holder}); wait until it has ended\n"
            );
            assert_eq!(refused.stderr, wanted, "{other}");
        }
        assert!(before == work_tree().collect());
        // One that writes nothing is in nobody's way.
        sample.release("minor 0.5.0 --early tested --commit --dry-run").expect(0);
        gate.open();
        let first = started.end().expect(0);
        assert!(first.stderr.contains("committed "), "{}", first.stderr);
        sample.assert_nothing_left();
        assert_eq!(sample.subjects("origin/release-0.4.x", "release-0.4.x").len(), 1);
    }
}

#[test]
fn an_interrupted_commit_leaves_nothing_half_done() {
    for (branch, signal, whole_group) in
        [("release-0.4.x", "INT", true), ("main", "INT", true), ("main", "TERM", false), ("main", "HUP", true)]
    {
        let sample = Sample::on(branch);
        let gate = Gate::at(&sample);
        let refs = sample.git(&["for-each-ref"]);
        let started = Started::new(&sample, "patch 0.4.5 --commit -q");
        gate.wait();
        started.signal(signal, whole_group);
        let interrupted = started.end().expect(2);
        assert!(interrupted.stderr.contains("error: interrupted: "), "{}", interrupted.stderr);
        assert_eq!(sample.git(&["for-each-ref"]), refs);
        assert_eq!(sample.status().len(), if branch == "main" { 0 } else { 3 });
        sample.assert_nothing_left();
        fs::remove_file(sample.checkout.join(".git/hooks/pre-commit")).unwrap();
        sample.release("patch 0.4.5 --commit").expect(0);
        assert_eq!(sample.subjects("origin/release-0.4.x", "release-0.4.x").len(), 1);
    }
}

#[test]
fn an_interrupt_that_comes_too_late_does_not_unmake_a_commit() {
    let sample = Sample::new();
    let gate = Gate::at(&sample);
    let hooks = sample.checkout.join(".git/hooks");
    fs::rename(hooks.join("pre-commit"), hooks.join("post-commit")).unwrap();
    let started = Started::new(&sample, "patch 0.4.5 --commit");
    gate.wait();
    started.signal("INT", false);
    let run = started.end().expect(0);
    assert!(run.stderr.contains("committed "), "{}", run.stderr);
    assert_eq!(sample.subjects("origin/release-0.4.x", "release-0.4.x").len(), 1);
    assert_eq!(sample.status(), [""; 0]);
}

#[test]
fn a_signal_to_the_run_alone_ends_a_hook_that_hangs_and_all_that_the_hook_has_started() {
    // One process, one with a child, one that is deaf to what can be ignored, one whose child is.
    let hangs = [
        "exec sleep 1000",
        "sleep 1000; true",
        "trap '' INT TERM HUP; sleep 1000 & sleep 1000; sleep 1000",
        "(trap '' INT TERM; sleep 1000; sleep 1000)",
    ];
    // Nearly all of the time is the patience of the tool.
    thread::scope(|scope| {
        for (branch, signal) in [("release-0.4.x", "TERM"), ("main", "TERM"), ("main", "INT")] {
            for hang in hangs {
                scope.spawn(move || end_a_hook_that_hangs(branch, signal, hang));
            }
        }
    });
}

fn end_a_hook_that_hangs(branch: &str, signal: &str, hang: &str) {
    let sample = Sample::on(branch);
    let reached = sample.root.join("reached");
    run(Command::new("mkfifo").arg(&reached)).expect(0);
    sample.hook("pre-commit", &format!("echo here > '{reached}'; {hang}"));
    let refs = sample.git(&["for-each-ref"]);
    let started = Started::new(&sample, "patch 0.4.5 --commit -q");
    assert_eq!(meet("cat", &reached), "here\n");
    started.signal(signal, false);
    // Its output ends when the last process that has it ends.
    let interrupted = started.end().expect(2);
    assert!(interrupted.stderr.contains("error: interrupted: "), "{}", interrupted.stderr);
    assert_eq!(sample.git(&["for-each-ref"]), refs, "{branch}, {signal}: {hang}");
    fs::remove_file(sample.checkout.join(".git/hooks/pre-commit")).unwrap();
    remove_locks_of_git(&sample);
    sample.release("patch 0.4.5 --commit").expect(0);
    sample.assert_nothing_left();
}

#[test]
fn a_run_that_is_interrupted_while_it_asks_the_remote_has_done_nothing() {
    let sample = Sample::new();
    let fifo = sample.root.join("asked");
    run(Command::new("mkfifo").arg(&fifo)).expect(0);
    sample.git(&["config", "remote.origin.uploadpack", &format!("echo asked > '{fifo}'; exec sleep 60; :")]);
    let before = sample.files();
    let started = Started::new(&sample, "patch 0.4.5");
    assert_eq!(meet("cat", &fifo), "asked\n");
    started.signal("INT", true);
    assert_eq!(started.end().code, Some(130));
    sample.assert_unchanged(&before, "an interrupted run");
}
