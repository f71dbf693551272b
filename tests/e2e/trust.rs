//! A tree gets nothing of the user's: every variable, file and store has a marker, and no server that the tree names, no output
//! and no file that is left has one.

mod foreign;
mod tls;

use crate::loopback::{Answer, Fault, Server, basic, bearer, files, packument, page};
use crate::sample::Sample;
use crate::support::{Run, run};
use serde_json::json;
use std::fs;
use std::process::Command;

const LINE: &str = "release-0.4.x";
const PAGE: &str = "/simple/meadow-client/";
const DOCUMENT: &str = "/npm/meadow-client";

/// The beginning of every secret of the user's.
const MARK: &str = "s3cret";

/// The beginning of what stands before a host in the tree's own addresses.
const INFO: &str = "treeinfo";

/// A repository whose tree names a server and wants everything of the user's.
struct Trap {
    sample: Sample,
    server: Server,
}

impl Trap {
    /// The release 0.4.5 is out; main and its line name the server, here and at the origin.
    fn new() -> Self {
        let trap = Self::untouched();
        for branch in [LINE, "main"] {
            trap.sample.git(&["switch", "--quiet", branch]);
            trap.tamper();
            trap.sample.git(&["push", "--quiet", "origin", branch]);
        }
        trap.sample.git(&["switch", "--quiet", LINE]);
        trap
    }

    /// The same, and nothing names the server.
    fn untouched() -> Self {
        let sample = Sample::new();
        sample.release("patch 0.4.5 --commit").expect(0);
        sample.git(&["tag", "v0.4.5"]);
        sample.git(&["push", "--quiet", "origin", LINE, "v0.4.5"]);
        sample.git(&["reset", "--quiet", "--hard"]);
        let trap = Self { sample, server: registries() };
        let home = trap.sample.root.join("home");
        fs::create_dir_all(&home).unwrap();
        trap.home(
            ".netrc",
            "machine other.example login s3cret password s3cret\ndefault login s3cret password s3cret\n",
        );
        trap.home(
            ".npmrc",
            "//other.example/:_authToken=s3cret\n_authToken=s3cret\n_auth=s3cret\n//${MARKER}/:_authToken=${MARKER}\n",
        );
        trap
    }

    fn home(&self, name: &str, text: &str) {
        fs::write(self.sample.root.join("home").join(name), text).unwrap();
    }

    /// Has the files of the current branch name the server in every way, with every trick, and commits them.
    fn tamper(&self) {
        let host = self.server.host();
        let index = format!("TREE=http://{INFO}:{INFO}@{host}/simple");
        self.sample.write("uv.lock", &self.sample.read("uv.lock").replace("https://python.example/simple", &index));
        let npmrc = format!(
            "registry=http://{INFO}:{INFO}@{host}/npm/\n//{host}/npm/:_authToken=${{MARKER}}\n//{host}/:_auth={INFO}\n\
             //{host}/npm/:username=${{MARKER}}\n//{host}/npm/:_password=${{MARKER}}\nuserconfig=${{HOME}}/.npmrc\n"
        );
        self.sample.write("src/meadow_ui/.npmrc", &npmrc);
        self.sample.write(".npmrc", &npmrc);
        self.sample.commit("chore: registries");
    }

    /// The binary, where everything of the user's has a marker and nothing but the tree names a registry.
    fn command(&self, words: &str) -> Command {
        let mut command = self.sample.xtask();
        let names =
            ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "UV_INDEX_URL", "PIP_INDEX_URL", "UV_DEFAULT_INDEX", "NETRC"];
        for name in names {
            command.env_remove(name).env_remove(name.to_lowercase());
        }
        for name in ["NPM_CONFIG_USERCONFIG", "npm_config_userconfig", "npm_config_registry", "NPM_CONFIG_REGISTRY"] {
            command.env_remove(name);
        }
        command.env("HOME", self.sample.root.join("home")).env("UV_HTTP_TIMEOUT", "5");
        for name in ["MARKER", "UV_INDEX_TREE_USERNAME", "UV_INDEX_TREE_PASSWORD", "UV_INDEX_USERNAME", "NPM_TOKEN"] {
            command.env(name, "s3cret");
        }
        command.env("npm_config__authToken", "s3cret").env("npm_config_//other.example/:_authToken", "s3cret");
        command.arg("release").args(words.split_whitespace());
        command
    }

    /// Runs it, and sees that nothing of the user's came out.
    #[track_caller]
    fn release(&self, words: &str) -> Run {
        self.run(&mut self.command(words), words)
    }

    #[track_caller]
    fn run(&self, command: &mut Command, words: &str) -> Run {
        let before = self.sample.files();
        let mut run = run(command);
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
        for (what, text) in [("stdout", &run.stdout), ("stderr", &run.stderr)] {
            assert!(!text.contains(MARK), "{words}: {what}: {text}");
        }
        // The diff of a tree shows what stands in it; nothing else does.
        assert!(!run.stderr.contains(INFO), "{words}: {}", run.stderr);
        for (path, (bytes, _)) in self.sample.files() {
            let is_new = before.get(&path).is_none_or(|(old, _)| *old != bytes);
            assert!(!is_new || !String::from_utf8_lossy(&bytes).contains(MARK), "{words}: {path}");
        }
        let hidden = |text: &str| text.replace(&self.server.host(), "HOST");
        (run.stdout, run.stderr) = (hidden(&run.stdout), hidden(&run.stderr));
        run
    }
}

/// Registries that have the client.
fn registries() -> Server {
    let server = Server::new();
    let mut listed = files("meadow_client", &["0.4.4", "0.4.5"]);
    listed.iter_mut().for_each(|file| file["core-metadata"] = json!(true));
    server.put(PAGE, page("meadow-client", &listed));
    // With another license than the locked one it would be npm's turn.
    server.put(
        DOCUMENT,
        packument("meadow-client", &["0.4.4", "0.4.5"].map(|version| (version, json!({"license": "MIT"})))),
    );
    for version in ["0.4.4", "0.4.5"] {
        let text = format!("Metadata-Version: 2.4\nName: meadow-client\nVersion: {version}\nRequires-Python: >=3.12\n");
        let path = format!("/files/meadow_client-{version}-py3-none-any.whl.metadata");
        server.put(&path, Answer::new("text/plain", text));
    }
    server
}

/// Fails where a server was told anything of anybody's.
#[track_caller]
fn assert_nothing_said(server: &Server, words: &str) {
    for request in server.requests() {
        let text = request.text();
        assert!(request.header("authorization").is_none(), "{words}: {text}");
        assert!(!text.contains(MARK) && !text.contains(INFO), "{words}: {text}");
    }
}

/// Everything that asks, in an order in which each still has something to ask.
const COMMANDS: [&str; 10] = [
    "check --online -vv",
    "check --online --rev release-0.4.x",
    "check --online --output-format json",
    "pins --simulate 0.4.5 --online",
    "pins --simulate 0.4.5 --online --rev main --output-format json",
    "audit --online --output-format json",
    "post 0.4.5 --output-format json",
    "post 0.4.5 --commit",
    "relock -vv",
    "relock --write",
];

#[test]
fn a_server_that_the_tree_names_is_asked_and_told_nothing() {
    let trap = Trap::new();
    for words in COMMANDS {
        let run = trap.release(words);
        assert!(!trap.server.requests().is_empty(), "{words}: {}", run.stderr);
        assert_nothing_said(&trap.server, words);
        trap.server.asked();
        if words.starts_with("check") && !words.contains("json") {
            let said = "asking http://HOST/npm, named by src/meadow_ui/.npmrc (the tree's choice, asked without credentials), for";
            assert!(run.stderr.contains(said), "{}", run.stderr);
            let said =
                "asking http://HOST/simple, named by uv.lock (the tree's choice, asked without credentials), for";
            assert!(run.stderr.contains(said), "{}", run.stderr);
        }
        if words.starts_with("post") && words.contains("json") {
            let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
            let asked = document["published"].as_array().unwrap();
            let named = |told: &serde_json::Value| (told["origin"].clone(), told["named_by"].clone());
            let named: Vec<_> = asked.iter().map(named).collect();
            assert_eq!(named, [(json!("tree"), json!("uv.lock")), (json!("tree"), json!("src/meadow_ui/.npmrc"))]);
        }
    }
}

#[test]
fn wherever_a_server_leads_nothing_is_told() {
    let trap = Trap::new();
    let elsewhere = registries();
    for fault in [
        Fault::Status(401),
        Fault::Status(403),
        Fault::StatusWith(401, "WWW-Authenticate", "Basic realm=\"x\"".to_owned()),
        Fault::Redirect(elsewhere.url(PAGE)),
        Fault::Redirect(format!("http://a:b@{}{PAGE}", elsewhere.host())),
    ] {
        for path in [PAGE, DOCUMENT, "/simple/meadow/"] {
            trap.server.fault(path, fault.clone());
        }
        for words in ["check --online", "relock", "pins --simulate 0.4.5 --online"] {
            trap.release(words);
            assert_nothing_said(&trap.server, words);
            assert_nothing_said(&elsewhere, words);
        }
    }
    assert!(!elsewhere.requests().is_empty());
}

#[test]
fn who_is_refused_is_told_that_the_trees_credentials_are_not_used_and_where_the_own_go() {
    let trap = Trap::new();
    for path in [PAGE, DOCUMENT] {
        trap.server.fault(path, Fault::Status(401));
    }
    let run = trap.release("relock").expect(2);
    let uv = "http://HOST/simple answers 401 and asks for credentials: those in the address that uv.lock names are not used, as \
              they are the tree's; put them into netrc, under `machine 127.0.0.1`";
    let npm = "http://HOST/npm answers 401 and asks for credentials: those in src/meadow_ui/.npmrc are not used, as they are \
               the tree's; put `//HOST/:_authToken=${NAME_OF_A_VARIABLE}` into your own ~/.npmrc";
    assert!(run.stderr.contains(uv) && run.stderr.contains(npm), "{}", run.stderr);
}

#[test]
fn the_users_own_entry_for_that_very_host_is_sent_to_it_and_to_nobody_else() {
    let trap = Trap::new();
    let host = trap.server.host();
    trap.home(".netrc", "machine 127.0.0.1 login s3cret password s3cret-own\ndefault login s3cret password s3cret\n");
    trap.home(".npmrc", &format!("//{host}/npm/:_authToken=${{MARKER}}-own\n//other.example/:_authToken=s3cret\n"));
    trap.server.require("/simple", &basic("s3cret", "s3cret-own"));
    trap.server.require("/npm", &bearer("s3cret-own"));
    let run = trap.release("relock").expect(0);
    let said =
        "says http://HOST/simple, named by uv.lock (the tree's choice, asked with what netrc has for this very host)";
    assert!(run.stderr.contains(said), "{}", run.stderr);
    for words in ["check --online", "pins --simulate 0.4.5 --online"] {
        let run = trap.release(words);
        assert!(!run.stderr.contains("answers 401"), "{}", run.stderr);
    }
    let elsewhere = registries();
    trap.server.fault(PAGE, Fault::Redirect(elsewhere.url(PAGE)));
    trap.server.fault(DOCUMENT, Fault::Redirect(elsewhere.url(DOCUMENT)));
    trap.release("relock").expect(0);
    assert!(elsewhere.requests().len() >= 2);
    assert_nothing_said(&elsewhere, "relock");
}

#[test]
fn what_the_user_names_may_select_expand_and_use_default() {
    let trap = Trap::untouched();
    let (host, index) = (trap.server.host(), trap.server.url("/simple"));
    trap.home(".npmrc", &format!("registry=http://${{REGISTRY}}/npm\n//{host}/:_authToken=${{MARKER}}-own\n"));
    let ask = |variables: &[(&str, &str)], flags: &str| {
        let mut command = trap.command(&format!("check --online {flags}"));
        command.env("REGISTRY", &host).envs(variables.iter().copied());
        trap.server.asked();
        let run = trap.run(&mut command, flags);
        let sent: Vec<_> = trap.server.requests();
        let sent = |path: &str| {
            let request = sent.iter().find(|request| request.target == path).unwrap();
            request.header("authorization").map(str::to_owned)
        };
        assert_eq!(sent(DOCUMENT), Some(bearer("s3cret-own")), "{}", run.stderr);
        sent(PAGE)
    };
    let named = format!("tree={index}");
    assert_eq!(ask(&[("UV_DEFAULT_INDEX", &named)], ""), Some(basic("s3cret", "s3cret")));
    assert_eq!(ask(&[("UV_INDEX_URL", &index)], ""), Some(basic("s3cret", "s3cret")));
    let with_user = format!("http://s3cret:s3cret-url@{host}/simple");
    assert_eq!(ask(&[("PIP_INDEX_URL", &with_user)], ""), Some(basic("s3cret", "s3cret-url")));
    assert_eq!(ask(&[], &format!("--index {with_user}")), Some(basic("s3cret", "s3cret-url")));
    // A file of settings that the command line names is the user's too.
    let config = trap.sample.root.join("home/release.toml");
    fs::write(&config, format!("[release]\nindex = \"{with_user}\"\n")).unwrap();
    assert_eq!(ask(&[], &format!("--config {config}")), Some(basic("s3cret", "s3cret-url")));
}

#[test]
fn a_command_that_is_shown_again_has_no_credentials() {
    let trap = Trap::untouched();
    let with_user = format!("http://user:s3cret@{}/simple", trap.server.host());
    let run = trap.release(&format!("relock --index {with_user} --npm-registry {}", trap.server.url("/npm"))).expect(0);
    assert!(run.stderr.contains("cargo xtask release relock --index http://HOST/simple"), "{}", run.stderr);
}

#[test]
fn a_variable_in_the_trees_registry_is_an_error_with_the_way_out() {
    let trap = Trap::untouched();
    trap.sample.write("src/meadow_ui/.npmrc", "registry=https://${MARKER}:x@${MARKER}.example/npm/\n");
    trap.sample.commit("chore: a registry");
    trap.sample.git(&["push", "--quiet", "origin", LINE]);
    let reason = "the registry that src/meadow_ui/.npmrc names, `https://${MARKER}.example/npm/`, has a variable, and none is \
                  expanded for a tree: put the line into your own ~/.npmrc, or set npm_config_registry";
    let run = trap.release(&format!("relock --index {}", trap.server.url("/simple"))).expect(2);
    assert!(run.stderr.contains(reason), "{}", run.stderr);
    let run = trap.release("check --online");
    assert!(run.stderr.contains(&format!("could not ask for `meadow-client`: {reason}")), "{}", run.stderr);
}

#[test]
fn documents_of_thirty_megabytes_are_read_in_a_small_multiple_of_that() {
    let trap = Trap::untouched();
    let file = |n: usize| {
        format!(
            "{{\"filename\":\"meadow_client-0.{n}-py3-none-any.whl\",\"url\":\"/f/{n}\",\"hashes\":{{\"sha256\":\"{}\"}},\
             \"provenance\":{{\"a\":[[],[],[],{{}},{{}},{{}}]}},\"size\":1000,\"yanked\":false,\"core-metadata\":{{\"sha256\":\"{}\"}}}}",
            "0".repeat(64),
            "1".repeat(64)
        )
    };
    let listed = (0..90_000).map(file).collect::<Vec<_>>().join(",");
    let index = format!("{{\"meta\":{{\"api-version\":\"1.0\"}},\"name\":\"meadow-client\",\"files\":[{listed}]}}");
    let version = |n: usize| {
        format!(
            "\"0.{n}.0\":{{\"name\":\"meadow-client\",\"version\":\"0.{n}.0\",\"license\":\"MIT\",\"readme\":\"{}\",\
             \"gitHead\":{{\"a\":[[],[],[],{{}},{{}},{{}}]}},\"dependencies\":{{\"left\":\"^1.0.0\",\"right\":\"^2.0.0\"}},\
             \"dist\":{{\"tarball\":\"/f/{n}\",\"integrity\":\"sha512-{}\",\"signatures\":[{{\"keyid\":\"x\"}}]}}}}",
            "r".repeat(400),
            "0".repeat(88),
        )
    };
    let listed = (0..35_000).map(version).collect::<Vec<_>>().join(",");
    let npm = format!("{{\"name\":\"meadow-client\",\"versions\":{{{listed}}}}}");
    let megabytes = [index.len() >> 20, npm.len() >> 20];
    assert!(megabytes.iter().all(|size| (24..32).contains(size)), "{megabytes:?}");
    let small = [PAGE, DOCUMENT].map(|path| peak(&trap, path, None));
    let index = Answer::new(crate::loopback::SIMPLE_JSON, index);
    let npm = Answer::new(crate::loopback::INSTALL_JSON, npm);
    let large = [peak(&trap, PAGE, Some(index)), peak(&trap, DOCUMENT, Some(npm))];
    for ((small, large), size) in small.into_iter().zip(large).zip(megabytes) {
        // Only Linux tells the peak.
        let Some((small, large)) = small.zip(large) else { return };
        assert!(large - small < 8 * size, "{} MB more for {size} MB", large - small);
    }
}

/// The most memory that asking takes, in MB, when a path has this answer alone.
fn peak(trap: &Trap, path: &str, answer: Option<Answer>) -> Option<usize> {
    let server = registries();
    answer.into_iter().for_each(|answer| server.put(path, answer));
    let mut command = trap.command("check --online -vv --index");
    command.arg(server.url("/simple")).arg("--npm-registry").arg(server.url("/npm")).env("UV_HTTP_TIMEOUT", "600");
    let run = trap.run(&mut command, "check");
    assert!(!run.stderr.contains("could not ask"), "{}", run.stderr);
    let (before, _) = run.stderr.split_once(" kB at the peak")?;
    let kilobytes: usize = before.rsplit_once(' ')?.1.parse().ok()?;
    Some(kilobytes >> 10)
}
