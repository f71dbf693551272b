//! The effect of a write on the files.

use std::fs;
use std::ops::ControlFlow;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

use crate::tree::Tree;
use release_core::apply::{ApplyError, FileChange, Recovery, Step};

#[test]
fn the_steps_are_told_in_their_order() {
    let tree = Tree::sample();
    let mut steps = Vec::new();
    tree.write(|step| {
        steps.push(format!("{step:?}"));
        ControlFlow::Continue(())
    })
    .unwrap();
    let paths = ["pyproject.toml", "src/api/pyproject.toml", "src/ui/package.json"];
    let mut expected = vec!["Locked".to_owned(), "Checked".to_owned(), "Journaled".to_owned()];
    expected.extend(paths.map(|path| format!("Staged({path:?})")));
    expected.extend(paths.map(|path| format!("Renamed({path:?})")));
    expected.push("Committed".to_owned());
    assert_eq!(steps, expected);
    assert!(tree.is_all_new());
    assert_eq!(tree.recover().unwrap(), Recovery::Nothing);
}

#[test]
fn bytes_are_written_exactly() {
    let long_name = "n".repeat(255);
    let tree = Tree::new::<&[u8]>(&[
        ("crlf.toml", b"a = 1\r\nb = 2\r\n", b"a = 2\r\nb = 2\r\n"),
        ("bom.json", b"\xef\xbb\xbf{}", b"\xef\xbb\xbf{ }"),
        ("nul", b"\0\0", b"\0\xff\0"),
        ("emptied", b"was here", b""),
        ("filled", b"", b"is here"),
        ("no newline at the end", b"a\n", b"a"),
        (long_name.as_str(), b"old", b"new"),
    ]);
    tree.write_all().unwrap();
    assert!(tree.is_all_new());
}

#[test]
fn permissions_and_owner_are_kept_by_a_write_and_by_taking_it_back() {
    let root_may_give_files_away = |tree: &Tree| chown(tree.root.join("0"), Some(12345), Some(54321)).is_ok();
    for finishes in [true, false] {
        let tree = Tree::new(&[("0", "old", "new"), ("1", "old", "new"), ("2", "old", "new"), ("3", "old", "new")]);
        let modes = [0o644, 0o755, 0o600, 0o664];
        let owned = root_may_give_files_away(&tree);
        for (name, mode) in modes.iter().enumerate() {
            fs::set_permissions(tree.root.join(name.to_string()), fs::Permissions::from_mode(*mode)).unwrap();
        }
        // Steps 1 to 3 concern the whole write, then four files are staged and four renamed.
        let written = tree.write_until(if finishes { usize::MAX } else { 10 });
        assert_eq!(written.is_ok(), finishes);
        assert_eq!(tree.is_all_new(), finishes);
        for (name, mode) in modes.iter().enumerate() {
            let metadata = fs::metadata(tree.root.join(name.to_string())).unwrap();
            assert_eq!(metadata.permissions().mode() & 0o7777, *mode);
            if owned && name == 0 {
                assert_eq!((metadata.uid(), metadata.gid()), (12345, 54321));
            }
        }
    }
}

#[test]
fn a_plan_that_changes_nothing_writes_nothing() {
    let tree = Tree::new(&[("a", "same", "same")]);
    tree.write(|step| panic!("{step:?}")).unwrap();
    assert!(!tree.state.exists());
    assert_eq!(tree.recover().unwrap(), Recovery::Nothing);
    assert_eq!(tree.pending().unwrap(), None);
    assert!(!tree.state.exists());
}

#[test]
fn a_link_to_a_directory_within_the_repository_is_followed() {
    let tree = Tree::new(&[("real/a", "old", "new")]);
    symlink("real", tree.root.join("link")).unwrap();
    let changes = [FileChange { path: "link/a".into(), old: b"old".to_vec(), new: b"new".to_vec() }];
    tree.write_changes(&changes, |_| ControlFlow::Continue(())).unwrap();
    assert!(tree.is_all_new());
    assert!(tree.root.join("link").is_symlink());
}

#[test]
fn an_interruption_after_any_step_leaves_every_file_old_until_the_run_is_committed() {
    let tree = Tree::sample();
    for at in 0.. {
        tree.reset();
        let mut last = String::new();
        let mut seen = 0;
        let result = tree.write(|step| {
            if !matches!(step, Step::TakenBack(_)) {
                last = format!("{step:?}");
            }
            seen += 1;
            if seen > at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        match result {
            Ok(()) => {
                assert_eq!(last, "Committed");
                assert!(tree.is_all_new());
                break;
            }
            Err(ApplyError::Interrupted) => assert!(!tree.is_all_new(), "after {last}"),
            Err(error) => panic!("after {last}: {error}"),
        }
        tree.assert_writable();
    }
}
