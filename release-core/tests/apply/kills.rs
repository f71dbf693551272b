//! Runs that are killed between two steps, and recoveries that are killed too.

use std::thread;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use crate::child::{self, Child, Task};
use crate::tree::Tree;

/// Returns `true` if the child came to its end before its step.
fn survives(tree: &Tree, task: Task) -> bool {
    child::run(tree, task).status.success()
}

#[test]
fn after_a_kill_at_any_step_everything_is_old_or_everything_is_new() {
    let tree = Tree::sample();
    let mut ends = Vec::new();
    for step in 1.. {
        tree.reset();
        if survives(&tree, Task::KilledWrite(step)) {
            break;
        }
        tree.recover().unwrap();
        ends.push(tree.is_all_new());
        tree.assert_writable();
    }
    // Only the last rename and the commit are too late to undo.
    assert_eq!(ends, [false, false, false, false, false, false, false, false, true, true]);
}

#[test]
fn after_kills_at_any_step_of_a_write_and_of_its_recovery_everything_is_old_or_everything_is_new() {
    let tree = Tree::sample();
    for write in 6..=10 {
        for recovery in 1.. {
            tree.reset();
            assert!(!survives(&tree, Task::KilledWrite(write)));
            if survives(&tree, Task::KilledRecover(recovery)) {
                break;
            }
            tree.recover().unwrap();
            tree.assert_writable();
        }
    }
}

#[test]
fn after_a_kill_while_an_interrupted_run_takes_itself_back_everything_is_old_or_everything_is_new() {
    let tree = Tree::sample();
    for interrupt in 7..=9 {
        for kill in interrupt + 1..=2 * interrupt - 6 {
            tree.reset();
            assert!(!survives(&tree, Task::InterruptedAndKilledWrite(interrupt, kill)));
            tree.recover().unwrap();
            tree.assert_writable();
        }
    }
}

#[test]
fn after_kills_at_any_time_everything_is_old_or_everything_is_new() {
    let names: Vec<String> = (0..200).map(|number| format!("package{}/file{number}.toml", number % 7)).collect();
    let files: Vec<(&str, String, String)> =
        names.iter().map(|name| (name.as_str(), format!("old {name}"), format!("new {name}"))).collect();
    let tree = Tree::new(&files);
    let started = Instant::now();
    assert!(survives(&tree, Task::Write));
    let whole = started.elapsed();
    const KILLS: u32 = 20;
    for kill in 0..KILLS {
        tree.reset();
        kill_after(&tree, Task::Write, whole * kill / KILLS);
        kill_after(&tree, Task::Recover, whole * (kill % 5) / 10);
        tree.recover().unwrap();
        tree.is_all_new();
    }
}

fn kill_after(tree: &Tree, task: Task, time: Duration) {
    let mut child = Child::new(tree, task).command(&[]).spawn().unwrap();
    thread::sleep(time);
    child.kill().unwrap();
    child.wait().unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_files_are_all_old_or_all_new_after_any_kills(
        files in prop::collection::btree_map("[a-c]{1,2}/[a-d]\\.(toml|json)", any::<(Vec<u8>, Vec<u8>)>(), 1..6),
        write in 1usize..16,
        recovery in 1usize..8,
    ) {
        let files: Vec<(&str, Vec<u8>, Vec<u8>)> =
            files.iter().map(|(path, (old, new))| (path.as_str(), old.clone(), new.clone())).collect();
        let tree = Tree::new(&files);
        let survived = survives(&tree, Task::KilledWrite(write));
        survives(&tree, Task::KilledRecover(recovery));
        tree.recover().map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert!(tree.is_all_new() || !survived);
        tree.assert_writable();
    }
}
