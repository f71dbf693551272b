//! Files that are not written, and the messages about them.

use std::fs::{self, Permissions};
use std::ops::ControlFlow;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;
use std::time::{Duration, Instant};

use camino::Utf8Path;

use crate::child::{Child, Task};
use crate::tree::{Tree, put};
use release_core::apply::{ApplyError, FileChange, Step};

/// Returns the message of a write that must fail without a change.
#[track_caller]
fn refusal(tree: &Tree) -> String {
    let before = tree.files();
    let error = tree.write_all().unwrap_err();
    assert_eq!(tree.files(), before, "{error}");
    assert!(!tree.state.join("journal.json").exists());
    error.to_string()
}

#[test]
fn a_file_without_write_permission_is_refused_for_root_too() {
    let tree = Tree::sample();
    fs::set_permissions(tree.root.join("src/ui/package.json"), Permissions::from_mode(0o464)).unwrap();
    let text = refusal(&tree);
    assert_eq!(text, "`src/ui/package.json` is read-only; `chmod u+w src/ui/package.json`, then run the command again");
}

#[test]
fn a_directory_without_write_permission_is_refused_for_root_too() {
    let tree = Tree::sample();
    let directory = tree.root.join("src/ui");
    fs::set_permissions(&directory, Permissions::from_mode(0o555)).unwrap();
    let text = refusal(&tree);
    assert!(text.contains("`src/ui/package.json` cannot be replaced"), "{text}");
    assert!(text.contains(&format!("`chmod u+w {directory}`")), "{text}");
    fs::set_permissions(&directory, Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_file_that_changed_since_the_plan_is_refused_with_the_line() {
    let tree = Tree::sample();
    put(&tree.root.join("pyproject.toml"), b"version = \"0.4.4\"\nname = \"abc\"\n");
    let text = refusal(&tree);
    assert_eq!(
        text,
        "`pyproject.toml` has changed since the plan was made: expected 29 bytes, found 31, and line 2 is the first \
         that differs; run the command again"
    );
}

#[test]
fn a_file_that_changes_at_any_moment_before_its_rename_keeps_that_change_and_the_others_stay_old() {
    let tree = Tree::sample();
    let edited = tree.root.join("src/ui/package.json");
    // The last file is renamed in the ninth step.
    for at in 1..=8 {
        tree.reset();
        let mut seen = 0;
        let error = tree
            .write(|_| {
                seen += 1;
                if seen == at {
                    put(&edited, b"edited");
                }
                ControlFlow::Continue(())
            })
            .unwrap_err();
        assert!(matches!(error, ApplyError::Changed { .. }), "{error}");
        let mut expected = tree.old_files();
        expected.insert("src/ui/package.json".into(), b"edited".to_vec());
        assert_eq!(tree.files(), expected);
        fs::write(&edited, &tree.old_files()[Utf8Path::new("src/ui/package.json")]).unwrap();
        tree.assert_writable();
    }
}

#[test]
fn a_file_that_is_edited_between_its_rename_and_an_interruption_is_not_overwritten() {
    let tree = Tree::sample();
    let error = tree
        .write(|step| {
            if step == Step::Renamed("src/api/pyproject.toml".into()) {
                put(&tree.root.join("pyproject.toml"), b"edited");
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        })
        .unwrap_err();
    let ApplyError::NotTakenBack { cause, failure } = error else { panic!("{error}") };
    assert!(matches!(*cause, ApplyError::Interrupted), "{cause}");
    let ApplyError::EditedSince { kept, .. } = *failure else { panic!("{failure}") };
    assert_eq!(fs::read(&kept[0].backup).unwrap(), tree.old_files()[&kept[0].path]);
    let mut expected = tree.old_files();
    expected.insert("pyproject.toml".into(), b"edited".to_vec());
    assert_eq!(tree.files(), expected);
    assert_eq!(tree.pending().unwrap(), None);
}

#[test]
fn what_is_not_a_regular_file_is_refused() {
    let tree = Tree::sample();
    let path = tree.root.join("src/ui/package.json");
    fs::remove_file(&path).unwrap();
    assert!(refusal(&tree).contains("`src/ui/package.json` was there when the plan was made and is gone"));
    fs::create_dir(&path).unwrap();
    assert!(refusal(&tree).contains("`src/ui/package.json` is a directory"));
    fs::remove_dir(&path).unwrap();
    put(&tree.root.join("elsewhere.json"), &tree.old_files()[Utf8Path::new("src/ui/package.json")]);
    symlink("../../elsewhere.json", &path).unwrap();
    assert!(refusal(&tree).contains("`src/ui/package.json` is a symbolic link"));
    fs::remove_file(&path).unwrap();
    if Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success()) {
        assert!(refusal(&tree).contains("`src/ui/package.json` is a device or a pipe"));
    }
    fs::remove_dir_all(tree.root.join("src/ui")).unwrap();
    put(&tree.root.join("src/ui"), b"a file where the directory was");
    assert!(refusal(&tree).contains("`src/ui/package.json` was there when the plan was made and is gone"));
}

#[test]
fn no_way_leads_out_of_the_repository() {
    let tree = Tree::sample();
    fs::rename(tree.root.join("src/ui"), tree.dir.join("ui")).unwrap();
    symlink(tree.dir.join("ui"), tree.root.join("src/ui")).unwrap();
    let text = refusal(&tree);
    assert!(text.contains("`src/ui/package.json` is outside the repository"), "{text}");
    assert!(text.contains(tree.dir.join("ui").as_str()), "{text}");

    for path in ["../old/pyproject.toml", "/etc/passwd", "src/../pyproject.toml", "./pyproject.toml", ""] {
        let changes = [FileChange { path: path.into(), old: Vec::new(), new: b"new".to_vec() }];
        let error = tree.write_changes(&changes, |_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, ApplyError::NotBelowRoot(_)), "{path}: {error}");
    }
}

#[test]
fn a_directory_that_is_swapped_for_a_link_during_the_run_is_not_followed() {
    let tree = Tree::sample();
    let error = tree
        .write(|step| {
            if step == Step::Renamed("pyproject.toml".into()) {
                fs::rename(tree.root.join("src/ui"), tree.dir.join("ui")).unwrap();
                symlink(tree.dir.join("ui"), tree.root.join("src/ui")).unwrap();
            }
            ControlFlow::Continue(())
        })
        .unwrap_err();
    assert!(matches!(error, ApplyError::Outside { .. }), "{error}");
    assert_eq!(fs::read(tree.dir.join("ui/package.json")).unwrap(), b"{\"client\": \"^0.4.4\"}\n");
    let mut expected = tree.old_files();
    expected.remove(Utf8Path::new("src/ui/package.json"));
    assert_eq!(tree.files(), expected);
}

#[test]
fn one_file_under_two_paths_is_refused() {
    let tree = Tree::new(&[("a", "old", "new"), ("b", "old", "other")]);
    fs::remove_file(tree.root.join("b")).unwrap();
    fs::hard_link(tree.root.join("a"), tree.root.join("b")).unwrap();
    assert!(refusal(&tree).contains("`a` and `b` are the same file"));
}

#[test]
fn a_file_of_somebody_elses_where_a_temporary_has_to_be_is_left_alone() {
    let tree = Tree::sample();
    put(&tree.root.join("src/api/.release-apply-1.tmp"), b"whose is this");
    let text = refusal(&tree);
    assert!(text.contains("src/api/.release-apply-1.tmp` is left from a run whose journal is gone"), "{text}");
}

#[test]
fn a_second_run_is_told_who_is_writing_until_that_process_is_dead() {
    let tree = Tree::sample();
    let mut child = Child::new(&tree, Task::Hold).command(&[]).spawn().unwrap();
    let started = Instant::now();
    while !tree.dir.join("holding").exists() {
        assert!(started.elapsed() < Duration::from_secs(10));
        std::thread::sleep(Duration::from_millis(2));
    }
    let expected = format!("another run is writing here (process {}): `{}/lock` is locked", child.id(), tree.state);
    for text in [refusal(&tree), tree.recover().unwrap_err().to_string(), tree.pending().unwrap_err().to_string()] {
        assert!(text.starts_with(&expected), "{text}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(tree.pending().unwrap(), None);
    tree.assert_writable();
}
