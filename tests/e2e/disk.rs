//! Files that may not be written, disks that are full, repositories of another user: a clear error, and nothing is lost.

use crate::sample::{MANIFESTS, Sample};
use crate::support::{ENVIRONMENT, directory, executable, run, works};
use camino::{Utf8Path, Utf8PathBuf};
use expect_test::expect;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Command;
use walkdir::WalkDir;

const NOBODY: u32 = 65534;

fn set_mode(path: &Utf8Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_manifest_without_write_permission_is_refused_by_its_mode_even_for_root() {
    let sample = Sample::new();
    set_mode(&sample.checkout.join(MANIFESTS[1]), 0o444);
    let before = sample.files();
    let run = sample.release("patch 0.4.5 -q").expect(2);
    expect![[r#"
        error: `src/meadow_agents/pyproject.toml` is read-only; `chmod u+w src/meadow_agents/pyproject.toml`, then run the command again; nothing was changed
    "#]].assert_eq(&sample.normal(&run.stderr));
    assert_eq!(sample.release("patch 0.4.5 -q --commit").expect(2).stderr, run.stderr);
    sample.assert_unchanged(&before, "a manifest without write permission");
    // A line that is cut in the work tree is taken back with it.
    sample.git(&["switch", "--quiet", "main"]);
    set_mode(&sample.checkout.join(MANIFESTS[1]), 0o444);
    sample.release("minor 0.5.0 --early tested").expect(2);
    assert_eq!(sample.git(&["branch", "--show-current"]), "main");
    assert_eq!(sample.git(&["branch", "--list", "release-0.5.x"]), "");
    assert_eq!(sample.status(), [""; 0]);
}

#[test]
fn a_limit_on_file_sizes_is_an_error_that_changes_nothing() {
    let sample = Sample::new();
    sample.edit("pyproject.toml", "[tool.uv.sources]", &format!("# {}\n[tool.uv.sources]", "x".repeat(4000)));
    sample.commit("docs: a long comment");
    let before = sample.files();
    let run = run(&mut sample.release_by(&["sh", "-c", "ulimit -f 4; exec \"$0\" \"$@\""], "patch 0.4.5 -q"));
    expect![[r#"
        $ ulimit -f 4; release patch 0.4.5 -q
        error: cannot write `[DIR]/checkout/.git/xtask-release/backup`: File too large (os error 27); raise the limit on file sizes (`ulimit -f`), then run the command again; nothing was changed
        (exit 2)
    "#]].assert_eq(&sample.seen("$ ulimit -f 4; release patch 0.4.5 -q", &run));
    sample.assert_unchanged(&before, "a limit on file sizes");
    sample.release("patch 0.4.5").expect(0);
}

/// A small file system in memory.
struct SmallDisk(Utf8PathBuf);

impl SmallDisk {
    fn mount(at: &Utf8Path) -> Option<Self> {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=512k", "none", at.as_str()]);
        works(&mut mount, "a full disk").then(|| Self(at.to_owned()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_is_an_error_that_changes_nothing() {
    let (temporary, root) = directory();
    let Some(_disk) = SmallDisk::mount(&root) else { return };
    let sample = Sample::at(temporary, &root, "checkout");
    let filler = sample.root.join("filler");
    // What the system says of a disk is its first failed write; how much fits until then is of no interest.
    let _ = fs::write(&filler, vec![b'x'; 512 * 1024]);
    let mut free = 0;
    loop {
        let before = sample.files();
        let run = sample.release("patch 0.4.5 -q");
        if run.code == Some(0) {
            break;
        }
        assert_eq!(run.code, Some(2), "{}", run.stderr);
        assert!(run.stderr.contains("No space left on device"), "{}", run.stderr);
        sample.assert_unchanged(&before, "a full disk");
        free += 1;
        let length = fs::metadata(&filler).unwrap().len();
        File::options().write(true).open(&filler).unwrap().set_len(length - 4096).unwrap();
    }
    assert!(free > 3, "{free}");
    assert_eq!(sample.status().len(), MANIFESTS.len());
}

#[test]
fn the_repository_of_another_user_is_refused_with_the_way_out() {
    let id = NOBODY.to_string();
    let as_nobody = ["--reuid", &id, "--regid", &id, "--clear-groups"];
    if !works(Command::new("setpriv").args(as_nobody).arg("true"), "another user") {
        return;
    }
    let sample = Sample::new();
    // The build directory may be closed to others, and so may be the directory of the test.
    let binary = sample.root.join("xtask");
    executable(&binary, &fs::read(env!("CARGO_BIN_EXE_xtask")).unwrap());
    set_mode(&sample.root, 0o755);
    let as_other = |words: &str| {
        let mut command = Command::new("setpriv");
        command.args(as_nobody).arg(&binary).arg("release").args(words.split(' '));
        command.current_dir(&sample.checkout).envs(ENVIRONMENT).env("HOME", &sample.root).env("TMPDIR", &sample.tmp);
        run(&mut command)
    };
    let before = sample.files();
    let refused = as_other("patch 0.4.5 -q").expect(2);
    assert!(refused.stderr.contains("dubious ownership") && refused.stderr.contains("safe.directory"));

    // Owned by that user, but for one directory, or for git's own.
    for entry in WalkDir::new(&sample.root).into_iter().flatten() {
        chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    for (closed, wanted) in [(".git", ".git/xtask-release"), ("src/meadow_api", "src/meadow_api/pyproject.toml")] {
        let closed = sample.checkout.join(closed);
        chown(&closed, Some(0), Some(0)).unwrap();
        if closed.ends_with(".git") {
            // Git trusts a repository by the owner of its directory.
            chown(&closed, Some(NOBODY), Some(0)).unwrap();
            set_mode(&closed, 0o555);
        }
        let refused = as_other("patch 0.4.5 -q").expect(2);
        assert!(refused.stderr.contains(wanted) && refused.stderr.contains("ermission denied"), "{}", refused.stderr);
        chown(&closed, Some(NOBODY), Some(NOBODY)).unwrap();
        set_mode(&closed, 0o755);
    }
    sample.assert_unchanged(&before, "the repository of another user");
    as_other("patch 0.4.5 --offline").expect(0);
}
