//! A full disk, a limit on file sizes, and a user without write permission.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use walkdir::WalkDir;

use crate::child::{self, Child, Task};
use crate::tree::{Tree, put};

const PAGE: usize = 4096;
/// The signal that a process gets for a file that is too large.
const SIGXFSZ: i32 = 25;

/// A small file system in memory, mounted where the repository is.
struct SmallDisk(Utf8PathBuf);

impl SmallDisk {
    fn mount(at: &Utf8Path, pages: usize) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={}", pages * PAGE), "none", at.as_str()]);
        child::works(&mut mount, "a full disk").then(|| Self(at.to_owned()))
    }

    /// Fills the disk except for some pages.
    fn fill(&self, tree: &Tree, pages: usize, free: usize) {
        let filler = self.0.join(".git/filler");
        let files = tree.files().into_values().map(|bytes| bytes.len().div_ceil(PAGE)).sum::<usize>();
        fs::write(filler, vec![b'x'; (pages - files - free) * PAGE]).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

fn four_large_files() -> Tree {
    let (old, new) = ("o".repeat(4 * PAGE), "n".repeat(4 * PAGE));
    let files = ["a", "b", "c", "d"].map(|name| (name, old.clone(), new.clone()));
    Tree::new(&files)
}

#[test]
fn a_full_disk_is_noticed_while_every_file_is_old() {
    let tree = four_large_files();
    let pages = 64;
    let Some(disk) = SmallDisk::mount(&tree.root, pages) else { return };
    let mut failures = 0;
    for free in 0.. {
        for (path, bytes) in tree.old_files() {
            put(&tree.root.join(path), &bytes);
        }
        put(&tree.root.join(".git/filler"), b"");
        disk.fill(&tree, pages, free);
        match tree.write_all() {
            Ok(()) => break,
            Err(error) => assert!(error.to_string().contains("; make room on that disk"), "{error}"),
        }
        assert!(!tree.is_all_new());
        failures += 1;
    }
    // The lock, the old bytes, the journal and the new bytes need 1 page, 4 times 4, 1, and 4 times 4.
    assert_eq!(failures, 34);
    assert!(tree.is_all_new());
}

#[test]
fn a_run_is_taken_back_on_a_disk_that_is_full_since() {
    let tree = four_large_files();
    let pages = 64;
    let Some(_disk) = SmallDisk::mount(&tree.root, pages) else { return };
    for (path, bytes) in tree.old_files() {
        put(&tree.root.join(path), &bytes);
    }
    // Three steps, four files staged, and three of the four renamed.
    fs::create_dir_all(tree.root.join(".git")).unwrap();
    assert!(!child::run(&tree, Task::KilledWrite(10)).status.success());
    assert!(fs::write(tree.root.join(".git/filler"), vec![b'x'; pages * PAGE]).is_err());
    tree.recover().unwrap();
    assert!(!tree.is_all_new());
}

/// Runs a write in which the old or the new bytes are larger than the limit on files.
fn write_with_small_limit(tree: &Tree, before: &str) -> std::process::Output {
    let script = format!("{before} ulimit -f 16; exec \"$0\" \"$@\"");
    Child::new(tree, Task::Write).command(&["sh", "-c", &script]).output().unwrap()
}

#[test]
fn a_limit_on_file_sizes_is_an_error_where_its_signal_is_ignored_and_a_kill_where_it_is_not() {
    let large = "x".repeat(100 * PAGE);
    let small = "small".to_owned();
    for (old, new) in [(small.clone(), large.clone()), (large, small.clone())] {
        let tree = Tree::new(&[("a", small.clone(), "also small".to_owned()), ("b", old, new)]);
        let output = write_with_small_limit(&tree, "trap '' XFSZ;");
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains("File too large") && message.contains("`ulimit -f`"), "{message}");
        assert!(!tree.is_all_new());

        let output = write_with_small_limit(&tree, "");
        assert_eq!(output.status.signal(), Some(SIGXFSZ));
        tree.recover().unwrap();
        assert!(!tree.is_all_new());
        tree.assert_writable();
    }
}

#[test]
fn a_user_who_may_not_write_a_directory_is_told_which_file_it_is_about() {
    const NOBODY: &str = "65534";
    let as_nobody = ["setpriv", "--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"];
    if !child::works(Command::new(as_nobody[0]).args(&as_nobody[1..]).arg("true"), "another user") {
        return;
    }
    let tree = Tree::sample();
    let nobody = NOBODY.parse().ok();
    for entry in WalkDir::new(&tree.dir).into_iter().flatten() {
        chown(entry.path(), nobody, nobody).unwrap();
    }
    let mut write = Child::new(&tree, Task::Write);
    // The build directory may be closed to others.
    let binary = tree.dir.join("test-binary");
    fs::copy(&write.binary, &binary).unwrap();
    write.binary = binary;

    let denied = |directory: &str, named: &str| {
        chown(tree.root.join(directory), Some(0), Some(0)).unwrap();
        fs::set_permissions(tree.root.join(directory), fs::Permissions::from_mode(0o755)).unwrap();
        let output = write.command(&as_nobody).output().unwrap();
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{message}");
        assert!(message.contains(named) && message.contains("ermission denied"), "{message}");
        assert!(!tree.is_all_new());
        chown(tree.root.join(directory), nobody, nobody).unwrap();
    };
    denied(".git", ".git/xtask-release`");
    denied("src/ui", "cannot write a new version beside `src/ui/package.json`");

    assert!(write.command(&as_nobody).status().unwrap().success());
    assert!(tree.is_all_new());
}
