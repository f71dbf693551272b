//! The edits after a release, end to end: the sample just after its release 0.4.5, with its registries on the loopback interface.

mod configured;
mod credentials;
mod faults;
mod foreign;
mod foreign_real;
mod interrupted;
mod killed;
mod real;
mod refused;
mod relock;
mod seen;
mod shapes;
mod tools;
mod uv_settings;
mod walk;

use crate::loopback::{self, Server};
use crate::sample::{Files, Sample, put};
use crate::support::{Run, run};
use serde_json::{Value, json};
use std::fs;
use std::process::Command;
use std::sync::OnceLock;

const CLIENT: &str = "meadow-client";
const LINE: &str = "release-0.4.x";
const PAGE: &str = "/simple/meadow-client/";
const DOCUMENT: &str = "/npm/meadow-client";
const METADATA: &str = "/files/meadow_client-0.4.5-py3-none-any.whl.metadata";
const OLD_METADATA: &str = "/files/meadow_client-0.4.4-py3-none-any.whl.metadata";

/// The branches that the edits are proposed on.
const FOR_LINE: &str = "post-release-v0.4.5-release-0.4.x";
const FOR_MAIN: &str = "post-release-v0.4.5-main";

/// The files that change on the line.
const LOCKED: [&str; 3] = ["src/meadow_ui/package-lock.json", "src/meadow_ui/package.json", "uv.lock"];

/// The sample just after 0.4.5 was tagged and pushed, and registries that have the client of that release.
struct World {
    sample: Sample,
    server: Server,
}

impl World {
    fn new() -> Self {
        static RELEASED: OnceLock<Files> = OnceLock::new();
        let released = RELEASED.get_or_init(|| {
            let sample = Sample::new();
            sample.release("patch 0.4.5 --commit").expect(0);
            sample.git(&["tag", "v0.4.5"]);
            sample.git(&["push", "--quiet", "origin", LINE, "v0.4.5"]);
            let mut files = sample.files();
            // Where the origin is, each sample knows itself.
            files.retain(|path, _| path != "checkout/.git/config");
            files
        });
        let sample = Sample::new();
        for (path, (bytes, _)) in released {
            let path = sample.root.join(path);
            if fs::read(&path).ok().as_ref() != Some(bytes) {
                put(&path, bytes);
            }
        }
        let server = Server::new();
        publish(&server, &["0.4.4", "0.4.5"]);
        Self { sample, server }
    }

    /// A world whose checkout is on no branch, so that all of them may move.
    fn detached() -> Self {
        let world = Self::new();
        world.sample.git(&["switch", "--quiet", "--detach"]);
        world
    }

    /// Registries, and nothing of the person's own, for a command of the sample's.
    fn surround(&self, mut command: Command) -> Command {
        for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "UV_INDEX_URL", "PIP_INDEX_URL", "SKIP"] {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        command.env("UV_DEFAULT_INDEX", self.server.url("/simple")).env("npm_config_registry", self.server.url("/npm"));
        command.env("NPM_CONFIG_USERCONFIG", "/dev/null").env("NETRC", "/dev/null").env("UV_HTTP_TIMEOUT", "1");
        command
    }

    fn command(&self, words: &str) -> Command {
        let mut command = self.surround(self.sample.xtask());
        command.arg("release").args(words.split_whitespace());
        command
    }

    fn run(&self, command: &mut Command) -> Run {
        let mut run = run(command);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        let hidden = |text: &str| text.replace(&self.server.host(), "HOST");
        (run.stdout, run.stderr) = (hidden(&run.stdout), hidden(&run.stderr));
        run
    }

    fn release(&self, words: &str) -> Run {
        self.run(&mut self.command(words))
    }

    /// Returns the text that a person sees of a run.
    #[track_caller]
    fn shown(&self, words: &str, code: i32) -> String {
        let run = self.release(words).expect(code);
        self.sample.assert_nothing_left();
        self.sample.seen(&format!("$ release {words}"), &run)
    }

    /// Runs this, which must change nothing, and gives back what a person sees.
    #[track_caller]
    fn unchanged(&self, words: &str, code: i32) -> String {
        let before = self.sample.files();
        let shown = self.shown(words, code);
        self.sample.assert_unchanged(&before, words);
        shown
    }

    /// The JSON of a run, which is as the schema has it.
    #[track_caller]
    fn document(&self, words: &str, code: i32) -> Value {
        let run = self.release(&format!("{words} --output-format json")).expect(code);
        let document = serde_json::from_str(&run.stdout).expect("one document and nothing else");
        crate::schema::check(&document, &crate::schema::schema("follow-up.schema.json"), "follow-up");
        document
    }

    /// The branches that are proposed, each with its tree and how many commits it has more than the branch that it is for.
    fn proposed(&self) -> [(String, usize); 2] {
        [(LINE, FOR_LINE), ("main", FOR_MAIN)].map(|(base, branch)| {
            (self.sample.id(&format!("{branch}^{{tree}}")), self.sample.subjects(base, branch).len())
        })
    }

    fn refs(&self) -> String {
        self.sample.git(&["for-each-ref"])
    }

    /// The files that a branch has otherwise than another.
    fn differing(&self, one: &str, other: &str) -> Vec<String> {
        self.sample.git(&["diff", "--name-only", one, other]).lines().map(str::to_owned).collect()
    }

    fn at(&self, revision: &str, path: &str) -> String {
        self.sample.git(&["show", &format!("{revision}:{path}")])
    }
}

/// The client in these versions, on both registries.
fn publish(server: &Server, versions: &[&str]) {
    server.put(PAGE, loopback::page(CLIENT, &files(versions)));
    let manifests: Vec<(&str, Value)> = versions.iter().map(|version| (*version, json!({"license": "MIT"}))).collect();
    server.put(DOCUMENT, loopback::packument(CLIENT, &manifests));
    for version in versions {
        needs(server, version, "");
    }
}

/// The files of the client's versions, whose metadata can be had alone.
fn files(versions: &[&str]) -> Vec<Value> {
    let mut files = loopback::files("meadow_client", versions);
    for file in &mut files {
        file["core-metadata"] = json!(true);
    }
    files
}

/// Publishes the requirements of a version of the client, as its wheel says them: lines of `Requires-Dist`.
fn needs(server: &Server, version: &str, lines: &str) {
    let text = format!("Metadata-Version: 2.4\nName: {CLIENT}\nVersion: {version}\nRequires-Python: >=3.12\n{lines}\n");
    let path = format!("/files/meadow_client-{version}-py3-none-any.whl.metadata");
    server.put(&path, loopback::Answer::new("text/plain", text));
}
