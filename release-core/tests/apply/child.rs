//! The process that gets killed: this test binary again, running the one test that is otherwise ignored.

use std::fs::File;
use std::ops::ControlFlow;
use std::process::{Command, Output, Stdio, exit};
use std::time::Duration;
use std::{env, fs, thread};

use camino::{Utf8Path, Utf8PathBuf};
use release_core::apply;

use crate::tree::Tree;

/// Files that the child tries to open before and after its work, so that a trace of its system calls shows the start
/// and end of the work. The files do not exist.
pub(crate) const STARTS: &str = "/apply-starts-here";
pub(crate) const ENDS: &str = "/apply-ends-here";

/// The task of a child, and the step at which it dies. Steps are counted from 1, over all events that the observer
/// gets.
#[derive(Clone, Copy)]
pub(crate) enum Task {
    Write,
    Recover,
    /// Is killed after a step.
    KilledWrite(usize),
    KilledRecover(usize),
    /// Is interrupted after the first step, and killed after the second one.
    InterruptedAndKilledWrite(usize, usize),
    /// Creates the file `holding` beside the repository while it has the lock, and continues until it is killed.
    Hold,
}

impl Task {
    fn to_words(self) -> String {
        match self {
            Self::Write => "write 0 0".to_owned(),
            Self::Recover => "recover 0 0".to_owned(),
            Self::KilledWrite(kill) => format!("write 0 {kill}"),
            Self::KilledRecover(kill) => format!("recover 0 {kill}"),
            Self::InterruptedAndKilledWrite(interrupt, kill) => format!("write {interrupt} {kill}"),
            Self::Hold => "hold 0 0".to_owned(),
        }
    }
}

/// The command line of a child, and the environment with its task.
pub(crate) struct Child {
    pub(crate) binary: Utf8PathBuf,
    environment: [(&'static str, String); 2],
}

const ARGUMENTS: [&str; 5] =
    ["child::the_process_that_other_tests_kill", "--exact", "--ignored", "--nocapture", "--test-threads=1"];

impl Child {
    pub(crate) fn new(tree: &Tree, task: Task) -> Self {
        let binary = Utf8PathBuf::from_path_buf(env::current_exe().unwrap()).unwrap();
        Self { binary, environment: [("APPLY_TREE", tree.dir.to_string()), ("APPLY_TASK", task.to_words())] }
    }

    /// Returns the command of the child, or of another program that is given the child's command line.
    pub(crate) fn command(&self, by: &[&str]) -> Command {
        let mut words = by.iter().copied().chain([self.binary.as_str()]).chain(ARGUMENTS);
        let mut command = Command::new(words.next().unwrap());
        command.args(words).envs(self.environment.clone()).stdout(Stdio::null());
        command
    }
}

/// Runs a child to its end.
pub(crate) fn run(tree: &Tree, task: Task) -> Output {
    Child::new(tree, task).command(&[]).output().unwrap()
}

/// Returns `true` if a tool can be used for a test here; if not, the test says so and is skipped.
pub(crate) fn works(command: &mut Command, needed_for: &str) -> bool {
    let works = command.output().is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("skipped: {command:?} does not work here, and {needed_for} needs it");
    }
    works
}

#[test]
#[ignore = "other tests start it"]
fn the_process_that_other_tests_kill() {
    let (Ok(dir), Ok(task)) = (env::var("APPLY_TREE"), env::var("APPLY_TASK")) else { return };
    let tree = Tree::at(Utf8Path::new(&dir));
    let words: Vec<&str> = task.split(' ').collect();
    let (interrupt, kill): (usize, usize) = (words[1].parse().unwrap(), words[2].parse().unwrap());
    let mut step = 0;
    let mut observe = || {
        step += 1;
        if words[0] == "hold" {
            fs::write(tree.dir.join("holding"), "").unwrap();
            thread::sleep(Duration::from_secs(60));
        }
        if step == kill {
            let _ = Command::new("sh").args(["-c", "kill -KILL $PPID"]).status();
            thread::sleep(Duration::from_secs(60));
        }
        if step == interrupt { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };

    let changes = tree.changes();
    // strace counts the calls of each thread separately. These take the numbers that calls of the test harness have.
    for _ in 0..100 {
        fs::write("/dev/null", "x").unwrap();
    }
    let _ = File::open(STARTS);
    let result = match words[0] {
        "recover" => apply::recover(&tree.root, &tree.state, &mut |_| _ = observe()).map(|_| ()),
        _ => tree.write_changes(&changes, |_| observe()),
    };
    let _ = File::open(ENDS);
    if let Err(error) = result {
        eprintln!("{error}");
        exit(1);
    }
    exit(0);
}
