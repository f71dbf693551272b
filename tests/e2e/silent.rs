//! Remotes that do not answer: there is a limit, a sentence, and nothing that goes on running.

use crate::sample::Sample;
use crate::support::{executable, run};
use camino::Utf8PathBuf;
use std::fs;
use std::net::TcpListener;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// A sample whose origin is served by a program that notes who it is and then says nothing.
fn silent() -> (Sample, Utf8PathBuf) {
    let sample = Sample::new();
    let (program, noted) = (sample.root.join("silent"), sample.root.join("pid"));
    executable(
        &program,
        format!("#!/bin/sh\nsleep 1000 &\necho $! > {noted}.new\nmv {noted}.new {noted}\nwait\n").as_bytes(),
    );
    sample.git(&["config", "remote.origin.uploadpack", program.as_str()]);
    sample.git(&["remote", "set-url", "origin", &format!("file://{}", sample.origin)]);
    (sample, noted)
}

/// Waits until a process is there no more, or only as what its parent has not asked about.
fn assert_ends(noted: &Utf8PathBuf) {
    let pid = fs::read_to_string(noted).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    let is_over = || fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z "));
    for _ in 0..600 {
        if is_over() {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{} is still running", pid.trim());
}

#[test]
fn a_remote_that_says_nothing_is_waited_for_as_long_as_was_said_and_all_that_was_started_ends() {
    let commands = [
        ("patch 0.4.5", 1),
        ("patch 0.4.5 --fetch", 2),
        ("post 0.4.4 --dry-run", 1),
        ("version --fetch", 2),
        ("init --adopt-scm --fetch", 2),
    ];
    let wait = |words: &str, code: i32| {
        let (sample, noted) = silent();
        let mut command = sample.xtask();
        command.env("RELEASE_REMOTE_TIMEOUT", "1s").arg("release").args(words.split(' '));
        let seen = run(&mut command).expect(code);
        let sentence = "origin said nothing for 1 seconds, and is waited for no longer: see that it can be reached, or go without it with `--offline`";
        assert!(seen.stderr.contains(sentence), "{words}: {}", seen.stderr);
        assert_ends(&noted);
        assert_eq!(sample.status(), [""; 0], "{words}");
    };
    thread::scope(|scope| {
        for (words, code) in commands {
            scope.spawn(move || wait(words, code));
        }
    });
    let (sample, _) = silent();
    sample.release("patch 0.4.5 --offline").expect(0);
}

#[test]
fn a_server_that_accepts_and_never_answers_is_one_of_them() {
    let sample = Sample::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let accepted: Vec<_> = listener.incoming().collect();
        drop(accepted);
    });
    for scheme in ["git", "http"] {
        sample.git(&["remote", "set-url", "origin", &format!("{scheme}://127.0.0.1:{port}/meadow.git")]);
        let mut command = sample.xtask();
        command.env("RELEASE_REMOTE_TIMEOUT", "1s").env("NO_PROXY", "127.0.0.1").env("no_proxy", "127.0.0.1");
        let seen = run(command.args(["release", "patch", "0.4.5"])).expect(1);
        assert!(seen.stderr.contains("origin said nothing for 1 seconds"), "{scheme}: {}", seen.stderr);
    }
}

#[test]
fn a_person_who_ends_the_run_ends_what_asks_the_remote() {
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let (sample, noted) = silent();
        let child =
            sample.xtask().args(["release", "patch", "0.4.5"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let child = child.unwrap();
        while !noted.exists() {
            thread::sleep(Duration::from_millis(20));
        }
        assert!(
            Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().unwrap().success()
        );
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        assert_eq!(ended.status.code(), Some(code), "{said}");
        assert!(said.contains("interrupted while origin was asked; nothing was changed"), "{said}");
        assert_ends(&noted);
    }
}

#[test]
fn a_limit_that_is_no_duration_is_refused() {
    let sample = Sample::new();
    for text in ["soon", "0", "0s", "-1s", "1.5s"] {
        let seen =
            run(sample.xtask().env("RELEASE_REMOTE_TIMEOUT", text).args(["release", "patch", "0.4.5"])).expect(2);
        let sentence =
            format!("RELEASE_REMOTE_TIMEOUT is `{text}`, and says how long a remote may be silent: 90s, 5m, 1h");
        assert!(seen.stderr.contains(&sentence), "{}", seen.stderr);
    }
}

#[test]
fn ssh_is_started_so_that_it_asks_nothing_and_as_the_person_says_where_that_is_said() {
    let sample = Sample::new();
    let (own, noted) = (sample.root.join("bin/ssh"), sample.root.join("words"));
    executable(&own, format!("#!/bin/sh\necho \"$0 $*\" >> {noted}\nexit 255\n").as_bytes());
    sample.git(&["remote", "set-url", "origin", "ssh://nobody@meadow.example/meadow.git"]);
    let path = format!("{}:{}", sample.root.join("bin"), std::env::var("PATH").unwrap());
    for (variable, value, expected) in [
        ("UNSET", "", "-oBatchMode=yes"),
        ("GIT_SSH_COMMAND", "ssh -oPort=1", "-oPort=1"),
        ("GIT_CONFIG_PARAMETERS", "'core.sshCommand'='ssh -oPort=2'", "-oPort=2"),
    ] {
        let _ = fs::remove_file(&noted);
        let mut command = sample.xtask();
        command.env("PATH", &path).env(variable, value).args(["release", "patch", "0.4.5"]);
        run(&mut command).expect(1);
        let words = fs::read_to_string(&noted).unwrap();
        assert!(words.contains(expected), "{words}");
        assert_eq!(words.contains("BatchMode"), variable == "UNSET", "{words}");
    }
}
