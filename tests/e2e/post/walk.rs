//! A line from its first candidate to its second final: whatever the tool itself made passes its own gate, at each stop. What a
//! release on its way makes unavoidable is a warning, and the audit of the same past has no error that it did not have before.

use super::{LINE, World, publish};
use crate::corpus;
use crate::corpus_post::registries;
use crate::loopback::Server;
use crate::sample::put;
use crate::support::{ENVIRONMENT, Run, git, run, xtask};
use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

/// A checkout on its way, with the registries of its clients.
struct Walk {
    checkout: Utf8PathBuf,
    server: Server,
    /// The minor that is released, with its branch.
    minor: &'static str,
    line: String,
    /// The errors of the audit before the first step.
    before: BTreeSet<String>,
}

impl Walk {
    fn new(checkout: Utf8PathBuf, server: Server, minor: &'static str) -> Self {
        let line = format!("release-{minor}.x");
        let walk = Self { checkout, server, minor, line, before: BTreeSet::new() };
        Self { before: walk.audit("*"), ..walk }
    }

    /// Runs `release` with git's clock so many seconds back.
    fn release(&self, ago: u64, words: &[&str]) -> Run {
        let mut command = xtask(&self.checkout);
        command.arg("release").args(words).env("GIT_COMMITTER_DATE", date(ago));
        command.env("UV_DEFAULT_INDEX", self.server.url("/simple"));
        command.env("npm_config_registry", self.server.url("/npm"));
        command.envs([("NPM_CONFIG_USERCONFIG", "/dev/null"), ("NETRC", "/dev/null")]);
        run(&mut command)
    }

    /// Runs git with its clock so many seconds back.
    #[track_caller]
    fn git(&self, ago: u64, words: &[&str]) {
        let mut command = Command::new("git");
        command.current_dir(&self.checkout).envs(ENVIRONMENT).env("GIT_COMMITTER_DATE", date(ago));
        run(command.args(words)).expect(0);
    }

    /// The errors that the audit finds at these tags and in the past, each with its tag or branch.
    fn audit(&self, tags: &str) -> BTreeSet<String> {
        let audit = self.release(0, &["audit", "--tags", tags, "--output-format", "json"]);
        let document: Value = serde_json::from_str(&audit.stdout).expect("JSON");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let of_tags = list(&document["tags"]).into_iter().flat_map(|tag| {
            assert!(list(&tag["unfit"]).is_empty(), "{tag}");
            list(&tag["diagnostics"]).into_iter().map(move |found| (tag["tag"].clone(), found))
        });
        let of_the_past = list(&document["past"]).into_iter().map(|found| (found["reference"].clone(), found));
        let errors = of_tags.chain(of_the_past).filter(|(_, found)| found["level"] == "error");
        errors.map(|(place, found)| format!("{place} {}: {}", found["rule"], found["message"])).collect()
    }

    /// Holds a stop to the gate: the branches that are there, and the past.
    #[track_caller]
    fn stops(&self, at: &str, branches: &[&str]) {
        for branch in branches {
            let check = self.release(0, &["check", "--rev", branch, "--output-format", "concise"]);
            assert_eq!(check.code, Some(0), "{at}: {branch}\n{}{}", check.stdout, check.stderr);
            assert!(check.stdout.lines().all(|line| line.contains(": warn[")), "{at}: {branch}\n{}", check.stdout);
        }
        let tags = format!("v{}.*", self.minor);
        if git(&self.checkout, &["tag", "--list", &tags]).is_empty() {
            return;
        }
        let new: Vec<String> = self.audit(&tags).difference(&self.before).cloned().collect();
        assert_eq!(new, [""; 0], "{at}");
    }

    /// Prepares a release, tags and publishes it, with a stop after each.
    #[track_caller]
    fn releases(&self, kind: &str, version: &str, ago: u64) {
        self.release(ago, &[kind, version, "--commit"]).expect(0);
        self.stops(&format!("{version} is prepared"), &[&self.line, "main"]);
        let tag = format!("v{version}");
        self.git(ago, &["tag", "--annotate", "--message", version, &tag, &self.line]);
        self.git(0, &["push", "--quiet", "origin", &self.line, &tag]);
        self.stops(&format!("{version} is tagged"), &[&self.line, &tag, "main"]);
    }

    /// Makes the edits that follow a final; after them nothing is left to do, and the gate says nothing about main that they
    /// would have had to mend.
    #[track_caller]
    fn follows(&self, version: &str) {
        self.release(0, &["post", version, "--commit", "--direct"]).expect(0);
        git(&self.checkout, &["push", "--quiet", "origin", &self.line, "main"]);
        self.stops(&format!("post {version} is done"), &[&self.line, "main"]);
        let again = self.release(0, &["post", version]).expect(0);
        assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
        let check = self.release(0, &["check", "--rev", "main", "--output-format", "concise"]).stdout;
        assert!(!check.contains("[version-main"), "{check}");
    }

    fn walk(mut self, published: impl Fn(&[&str]) -> Server) {
        let [first, second] = [0, 1].map(|patch| format!("{}.{patch}", self.minor));
        self.stops("before", &["main"]);
        self.releases("rc", &format!("{first}rc1"), 12 * DAY);
        self.git(0, &["switch", "--quiet", &self.line]);
        put(&self.checkout.join("fix.py"), b"mended = True\n");
        self.git(0, &["add", "fix.py"]);
        self.git(11 * DAY, &["commit", "--quiet", "--message", "fix: a gate"]);
        self.git(0, &["switch", "--quiet", "--detach"]);
        self.git(0, &["push", "--quiet", "origin", &self.line]);
        self.stops("there is a fix after rc1", &[&self.line]);
        self.releases("rc", &format!("{first}rc2"), 10 * DAY);
        // The next final is not of the same second.
        self.releases("minor", &first, 2);
        self.server = published(&[&first]);
        self.follows(&first);
        self.releases("patch", &second, 0);
        self.server = published(&[&first, &second]);
        self.follows(&second);
    }
}

/// The seconds of a day.
const DAY: u64 = 86_400;

/// The moment so many seconds before this one, as git reads it.
fn date(ago: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a moment").as_secs();
    format!("{} +0000", now - ago)
}

#[test]
fn what_is_prepared_in_the_sample_passes_the_gate_at_each_stop() {
    let World { sample, server } = World::detached();
    sample.git(&["push", "--quiet", "origin", "main", LINE]);
    let walk = Walk::new(sample.checkout.clone(), server.clone(), "0.5");
    walk.release(20 * DAY, &["post", "0.4.5", "--commit", "--direct"]).expect(0);
    walk.walk(|versions| {
        publish(&server, &[&["0.4.4", "0.4.5"], versions].concat());
        server.clone()
    });
}

#[test]
fn what_was_to_follow_a_release_is_asked_for_once_a_newer_minor_is_out() {
    let World { sample, server } = World::new();
    let walk = Walk::new(sample.checkout.clone(), server, "0.5");
    let levels = || {
        let found = walk.release(0, &["check", "--output-format", "concise"]).stdout;
        ["warn", "error"].map(|level| found.contains(&format!(": {level}[uv-lock-stale]")))
    };
    assert_eq!(levels(), [true, false]);
    walk.release(0, &["minor", "0.5.0", "--early", "tested elsewhere", "--commit"]).expect(0);
    // Of 0.4.5 itself, a minor from the days before it says nothing.
    for (ago, expected) in [(3 * DAY, [true, false]), (0, [false, true])] {
        walk.git(ago, &["tag", "--force", "--annotate", "--message", "0.5.0", "v0.5.0", "release-0.5.x"]);
        assert_eq!(levels(), expected, "tagged {ago} seconds ago");
    }
}

/// The defects that people left on main there are mended before: two stale lockfiles, and a development tag on the wrong commit.
#[test]
fn what_is_prepared_in_a_real_monorepo_passes_the_gate_at_each_stop() {
    let Some(world) = corpus::World::as_it_ended("main") else { return };
    let git = |words: &[&str]| git(&world.checkout, words);
    let origin = world.directory.join("origin.git");
    git(&["clone", "--quiet", "--bare", "--no-local", git(&["remote", "get-url", "origin"]).as_str(), origin.as_str()]);
    git(&["remote", "set-url", "origin", origin.as_str()]);
    let versions = ["0.6.0", "0.6.1"].map(|version| {
        locked(&world.checkout, version);
        git(&["commit", "--quiet", "--all", "--message", version]);
        let commit = git(&["rev-parse", "HEAD"]);
        git(&["reset", "--quiet", "--hard", "origin/main"]);
        (version, commit)
    });
    let stale = ["src/llama_stack_api/uv.lock", "tests/integration/client-typescript/package-lock.json"];
    git(&[&["rm", "--quiet"][..], &stale].concat());
    git(&["commit", "--quiet", "--message", "chore: lockfiles that nothing reads"]);
    git(&["push", "--quiet", "origin", "main", ":v0.5.0-dev"]);
    git(&["tag", "--delete", "v0.5.0-dev"]);
    git(&["switch", "--quiet", "--detach"]);
    let walk = Walk::new(world.checkout.clone(), Server::new(), "0.6");
    walk.walk(|published| {
        let commits = versions.iter().filter(|(version, _)| published.contains(version)).map(|(_, commit)| &**commit);
        registries(&world, &std::iter::once("main").chain(commits).collect::<Vec<_>>())
    });
}

/// Writes the lockfiles of main as they are when the client of a release is locked, which needs what the one before needed.
fn locked(checkout: &Utf8Path, version: &str) {
    for (path, start, old) in [
        ("uv.lock", "name = \"llama-stack-client\"\nversion = ", "0.4.1"),
        ("src/llama_stack_ui/package-lock.json", "\"node_modules/llama-stack-client\": {", "0.5.0"),
    ] {
        let path = checkout.join(path);
        let text = fs::read_to_string(&path).expect("a lockfile");
        let (before, entry) = text.split_once(start).expect("the client");
        let end = if path.extension() == Some("lock") { "[[package]]" } else { "\"license\"" };
        let (entry, after) = entry.split_once(end).expect("its end");
        put(&path, format!("{before}{start}{}{end}{after}", entry.replace(old, version)).as_bytes());
    }
}
