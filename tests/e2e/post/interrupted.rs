//! Waiting for a client, and runs that are interrupted.

use super::{DOCUMENT, PAGE, World, publish};
use crate::kills::meet;
use crate::loopback::Fault;
use crate::support::executable;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

#[test]
fn a_client_that_arrives_ends_the_wait() {
    let world = World::new();
    world.server.fault_times(PAGE, 1, Fault::Status(404));
    world.server.fault_times(DOCUMENT, 1, Fault::Status(503));
    let run = world.release("post 0.4.5 --only line --commit --wait 10s").expect(0);
    assert!(run.stderr.contains("committed "), "{}", run.stderr);
    let waits: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("waiting: ")).collect();
    assert_eq!(
        waits,
        ["waiting: meadow-client 0.4.5 is not on pypi (http://HOST/simple); http://HOST/npm answers 503 (0s of 10s)"]
    );
}

#[test]
fn a_client_that_does_not_arrive_ends_as_without_a_wait() {
    let world = World::new();
    let ended = |words: &str, code: i32| {
        world.server.asked();
        let before = world.sample.files();
        let run = world.release(words).expect(code);
        world.sample.assert_unchanged(&before, words);
        (run.stderr, world.server.asked().len())
    };
    publish(&world.server, &["0.4.4"]);
    let (said, asked) = ended("post 0.4.5 --commit --wait 1s", 3);
    assert!(said.contains("waiting: meadow-client 0.4.5 is not on ") && said.contains("(0s of 1s)"), "{said}");
    assert_eq!(asked, 4);
    let (said, _) = ended("post 0.4.5 --commit --wait 1s -q", 3);
    assert!(!said.contains("waiting"), "{said}");
    // What waiting does not help is not waited for.
    world.server.fault(PAGE, Fault::Status(401));
    assert_eq!(ended("post 0.4.5 --wait 15m", 2).1, 2);
    world.server.fault(PAGE, Fault::StatusWith(429, "Retry-After", "600".to_owned()));
    assert!(ended("post 0.4.5 --wait 1s", 2).0.contains("429"));
}

/// A run beside the test, in a group of its own, as a shell gives each command.
struct Beside(Child);

impl Beside {
    fn start(mut command: Command) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
        Self(command.spawn().unwrap())
    }

    fn signal(&self, signal: &str, whole_group: bool) {
        let target = format!("{}{}", if whole_group { "-" } else { "" }, self.0.id());
        // A group that has ended is nothing to end.
        let _ = Command::new("kill").args(["-s", signal, "--", &target]).stderr(Stdio::null()).status();
    }

    /// The exit and what it said, without what a program of its own may still say.
    fn end(mut self) -> Option<i32> {
        let code = self.0.wait().unwrap().code();
        self.signal("KILL", true);
        code
    }
}

#[test]
fn an_interrupt_ends_the_wait_with_nothing_changed() {
    for signal in ["INT", "TERM"] {
        let world = World::new();
        publish(&world.server, &["0.4.4"]);
        let before = world.sample.files();
        let mut run = Beside::start(world.command("post 0.4.5 --commit --wait 1h"));
        let mut said = BufReader::new(run.0.stderr.take().unwrap());
        let mut line = String::new();
        while !line.starts_with("waiting: ") {
            line.clear();
            assert_ne!(said.read_line(&mut line).unwrap(), 0, "it waits");
        }
        run.signal(signal, false);
        let mut rest = String::new();
        said.read_to_string(&mut rest).unwrap();
        assert_eq!((run.end(), rest.as_str()), (Some(2), "error: interrupted: nothing was changed\n"));
        world.sample.assert_unchanged(&before, "an interrupted wait");
        world.sample.assert_nothing_left();
    }
}

#[test]
fn an_interrupt_ends_a_question_that_takes_long() {
    for (path, slow) in [(PAGE, "--wait 1h"), (super::METADATA, "")] {
        let world = World::new();
        world.server.fault(path, Fault::Slow(Duration::from_secs(100)));
        let before = world.sample.files();
        let mut command = world.command(&format!("post 0.4.5 --commit {slow}"));
        command.env("UV_HTTP_TIMEOUT", "200");
        let mut run = Beside::start(command);
        while !world.server.requests().iter().any(|request| request.target == path) {
            assert!(run.0.try_wait().unwrap().is_none(), "it asks for {path}");
            thread::sleep(Duration::from_millis(10));
        }
        run.signal("INT", false);
        assert_eq!(run.end(), None, "{path}");
        world.sample.assert_unchanged(&before, path);
        world.sample.assert_nothing_left();
    }
}

#[test]
fn an_interrupt_ends_the_tool_that_runs_with_all_that_it_started_and_leaves_nothing() {
    // A tool of one process, one with a process of its own that holds its output open, one whose process takes no hint, and a
    // terminal's Ctrl-C.
    for (hang, signal, whole_group) in [
        ("exec sleep 100", "INT", false),
        ("sleep 100 & echo $! >> PIDS; wait", "TERM", false),
        ("(trap '' TERM INT HUP; while :; do sleep 1; done) & echo $! >> PIDS; trap '' TERM; wait", "TERM", false),
        ("sleep 100 & echo $! >> PIDS; wait", "INT", true),
    ] {
        let world = World::new();
        let (begun, pids) = (world.sample.root.join("begun"), world.sample.root.join("pids"));
        crate::support::run(Command::new("mkfifo").arg(&begun)).expect(0);
        let programs = world.sample.root.join("bin");
        // It has begun once what it starts is noted.
        let hang = hang.replace("PIDS", &format!("'{pids}'; echo here > '{begun}'"));
        let hang = if hang.contains("here") { hang } else { format!("echo here > '{begun}'; {hang}") };
        executable(&programs.join("uv"), format!("#!/bin/sh\necho $$ > '{pids}'\n{hang}\n").as_bytes());
        super::needs(&world.server, "0.4.5", "Requires-Dist: rake\n");
        let before = world.sample.files();
        let mut command = world.command("post 0.4.5 --only line --commit --with-tools");
        super::tools::on_path(&mut command, &programs);
        let run = Beside::start(command);
        assert_eq!(meet("cat", &begun), "here\n");
        run.signal(signal, whole_group);
        assert_eq!(run.end(), Some(2), "{hang}");
        for id in std::fs::read_to_string(&pids).unwrap().split_whitespace() {
            assert!(!is_at_work(id), "{hang}: {id} is there");
        }
        std::fs::remove_file(&pids).unwrap();
        world.sample.assert_unchanged(&before, &hang);
        world.sample.assert_nothing_left();
    }
}

/// Returns `true` if a process has not ended. One whose end was not asked for has ended.
fn is_at_work(id: &str) -> bool {
    let state = crate::support::run(Command::new("ps").args(["-o", "stat=", "-p", id]));
    !matches!(state.stdout.trim().chars().next(), None | Some('Z'))
}
