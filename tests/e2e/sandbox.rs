//! `--sandbox`: every release command on a sample monorepo that is made for it, with nothing of the user's touched.

use crate::sample::Sample;
use crate::support::{git, run};
use camino::Utf8PathBuf;
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The directories in the place for temporary files.
fn left(sample: &Sample) -> Vec<Utf8PathBuf> {
    let entries = fs::read_dir(&sample.tmp).unwrap();
    entries.map(|entry| Utf8PathBuf::try_from(entry.unwrap().path()).unwrap()).collect()
}

#[test]
fn the_first_command_of_the_readme_names_its_directory_and_leaves_nothing() {
    let sample = Sample::new();
    let before = sample.files();
    let run = sample.release("patch 0.4.5 --sandbox").expect(0);
    let first = run.stderr.lines().next().unwrap();
    assert!(first.starts_with(&format!("sandbox: a sample monorepo in {}/meadow-", sample.tmp)), "{first}");
    assert!(run.stdout.contains("+fallback_version = \"0.4.5\""), "{}", run.stdout);
    assert_eq!(left(&sample), [""; 0]);
    sample.assert_unchanged(&before, "the repository around the current directory");
}

#[test]
fn a_sandbox_that_is_kept_is_a_checkout_with_an_origin() {
    let sample = Sample::new();
    let run = sample.release("patch 0.4.5 --sandbox --keep-sandbox").expect(0);
    let [kept] = &left(&sample)[..] else { panic!("{:?}", left(&sample)) };
    assert!(run.stderr.contains(&format!("sandbox: kept in {kept};")), "{}", run.stderr);
    let checkout = kept.join("checkout");
    assert_eq!(git(&checkout, &["diff", "--shortstat"]), " 3 files changed, 6 insertions(+), 6 deletions(-)");
    assert_eq!(git(&checkout, &["remote", "get-url", "origin"]), kept.join("origin.git"));
    // The release goes on there as in any checkout.
    crate::support::release(&checkout, &["patch", "0.4.5", "--commit"]).expect(0);
}

#[test]
fn every_command_works_in_a_sandbox_from_any_directory() {
    let sample = Sample::new();
    let nowhere = sample.root.join("nowhere");
    fs::create_dir(&nowhere).unwrap();
    for words in [
        "patch 0.4.5",
        "patch 0.4.5 --dry-run",
        "patch 0.4.5 --commit",
        "patch 0.4.5 --commit --branch",
        "patch 0.3.2 --commit --signoff",
        "minor 0.5.0 --early tested",
        "minor 0.5.0 --early tested --commit",
        "minor 0.5.0 --early tested --commit --branch",
        "major 1.0.0 --early tested",
        "major 1.0.0 --early tested --commit",
        "rc 0.5.0rc1",
        "rc 0.5.0rc1 --commit",
        "rc 0.4.5rc1 --patch-candidate",
        "patch 0.4.5 -q",
        "patch 0.4.5 -vv",
        "patch 0.4.5 --offline",
        "version",
        "version --plan-tags",
    ] {
        let mut command = sample.xtask_in(&nowhere);
        run(command.args(["release", "--sandbox"]).args(words.split(' '))).expect(0);
        assert_eq!(left(&sample), [""; 0], "{words}");
    }
    let mut command = sample.xtask_in(&nowhere);
    let json =
        run(command.args(["release", "minor", "0.5.0", "--early", "tested", "--sandbox", "--output-format", "json"]))
            .expect(0);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(document["outcome"], "written");
}

#[test]
fn what_is_refused_in_a_sandbox_leaves_nothing_either() {
    let sample = Sample::new();
    let run = sample.release("patch 0.4.7 --sandbox").expect(1);
    assert!(run.stderr.contains("0.4.7 leaves out 0.4.5"), "{}", run.stderr);
    assert_eq!(left(&sample), [""; 0]);
}

#[test]
fn the_users_settings_do_not_reach_a_sandbox() {
    let sample = Sample::new();
    let settings = sample.root.join("gitconfig");
    sample.hook("pre-commit", "echo mine >&2; exit 1");
    let hooks = sample.checkout.join(".git/hooks");
    fs::write(
        &settings,
        format!(
            "[core]\n hooksPath = {hooks}\n autocrlf = true\n[commit]\n gpgSign = true\n template = /missing\n[gpg]\n program = false\n\
             [init]\n defaultBranch = trunk\n templateDir = /missing\n[clone]\n defaultRemoteName = theirs\n[safe]\n bareRepository = explicit\n\
             [protocol]\n allow = never\n[user]\n useConfigOnly = true\n"
        ),
    )
    .unwrap();
    for words in ["patch 0.4.5 --commit", "minor 0.5.0 --early tested --commit --branch", "rc 0.5.0rc1"] {
        let mut command = sample.xtask();
        command.env("GIT_CONFIG_GLOBAL", &settings).env("GIT_CONFIG_COUNT", "1");
        command.env("GIT_CONFIG_KEY_0", "commit.gpgSign").env("GIT_CONFIG_VALUE_0", "true");
        command.env("GIT_DIR", sample.checkout.join(".git")).env("GIT_INDEX_FILE", "/missing");
        for name in ["GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"] {
            command.env_remove(name);
        }
        let run = run(command.args(["release", "--sandbox"]).args(words.split(' '))).expect(0);
        assert!(!run.stderr.contains("mine"), "{}", run.stderr);
    }
}

/// Runs a command in a group of its own, with a signal after a part of a second to it or to the whole group; returns how it ended.
fn signalled(sample: &Sample, words: &str, signal: &str, after: Duration, to_group: bool) -> ExitStatus {
    let mut command = sample.xtask();
    command.arg("release").args(words.split(' ')).process_group(0).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    thread::sleep(after);
    let target = format!("{}{}", if to_group { "-" } else { "" }, child.id());
    // One that has ended already cannot be told.
    run(Command::new("kill").args([&format!("-{signal}"), "--", &target]));
    child.wait().unwrap()
}

#[test]
fn a_signal_at_any_moment_removes_the_sandbox_and_ends_the_run() {
    let words =
        ["patch 0.4.5 --sandbox", "post 0.4.5 --sandbox --commit", "check --sandbox", "version --plan-tags --sandbox"];
    thread::scope(|scope| {
        for (word, words) in words.into_iter().enumerate() {
            scope.spawn(move || {
                let sample = Sample::new();
                let begun = Instant::now();
                sample.release(words);
                let whole = begun.elapsed();
                let mut ended = 0;
                for (part, (signal, number)) in
                    [("INT", 2), ("TERM", 15), ("HUP", 1)].into_iter().cycle().take(9).enumerate()
                {
                    let after = whole.mul_f64((part as f64 + 0.5) / 10.0);
                    let status = signalled(&sample, words, signal, after, (part + word) % 2 == 0);
                    assert_eq!(left(&sample), [""; 0], "{words}, {signal} after {after:?}");
                    ended += i32::from(status.signal() == Some(number));
                    // Before there is anything to remove, and after it is, a signal does what it always does.
                    assert!(status.signal().is_none_or(|signal| signal == number), "{words}: {status}");
                }
                assert!(ended > 0, "{words}");
            });
        }
    });
}

#[test]
fn a_sandbox_that_is_to_be_kept_stays_whatever_the_signal() {
    let sample = Sample::new();
    let words = "post 0.4.5 --sandbox --commit --keep-sandbox";
    for signal in ["INT", "TERM", "HUP"] {
        let mut before = left(&sample).len();
        for after in (50..).step_by(20) {
            signalled(&sample, words, signal, Duration::from_millis(after), true);
            let is_made = left(&sample).len() > before;
            before = left(&sample).len();
            if is_made {
                break;
            }
        }
    }
    assert!(left(&sample).len() >= 3);
}
