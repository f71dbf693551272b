//! Files that a command reads, where something else stands in their place: a link that leads out, a pipe, a file without end.

use crate::sample::Sample;
use crate::support::run;
use camino::Utf8Path;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::Command;

/// A line of a file of the user's that nothing may show.
const SECRET: &str = "token = s3cret-of-the-user";

fn put(sample: &Sample, kind: &str, path: &Utf8Path) {
    let outside = sample.root.join("outside");
    fs::write(&outside, SECRET).unwrap();
    let _ = fs::remove_file(path);
    match kind {
        "link" => symlink(&outside, path).unwrap(),
        "relative link" => symlink("../outside", path).unwrap(),
        "dangling link" => symlink("nowhere", path).unwrap(),
        "pipe" => assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
        "folder" => fs::create_dir(path).unwrap(),
        "device" => symlink("/dev/zero", path).unwrap(),
        // It takes no room on disk, and would take that in memory.
        "large" => File::create(path).unwrap().set_len(4 << 30).unwrap(),
        _ => panic!("{kind}"),
    }
}

const KINDS: [(&str, &str); 7] = [
    ("link", "it leads out of the repository by a symbolic link, to [DIR]/outside; put the file itself there"),
    ("relative link", "it leads out of the repository by a symbolic link, to [DIR]/outside; put the file itself there"),
    ("dangling link", "No such file or directory"),
    ("pipe", "it is not a regular file; put the file itself there"),
    ("folder", "it is not a regular file; put the file itself there"),
    ("device", "it leads out of the repository by a symbolic link, to /dev/zero; put the file itself there"),
    ("large", "it has 4294967296 bytes, and no more than 67108864 are read; see what was put there"),
];

#[test]
fn settings_and_the_baseline_are_regular_files_of_the_repository_or_an_error_that_shows_nothing_of_them() {
    for (file, commands) in [
        (
            "release.toml",
            &["check", "audit", "patch 0.4.5", "post 0.4.4 --dry-run", "pins", "version", "stamp 0.4.5"][..],
        ),
        ("release-baseline.toml", &["check", "audit"]),
    ] {
        for (kind, reason) in KINDS {
            let sample = Sample::new();
            put(&sample, kind, &sample.checkout.join(file));
            for words in commands {
                let seen = sample.release(words).expect(2);
                let stderr = sample.normal(&seen.stderr);
                assert!(stderr.contains(file) && stderr.contains(reason), "{file} {kind} {words}: {stderr}");
                assert!(!seen.stdout.contains("s3cret") && !seen.stderr.contains("s3cret"), "{file} {kind} {words}");
            }
        }
    }
}

#[test]
fn settings_that_a_person_names_may_lie_outside_and_are_still_a_regular_file_of_a_size_that_can_be_held() {
    let sample = Sample::new();
    let own = sample.root.join("own.toml");
    fs::write(&own, "[release]\nmaintained-lines = 2\n").unwrap();
    sample.release(&format!("check --config {own}")).expect(0);
    let link = sample.root.join("link.toml");
    symlink(&own, &link).unwrap();
    sample.release(&format!("check --config {link}")).expect(0);
    for kind in ["pipe", "folder", "large"] {
        let path = sample.root.join(kind);
        put(&sample, kind, &path);
        for words in ["check", "stamp 0.4.5"] {
            let seen = sample.release(&format!("{words} --config {path}")).expect(2);
            assert!(seen.stderr.contains(path.as_str()), "{kind} {words}: {}", seen.stderr);
        }
        let seen = sample.release(&format!("check --baseline {path}")).expect(2);
        assert!(seen.stderr.contains(path.as_str()), "{kind}: {}", seen.stderr);
    }
}

#[test]
fn a_manifest_below_a_folder_that_is_a_link_out_of_the_repository_is_not_read() {
    let sample = Sample::new();
    let outside = sample.root.join("outside");
    fs::create_dir(&outside).unwrap();
    fs::write(outside.join("pyproject.toml"), SECRET).unwrap();
    fs::remove_dir_all(sample.checkout.join("src/meadow_api")).unwrap();
    symlink(&outside, sample.checkout.join("src/meadow_api")).unwrap();
    let seen = sample.release("check").expect(2);
    assert!(seen.stderr.contains("leads out of the repository, to "), "{}", seen.stderr);
    assert!(!seen.stderr.contains("s3cret"), "{}", seen.stderr);
}

#[test]
fn a_pipe_that_nobody_reads_is_no_place_for_outputs_and_is_not_waited_for() {
    let sample = Sample::new();
    let pipe = sample.root.join("pipe");
    put(&sample, "pipe", &pipe);
    let mut command = sample.xtask();
    command.env("GITHUB_STEP_SUMMARY", &pipe).env("GITHUB_ACTIONS", "true").args(["release", "check"]);
    let seen = run(&mut command);
    assert!(seen.stderr.contains("could not write the summary of the job"), "{}", seen.stderr);
    let mut command = sample.xtask();
    command.env("GITHUB_OUTPUT", &pipe).args([
        "release",
        "version",
        "--mode",
        "release",
        "--rev",
        "v0.4.4",
        "--github-output",
    ]);
    let seen = run(&mut command);
    assert!(seen.code == Some(2) && seen.stderr.contains("GITHUB_OUTPUT"), "{}", seen.stderr);
}
