//! The remains of an interrupted run, changed by something else before the next run.

use std::fs;

use camino::Utf8Path;
use release_core::apply::{ApplyError, Pending, Recovery};

use crate::child::{self, Task};
use crate::tree::{LABEL, Tree, put};

/// A repository in which a run was killed after this many steps: 3 before the journal is complete, 3 staged, 3 renamed.
fn killed_after(step: usize) -> Tree {
    let tree = Tree::sample();
    assert!(!child::run(&tree, Task::KilledWrite(step)).status.success());
    tree
}

fn paths(paths: &[&str]) -> Vec<camino::Utf8PathBuf> {
    paths.iter().map(Into::into).collect()
}

#[test]
fn looking_says_what_recovery_would_do_and_changes_nothing() {
    let tree = killed_after(7);
    put(&tree.root.join("src/ui/package.json"), b"edited");
    let before = tree.files();
    let expected = Pending {
        label: LABEL.to_owned(),
        complete: false,
        written: paths(&["pyproject.toml"]),
        edited: paths(&["src/ui/package.json"]),
    };
    assert_eq!(tree.pending().unwrap(), Some(expected));
    assert_eq!(tree.files(), before);

    let tree = killed_after(9);
    assert!(tree.pending().unwrap().unwrap().complete);
    assert_eq!(tree.files(), tree.new_files());
}

#[test]
fn recovery_says_which_run_it_took_back_or_finished() {
    let tree = killed_after(8);
    let files = paths(&["pyproject.toml", "src/api/pyproject.toml"]);
    assert_eq!(tree.recover().unwrap(), Recovery::TakenBack { label: LABEL.to_owned(), files });
    assert!(!tree.is_all_new());
    assert_eq!(tree.recover().unwrap(), Recovery::Nothing);

    let tree = killed_after(9);
    let files = tree.new_files().into_keys().collect();
    assert_eq!(tree.recover().unwrap(), Recovery::Finished { label: LABEL.to_owned(), files });
    assert!(tree.is_all_new());
}

#[test]
fn nothing_is_written_over_an_interrupted_run() {
    let tree = killed_after(7);
    let before = tree.files();
    let error = tree.write_all().unwrap_err();
    assert!(matches!(error, ApplyError::Unfinished { .. }), "{error}");
    assert!(error.to_string().starts_with("release 0.4.5 was interrupted"), "{error}");
    assert_eq!(tree.files(), before);
    tree.recover().unwrap();
    tree.assert_writable();
}

#[test]
fn a_file_that_was_edited_since_stays_and_its_old_bytes_are_kept() {
    let tree = killed_after(8);
    put(&tree.root.join("src/api/pyproject.toml"), b"edited");
    fs::remove_file(tree.root.join("src/ui/package.json")).unwrap();
    let error = tree.recover().unwrap_err();
    let message = error.to_string();
    let ApplyError::EditedSince { kept, .. } = error else { panic!("{error}") };
    assert_eq!(kept.len(), 2);
    for kept in &kept {
        assert_eq!(fs::read(&kept.backup).unwrap(), tree.old_files()[&kept.path]);
        assert!(message.contains(&format!("`{}`", kept.path)), "{message}");
        assert!(message.contains(&format!("`{}`", kept.backup)), "{message}");
    }
    let mut expected = tree.old_files();
    expected.insert("src/api/pyproject.toml".into(), b"edited".to_vec());
    expected.remove(Utf8Path::new("src/ui/package.json"));
    assert_eq!(tree.files(), expected);

    // It is reported once; the kept files are still there afterwards.
    assert_eq!(tree.recover().unwrap(), Recovery::Nothing);
    assert_eq!(fs::read(&kept[0].backup).unwrap(), tree.old_files()[&kept[0].path]);
}

#[test]
fn a_journal_that_cannot_be_used_is_named_and_nothing_is_touched() {
    let tree = killed_after(7);
    let journal = tree.state.join("journal.json");
    let good = fs::read(&journal).unwrap();
    let text = String::from_utf8(good.clone()).unwrap();
    let before = tree.files();
    for (junk, reason) in [
        (good[..good.len() / 2].to_vec(), "is not a journal"),
        (Vec::new(), "is not a journal"),
        (b"\0\xff<html>".to_vec(), "is not a journal"),
        (b"{\"format\": 1}".to_vec(), "is not a journal"),
        (b"{\"format\": 2, \"files\": 7}".to_vec(), "format 2, this one reads 1"),
        (text.replace("src/ui/package.json", "../old/pyproject.toml").into_bytes(), "not a path below"),
    ] {
        fs::write(&journal, &junk).unwrap();
        let errors = [tree.recover().unwrap_err(), tree.pending().unwrap_err()];
        for message in errors.map(|error| error.to_string()) {
            assert!(message.contains(reason) && message.contains(&format!("remove `{journal}`")), "{message}");
        }
        assert!(tree.write_all().is_err());
        assert_eq!(tree.files(), before);
        assert_eq!(fs::read(&journal).unwrap(), junk);
    }
    fs::write(&journal, &good).unwrap();
    fs::write(tree.state.join("backup"), "damaged").unwrap();
    let message = tree.recover().unwrap_err().to_string();
    assert!(message.contains("backup` are damaged") && message.contains(&format!("remove `{journal}`")), "{message}");
    assert_eq!(tree.files(), before);
}
