//! The whole group of processes is killed, as by Ctrl-C twice, a cancelled job or a full memory: the tool, git, and what git
//! has started, at every system call by which any git of the run changes something.

use super::{Sample, remove_locks_of_git};
use crate::support::{executable, is_thorough, run};
use camino::{Utf8Path, Utf8PathBuf};
use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::thread;

/// The calls by which git changes something. What it opens for writing is empty until the first write.
const CALLS: &str = "write,mkdir,rename,link,unlink,rmdir,fsync,ftruncate";

/// The requests to git that change something, by us and by itself, as a shell's patterns.
const EFFECTS: &str =
    "*' worktree add '*|*' update-ref '*|*' reset '*|*' read-tree '*|*' checkout-index '*|*' commit '*|*' switch '*";

/// A place among the effects of a run: the number of the git, and of a call of it.
#[derive(Clone, Debug)]
struct Point {
    git: usize,
    call: String,
    number: usize,
}

/// Programs that are found before git, also by git: they follow it with strace, and kill their group after it.
struct Watch<'a> {
    sample: &'a Sample,
    programs: Utf8PathBuf,
    git: String,
}

impl<'a> Watch<'a> {
    fn new(sample: &'a Sample) -> Self {
        let output = |words: &[&str]| run(Command::new(words[0]).args(&words[1..])).expect(0).stdout.trim().to_owned();
        let (git, own) = (output(&["sh", "-c", "command -v git"]), output(&["git", "--exec-path"]));
        let programs = sample.root.join("bin");
        fs::create_dir(&programs).unwrap();
        for entry in Utf8Path::new(&own).read_dir_utf8().unwrap().map(Result::unwrap) {
            if entry.file_name() != "git" {
                symlink(entry.path(), programs.join(entry.file_name())).unwrap();
            }
        }
        Self { sample, programs, git }
    }

    /// A run in a group of its own, killed at a point; without one it only writes down what every git does.
    fn release(&self, words: &str, point: Option<&Point>) -> Option<i32> {
        let (root, git) = (&self.sample.root, &self.git);
        let count = root.join("count");
        let log = format!("'{root}/calls-'$number");
        let traced = format!("strace -qq -o {log} -e signal=none -e trace={CALLS}");
        let follow = match point {
            None => format!("exec {traced} '{git}' \"$@\""),
            Some(Point { git: at, call, number }) => format!(
                "test $number -ne {at} && exec '{git}' \"$@\"\n\
                 {traced} -e inject={call}:signal=KILL:when={number} '{git}' \"$@\"\nkill -KILL 0"
            ),
        };
        let script = format!(
            "#!/bin/sh\ncase \" $* \" in {EFFECTS}) ;; *) exec '{git}' \"$@\";; esac\n\
             echo >> '{count}'\nnumber=$(wc -l < '{count}')\n{follow}\n"
        );
        let _ = fs::remove_file(&count);
        executable(&self.programs.join("git"), script.as_bytes());
        let mut command = self.sample.xtask();
        let path = std::env::var("PATH").unwrap();
        command.env("PATH", format!("{}:{path}", self.programs)).env("GIT_EXEC_PATH", &self.programs);
        command.arg("release").args(words.split(' ')).process_group(0);
        run(&mut command).code
    }

    /// Every point of a run.
    fn points(&self, words: &str) -> Vec<Point> {
        assert_eq!(self.release(words, None), Some(0), "{words}");
        let mut points: Vec<Point> = Vec::new();
        for git in 1.. {
            let log = self.sample.root.join(format!("calls-{git}"));
            let Ok(text) = fs::read_to_string(&log) else { return points };
            fs::remove_file(log).unwrap();
            for call in text.lines().filter_map(|line| Some(line.split_once('(')?.0)) {
                let number = 1 + points.iter().filter(|point| point.git == git && point.call == call).count();
                points.push(Point { git, call: call.to_owned(), number });
            }
        }
        unreachable!()
    }
}

/// Returns the outcome of a run.
fn end(sample: &Sample) -> impl PartialEq + std::fmt::Debug + use<> {
    let format = "--format=%(refname) %(tree) %(subject)";
    (sample.git(&["for-each-ref", format, "refs/heads"]), sample.status(), super::manifests(sample))
}

/// Runs a command again until it is through, and does in between what it says.
fn again(sample: &Sample, words: &str, point: &Point) {
    let mut said = String::new();
    for _ in 0..3 {
        let run = sample.release(words);
        said += &run.stderr;
        match run.code {
            Some(0) => return,
            Some(1) if run.stderr.contains("git is locked by ") => {
                let locks = run.stderr.split('`').nth(1).unwrap().strip_prefix("rm ").unwrap();
                locks.split(' ').for_each(|lock| fs::remove_file(lock).unwrap());
            }
            Some(1)
                if ["other changes to them are staged", "this checkout is on main"]
                    .iter()
                    .any(|said| run.stderr.contains(said)) =>
            {
                let words: Vec<&str> = run.stderr.split('`').nth(1).unwrap().split(' ').skip(1).collect();
                sample.git(&words);
            }
            code => panic!("{words}, {point:?}: {code:?} {}", run.stderr),
        }
    }
    panic!("{words}, {point:?}: it does not end: {said}");
}

#[test]
fn after_a_kill_of_the_whole_group_at_any_call_of_any_git_the_next_run_ends_as_an_undisturbed_one() {
    if super::strace_is_missing() {
        return;
    }
    // What writes nothing works whatever was left.
    const LOOKS: [&str; 3] = ["check --offline", "--dry-run", "audit --offline"];
    let cases = [
        ("main", "minor 0.5.0 --early tested --commit --branch --offline", true),
        ("main", "patch 0.4.5 --commit --offline", false),
        ("release-0.4.x", "patch 0.4.5 --commit --offline", false),
        ("main", "minor 0.5.0 --early tested --offline", false),
    ];
    for (branch, words, has_hook) in cases {
        let new = || {
            let sample = Sample::on(branch);
            if has_hook {
                sample.hook("pre-commit", "true");
            }
            sample
        };
        let undisturbed = new();
        let all = Watch::new(&undisturbed).points(words);
        let undisturbed = end(&undisturbed);
        let tried: Vec<_> = all.iter().enumerate().step_by(if is_thorough() { 1 } else { 18 }).collect();
        let (one, other) = tried.split_at(tried.len() / 2);
        thread::scope(|scope| {
            for points in [one, other] {
                let (new, undisturbed) = (&new, &undisturbed);
                scope.spawn(move || {
                    for (at, point) in points {
                        let sample = new();
                        assert_eq!(Watch::new(&sample).release(words, Some(point)), None, "{words}, {point:?}");
                        let is_looked = |look: &usize| is_thorough() || at / 18 % LOOKS.len() == *look;
                        for look in (0..LOOKS.len()).filter(is_looked).map(|look| LOOKS[look]) {
                            let look = if look == "--dry-run" { format!("{words} {look}") } else { look.to_owned() };
                            let run = sample.release(&look);
                            assert!(matches!(run.code, Some(0 | 1)), "{words}, {point:?}: {look}: {}", run.stderr);
                        }
                        again(&sample, words, point);
                        remove_locks_of_git(&sample);
                        assert_eq!(end(&sample), *undisturbed, "{words}, {point:?}");
                        sample.assert_nothing_left();
                    }
                });
            }
        });
        eprintln!("kills of the whole group survived: {0} of {0} (of {1} calls), {words}", tried.len(), all.len());
    }
}

#[test]
fn what_git_has_noted_of_a_work_tree_goes_however_far_it_came() {
    /// Files of git's that are gone, or hold something else.
    type Changes = [(&'static str, Option<&'static str>)];
    let states: [(&str, &Changes); 9] = [
        ("a whole one", &[]),
        ("nothing but the folder", &[("gitdir", None), ("commondir", None), ("HEAD", None), ("locked", None)]),
        ("no place", &[("gitdir", None)]),
        ("an empty place", &[("gitdir", Some(""))]),
        ("half a place", &[("gitdir", Some("/tmp/xta"))]),
        ("an empty pointer", &[("commondir", Some(""))]),
        ("no head", &[("HEAD", None)]),
        ("an empty head", &[("HEAD", Some(""))]),
        ("a lock of git's own", &[("locked", Some("initializing")), ("index.lock", Some("")), ("HEAD.lock", Some(""))]),
    ];
    let name = "xtask-release-abc123";
    for (state, files) in states {
        for has_tree in [true, false] {
            let sample = Sample::on("main");
            let other = sample.root.join("other");
            sample.git(&["worktree", "add", "--quiet", "--detach", other.as_str()]);
            let tree = sample.tmp.join(name);
            sample.git(&["worktree", "add", "--quiet", "--detach", tree.as_str()]);
            let noted = sample.checkout.join(".git/worktrees").join(name);
            for (file, text) in files {
                let _ = fs::remove_file(noted.join(file));
                if let Some(text) = text {
                    fs::write(noted.join(file), text).unwrap();
                }
            }
            if !has_tree {
                fs::remove_dir_all(&tree).unwrap();
            }
            fs::create_dir_all(sample.checkout.join(".git/xtask-release")).unwrap();
            fs::write(sample.checkout.join(".git/xtask-release/run.lock"), format!("1\n{tree}")).unwrap();
            let before = sample.files();
            // Where the work tree itself is gone, the folder of git's is all that is left to look at.
            let looks = ["check --offline", "patch 0.4.5 --dry-run --offline", "audit", "version"];
            for look in &looks[..if has_tree || is_thorough() { 4 } else { 1 }] {
                let run = sample.release(look);
                assert!(matches!(run.code, Some(0 | 1)), "{state}: {look}: {}", run.stderr);
                let is_said = run.stderr.contains(&format!("an interrupted run left {noted} half made"));
                assert_eq!(
                    is_said,
                    fs::metadata(noted.join("commondir")).is_ok_and(|file| file.len() == 0)
                        || !fs::read_to_string(noted.join("gitdir")).is_ok_and(|text| text.ends_with("/.git\n")),
                    "{state}"
                );
            }
            sample.assert_unchanged(&before, state);
            sample.release("patch 0.4.5 --commit --offline").expect(0);
            assert!(!noted.exists() && !tree.exists(), "{state}");
            assert!(sample.git(&["worktree", "list"]).contains(other.as_str()), "the user's own stays");
            sample.git(&["worktree", "remove", other.as_str()]);
            sample.assert_nothing_left();
        }
    }
}

#[test]
fn a_branch_is_known_to_be_checked_out_elsewhere_also_when_git_cannot_list_work_trees() {
    let sample = Sample::on("main");
    let other = sample.root.join("other");
    sample.git(&["worktree", "add", "--quiet", other.as_str(), "release-0.4.x"]);
    let refused = sample.refusal("patch 0.4.5 --commit --offline --dry-run");
    let noted = sample.checkout.join(".git/worktrees/xtask-release-abc123");
    fs::create_dir_all(&noted).unwrap();
    fs::write(noted.join("commondir"), "").unwrap();
    fs::write(noted.join("gitdir"), "/nowhere/xtask-release-abc123/.git\n").unwrap();
    assert!(refused.contains("release-0.4.x is checked out in [DIR]/other"), "{refused}");
    assert!(sample.refusal("patch 0.4.5 --commit --offline --dry-run").ends_with(refused.split_once('\n').unwrap().1));
}

#[test]
fn a_work_tree_that_cannot_be_removed_stays_noted_until_it_is() {
    let sample = Sample::on("main");
    let hidden = sample.tmp.join("xtask-release-abc123");
    fs::create_dir_all(sample.checkout.join(".git/xtask-release")).unwrap();
    let note = sample.checkout.join(".git/xtask-release/run.lock");
    fs::write(&note, format!("1\n{hidden}")).unwrap();
    // A file in the place of git's folder cannot be read as one, whoever runs this.
    fs::write(sample.checkout.join(".git/worktrees"), "").unwrap();
    fs::create_dir(&hidden).unwrap();
    sample.release("patch 0.4.5 --commit --offline").expect(2);
    assert_eq!(fs::read_to_string(&note).unwrap(), format!("1\n{hidden}"));
    fs::remove_file(sample.checkout.join(".git/worktrees")).unwrap();
    sample.release("patch 0.4.5 --commit --offline").expect(0);
    assert!(!hidden.exists());
}
